"""One behaviour for every store: embedded, InfluxDB 1.6.7 through nginx, InfluxDB 1.8.10."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from heatward_collector.errors import StoreAway
from heatward_collector.timeseries import EmbeddedStore, InfluxStore, Points, TimeSeries
from heatward_collector.timeseries.protocol import CANARY, OUTDOOR, ROOM, Series
from support.disk import full_disk
from support.influxdb import VERSIONS, InfluxServer

T0 = 1_767_225_600
KITCHEN = Series(ROOM, "d1", "s1", "b1", "h1", "r-kitchen", "28-0000000000a1")
BEDROOM = Series(ROOM, "d1", "s1", "b1", "h1", "r-bedroom", "28-0000000000b2")
YARD = Series(OUTDOOR, "d1", "s1", "", "", "o-yard", "28-0000000000c3")


REAL_SERVERS = [pytest.param(version, marks=pytest.mark.influxdb) for version in VERSIONS]


@pytest.fixture(params=["embedded", *REAL_SERVERS])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TimeSeries]:
    """An empty store."""
    if request.param == "embedded":
        yield EmbeddedStore(tmp_path / "series.sqlite")
        return
    name = "influxdb_16" if request.param == VERSIONS[0] else "influxdb_18"
    server: InfluxServer = request.getfixturevalue(name)
    server.start()
    influx = InfluxStore(server.url, f"t{secrets.token_hex(6)}")
    influx.create_database()
    yield influx
    influx.close()


def points(*rows: tuple[Series, int, float]) -> Points:
    """Return points in the given order."""
    series = list(dict.fromkeys(row[0] for row in rows))
    return Points(
        series,
        np.array([series.index(row[0]) for row in rows], np.int32),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.float64),
    )


def room(store: TimeSeries, name: str, start: int = 0, end: int = 2**31) -> list[tuple[int, float]]:
    """Return a room's readings as pairs."""
    time_s, celsius = store.room(name, start, end)
    return list(zip(time_s.tolist(), celsius.tolist(), strict=True))


def everything(store: TimeSeries, start: int = 0, end: int = 2**31) -> list[tuple]:
    """Return every stored point as a tuple."""
    stored = store.stored(start, end)
    columns = (stored.sensor, stored.time_s.tolist(), stored.room, stored.celsius.tolist())
    return list(zip(*columns, strict=True))


def test_an_empty_store_gives_empty_arrays(store: TimeSeries) -> None:
    time_s, celsius = store.room("r-kitchen", 0, 2**31)
    assert (len(time_s), len(celsius)) == (0, 0)
    assert everything(store) == []
    store.write(points())
    assert everything(store) == []


def test_hours_of_rooms_are_means_and_missing_where_nothing_was_measured(
    store: TimeSeries,
) -> None:
    quoted, hour = KITCHEN._replace(room="r-o'brien"), 3600
    moved = BEDROOM._replace(sensor="28-0000000000d4")
    store.write(
        points(
            (KITCHEN, T0 - 1, 5.0),
            (KITCHEN, T0, 20.0),
            (KITCHEN, T0 + hour - 1, 21.0),
            (KITCHEN, T0 + 2 * hour, 18.0),
            (KITCHEN, T0 + 2 * hour + 900, 99.0),
            (BEDROOM, T0 + hour, 22.0),
            (moved, T0 + hour + 300, 23.0),
            (quoted, T0, 17.5),
        )
    )
    asked = ["r-kitchen", "r-nobody", "r-o'brien", "r-bedroom"]
    nan = float("nan")
    np.testing.assert_allclose(
        store.hourly(asked, T0, T0 + 2 * hour + 900),
        [[20.5, nan, 18.0], [nan, nan, nan], [17.5, nan, nan], [nan, 22.5, nan]],
    )
    assert store.hourly([], T0, T0 + hour).shape == (0, 1)
    assert store.hourly(["r-kitchen"], T0, T0).shape == (1, 0)


