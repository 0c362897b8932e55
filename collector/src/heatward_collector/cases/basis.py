"""What registry and rules said when a case was opened: kept, so that it can be judged so again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import zstandard

from heatward_collector.conclusions.frozen_values import decode, encode
from heatward_collector.core import Mask
from heatward_collector.core.cases import Case
from heatward_collector.core.standard import Rule
from heatward_collector.registry import tables
from heatward_collector.registry.chain import above
from heatward_collector.registry.ids import NOWHERE
from heatward_collector.registry.packed_rows import PackedRows

Rows = Mapping[str, PackedRows]
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
    concerned = _concerned(content, homes)
    kept: dict[str, list[dict[str, Any]]] = {}
    for name, rows in content.items():
        if name in _KEPT:
            some = rows if name not in concerned else rows.only(concerned[name])
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


def _concerned(content: Rows, homes: Sequence[str]) -> dict[str, Mask]:
    """Say which rows concern some homes, (rows,), of the tables of which not all are kept."""
    known = content["home"].ids
    # One place more, for what lies in no home, and in no room.
    inside = np.zeros(len(known) + 1, bool)
    inside[[place for one in homes if (place := known.find(one)) != NOWHERE]] = True
    room = inside[above(content, "room", "home")]
    at_home = np.append(room, False)
    target = content["assignment"].column("target")
    hung = at_home[content["room"].ids.find_all(target)]
    hung |= content["outdoor"].ids.find_all(target) != NOWHERE
    sensor = content["assignment"].column("sensor")
    sensors = {sensor[place] for place in np.flatnonzero(hung).tolist()}
    return {
        "home": inside[:-1],
        "room": room,
        "placement": at_home[above(content, "placement", "room")],
        "suspension": inside[above(content, "suspension", "home")],
        "assignment": sensor.mapped(sensors.__contains__, bool),
        "calibration": content["calibration"].column("sensor").mapped(sensors.__contains__, bool),
    }


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
