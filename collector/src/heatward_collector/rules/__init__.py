"""Cities' heating standards as dated data, read strictly from TOML.

A city's own table may be given in the configuration; the one beside this file knows five cities,
each figure with its source and how certain it is.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from heatward_collector.core.standard import Rule, Season, Standard, Tier
from heatward_node.errors import ConfigurationError

CITIES = Path(__file__).with_name("cities.toml")
_CITY_KEYS = {
    "name_zh",
    "name_en",
    "timezone",
    "season",
    "season_source",
    "season_certainty",
    "all_year",
    "excluded_hours",
    "excluded_hours_source",
    "room_uses",
    "rule",
}
_RULE_KEYS = {"from", "minimum", "tiers", "source", "certainty"}
_CERTAINTIES = ("high", "medium", "low")


def load_standards(path: Path | None = None) -> dict[str, Standard]:
    """Return the standards of every city of a table. Raises ConfigurationError."""
    path = path or CITIES
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(str(path), [f"cannot be read: {error}"]) from error
    problems: list[str] = []
    standards = {}
    for city, table in document.items():
        try:
            standards[city] = _standard(city, table)
        except (ValueError, KeyError, TypeError) as error:
            detail = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            problems.append(f"[{city}] {detail}")
    if problems:
        raise ConfigurationError(str(path), problems)
    return standards


def load_standard(city: str, path: Path | None = None) -> Standard:
    """Return one city's standard. Raises ConfigurationError where the table lacks it."""
    standards = load_standards(path)
    if city not in standards:
        allowed = ", ".join(sorted(standards))
        raise ConfigurationError(
            str(path or CITIES), [f"rules.city {city!r} is not in it; allowed: {allowed}"]
        )
    return standards[city]


def _standard(city: str, table: dict[str, Any]) -> Standard:
    _only(table, _CITY_KEYS)
    all_year = table.get("all_year", False)
    season = (
        Season((1, 1), (12, 31), all_year=True)
        if all_year
        else Season(_month_day(table["season"][0]), _month_day(table["season"][1]))
    )
    hours = table.get("excluded_hours")
    return Standard(
        city=city,
        name_zh=str(table["name_zh"]),
        name_en=str(table["name_en"]),
        timezone=str(table["timezone"]),
        season=season,
        excluded_hours=(int(hours[0]), int(hours[1])) if hours else None,
        room_uses=tuple(table["room_uses"]),
        rules=tuple(_rule(city, rule) for rule in table["rule"]),
    )


def _rule(city: str, table: dict[str, Any]) -> Rule:
    _only(table, _RULE_KEYS)
    first = table["from"]
    if not isinstance(first, date):
        raise ValueError(f"rule.from must be a date such as 2021-10-29, not {first!r}")
    if table["certainty"] not in _CERTAINTIES:
        raise ValueError(f"rule.certainty must be one of {_CERTAINTIES}")
    if not str(table["source"]).strip():
        raise ValueError("rule.source must say where the figure is written")
    tiers = tuple(Tier(float(limit), float(share)) for limit, share in table["tiers"])
    version = f"{city}-{first.isoformat()}"
    return Rule(version, first, float(table["minimum"]), tiers, table["source"], table["certainty"])


def _month_day(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    date(2024, int(month), int(day))
    return int(month), int(day)


def _only(table: dict[str, Any], known: set[str]) -> None:
    unknown = table.keys() - known
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)}; allowed: {sorted(known)}")