def test_a_room_reads_back_bit_for_bit_in_order_of_time(store: TimeSeries) -> None:
    written = [(T0 + 300 * step, (330 + step) / 16 + 0.0123456789) for step in range(7)]
    shuffled = [written[step] for step in (3, 0, 6, 1, 5, 2, 4)]
    store.write(points(*[(KITCHEN, *pair) for pair in shuffled], (BEDROOM, T0, -0.0625)))
    assert room(store, "r-kitchen") == written
    assert room(store, "r-bedroom") == [(T0, -0.0625)]


def test_a_range_holds_its_first_second_and_not_its_last(store: TimeSeries) -> None:
    store.write(points(*[(KITCHEN, T0 + second, 20.0 + second) for second in range(4)]))
    assert room(store, "r-kitchen", T0 + 1, T0 + 3) == [(T0 + 1, 21.0), (T0 + 2, 22.0)]
    assert [row[1] for row in everything(store, T0 + 1, T0 + 3)] == [T0 + 1, T0 + 2]


def test_the_last_point_of_a_second_stays(store: TimeSeries) -> None:
    store.write(points((KITCHEN, T0, 19.5), (KITCHEN, T0, 20.5)))
    assert room(store, "r-kitchen") == [(T0, 20.5)]
    store.write(points((KITCHEN, T0, 21.5)))
    assert room(store, "r-kitchen") == [(T0, 21.5)]


def test_writing_again_changes_nothing(store: TimeSeries) -> None:
    same = points(*[(KITCHEN, T0 + step, 20.0) for step in range(100)], (YARD, T0, -21.0))
    store.write(same)
    before = everything(store)
    store.write(same)
    assert everything(store) == before
    assert len(before) == 101


def test_an_outdoor_place_is_read_like_a_room(store: TimeSeries) -> None:
    store.write(points((YARD, T0, -27.5), (KITCHEN, T0, 20.0)))
    assert room(store, "o-yard") == [(T0, -27.5)]


def test_stored_points_come_by_sensor_and_time(store: TimeSeries) -> None:
    store.write(
        points(
            (YARD, T0 + 1, -20.0),
            (BEDROOM, T0 + 2, 21.0),
            (KITCHEN, T0 + 9, 22.0),
            (BEDROOM, T0, 21.5),
            (KITCHEN, T0, 22.5),
        )
    )
    assert everything(store) == [
        (KITCHEN.sensor, T0, "r-kitchen", 22.5),
        (KITCHEN.sensor, T0 + 9, "r-kitchen", 22.0),
        (BEDROOM.sensor, T0, "r-bedroom", 21.5),
        (BEDROOM.sensor, T0 + 2, "r-bedroom", 21.0),
        (YARD.sensor, T0 + 1, "o-yard", -20.0),
    ]


def test_one_sensor_in_two_rooms_is_seen_in_both(store: TimeSeries) -> None:
    moved = KITCHEN._replace(room="r-hall")
    store.write(points((KITCHEN, T0, 20.0), (moved, T0, 20.0)))
    assert sorted(everything(store)) == [
        (KITCHEN.sensor, T0, "r-hall", 20.0),
        (KITCHEN.sensor, T0, "r-kitchen", 20.0),
    ]


def test_deleting_takes_one_sensor_and_one_range_only(store: TimeSeries) -> None:
    moved = KITCHEN._replace(room="r-hall")
    store.write(points(*[(KITCHEN, T0 + step, 20.0) for step in range(6)]))
    store.write(points((moved, T0 + 2, 20.0), (BEDROOM, T0 + 2, 21.0), (YARD, T0 + 2, -9.0)))
    store.delete(KITCHEN.sensor, T0 + 2, T0 + 4)
    assert [pair[0] - T0 for pair in room(store, "r-kitchen")] == [0, 1, 4, 5]
    assert room(store, "r-hall") == []
    assert room(store, "r-bedroom") == [(T0 + 2, 21.0)]
    assert room(store, "o-yard") == [(T0 + 2, -9.0)]


