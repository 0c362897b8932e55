"""Deadlines of suppliers by city: dated data with sources, read strictly from TOML."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from heatward_collector.core.cases.deadlines import DeadlineRule, Duty
from heatward_collector.rules.reading import Table
from heatward_node.errors import ConfigurationError

DEADLINES = Path(__file__).with_name("deadlines.toml")
LONGEST_H = 24 * 60
_CERTAINTIES = ("high", "medium", "low")


def load_deadlines(city: str, path: Path = DEADLINES) -> tuple[DeadlineRule, ...]:
    """Return the deadlines of a city; none where none are known. Raises ConfigurationError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(str(path), [f"读不出 / cannot be read: {error}"]) from error
    problems: list[str] = []
    found = {
        name: [
            _rule(Table(f"{name} {number}", one, problems))
            for number, one in enumerate(content, start=1)
        ]
        for name, content in document.items()
    }
    if problems:
        raise ConfigurationError(str(path), problems)
    return tuple(rule for rule in found.get(city, ()) if rule is not None)


def _rule(table: Table) -> DeadlineRule | None:
    fields = {
        "duty": table.read("duty", _duty),
        "hours": table.read("hours", _hours),
        "valid_from": table.read("from", _date),
        "source": table.read("source", _text),
        "certainty": table.read("certainty", _certainty),
        "outages_only": bool(table.read("outages_only", _yes, optional=True)),
    }
    table.refuse_unknown()
    return table.make(DeadlineRule, **fields)


def _duty(value: Any) -> Duty:
    try:
        return Duty(value)
    except ValueError as error:
        allowed = ", ".join(Duty)
        raise ValueError(f"应为其一 / must be one of: {allowed}") from error


def _hours(value: Any) -> int:
    if type(value) is not int or not 0 < value <= LONGEST_H:
        raise ValueError(f"应为 1 至 {LONGEST_H} 的整数 / must be a whole number up to {LONGEST_H}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("应为非空的文本 / must be a text that is not empty")
    return value


def _date(value: Any) -> date:
    # A TOML date-time is a date too, for Python.
    if type(value) is not date:
        raise ValueError("应为日期，如 / must be a date such as 2012-09-17")
    return value


def _certainty(value: Any) -> str:
    if value not in _CERTAINTIES:
        raise ValueError(f"应为其一 / must be one of: {', '.join(_CERTAINTIES)}")
    return str(value)


def _yes(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("应为 / must be: true, false")
    return value
