"""Edits of one table: what they make doubtful, and how their rows are found; on both databases."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from heatward_collector.config import parse
from heatward_collector.registry import Counts, open_registry, sensor_number, tables
from heatward_collector.registry.dated import FOR_EVER
from heatward_collector.registry.table_edit import is_among


def assignment(registry, target="h0001-r1"):
    return next(row for row in registry.rows("assignment") if row["target"] == target)


def test_moving_a_sensor_queues_where_it_was_and_where_it_is(registry):
    before, row = registry.last_change(), assignment(registry)
    moved = {**row, "from_s": row["from_s"] + 100, "target_kind": "bench", "target": None}
    registry.put({"assignment": [{**row, "to_s": moved["from_s"]}, moved]})
    sensor = sensor_number(row["sensor"])
    changes = registry.changes_after(before)
    assert {(one.sensor, one.from_s, one.to_s, one.reason) for one in changes} == {
        (sensor, row["from_s"], FOR_EVER, "assignment"),
        (sensor, row["from_s"], moved["from_s"], "assignment"),
        (sensor, moved["from_s"], FOR_EVER, "assignment"),
    }
    assert changes[-1].id == registry.last_change()
    assert registry.changes_after(changes[-1].id) == []


def test_a_calibration_queues_its_sensor_from_its_date_on(registry):
    before = registry.last_change()
    row = {**registry.rows("calibration")[0], "from_s": 1_600_000_000}
    registry.put({"calibration": [row]})
    (change,) = registry.changes_after(before)
    assert change.sensor == sensor_number(row["sensor"])
    assert (change.from_s, change.to_s) == (1_600_000_000, FOR_EVER)


def test_a_suspension_queues_verdicts_from_before_its_first_day_anywhere(registry):
    before = registry.last_change()
    registry.put({"suspension": [{"home": "h0001", "from_day": date(2026, 1, 2), "to_day": None}]})
    (change,) = registry.changes_after(before)
    assert (change.sensor, change.reason) == (None, "suspension")
    assert change.from_s < 1_767_283_200 - 14 * 3600


def test_a_new_room_concerns_no_verdict_but_another_use_of_a_room_does(registry):
    before = registry.last_change()
    registry.put({"room": [{"id": "new", "home": "h0001", "use": "kitchen"}]})
    assert registry.changes_after(before) == []
    registry.put({"room": [{"id": "new", "home": "h0001", "use": "bedroom"}]})
    assert [one.reason for one in registry.changes_after(before)] == ["room"]


def test_rows_that_an_exact_edit_leaves_out_are_removed_and_queued(registry):
    before, (gone, *kept) = registry.last_change(), registry.rows("assignment")
    assert registry.put({"assignment": kept}, exact=True)["assignment"] == Counts(removed=1)
    assert registry.rows("assignment") == kept
    assert [one.sensor for one in registry.changes_after(before)] == [sensor_number(gone["sensor"])]


def test_rows_of_an_edit_are_found_by_an_index_however_large_the_table_is(tmp_path):
    registry = open_registry(parse(f'[state]\ndirectory = "{tmp_path}"'))
    table = tables.METADATA.tables["assignment"]
    keys = [("28-000000000001", 1), ("28-000000000002", 2)]
    asked = select(table).where(is_among(table, keys))
    with registry.database.snapshot() as connection:
        dialect = connection.dialect
        text = asked.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        steps = [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    registry.close()
    assert any(step.startswith("SEARCH assignment USING INDEX") for step in steps), steps
    assert "SCAN assignment" not in steps
