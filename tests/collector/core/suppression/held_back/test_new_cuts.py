"""Which falls are said: day after day, of a town in which one place differs from the others."""

import numpy as np
import pytest

from heatward_collector.core.suppression.edges.missing_heat import Season
from heatward_collector.core.suppression.findings.finding import Kind
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.slow_fold import Duty, SlowFold, slow_day
from heatward_collector.simulate import town

DAY_S = 86_400
FIRST, BEGIN, DAYS = 6, 30, 46
RESPONSE_DAYS = 2.5


def accused(
    place: str, level: Level, warmth: float, mine: float, others: float = 0.0, thaw: float = 0.0
) -> list[str]:
    """Return who is accused when a place, all other homes and the weather change by some kelvin."""
    net = town(sources=4, buildings_per_source=3, homes_per_building=5, rooms_per_home=1).network()
    here = net.of_home[level] == net.places[level].index(place)
    fold = SlowFold(net, lambda _: Duty(Season(FIRST * DAY_S, 150 * DAY_S), 20.0))
    for number in range(DAYS):
        course = 1 - np.exp(-max(number + 0.5 - BEGIN, 0.0) / RESPONSE_DAYS)
        usual = warmth if number >= FIRST else 14.0
        celsius = np.full((48, len(net.homes)), usual + others * course, np.float32)
        celsius[:, here] = usual + mine * course
        start_s = number * DAY_S
        outdoor = np.full(48, -18.0 + thaw * course)
        fold.take(slow_day(start_s, start_s + DAY_S, celsius, outdoor, ()))
    return [one.place for one in fold.findings(()) if one.kind is Kind.THROTTLING and one.accuses]


@pytest.mark.parametrize(
    ("mine", "others", "said"), [(-3.5, 0.0, ["b002"]), (-1.5, 2.0, ["b002"]), (-0.2, 2.8, [])]
)
def test_a_building_is_named_where_it_became_colder_and_not_only_others_warmer(mine, others, said):
    """By its own past it should have become warmer, too; so do others beside a heavy house."""
    assert accused("b002", Level.BUILDING, 19.5, mine, others, thaw=18.0) == said


@pytest.mark.parametrize(("kelvin", "said"), [(1.45, []), (2.0, ["so2"])])
def test_a_small_fall_that_has_run_its_course_accuses_nobody(kelvin, said):
    """A curve that is lawfully lowered takes 1.5 K, and rooms may miss the standard after it."""
    assert accused("so2", Level.SOURCE, 20.5, -kelvin) == said
