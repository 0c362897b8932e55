"""The lines that are published: each is what the schema says."""

import json
import math
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import jsonschema
import numpy as np
import pytest

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core.placement import Doubt, DoubtKind
from heatward_collector.core.suppression import Certainty, Exclusion, Kind, Level
from heatward_collector.explain import Names
from heatward_collector.from_files.lines import (
    Counted,
    doubt_line,
    finding_line,
    schema,
    summary_line,
    text_of,
    verdict_line,
)
from heatward_collector.from_files.outdoors import Outdoors
from heatward_collector.from_files.reading_file import Tally
from heatward_collector.registry.points import Point
from support.scored_district import finding

ZONE = ZoneInfo("Asia/Shanghai")
SCHEMA = json.loads(schema())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
POINT = Point(0, "r1", False, "bedroom", "h1", "s1", "b1", "e1", "st1", "d1", "z1")
EVIDENCE = {
    DoubtKind.RADIATOR: {"above_others_kelvin": 2.0, "excess_lost_kelvin": 1.8},
    DoubtKind.REFRIGERATOR: {"period_minutes": 45.0},
    DoubtKind.SILL: {"above_others_kelvin": -3.0, "slope_kelvin_per_kelvin": 0.12},
    DoubtKind.LAMP: {"rise_kelvin": 2.5, "evenings": 12.0, "burns_hours": 4.5},
    DoubtKind.INNER_WALL: {"lag_hours": 5.0},
    DoubtKind.HAND_WARMED: {"rise_kelvin": 6.5, "minutes": 25.0},
    DoubtKind.MOVED: {"lasting_kelvin": -2.5},
    DoubtKind.EXCHANGED: {"lasting_kelvin": -2.5, "off_kelvin": 0.25},
}
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
                "en": "not open windows: it lasted longer than windows stay open"
                " (homes that fell: 8)",
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


def doubt(kind: DoubtKind = DoubtKind.SILL) -> Doubt:
    return Doubt(0, kind, 1_609_459_200, 1_611_878_400, 0.5, EVIDENCE[kind])


def test_a_doubt_says_which_sensor_and_why():
    line = doubt_line(doubt(), POINT, ZONE)
    VALIDATOR.validate(line)
    assert line == {
        "type": "placement_doubt",
        "kind": "sill",
        "room": "r1",
        "home": "h1",
        "building": "b1",
        "start": "2021-01-01T08:00:00+08:00",
        "end": "2021-01-29T08:00:00+08:00",
        "strength": 0.5,
        "zh": "房间 r1 的传感器，1月1日 08:00 至 1月29日 08:00：可能放在窗台上：夜间与其他房间相差 "
        "−3 ℃，室外每变化 1 ℃ 随即变化 0.12 ℃。这只是上门查看的理由，不改变任何判定。",
        "en": "Sensor of room r1, 1 Jan 08:00 to 29 Jan 08:00: it may lie on a window sill: "
        "−3 K against the other rooms at night, and 0.12 K at once for each kelvin outdoors. "
        "A reason to look, which changes no verdict.",
        "evidence": EVIDENCE[DoubtKind.SILL],
    }


@pytest.mark.parametrize("kind", list(DoubtKind))
def test_any_doubt_has_its_sentences_and_fits_the_schema(kind):
    line = doubt_line(doubt(kind), POINT, ZONE)
    VALIDATOR.validate(line)
    assert "%" not in line["zh"] + line["en"]
    assert "可能" in line["zh"]


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
    counted.doubt(doubt())
    counted.verdict(VERDICT)
    tally = Tally(lines=9, faulty=2, named=["readings.csv:3: no time"])
    outdoors = Outdoors(np.array([0]), np.array([1.0]), 1, ("outdoor.csv:2: no time",))
    line = summary_line(
        (date(2021, 1, 1), date(2021, 1, 3)), tally, {"judged": 7}, outdoors, "file", counted
    )
    VALIDATOR.validate(line)
    assert (line["findings"], line["accusing"]) == ({"outage": 2}, 1)
    assert line["placement_doubts"] == {"sill": 1}
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
        doubt_line(doubt(), POINT, ZONE) | {"accuses": True},
    ):
        assert not VALIDATOR.is_valid(wrong)


def test_a_line_is_one_line_and_chinese_stays_readable():
    text = text_of(finding_line(finding(), Names(), ZONE))
    assert "\n" not in text
    assert "热源" in text
