"""From recorded verdicts and rules to the facts of a page."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from heatward_collector.conclusions.verdicts import DayVerdict

from ...core.standard import Standard
from .facts import BuildingDay, Judgement, Name, RoomDay, Rule


def rule_of(standard: Standard, today: date) -> Rule:
    """Return the rule in force on a day, the oldest one known before that."""
    rule = standard.rule_on(today) or standard.rules[0]
    zh, _, en = rule.source.partition(" / ")
    return Rule(
        version=rule.version,
        city=Name(standard.name_zh, standard.name_en),
        minimum_celsius=rule.minimum_celsius,
        zone=ZoneInfo(standard.timezone),
        in_season=standard.in_season(today),
        excluded_hours=standard.excluded_hours,
        source=Name(zh, en or zh),
    )


def is_over(verdict: DayVerdict, today: date) -> bool:
    """Say whether a verdict is on a whole day, judged after its end."""
    return verdict.day < today and not verdict.provisional


def building_day(verdict: DayVerdict, homes: int) -> BuildingDay:
    """Return one recorded day of a building."""
    facts = verdict.facts
    return BuildingDay(
        day=verdict.day,
        judgement=Judgement(verdict.verdict),
        median_celsius=_number(facts, "median"),
        homes_below=int(facts.get("homes_below", 0)),
        homes_judged=int(facts.get("homes_judged", 0)),
        homes=int(facts.get("homes", homes)),
        coverage=_number(facts, "coverage"),
        revision=max(verdict.revision - 1, 0),
        outdoor_celsius=_number(facts, "outdoor"),
        outdoor_source=str(facts.get("outdoor_source", "")),
    )


def room_day(verdict: DayVerdict) -> RoomDay:
    """Return one recorded day of a room."""
    facts = verdict.facts
    return RoomDay(
        day=verdict.day,
        judgement=Judgement(verdict.verdict),
        mean_celsius=_number(facts, "mean"),
        minimum_celsius=_number(facts, "minimum"),
        hours_below=_number(facts, "hours_below"),
        degree_hours=_number(facts, "degree_hours"),
        coverage=_number(facts, "coverage") or 0.0,
        guard_kelvin=_number(facts, "guard"),
        not_judged=str(facts["not_judged"]) if facts.get("not_judged") else None,
        calibrated=bool(facts.get("calibrated", False)),
        rule_version=verdict.rule,
        revision=max(verdict.revision - 1, 0),
    )


def _number(facts: dict[str, Any], key: str) -> float | None:
    value = facts.get(key)
    return float(value) if isinstance(value, int | float) else None
