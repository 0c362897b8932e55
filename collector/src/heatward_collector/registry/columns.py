"""Columns of the registry: each knows its Chinese name, and the kind of value it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Integer, String

IN_TOPICS = frozenset({"district", "node"})
"""Tables whose ids stand in MQTT topics, and so have fewer letters to choose from."""


def identifier(zh: str = "编号", in_topics: bool = False) -> Column[Any]:
    """Return the column by which other tables name a row."""
    info = {"zh": zh, "kind": "id", "in_topics": in_topics}
    return Column("id", String(64), primary_key=True, info=info)


def reference(
    name: str, table: str, zh: str, optional: bool = False, key: bool = False
) -> Column[Any]:
    """Return a column of ids of another table."""
    info = {
        "zh": zh,
        "kind": "id",
        "refers_to": table,
        "optional": optional,
        "in_topics": table in IN_TOPICS,
    }
    return Column(name, String(64), nullable=optional, primary_key=key, info=info)


def words(
    name: str, zh: str, optional: bool = False, choices: Mapping[str, str] | None = None
) -> Column[Any]:
    """Return a column of text, or of one of ``choices``: a word and its Chinese."""
    info = {"zh": zh, "kind": "text", "optional": optional, "choices": choices or {}}
    return Column(name, String(200), nullable=optional, info=info)


def number(name: str, zh: str, low: float, high: float, optional: bool = True) -> Column[Any]:
    """Return a column of numbers between two bounds, both included."""
    info = {"zh": zh, "kind": "number", "optional": optional, "range": (low, high)}
    return Column(name, Float, nullable=optional, info=info)


def whole(
    name: str, zh: str, low: int, high: int, optional: bool = False, key: bool = False
) -> Column[Any]:
    """Return a column of whole numbers between two bounds, both included."""
    info = {"zh": zh, "kind": "whole", "optional": optional, "range": (low, high)}
    return Column(name, Integer, nullable=optional, primary_key=key, info=info)


def yes(name: str, zh: str) -> Column[Any]:
    """Return a column of yes or no."""
    return Column(name, Boolean, nullable=False, info={"zh": zh, "kind": "yes"})


def moment(name: str, zh: str, optional: bool = False, key: bool = False) -> Column[Any]:
    """Return a column of times, whole seconds UTC inside."""
    info = {"zh": zh, "kind": "time", "optional": optional}
    return Column(name, BigInteger, nullable=optional, primary_key=key, info=info)


def day(name: str, zh: str, optional: bool = False, key: bool = False) -> Column[Any]:
    """Return a column of local days."""
    info = {"zh": zh, "kind": "day", "optional": optional}
    return Column(name, Date, nullable=optional, primary_key=key, info=info)


def sensor() -> Column[Any]:
    """Return the column of sensors, as the kernel names them."""
    info = {"zh": "传感器", "kind": "sensor"}
    return Column("sensor", String(16), primary_key=True, info=info)


def hours(name: str, zh: str) -> Column[Any]:
    """Return a column of daily spans such as ``05:00-09:00,16:00-22:00``."""
    return Column(name, String(200), nullable=False, info={"zh": zh, "kind": "hours"})
