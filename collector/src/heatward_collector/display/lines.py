"""Points of the database that Grafana reads, as line protocol.

Numbers are floats always, so that a field never changes its type; only names are texts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

Value = float | int | bool | str | None


def line(
    measurement: str, tags: Mapping[str, str], fields: Mapping[str, Value], time_s: int
) -> list[str]:
    """Return one point as a line, or nothing where no field is known.

    Tags that are empty and fields that are None or NaN are left out.
    """
    written = [f"{name}={text}" for name, value in fields.items() if (text := _field(value))]
    if not written:
        return []
    keys = [f",{name}={_escaped(value)}" for name, value in tags.items() if value]
    return [f"{measurement}{''.join(keys)} {','.join(written)} {time_s}"]


def _field(value: Value) -> str:
    if isinstance(value, str):
        quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        return f'"{quoted}"' if value else ""
    if value is None or not math.isfinite(value):
        return ""
    return repr(float(value))


def _escaped(value: str) -> str:
    # A backslash of its own has no escape in a tag; a line end would begin another point.
    text = value.replace("\n", " ").rstrip("\\")
    return text.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")
