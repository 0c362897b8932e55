"""``heatward judge`` as people call it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from heatward_collector.cli import heatward
from heatward_collector.from_files.lines import schema
from heatward_node.errors import ConfigurationError

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema()))


def run(*arguments: str | Path, given: bytes | None = None):
    return CliRunner().invoke(heatward, ["judge", *map(str, arguments)], input=given)


def files(week: Path, readings: str | Path | None = None) -> list[str | Path]:
    return [
        *("--readings", readings or week / "readings.csv"),
        *("--registry", week / "registry", "--outdoor", week / "outdoor.csv"),
    ]


@pytest.fixture(scope="module")
def lines(week: Path) -> list[dict]:
    result = run(*files(week), "--from", "2023-01-04", "--to", "2023-01-11", "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_every_line_of_a_run_is_what_the_schema_says(lines):
    for line in lines:
        VALIDATOR.validate(line)


def test_findings_come_first_then_doubts_then_verdicts_then_one_summary(lines):
    kinds = [line["type"] for line in lines]
    assert kinds == sorted(kinds, key=["finding", "placement_doubt", "verdict", "summary"].index)
    *said, summary = lines
    verdicts = [line for line in said if line["type"] == "verdict"]
    assert sum(sum(one.values()) for one in summary["verdicts"].values()) == len(verdicts) > 200
    assert sum(summary["findings"].values()) == kinds.count("finding")
    assert sum(summary["placement_doubts"].values()) == kinds.count("placement_doubt")
    assert (summary["from"], summary["to"]) == ("2023-01-04", "2023-01-11")
    assert summary["outdoor"]["source"] == "file"
    assert summary["readings"]["fates"]["judged"] > 40_000


def test_the_stop_of_a_source_is_found_on_its_night(lines):
    found = [line for line in lines if line["type"] == "finding" and line["accuses"]]
    assert any(
        "2023-01-09T22:00" < one["detected_at"] < "2023-01-10T08" and "b001" in one["buildings"]
        for one in found
    )


def test_a_pipe_gives_the_same_as_the_file(week, lines):
    data = (week / "readings.csv").read_bytes()
    result = run(*files(week, "-"), "--json", given=data)
    assert [json.loads(line) for line in result.stdout.splitlines()] == lines


def test_some_days_of_it_can_be_judged(week):
    result = run(*files(week), "--from", "2023-01-06", "--to", "2023-01-07", "--json")
    days = {one["day"] for one in map(json.loads, result.stdout.splitlines()) if "day" in one}
    assert days == {"2023-01-06", "2023-01-07"}


def test_without_outdoor_temperatures_it_says_so_and_judges_all_the_same(week):
    result = run(*files(week)[:4], "--json")
    *said, summary = map(json.loads, result.stdout.splitlines())
    nothing = {"source": "none", "values": 0, "faulty": 0, "named": [], "local_times": 0}
    assert summary["outdoor"] == nothing
    assert any(line["type"] == "verdict" for line in said)
    assert not any(line.get("accuses") for line in said)


def test_the_report_is_chinese_or_english_and_pictures_can_be_had(week, tmp_path):
    result = run(*files(week), "--lang", "zh", "--plots", tmp_path / "plots")
    assert result.exit_code == 0
    assert "各楼栋按判定的天数" in result.stdout
    assert "室外温度：来自文件" in result.stdout
    drawn = sorted((tmp_path / "plots").iterdir())
    assert [str(path) for path in drawn] == result.stderr.split()
    for path in drawn:
        assert "室温" in "".join(ElementTree.parse(path).getroot().itertext())
    english = run(*files(week), "--lang", "en").stdout
    assert "Days of every building by verdict" in english


def test_the_schema_can_be_printed():
    result = run("--schema")
    assert (result.exit_code, json.loads(result.stdout)) == (0, json.loads(schema()))


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("readings.csv", "a,b,c\n1,2,3\n", "缺少列 / there is no column: time"),
        ("readings.csv", "time,sensor,celsius\n", "没有读数 / holds no reading"),
        (
            "readings.csv",
            "time,sensor,celsius\n2023-01-05T00:00:00Z,28-00000000abcd,20\n",
            "no reading belongs to a room of the registry.*1 unassigned",
        ),
        (
            "readings.csv",
            "time,sensor,celsius\n2023-01-05T00:00:00Z,room-1,20\n",
            r"readings\.csv:2: 'room-1' .* is no sensor such as 28-000006b67845",
        ),
        (
            "readings.csv",
            "time,sensor,celsius\n1672876800,28-00000000abcd,20\n",
            r"readings\.csv:2: .*1672876800",
        ),
        (
            "readings.csv",
            "time,sensor,celsius\n" + "2023-01-05T00:00:00Z,28-000000000001,\n" * 3,
            "readings.csv: 3 行没有温度 / 3 lines hold no temperature\n没有一条读数属于",
        ),
        (
            "readings.csv",
            "time,sensor,celsius\n" + "2023-01-05 00:00,28-000000000001,85\n" * 30 + "x\n" * 30,
            r"(?s)wrong in the same way, 17 of them, up to line 51\n.*\n.*30 lines hold 85.0",
        ),
        ("outdoor.csv", "time,value\n", r"outdoor\.csv:1: 缺少列"),
        ("registry/room.csv", "id,home,use\nr1,h1,cellar\n", r"room\.csv:2: .*不在可选值中"),
    ],
)
def test_a_bad_file_is_refused_by_name_with_exit_code_78(week, tmp_path, name, text, reason):
    for path in (
        "readings.csv",
        "outdoor.csv",
        *(f"registry/{p.name}" for p in (week / "registry").iterdir()),
    ):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).symlink_to(week / path)
    (tmp_path / name).unlink()
    (tmp_path / name).write_text(text)
    result = run(*files(tmp_path), "--json")
    assert result.exit_code == 78
    assert result.stdout == ""
    assert re.search(reason, result.stderr), result.stderr


def test_an_unknown_city_is_refused_with_those_that_are_known(week):
    error = run(*files(week), "--city", "atlantis").exception
    assert isinstance(error, ConfigurationError)
    assert "harbin" in str(error)


def test_days_that_end_before_they_begin_are_no_days(week):
    result = run(*files(week), "--from", "2023-01-07", "--to", "2023-01-06", "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--to 2023-01-06 lies before --from 2023-01-07" in result.stderr