@pytest.mark.parametrize("end", [2**31, 2**40, 2**62])
def test_deleting_an_outdoor_sensor_without_an_end_takes_all_of_it(
    store: TimeSeries, end: int
) -> None:
    store.write(points((YARD, T0, -20.0), (YARD, T0 + 86_400 * 365, -19.0), (KITCHEN, T0, 20.0)))
    store.delete(YARD.sensor, 0, end)
    assert [row[0] for row in everything(store)] == [KITCHEN.sensor]


def test_a_deleted_range_can_be_written_again(store: TimeSeries) -> None:
    store.write(points((KITCHEN, T0, 20.0)))
    store.delete(KITCHEN.sensor, T0, T0 + 1)
    store.write(points((KITCHEN, T0, 23.0)))
    assert room(store, "r-kitchen") == [(T0, 23.0)]


def test_dropping_leaves_nothing_and_a_store_that_takes_points(store: TimeSeries) -> None:
    store.drop()
    store.write(points((KITCHEN, T0, 20.0), (YARD, T0, -20.0)))
    store.drop()
    assert everything(store) == []
    store.write(points((BEDROOM, T0, 21.0)))
    assert everything(store) == [(BEDROOM.sensor, T0, "r-bedroom", 21.0)]


@pytest.mark.parametrize(
    "odd",
    ["道里区 3号楼，主卧", "a, b=c d", "it's", 'say "20"', "back\\slash", "émile", "r-1,x=1 2"],
)
def test_odd_ids_come_back_as_they_went_in(store: TimeSeries, odd: str) -> None:
    series = Series(ROOM, odd, odd, odd, odd, odd, "28-0000000000d4")
    store.write(points((series, T0, 20.25)))
    assert room(store, odd) == [(T0, 20.25)]
    assert everything(store) == [("28-0000000000d4", T0, odd, 20.25)]


def test_many_points_arrive_whole(store: TimeSeries) -> None:
    series = [KITCHEN._replace(room=f"r{i}", sensor=f"28-{i:012x}") for i in range(60)]
    count = 12_345
    index = np.arange(count, dtype=np.int32) % len(series)
    time_s = T0 + np.arange(count, dtype=np.int64)
    store.write(Points(series, index, time_s, index / 16))
    stored = store.stored(0, 2**31)
    assert len(stored.time_s) == count
    assert sorted(stored.time_s.tolist()) == time_s.tolist()


def test_an_embedded_store_on_a_full_disk_is_away_and_goes_on_later(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "series.sqlite")
    store.write(points((KITCHEN, T0, 20.0)))
    more = points((KITCHEN, T0 + 60, 20.5), (BEDROOM, T0, 21.0))
    for _ in range(2):
        with full_disk(), pytest.raises(StoreAway, match="series.sqlite"):
            store.write(more)
        assert len(everything(store)) == 1
    store.write(more)
    assert [row[2] for row in everything(store)] == ["r-kitchen", "r-kitchen", "r-bedroom"]
    assert everything(EmbeddedStore(tmp_path / "series.sqlite")) == everything(store)


def test_an_embedded_store_is_read_beside_its_writer(tmp_path: Path) -> None:
    writer, reader = (EmbeddedStore(tmp_path / "series.sqlite") for _ in range(2))
    writer.write(points((KITCHEN, T0, 20.0)))
    assert room(reader, "r-kitchen") == [(T0, 20.0)]
    writer.drop()
    assert everything(reader) == []


def test_test_readings_are_found_by_their_time_and_stand_among_no_rooms(store: TimeSeries) -> None:
    canary = Series(CANARY, "", "", "", "", "", "28-0000000000d4")
    assert store.canaries(T0, T0 + 60).tolist() == []
    store.write(points((canary, T0 + 5, 21.0), (canary, T0, 21.0), (KITCHEN, T0, 20.0)))
    assert store.canaries(T0, T0 + 6).tolist() == [T0, T0 + 5]
    assert store.canaries(T0, T0 + 5).tolist() == [T0]
    assert [row[0] for row in everything(store)] == [KITCHEN.sensor]
    assert room(store, "") == []
