"""Whether the rows of all tables fit together: what they name exists, and dated rows exclude."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table

from heatward_collector.registry import tables
from heatward_collector.registry.choices import ROLE_SUBJECTS

Row = Mapping[str, Any]
Content = Mapping[str, Sequence[Row]]
Fault = tuple[Table, Sequence[Row], str]
"""A table, the rows of it that cannot stand together, and the reason."""
_DATED = (
    (tables.assignment, "from_s", "to_s"),
    (tables.regime, "from_s", "to_s"),
    (tables.notice, "from_s", "to_s"),
    (tables.suspension, "from_day", "to_day"),
    (tables.duty, "from_s", "to_s"),
    (tables.pollution_alert, "from_s", "to_s"),
    (tables.heat_meter, "from_day", "to_day"),
    (tables.complaint, "received_s", "closed_s"),
)


def faults(content: Content) -> Iterator[Fault]:
    """Yield what cannot stand, with the reason in Chinese and English."""
    ids = {name: {row["id"] for row in rows if "id" in row} for name, rows in content.items()}
    yield from _dangling(content, ids)
    yield from _misplaced(content, ids)
    yield from _ending_before_they_begin(content)
    yield from _overlapping(content, lambda row: row["sensor"], "这个传感器 / this sensor is in")
    yield from _overlapping(content, _measured, "这个测点已有传感器 / another sensor measures in")


def _dangling(content: Content, ids: Mapping[str, set[str]]) -> Iterator[Fault]:
    for table in tables.IMPORTED:
        for column in table.columns:
            target = column.info.get("refers_to")
            if not target:
                continue
            for row in content[table.name]:
                value = row[column.name]
                if value is not None and value not in ids[target]:
                    yield table, [row], _missing(column.name, column.info["zh"], value, target)


def _misplaced(content: Content, ids: Mapping[str, set[str]]) -> Iterator[Fault]:
    for row in content["assignment"]:
        kind = row["target_kind"]
        if kind != "bench" and row["target"] not in ids[kind]:
            yield tables.assignment, [row], _missing("target", "位置编号", row["target"], kind)
    for row in content["person"]:
        target = ROLE_SUBJECTS[row["role"]]
        if row["subject"] not in ids[target]:
            yield tables.person, [row], _missing("subject", "负责对象", row["subject"], target)


def _ending_before_they_begin(content: Content) -> Iterator[Fault]:
    for table, start, end in _DATED:
        for row in content[table.name]:
            if row[end] is None:
                continue
            # The last day of a suspension belongs to it; the end of a span does not.
            if row[end] < row[start] or (end == "to_s" and row[end] == row[start]):
                yield table, [row], "结束不晚于开始 / it ends before it begins"


def _overlapping(
    content: Content, group: Callable[[Row], str | None], what: str
) -> Iterator[Fault]:
    rows = [row for row in content["assignment"] if group(row) is not None]
    rows.sort(key=lambda row: (group(row), row["from_s"], row["sensor"]))
    for earlier, later in zip(rows, rows[1:], strict=False):
        if group(earlier) != group(later):
            continue
        if earlier["to_s"] is None or earlier["to_s"] > later["from_s"]:
            where = earlier["target"] or "bench"
            yield (
                tables.assignment,
                [later, earlier],
                f"时间重叠 / overlaps: {what} {where} ({earlier['sensor']}); "
                f"请先填写前一处的“至” / give the earlier row an end",
            )


def _measured(row: Row) -> str | None:
    return None if row["target_kind"] == "bench" else f"{row['target_kind']} {row['target']}"


def _missing(name: str, zh: str, value: object, target: str) -> str:
    return f"{name} ({zh}): {value!r} 不存在于 / is not in {target}.csv"
