"""What is said, as JSON: one line a finding, doubt or verdict, and a last one that sums up.

``finding.schema.json`` beside this file describes every line.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core.placement import Doubt
from heatward_collector.core.suppression import Finding
from heatward_collector.explain import Names, explain
from heatward_collector.explain.placement_words import doubt_sentence
from heatward_collector.from_files.outdoors import Outdoors
from heatward_collector.from_files.reading_file import Tally
from heatward_collector.locale import CHINESE, ENGLISH, texts
from heatward_collector.registry.points import Point

Json = dict[str, Any]


def schema() -> str:
    """Return the JSON Schema of the lines."""
    return resources.files(__package__).joinpath("finding.schema.json").read_text("utf-8")


def finding_line(finding: Finding, names: Names, zone: ZoneInfo) -> Json:
    """Return a finding with its sentences, its evidence, and what else was considered."""
    said = explain(finding, names, zone)
    return {
        "type": "finding",
        "kind": finding.kind.value,
        "level": finding.level.value,
        "place": finding.place,
        "name_zh": names.place(finding.level, finding.place),
        "name_en": names.place(finding.level, finding.place, english=True),
        "start": moment(finding.start_s, zone),
        "end": None if finding.end_s is None else moment(finding.end_s, zone),
        "detected_at": moment(finding.detected_s, zone),
        "certainty": finding.certainty.value,
        "accuses": finding.accuses,
        "homes_affected": len(finding.affected),
        "homes_judged": finding.homes_judged,
        "homes_silent": finding.homes_silent,
        "homes": sorted(finding.affected),
        "buildings": sorted(finding.buildings),
        "rule": finding.rule,
        "excluded": [
            {
                "cause": one.cause,
                "excluded": one.is_excluded,
                "zh": zh,
                "en": en,
                "facts": _numbers(one.facts),
            }
            for one, zh, en in zip(finding.excluded, said.causes_zh, said.causes_en, strict=True)
        ],
        "zh": said.zh,
        "en": said.en,
        "evidence": _numbers(finding.evidence),
    }


def doubt_line(doubt: Doubt, point: Point, zone: ZoneInfo) -> Json:
    """Return a doubt about where the sensor of a room hangs. It takes no vote and no verdict."""
    return {
        "type": "placement_doubt",
        "kind": doubt.kind.value,
        "room": point.id,
        "home": point.home,
        "building": point.building,
        "start": moment(doubt.start_s, zone),
        "end": moment(doubt.end_s, zone),
        "strength": doubt.strength,
        "zh": doubt_sentence(doubt, point.id, zone, texts(CHINESE)),
        "en": doubt_sentence(doubt, point.id, zone, texts(ENGLISH)),
        "evidence": _numbers(doubt.evidence),
    }


def verdict_line(verdict: DayVerdict) -> Json:
    """Return a verdict with everything that it rests on."""
    return {
        "type": "verdict",
        "level": verdict.level,
        "place": verdict.place,
        "day": verdict.day.isoformat(),
        "verdict": verdict.verdict,
        "rule": verdict.rule,
        "facts": verdict.facts,
    }


class Counted:
    """Counts lines as they go by, for the last one."""

    def __init__(self) -> None:
        self.verdicts: dict[str, Counter[str]] = {}
        self.findings: Counter[str] = Counter()
        self.doubts: Counter[str] = Counter()
        self.accusing = 0

    def finding(self, finding: Finding) -> None:
        """Count a finding."""
        self.findings[finding.kind.value] += 1
        self.accusing += finding.accuses

    def doubt(self, doubt: Doubt) -> None:
        """Count a doubt."""
        self.doubts[doubt.kind.value] += 1

    def verdict(self, verdict: DayVerdict) -> None:
        """Count a verdict."""
        self.verdicts.setdefault(verdict.level, Counter())[verdict.verdict] += 1


def summary_line(
    span: tuple[date, date],
    tally: Tally,
    fates: Mapping[str, int],
    outdoors: Outdoors,
    outdoor_source: str,
    counted: Counted,
) -> Json:
    """Return the last line: what was read, what was left out and why, and what was said."""
    return {
        "type": "summary",
        "from": span[0].isoformat(),
        "to": span[1].isoformat(),
        "readings": asdict(tally) | {"fates": dict(sorted(fates.items()))},
        "outdoor": {
            "source": outdoor_source,
            "values": len(outdoors.time_s),
            "faulty": outdoors.faulty,
            "named": list(outdoors.named),
            "local_times": outdoors.local_times,
        },
        "findings": dict(sorted(counted.findings.items())),
        "accusing": counted.accusing,
        "placement_doubts": dict(sorted(counted.doubts.items())),
        "verdicts": {level: dict(sorted(said.items())) for level, said in counted.verdicts.items()},
    }


def text_of(line: Json) -> str:
    """Return a line as text; Chinese stays readable."""
    return json.dumps(line, ensure_ascii=False, allow_nan=False)


def moment(time_s: int, zone: ZoneInfo) -> str:
    """Write a time in the rule's zone, with its offset."""
    return datetime.fromtimestamp(time_s, zone).isoformat()


def _numbers(facts: Mapping[str, float | str] | Mapping[str, float]) -> Json:
    """Return facts that JSON can hold: what is not known is null."""
    return {
        name: value if isinstance(value, str) or math.isfinite(value) else None
        for name, value in facts.items()
    }
