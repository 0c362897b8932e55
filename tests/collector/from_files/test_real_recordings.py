"""Real rooms, measured by others: nobody held heat back in them, so nobody may be accused.

What their README labels is a household's own doing, a night setback that was legal, or a logger
that warmed itself; none of it is a supplier's.
"""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest

from heatward_collector.from_files.judgement import Files, read_files
from heatward_collector.from_files.lines import schema
from heatward_collector.registry import Registry
from heatward_collector.registry.spreadsheets import export_folder
from heatward_collector.replay.places import content_for, rom_for
from heatward_collector.replay.recordings import RecordedSeries, read_recording
from heatward_collector.rules import load_standard
from heatward_node.rom import kernel_name

RECORDINGS = Path(__file__).parents[2] / "data" / "recordings"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema()))
RULES = """
[there]
name_zh = "录制地"
name_en = "there"
timezone = "{timezone}"
all_year = true
room_uses = ["living_room"]

[[there.rule]]
from = 2000-01-01
minimum = 20.0
tiers = []
source = "a test"
certainty = "low"
"""


def new_york() -> list[tuple[str, str]]:
    """Return daily means as the temperatures of all hours of their days."""
    days = rows("nyc_heatseek_2015/outdoor_daily.csv")
    return [
        (f"{day['date']}T{hour:02}:00:00", day["outdoor_mean_c"])
        for day in days
        for hour in range(24)
    ]


def one_house() -> list[tuple[str, str]]:
    return [(row[""], row["Ta"]) for row in rows("uk_darkgreybox_2020/demo_hourly.csv")]


def rows(name: str) -> list[dict[str, str]]:
    with (RECORDINGS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def nothing() -> list[tuple[str, str]]:
    return []


NYC = ("nyc_heatseek_2015/readings_hourly.csv.gz", new_york, "America/New_York")
HOUSE = ("uk_darkgreybox_2020/demo_hourly.csv", one_house, "Europe/London")
ROOM = ("uk_room_2016/room_2min.csv.gz", nothing, "Europe/London")
CASES = {
    "new york": NYC,
    "new york without outdoor temperatures": (NYC[0], nothing, NYC[2]),
    "new york taken for one source": NYC,
    "one house": HOUSE,
    "one room": ROOM,
}
WARMED_ITSELF = [
    ("2016-04-12T17:40Z", "2016-04-12T18:10Z"),
    ("2016-07-20T17:40Z", "2016-07-20T19:20Z"),
    ("2016-07-26T23:21Z", "2016-07-27T01:25Z"),
    ("2016-07-28T19:10Z", "2016-07-28T19:25Z"),
]
"""When the logger of the one room hung on a laptop, by its author."""


def give_own_sources(content: dict[str, list[dict]]) -> None:
    """Give every building a boiler of its own, as these had."""
    (source,), (station,), (zone,) = (content[name] for name in ("source", "substation", "zone"))
    names = [stairwell["id"] for stairwell in content["stairwell"]]
    content["source"] = [source | {"id": f"so-{one}"} for one in names]
    content["substation"] = [station | {"id": f"ss-{one}", "source": f"so-{one}"} for one in names]
    content["zone"] = [zone | {"id": f"z-{one}", "substation": f"ss-{one}"} for one in names]
    for home in content["home"]:
        home["zone"] = f"z-{home['stairwell']}"


@pytest.fixture(scope="module", params=list(CASES))
def lines(request, tmp_path_factory) -> list[dict]:
    name, outdoors, timezone = CASES[request.param]
    folder = tmp_path_factory.mktemp("recording")
    recording = read_recording(RECORDINGS / name)
    content = content_for(recording)
    if "one source" not in request.param:
        give_own_sources(content)
    registry = Registry(f"sqlite:///{folder}/registry.sqlite")
    registry.put(content)
    export_folder(registry, folder / "registry")
    registry.close()
    write(folder / "readings.csv", ("time", "sensor", "celsius"), readings(recording))
    outdoor = folder / "outdoor.csv"
    weather = outdoors()
    if weather:
        write(outdoor, ("time", "celsius"), weather)
    (folder / "rules.toml").write_text(RULES.format(timezone=timezone), "utf-8")
    standard = load_standard("there", folder / "rules.toml")
    files = Files(folder / "readings.csv", folder / "registry", outdoor if weather else None)
    return [json.loads(line) for line in read_files(files, standard).json_lines()]


def readings(recording: list[RecordedSeries]) -> list[tuple[str, str, str]]:
    return [
        (f"{moment}Z", kernel_name(rom_for(one.sensor)), f"{raw / 16:.4f}")
        for one in recording
        for moment, raw in zip(
            one.time_s.astype("datetime64[s]").astype(str).tolist(), one.raw.tolist(), strict=True
        )
    ]


def write(path: Path, header: tuple[str, ...], table: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *table])


def test_every_line_is_what_the_schema_says(lines):
    for line in lines:
        VALIDATOR.validate(line)


def test_the_readings_were_looked_at(lines):
    summary = lines[-1]
    assert summary["readings"]["fates"]["judged"] == summary["readings"]["lines"] > 700
    assert sum(summary["verdicts"]["home"].values()) > 30


def test_nobody_is_accused(lines):
    accusing = [line for line in lines if line.get("accuses")]
    assert accusing == []
    assert lines[-1]["accusing"] == 0


def test_no_sensor_is_doubted_but_the_one_that_warmed_itself(lines):
    doubts = [line for line in lines if line["type"] == "placement_doubt"]
    spans = [tuple(map(datetime.fromisoformat, span)) for span in WARMED_ITSELF]
    for one in doubts:
        start, end = (datetime.fromisoformat(one[name]) for name in ("start", "end"))
        assert one["kind"] == "hand_warmed", one
        assert any(first <= start and end <= last for first, last in spans), one
