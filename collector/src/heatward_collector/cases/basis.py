"""What registry and rules said when a case was opened: kept, so that it can be judged so again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import zstandard

from heatward_collector.conclusions.frozen_values import decode, encode
from heatward_collector.core.cases import Case
from heatward_collector.core.standard import Rule
from heatward_collector.registry import tables

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
_PLACES = ("district", "street", "community", "grid_cell", "estate", "building", "stairwell")
_NETWORK = ("supplier", "source", "substation", "zone", "home", "room", "outdoor", "node")
_DATED = ("assignment", "calibration", "placement", "suspension", "regime", "notice")
_KEPT = frozenset({*_PLACES, *_NETWORK, *_DATED})
"""What a judgement can depend on; people and what they said are kept where they are needed."""
_DAY = "day:"


def pack(content: Rows, case: Case, homes: Sequence[str], rule: Rule | None) -> bytes:
    """Return the rows that the judgement of a case rests on, compressed.

    Those are the whole heat network, and of dated facts those of the homes that hang on the case's
    sources, with every sensor that measures outdoors.
    """
    wanted = set(homes)
    rooms = {row["id"] for row in content["room"] if row["home"] in wanted}
    targets = rooms | {row["id"] for row in content["outdoor"]}
    kept: dict[str, list[dict[str, Any]]] = {}
    sensors = {row["sensor"] for row in content["assignment"] if row["target"] in targets}
    for name, rows in content.items():
        if name in _KEPT:
            some = (row for row in rows if _concerns(name, row, wanted, rooms, sensors))
            kept[name] = [dict(row) for row in some]
    value = {"rule": encode(rule, []), "case": case.number, "tables": kept}
    text = json.dumps(value, default=_day, ensure_ascii=False, separators=(",", ":"))
    return zstandard.ZstdCompressor(level=9).compress(text.encode())


def unpack(content: bytes) -> tuple[Rule | None, dict[str, list[dict[str, Any]]]]:
    """Return the rule, and the tables of the registry as they stood; the others are empty."""
    value = json.loads(zstandard.ZstdDecompressor().decompress(content))
    rows = {
        name: [{key: _value(one) for key, one in row.items()} for row in some]
        for name, some in value["tables"].items()
    }
    # Tables that came later were empty then.
    whole = {table.name: rows.get(table.name, []) for table in tables.IMPORTED}
    rule = value["rule"]
    return None if rule is None else decode(Rule, _values(rule)), whole


def _concerns(
    name: str, row: Mapping[str, Any], homes: set[str], rooms: set[str], sensors: set[str]
) -> bool:
    if name in ("assignment", "calibration"):
        return row["sensor"] in sensors
    if name == "placement":
        return row["room"] in rooms
    if name in ("suspension", "room"):
        return row["home"] in homes
    return name != "home" or row["id"] in homes


def _day(value: object) -> str:
    if isinstance(value, date):
        return f"{_DAY}{value.isoformat()}"
    raise TypeError(f"{value!r} is no value of the registry")


def _values(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _values(one) for key, one in value.items()}
    return [_values(one) for one in value] if isinstance(value, list) else _value(value)


def _value(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_DAY):
        return date.fromisoformat(value.removeprefix(_DAY))
    return value
