"""The documented example runs as it is written."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema

from heatward_collector.from_files.lines import schema

DOCUMENT = Path(__file__).parents[3] / "collector" / "docs" / "judge.md"


def test_the_example_runs_and_finds_the_stop_that_it_describes(tmp_path):
    (script,) = re.findall(r"^```sh\n(.*?)^```", DOCUMENT.read_text("utf-8"), re.M | re.S)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        check=True,
        capture_output=True,
        timeout=120,
    )
    lines = [json.loads(one) for one in (tmp_path / "week/judged.jsonl").read_text().splitlines()]
    validator = jsonschema.Draft202012Validator(json.loads(schema()))
    for line in lines:
        validator.validate(line)
    findings = [line for line in lines if line["type"] == "finding"]
    assert lines[-1]["type"] == "summary"
    assert any(
        "2023-01-09T22" < one["detected_at"] < "2023-01-10T08" and one["accuses"]
        for one in findings
    )
    assert len(list((tmp_path / "week/plots").glob("*.svg"))) == len(findings)


def test_every_kind_of_line_and_every_option_is_documented():
    text = DOCUMENT.read_text("utf-8")
    definitions = json.loads(schema())["$defs"]
    for kind in ("finding", "placement_doubt", "verdict", "summary"):
        assert f"| `{kind}` |" in text
    named = definitions["finding"]["properties"].keys()
    named |= definitions["placement_doubt"]["properties"].keys()
    for name in named - {"type", "name_zh", "name_en"}:
        assert f"`{name}`" in text, name
    for kind in definitions["placement_doubt"]["properties"]["kind"]["enum"]:
        assert f"`{kind}`" in text, kind
    for option in ("--readings", "--registry", "--outdoor", "--from", "--to", "--json"):
        assert option in text
