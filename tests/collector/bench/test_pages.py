"""The measurement of pages, in a short form: what it rests on, not how fast this machine is."""

from __future__ import annotations

from heatward_collector.bench.city import registry_rows
from heatward_collector.bench.pages import measure


def test_a_city_has_ten_rooms_a_building_and_a_source_for_every_street() -> None:
    rows = registry_rows(401)
    assert [len(rows[name]) for name in ("building", "home", "room", "assignment")] == [
        401,
        2005,
        4010,
        4010,
    ]
    assert [len(rows[name]) for name in ("street", "source", "estate", "district")] == [3, 3, 21, 1]


def test_pages_of_a_small_city_are_answered_while_ingest_takes_its_readings() -> None:
    told: list[str] = []
    measured = measure(buildings=60, requests=3, seed=1, tell=told.append)
    assert (measured.rooms, len(measured.answers)) == (600, 5)
    assert all(len(one.milliseconds) == 3 for one in measured.answers)
    assert all(one.largest_bytes > 4000 for one in measured.answers)
    assert measured.readings > 0
