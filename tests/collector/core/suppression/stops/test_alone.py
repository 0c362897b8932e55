"""Places of several buildings in a town of one source, which nobody can be compared with."""

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression.season import block_of, memories
from heatward_collector.core.suppression.stops.alone import with_own_past
from heatward_collector.core.suppression.stops.doubts import is_stop, is_sure, may_pass
from support.heated_town import MIDNIGHT, SLOTS, curves, days_of, grid, network, stop
from support.stops import LONE, episode

DAYS, DAY, HOMES = 4, 2, 10
NIGHT, NOON = 1.0, 12.0
NO_HABIT = np.zeros((24, HOMES))
OUTDOOR = -9.0


def seen(celsius, begin, hours, outdoor=None, course=NO_HABIT, **changes):
    """Return what is said hours after a begin of a fall of all homes of the town."""
    made = grid(celsius)
    if outdoor is not None:
        made = replace(made, outdoor=outdoor)
    block = block_of(made, network(HOMES), ())
    start_s = MIDNIGHT + round((DAY + begin / 24) * 86_400)
    at = int(np.searchsorted(block.time_s, start_s + round(hours * 3600)))
    everybody = tuple(range(HOMES))
    facts = {"place": "s0", "start_s": start_s, "hour": begin, "elsewhere": (21.0,)}
    facts |= {"homes": everybody, "affected": everybody, "control_homes": 0}
    return with_own_past(episode(**facts | changes), block, at, course)


def town(begin, rate=0.012, sun=0.0):
    """Return homes without heat from a time on, or that fall back to where no sun leaves them."""
    celsius = curves(DAYS, homes=HOMES)
    stop(celsius, range(HOMES), DAY, begin, 8.0, rate)
    first = round((DAY * 24 + begin) * 4)
    celsius[first - 12 : first + 32] += sun
    return celsius


@pytest.mark.parametrize(
    ("sun", "hours", "doubt"),
    [(0.0, 0.25, "sun"), (0.0, 4.0, ""), (2.0, 4.0, "sun")],
)
def test_by_day_only_what_is_colder_than_in_the_day_before_has_no_heat(sun, hours, doubt):
    """However fast rooms fall from where the sun had taken them, they may have their heat."""
    assert seen(town(NOON, sun=sun), NOON, hours).own_doubt == doubt


def test_by_night_nobody_needs_to_be_colder_than_ever():
    assert seen(town(NIGHT, sun=2.0), NIGHT, 2.0).own_doubt == ""


@pytest.mark.parametrize(("rate", "doubt"), [(0.004, "weather"), (0.009, "")])
def test_slower_than_by_half_of_the_heat_the_weather_may_do_it(rate, doubt):
    assert seen(town(NIGHT, rate), NIGHT, 3.0).own_doubt == doubt


def test_what_homes_do_every_night_at_this_hour_is_taken_off():
    course = np.full((24, HOMES), 0.006)
    assert seen(town(NIGHT, 0.009), NIGHT, 3.0, course=course).own_doubt == "weather"


@pytest.mark.parametrize(("fall", "doubt"), [(0.0, ""), (20.0, "weather")])
def test_a_cold_front_takes_its_part(fall, doubt):
    ago = np.clip(np.arange(DAYS * SLOTS) - (DAY * 24 + NIGHT) * 4, 0, 24)
    outdoor = OUTDOOR - fall * ago / 24
    assert seen(town(NIGHT, 0.009), NIGHT, 3.0, outdoor).own_doubt == doubt


def test_of_silent_homes_nothing_is_known():
    celsius = town(NIGHT)
    celsius[(DAY * 24 + 4) * 4] = np.nan
    assert seen(celsius, NIGHT, 3.0).own_doubt == "weather"


@pytest.mark.parametrize("changes", [{"elsewhere": (21.0, 21.0)}, LONE])
def test_a_building_and_a_town_of_two_sources_are_not_asked(changes):
    assert seen(town(NOON, sun=2.0), NOON, 4.0, **changes).own_doubt == ""


def test_what_is_said_anew_loses_its_doubt():
    doubted = {"own_doubt": "sun"}
    assert seen(town(NOON), NOON, 4.0, **doubted).own_doubt == ""


@pytest.mark.parametrize("doubt", ["sun", "weather"])
def test_a_doubt_accuses_nobody_and_makes_no_stop_that_others_follow(doubt):
    one = episode(control_homes=0, own_doubt=doubt)
    assert not is_sure(one) and not is_stop(one) and may_pass(one)
    assert is_sure(replace(one, own_doubt=""))


@pytest.mark.parametrize("is_stopped", [True, False])
def test_a_town_of_one_source_is_accused_of_no_sun_that_goes(is_stopped):
    """Sun on one day warms all rooms by 2 K, and leaves them as fast as heat that is held back."""
    celsius = curves(9, homes=HOMES)
    if is_stopped:
        stop(celsius, range(HOMES), 7, 14.0, 8.0)
    else:
        hour = np.arange(len(celsius)) / 4 - 7 * 24
        celsius += 2.0 * np.interp(hour, [8.0, 13.0, 14.0, 20.0], [0.0, 1.0, 1.0, 0.0])[:, None]
    *_, memory = memories(grid(celsius), network(HOMES), days_of(celsius))
    sure = {one.place for one in (*memory.recent, *memory.open) if is_sure(one)}
    assert sure == ({"s0"} if is_stopped else set())
