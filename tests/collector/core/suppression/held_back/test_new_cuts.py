"""Which falls are said: day after day, of a town in which one place differs from the others."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace as Some
from typing import Any

import numpy as np
import pytest

from heatward_collector.core import Mask
from heatward_collector.core.suppression.by_day.fallen_homes import Explanation
from heatward_collector.core.suppression.by_day.heating_duty import ALWAYS, HeatingDuty, Season
from heatward_collector.core.suppression.by_day.place_days import Hierarchy
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.findings.finding import Kind
from heatward_collector.core.suppression.held_back import new_cuts
from heatward_collector.core.suppression.held_back.cut import Cut, View
from heatward_collector.core.suppression.held_back.cut_evidence import Signal
from heatward_collector.core.suppression.held_back.new_cuts import Search
from heatward_collector.core.suppression.homes.network import Level, Network
from heatward_collector.core.suppression.slow_fold import SlowFold, slow_day
from heatward_collector.simulate import town
from support.two_substations import NETWORK

DAY_S = 86_400
FIRST, BEGIN, DAYS = 6, 30, 46
RESPONSE_DAYS = 2.5


def accused(
    place: str, level: Level, warmth: float, mine: float, others: float = 0.0, thaw: float = 0.0
) -> list[str]:
    """Return who is accused when a place, all other homes and the weather change by some kelvin."""
    net = town(sources=4, buildings_per_source=3, homes_per_building=5, rooms_per_home=1).network()
    here = net.of_home[level] == net.places[level].index(place)
    fold = SlowFold(net, lambda _: HeatingDuty(Season(FIRST * DAY_S, 150 * DAY_S), 20.0))
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


@dataclass(slots=True)
class Searched(Search):
    """A search that only tells which sources it would open."""

    opened: list[int] = field(default_factory=list)

    def _open_own(self, which, falls, onsets):
        self.opened += np.flatnonzero(which).tolist()


def search(**known) -> Searched:
    """Return a search that knows so much, and nothing else."""
    names = ("today", "looks", "verdicts", "alone", "own", "of_all", "scales", "cuts")
    return Searched(**{name: known.get(name, []) for name in names})


def opened(
    falls: Sequence[float], statistic: float, middle: float, keeps_hours: Sequence[int] = ()
) -> list[int]:
    """Return which sources are opened together when they fell by so many kelvin."""
    kelvin = np.array(falls)
    own = Some(statistic=np.full(len(kelvin), 3.0), fall=kelvin, falls=kelvin[:, None], onset=None)
    of_all = Some(statistic=[statistic], fall=[middle], shape=[0], onset=[30])
    today = Some(keeps_hours=lambda level: np.isin(np.arange(len(kelvin)), keeps_hours))
    found = search(own=own, of_all=of_all, today=today)
    found.of_all_sources()
    return found.opened


@pytest.mark.parametrize(
    ("falls", "statistic", "middle", "which"),
    [
        ([1.5, 1.4, 1.3, 1.3, 0.8, 0.2], 3.1, 1.3, [0, 1, 2, 3, 4]),
        ([1.5, 1.4, 1.3, 1.3, 0.8, 0.2], 2.9, 1.3, []),
        ([1.1, 1.1, 1.1, 1.1, 1.1, 1.1], 3.1, 1.1, []),
        ([2.0, 1.5, 1.3, 0.9, 0.9, 0.9], 3.1, 1.3, []),
        ([1.5, 1.4, 1.3], 3.1, 1.4, []),
        ([1.5, 1.4, 1.3], 4.6, 1.4, [0, 1, 2]),
    ],
    ids=["all", "by chance", "shallow", "some of them", "few sources", "few, but clearly"],
)
def test_all_sources_fell_where_most_fell_deep_and_their_middle_by_more_than_chance(
    falls, statistic, middle, which
):
    assert opened(falls, statistic, middle) == which


@dataclass(slots=True)
class Told(Search):
    """A search that is told how far each home fell."""

    falls: tuple[float, ...] = ()

    def _falls(self, source, beside, onset):
        return np.repeat(self.falls, len(self.today.network.homes) // len(self.falls))


def day_of(net: Network, self_heated: Mask) -> Any:
    """Return a day of which only places are asked, and whose people may heat for themselves."""
    return Some(
        network=net,
        places=Hierarchy.of(net),
        start_s=0,
        history=Some(start_s=np.arange(40)),
        self_heated=lambda since_s: self_heated,
    )


def test_where_all_sources_fell_no_part_of_one_is_named_for_it():
    """One of its three buildings fell further than the others: at the cold end of a pipe."""
    net = town(sources=1, buildings_per_source=3, homes_per_building=5, rooms_per_home=1).network()
    nothing: list = []
    today = day_of(net, np.zeros(len(net.homes), bool))
    shown = {level: Some(statistic=np.full(len(net.places[level]), 9.0)) for level in net.places}
    own, of_all = Some(statistic=np.full(1, 5.0)), Some(statistic=[5.0])
    found = Told(today, nothing, shown, nothing, own, of_all, *[nothing] * 2, falls=(3.4, 0.7, 0.7))
    beside = np.zeros(40)
    assert found._explained(0, beside, 30, 1.4).level is not Level.SOURCE
    assert found._explained(0, beside, 30, 1.4, among=found._only(0)).level is Level.SOURCE


@pytest.mark.parametrize(("middle", "level"), [(2.9, Level.SOURCE), (4.6, None)])
def test_a_source_is_named_though_heaters_hold_a_cold_building_unless_all_sources_fell(
    middle: float, level: Level | None
) -> None:
    """Two of its three buildings fell, and in the cold one the rooms stayed as they were."""
    net = town(sources=4, buildings_per_source=3, homes_per_building=5, rooms_per_home=1).network()
    nothing: list = []
    today = day_of(net, net.of_home[Level.BUILDING] == 2)
    shown = {level: Some(statistic=np.zeros(len(net.places[level]))) for level in net.places}
    own, of_all = Some(statistic=np.full(4, 3.0)), Some(statistic=[middle])
    falls = (1.8,) * 9 + (0.5,) + (0.0,) * 5 + (0.0,) * 45
    found = Told(today, nothing, shown, nothing, own, of_all, *[nothing] * 2, falls=falls)
    explained = found._explained(0, np.zeros(40), 30, 1.4)
    assert (explained and explained.level) == level


def test_sources_that_promise_only_some_hours_take_no_part_in_a_fall_of_all():
    falls = [1.5, 1.4, 1.3, 1.3, 1.3, 1.3]
    assert opened(falls, 3.1, 1.3, keeps_hours=[5]) == [0, 1, 2, 3, 4]
    assert opened(falls, 3.1, 1.3, keeps_hours=[3, 4, 5]) == []


@pytest.mark.parametrize(
    ("fall", "is_colder"), [(1.0, True), (0.1, False), (np.nan, False)], ids=str
)
def test_a_place_of_which_it_is_not_known_has_not_become_colder(fall, is_colder):
    """All days before its fall lie in an earlier cut: none shows how warm it usually is."""
    value = np.full((40, 1), 21.0)
    value[30:] -= 1.0 if np.isnan(fall) else fall
    learns = np.ones((40, 1), bool)
    learns[:30] = not np.isnan(fall)
    series = {Level.BUILDING: Some(value=value)}
    found = search(
        today=Some(history=Some(series=series)),
        looks={Level.BUILDING: Some(raw=value, learns=learns)},
    )
    place = Explanation(Level.BUILDING, 0, np.arange(5), 5, 2.0, 1.0, 0.0)
    assert found._became_colder(place, 30, 2.0) is is_colder


@pytest.mark.parametrize(
    ("firm_s", "view", "hides"),
    [
        (None, View.OTHERS, False),
        (31 * DAY_S, View.OTHERS, True),
        (None, View.OWN_HISTORY, True),
    ],
)
def test_a_fall_against_others_that_is_only_possible_hides_no_fall_of_all(firm_s, view, hides):
    known = Cut(
        *(Level.SOURCE, "so1", view, 28 * DAY_S, 30 * DAY_S, 4.0, 4.2, 1.5, (), (), 15, 0),
        firm_s=firm_s,
    )
    today = Some(network=Some(places={Level.SOURCE: ("so1",)}), start_s=33 * DAY_S)
    found = search(today=today, cuts=[known])
    assert found._is_open(Level.SOURCE, 0, View.OWN_HISTORY) is hides


@pytest.mark.parametrize(
    ("falls", "changes", "level", "is_covered"),
    [
        ((4.0, 4.0, 1.9, 0.0), {}, Level.SUBSTATION, False),
        ((4.0, 4.0, 2.1, 0.0), {}, Level.SUBSTATION, True),
        ((4.0, 4.0, 1.9, 0.0), {"firm_s": 32 * DAY_S}, Level.SUBSTATION, True),
        ((4.0, 4.0, 1.9, 0.0), {"view": View.OWN_HISTORY}, Level.SUBSTATION, True),
        ((4.0, 0.0, 0.0, 0.0), {}, Level.BUILDING, True),
    ],
    ids=["alone", "with the rest", "said already", "with all sources", "one building"],
)
def test_a_part_takes_the_place_of_its_source_where_the_rest_did_not_go_on_to_fall(
    falls, changes, level, is_covered, monkeypatch
):
    """Only while the source's fall is possible, and only several buildings together."""
    known = Cut(
        *(Level.SOURCE, "so1", View.OTHERS, 28 * DAY_S, 30 * DAY_S, 4.0, 4.2, 1.5),
        *(("h00", "h05", "h10"), (), 15, 0),
    )
    history = Some(start_s=np.arange(33) * DAY_S, heat=np.zeros((1, 20)))
    today = Today(history, NETWORK, Hierarchy.of(NETWORK), 33 * DAY_S, HeatingDuty(ALWAYS, 20.0))
    looks = {Level.SOURCE: Some(beside=np.zeros((33, 2)))}
    alone = Some(each=Some(raw=np.zeros((33, 2))))
    nothing: list = []
    cuts = [replace(known, **changes)]
    found = Told(today, looks, nothing, alone, *[nothing] * 3, cuts, falls=falls)
    assert found._is_covered(level, 0) is is_covered
    for name in ("considered", "measured"):
        monkeypatch.setattr(new_cuts, name, lambda *_: ())
    place = Explanation(level, 0, np.arange(10), 10, 4.0, 1.0, 0.0, 3)
    found._open(place, Signal(9.0, 5.5, 4.0, 30, 30, View.OTHERS, np.zeros(33)))
    named = today.network.places[level][0]
    assert [cut.place for cut in found.cuts] == (["so1", named] if is_covered else [named])
    assert found.cuts[-1].left_aside == 3
