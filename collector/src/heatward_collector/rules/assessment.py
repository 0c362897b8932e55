"""Limits of the assessment of suppliers by city: data with sources, read strictly from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heatward_collector.rules.reading import Table
from heatward_node.errors import ConfigurationError

LIMITS = Path(__file__).with_name("assessment.toml")
KEYS = ("pass_rate", "closure_rate", "response_hours")
_CERTAINTIES = ("high", "medium", "low")
LONGEST_H = 24 * 30


@dataclass(frozen=True, slots=True)
class Limit:
    """Beyond which a supplier gets a red card, and where that is written."""

    value: float
    source: str
    certainty: str


def load_limits(city: str, path: Path = LIMITS) -> dict[str, Limit]:
    """Return the limits of a city; those that are not known are left out.

    Raises ConfigurationError, listing every problem.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(str(path), [f"读不出 / cannot be read: {error}"]) from error
    problems: list[str] = []
    found = {name: _limits(Table(name, one, problems)) for name, one in document.items()}
    if problems:
        raise ConfigurationError(str(path), problems)
    return found.get(city, {})


def _limits(table: Table) -> dict[str, Limit]:
    found = {}
    for key in KEYS:
        value = table.read(key, _hours if key == "response_hours" else _share, optional=True)
        if value is None:
            continue
        source = table.read(f"{key}_source", _text)
        certainty = table.read(f"{key}_certainty", _certainty)
        if source is not None and certainty is not None:
            found[key] = Limit(value, source, certainty)
    table.refuse_unknown()
    return found


def _number(value: Any, highest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= highest:
        raise ValueError(
            f"应为 0 至 {highest:g} 的数 / must be a number above 0, up to {highest:g}"
        )
    return float(value)


def _share(value: Any) -> float:
    return _number(value, 1)


def _hours(value: Any) -> float:
    return _number(value, LONGEST_H)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("应为非空的文本 / must be a text that is not empty")
    return value


def _certainty(value: Any) -> str:
    if value not in _CERTAINTIES:
        raise ValueError(f"应为其一 / must be one of: {', '.join(_CERTAINTIES)}")
    return str(value)
