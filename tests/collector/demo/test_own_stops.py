"""What happens by itself in a demo: one stop in a short one, two in a long one."""

from heatward_collector.demo.play import LONG_DAYS, STRONG_SOURCE, _own_stops
from heatward_collector.demo.rooms import WEAK_SOURCE

DAY = 86_400
FIRST = 1_768_000_200


def test_a_short_demo_sees_the_weak_source_stop_in_its_second_night() -> None:
    ((until_s, stop),) = _own_stops(FIRST, FIRST + 3 * DAY)
    assert (until_s, stop.place) == (FIRST + 3 * DAY, WEAK_SOURCE)
    assert FIRST < stop.from_s < FIRST + 2 * DAY


def test_a_long_demo_sees_the_other_source_stop_early_enough_to_be_remedied() -> None:
    last = FIRST + 14 * DAY
    (first_until, weak), (until_s, strong) = _own_stops(FIRST, last)
    assert weak.to_s < first_until <= strong.from_s
    assert (until_s, strong.place) == (last, STRONG_SOURCE)
    # Three quiet nights and a day must fit behind it.
    assert strong.to_s + 4 * DAY < last
    assert len(_own_stops(FIRST, FIRST + LONG_DAYS * DAY)) == 2
