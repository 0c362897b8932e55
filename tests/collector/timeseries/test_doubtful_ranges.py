"""What must be written anew is written in few passes, and nothing of it is forgotten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.placing import UNPLACED
from heatward_collector.readings.doubts import Doubt
from heatward_collector.readings.projection import Projected
from heatward_collector.registry.dated import sensor_number
from heatward_collector.timeseries.doubtful_ranges import (
    SensorRange,
    doubtful_ranges,
    together,
)
from support.evidence import BEDROOM, LIVING, T0, PaperNode, World

ranges = st.lists(
    st.builds(
        lambda sensor, from_s, length: (sensor, from_s, from_s + length),
        st.integers(1, 4),
        st.integers(0, 40),
        st.integers(1, 10),
    ),
    max_size=12,
)


def readings_at(sensor: int, times: range) -> Projected:
    n = len(times)
    return Projected(
        np.array(times, np.int64),
        np.zeros(n, np.int32),
        np.full(n, sensor, np.uint64),
        np.zeros(n, np.int16),
        np.zeros(n),
        np.zeros(n, np.uint8),
    )


@given(ranges)
def test_passes_are_apart_and_hold_every_second_that_is_doubtful(asked: list[SensorRange]) -> None:
    passes = list(together(asked))
    spans = [one.span for one in passes]
    assert all(one[1] <= two[0] for one, two in zip(spans, spans[1:], strict=False))
    for sensor in range(1, 5):
        own = [one for one in asked if one[0] == sensor]
        held = {
            second
            for one in passes
            for second in np.flatnonzero(one.hold(readings_at(sensor, range(60)))).tolist()
        }
        assert held >= {second for _, from_s, to_s in own for second in range(from_s, to_s)}
        assert bool(held) == bool(own)


@given(ranges)
def test_a_sensor_is_written_only_between_its_own_first_and_last(asked: list[SensorRange]) -> None:
    for one in together(asked):
        for sensor, from_s, to_s in one:
            own = [(begin, end) for number, begin, end in asked if number == sensor]
            assert from_s in [begin for begin, _ in own]
            assert to_s in [end for _, end in own]


def test_no_reading_without_a_time_lies_in_a_range() -> None:
    (one,) = together([(3, 0, 2**40)])
    assert not one.hold(readings_at(3, range(UNPLACED, UNPLACED + 1))).any()
    assert not one.hold(readings_at(2, range(5))).any()
    assert one.hold(readings_at(3, range(5))).all()


def test_two_boots_of_a_sensor_leave_the_days_between_them_alone(tmp_path: Path) -> None:
    world = World(tmp_path)
    later = T0 + 10 * 86_400
    world.now = float(later + 86_400)
    first, second = PaperNode(1), PaperNode(2, boot_id=b"d" * 16)
    boot, unknown = first.boot(), first.read(BEDROOM, T0 + 300, 19.0, synchronised=False)
    world.arrive(first, [boot, unknown, first.read(LIVING, T0 + 300, 21.0)])
    world.arrive(
        second, [second.boot(), second.read(BEDROOM, later + 600, 18.0, synchronised=False)]
    )
    follower = world.follower
    follower.done(follower.next())
    world.arrive(first, [first.fix(T0 + 900)])
    world.arrive(second, [second.fix(later + 900)])
    follower.done(follower.next())
    doubts = follower.doubts()
    assert [doubt.reason for doubt in doubts] == ["clock_fix", "clock_fix"]
    number = sensor_number(BEDROOM)
    edit = Doubt(9, "calibration", number, T0 + 5 * 86_400, T0 + 6 * 86_400, None)
    found = doubtful_ranges(follower, [*doubts, edit])
    assert sorted(found) == [
        (number, T0 + 299, T0 + 302),
        (number, T0 + 5 * 86_400, T0 + 6 * 86_400),
        (number, later + 599, later + 602),
    ]
    assert len(list(together(found))) == 3
