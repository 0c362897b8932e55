"""The lines that are published: each is what the schema says."""

import json
import math
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import jsonschema
import numpy as np
import pytest

from heatward_collector.core.suppression import Certainty, Exclusion, Kind, Level
from heatward_collector.explain import Names
from heatward_collector.from_files.lines import (
    Counted,
    finding_line,
    schema,
    summary_line,
    text_of,
    verdict_line,
)
from heatward_collector.from_files.outdoors import Outdoors
from heatward_collector.from_files.reading_file import Tally
from heatward_collector.verdicts import DayVerdict
from support.scored_district import finding

ZONE = ZoneInfo("Asia/Shanghai")
SCHEMA = json.loads(schema())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
VERDICT = DayVerdict("home", "h1", date(2021, 1, 1), "below", "harbin-2021-10-29", {"median": 17.5})


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_finding_says_everything_that_is_known_of_it():
    one = finding(
        homes_silent=1,
        excluded=(Exclusion("airing", True, {"falling_homes": 8}), Exclusion("sun", False)),
        evidence={"drop_kelvin": 1.8, "p_value": math.nan, "note": "b1"},
    )
    line = finding_line(one, Names(), ZONE)
    VALIDATOR.validate(line)
    assert line | {"zh": "", "en": ""} == {
        "type": "finding",
        "kind": "outage",
        "level": "source",
        "place": "so1",
        "name_zh": "so1",
        "name_en": "so1",
        "start": "2021-01-01T23:15:00+08:00",
        "end": "2021-01-02T04:30:00+08:00",
        "detected_at": "2021-01-02T00:30:00+08:00",
        "certainty": "high",
        "accuses": True,
        "homes_affected": 8,
        "homes_judged": 8,
        "homes_silent": 1,
        "homes": [f"h{number}" for number in range(8)],
        "buildings": ["b1", "b2"],
        "rule": "test",
        "excluded": [
            {
                "cause": "airing",
                "excluded": True,
                "zh": "不是开窗：降温时间比开窗长得多（8 户降温）",
                "en": "not open windows: it lasted longer than windows stay open (8 homes fell)",
                "facts": {"falling_homes": 8},
            },
            {
                "cause": "sun",
                "excluded": False,
                "zh": "也可能是日照：不能排除晴天日照消退",
                "en": "perhaps sunshine: the end of a sunny day cannot be ruled out",
                "facts": {},
            },
        ],
        "zh": "",
        "en": "",
        "evidence": {"drop_kelvin": 1.8, "p_value": None, "note": "b1"},
    }


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("certainty", list(Certainty))
def test_any_kind_level_and_certainty_fits_the_schema(kind, level, certainty):
    one = replace(finding(end_h=None, place=(level, "p1"), kind=kind), certainty=certainty)
    line = finding_line(one, Names(), ZONE)
    VALIDATOR.validate(line)
    assert line["end"] is None
    assert line["accuses"] is (certainty not in ("undetermined", "declared"))


def test_a_verdict_keeps_its_facts():
    line = verdict_line(VERDICT)
    VALIDATOR.validate(line)
    assert (line["day"], line["verdict"], line["facts"]) == (
        "2021-01-01",
        "below",
        {"median": 17.5},
    )


def test_the_summary_counts_what_went_by():
    counted = Counted()
    for certainty in (Certainty.HIGH, Certainty.UNDETERMINED):
        counted.finding(finding(certainty=certainty))
    counted.verdict(VERDICT)
    tally = Tally(lines=9, faulty=2, named=["readings.csv:3: no time"])
    outdoors = Outdoors(np.array([0]), np.array([1.0]), 1, ("outdoor.csv:2: no time",))
    line = summary_line(
        (date(2021, 1, 1), date(2021, 1, 3)), tally, {"judged": 7}, outdoors, "file", counted
    )
    VALIDATOR.validate(line)
    assert (line["findings"], line["accusing"]) == ({"outage": 2}, 1)
    assert line["verdicts"] == {"home": {"below": 1}}
    assert line["readings"]["fates"] == {"judged": 7}


def test_what_does_not_belong_does_not_fit():
    line = finding_line(finding(), Names(), ZONE)
    for wrong in (
        line | {"kind": "vandalism"},
        line | {"detected_at": "2021-01-02T00:30:00Z"},
        {key: value for key, value in line.items() if key != "excluded"},
        line | {"more": 1},
        verdict_line(VERDICT) | {"verdict": "cold"},
    ):
        assert not VALIDATOR.is_valid(wrong)


def test_a_line_is_one_line_and_chinese_stays_readable():
    text = text_of(finding_line(finding(), Names(), ZONE))
    assert "\n" not in text
    assert "热源" in text
