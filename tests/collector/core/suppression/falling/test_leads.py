"""Falls that are said only when they come again."""

import pytest

from heatward_collector.core.suppression.falling.leads import Lead, is_led, may_lead, with_lead

START_S, HOUR_S, DAY_S = 1_709_236_800, 3600, 86_400


@pytest.mark.parametrize(
    ("later_s", "expected"),
    [
        (DAY_S, True),
        (DAY_S - HOUR_S, True),
        (DAY_S + HOUR_S + 900, False),
        (3 * DAY_S + HOUR_S, True),
        (4 * DAY_S, False),
        (900, False),
        (-DAY_S, False),
    ],
)
def test_the_same_hour_of_one_of_the_next_three_days_is_led_to(later_s, expected):
    leads = (Lead("s1", START_S),)
    assert is_led(leads, "s1", START_S + later_s) is expected
    assert not is_led(leads, "s2", START_S + later_s)
    assert not is_led((), "s1", START_S + later_s)


def test_a_fall_gives_one_lead_however_long_it_lasts():
    leads = with_lead((), "s1", START_S)
    assert with_lead(leads, "s1", START_S + 2 * HOUR_S) == leads == (Lead("s1", START_S),)
    assert with_lead(leads, "s2", START_S) == (Lead("s1", START_S), Lead("s2", START_S))


def test_what_leads_nowhere_any_more_is_forgotten():
    leads = with_lead(with_lead((), "s1", START_S), "s2", START_S + 4 * DAY_S)
    assert leads == (Lead("s2", START_S + 4 * DAY_S),)


@pytest.mark.parametrize(
    ("hour", "expected"),
    [(21.75, False), (22.0, True), (0.0, True), (5.75, True), (6.0, False), (7.0, False)],
)
def test_only_by_night_people_do_not_keep_to_the_clock(hour, expected):
    assert may_lead(hour) is expected
