"""Cities' heating standards as dated data, read strictly from TOML.

A city's own table may be given in the configuration; the one beside this file knows five cities,
each figure with its source and how certain it is. What is not known is absent.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from heatward_collector.core.standard import (
    DatedSeason,
    Fee,
    MeteredTariff,
    Rule,
    Season,
    Standard,
    Tier,
)
from heatward_collector.rules.reading import Table
from heatward_node.errors import ConfigurationError

CITIES = Path(__file__).with_name("cities.toml")
ROOM_USES = ("bedroom", "living_room", "kitchen", "bathroom", "other")
NOT_SET = "not set"
"""Stands in the table where a figure is needed and nobody has found it."""
GJ_PER_KWH = 0.0036
"""Heat prices are given a gigajoule as often as a kilowatt-hour. [GJ/kWh]"""
_CERTAINTIES = ("high", "medium", "low")


def load_standards(path: Path | None = None) -> Mapping[str, Standard]:
    """Return the standards of every city of a table. Raises ConfigurationError, listing all."""
    path = path or CITIES
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(str(path), [f"读不出 / cannot be read: {error}"]) from error
    problems: list[str] = []
    standards = {}
    for city, content in document.items():
        standard = _standard(city, Table(city, content, problems))
        if standard is not None:
            standards[city] = standard
    if problems:
        raise ConfigurationError(str(path), problems)
    return standards


def load_standard(city: str, path: Path | None = None) -> Standard:
    """Return one city's standard. Raises ConfigurationError where the table lacks it."""
    standards = load_standards(path)
    if city not in standards:
        allowed = ", ".join(sorted(standards))
        problem = f"rules.city {city!r} 不在表中 / is not in it; 可用 / allowed: {allowed}"
        raise ConfigurationError(str(path or CITIES), [problem])
    return standards[city]


def _standard(city: str, table: Table) -> Standard | None:
    all_year = table.read("all_year", _yes, optional=True)
    season = Season((1, 1), (12, 31), all_year=True)
    if not all_year:
        season = table.read("season", _season) or season
        table.read("season_source", _text)
        table.read("season_certainty", _certainty)
    hours = table.read("excluded_hours", _hours, optional=True)
    if hours is not None:
        table.read("excluded_hours_source", _text)
    rounds = table.read("round_hours", _spans, optional=True) or ()
    if rounds:
        table.read("round_hours_source", _text)
    fields = {
        "city": city,
        "name_zh": table.read("name_zh", _text),
        "name_en": table.read("name_en", _text),
        "timezone": table.read("timezone", _timezone),
        "season": season,
        "excluded_hours": hours,
        "room_uses": table.read("room_uses", _room_uses),
        "rules": tuple(_rule(city, one) for one in table.tables("rule")),
        "winters": tuple(_winter(one) for one in table.tables("winter", optional=True)),
        "fee": _fee(table),
        "metered": _metered(table),
        "round_hours": rounds,
    }
    table.refuse_unknown()
    return table.make(Standard, **fields)


def _rule(city: str, table: Table) -> Rule | None:
    first = table.read("from", _date)
    fields = {
        "version": f"{city}-{first}",
        "valid_from": first,
        "minimum_celsius": table.read("minimum", _number),
        "tiers": table.read("tiers", _tiers),
        "source": table.read("source", _text),
        "certainty": table.read("certainty", _certainty),
    }
    table.refuse_unknown()
    return table.make(Rule, **fields)


def _winter(table: Table) -> DatedSeason | None:
    fields = {
        "first": table.read("from", _date),
        "last": table.read("to", _date),
        "source": table.read("source", _text),
    }
    prices = {"fee": _fee(table), "metered": _metered(table)}
    table.refuse_unknown()
    return table.make(DatedSeason, **fields, **prices)


def _fee(table: Table) -> Fee | None:
    yuan = table.read("fee_yuan_per_m2", _number, optional=True)
    if yuan is None:
        return None
    return table.make(
        Fee,
        yuan_per_m2=yuan,
        source=table.read("fee_source", _text),
        certainty=table.read("fee_certainty", _certainty),
    )


def _metered(table: Table) -> MeteredTariff | None:
    """Read the two-part tariff; ``metered = "not set"`` says that nobody has found it."""
    if table.read("metered", _not_set, optional=True) is not None:
        table.read("metered_source", _text)
        return None
    share = table.read("metered_fixed_share", _number, optional=True)
    price = table.read("metered_fixed_yuan_per_m2", _number, optional=True)
    if share is None and price is None:
        return None
    heat = table.read("metered_yuan_per_gj", _number, optional=True)
    kwh = table.read("metered_yuan_per_kwh", _number, optional=heat is not None)
    return table.make(
        MeteredTariff,
        fixed_share=share,
        fixed_yuan_per_m2=price,
        yuan_per_kwh=kwh if heat is None else heat * GJ_PER_KWH,
        at_most_by_area=bool(table.read("metered_at_most_by_area", _yes, optional=True)),
        source=table.read("metered_source", _text),
        certainty=table.read("metered_certainty", _certainty),
    )


def _not_set(value: Any) -> str:
    if value != NOT_SET:
        raise ValueError(f'应为 / must be "{NOT_SET}"; 价格另有键 / prices have keys of their own')
    return NOT_SET


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("应为非空的文本 / must be a text that is not empty")
    return value


def _yes(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("应为 / must be: true, false")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("应为数字 / must be a number")
    return float(value)


def _date(value: Any) -> date:
    # A TOML date-time is a date too, for Python.
    if type(value) is not date:
        raise ValueError("应为日期，如 / must be a date such as 2021-10-29")
    return value


def _certainty(value: Any) -> str:
    if value not in _CERTAINTIES:
        raise ValueError(f"应为其一 / must be one of: {', '.join(_CERTAINTIES)}")
    return str(value)


def _timezone(value: Any) -> str:
    try:
        return ZoneInfo(_text(value)).key
    except (ValueError, OSError, KeyError) as error:
        raise ValueError("应为时区，如 / must be a time zone such as Asia/Shanghai") from error


def _season(value: Any) -> Season:
    try:
        first, last = (_month_day(text) for text in value)
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError('应为两天，如 / must be two days, as ["10-20", "04-20"]') from error
    return Season(first, last)


def _month_day(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    date(2024, int(month), int(day))
    return int(month), int(day)


def _hours(value: Any) -> tuple[int, int]:
    if not (isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value)):
        raise ValueError("应为两个整点，如 / must be two whole hours such as [10, 14]")
    return value[0], value[1]


def _spans(value: Any) -> tuple[tuple[int, int], ...]:
    if not isinstance(value, list):
        raise ValueError("应为时段的列表，如 / must be a list of spans such as [[6, 8], [16, 20]]")
    return tuple(_hours(one) for one in value)


def _room_uses(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(one in ROOM_USES for one in value):
        raise ValueError(f"应为列表，可含 / must be a list of some of: {', '.join(ROOM_USES)}")
    return tuple(value)


def _tiers(value: Any) -> tuple[Tier, ...]:
    if not isinstance(value, list) or not all(
        isinstance(one, list) and len(one) == 2 for one in value
    ):
        raise ValueError("应为温度和比例，如 / must be degC and share, as [[20.0, 0.5]]")
    return tuple(Tier(_number(limit), _number(share)) for limit, share in value)
