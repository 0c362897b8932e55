"""From when on a fall that is only possible is held against somebody."""

from dataclasses import replace
from types import SimpleNamespace as Some
from typing import Any

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.heating_duty import ALWAYS, HeatingDuty
from heatward_collector.core.suppression.by_day.presence import Presence
from heatward_collector.core.suppression.held_back import throttling
from heatward_collector.core.suppression.held_back.cut import DAY_S
from heatward_collector.core.suppression.held_back.throttling import (
    UNSEEN_DAYS,
    _followed,
    _growing,
    _with_standard,
)
from heatward_collector.core.suppression.homes.network import Level
from support.possible_cut import DEEP, HOMES, POSSIBLE


def is_firm(
    statistic: float,
    day: int = 32,
    *,
    fallen: int | None = None,
    **changes: Any,
) -> bool:
    """Say whether somebody is accused of a fall after one more day, from its statistic then.

    Of its 15 homes so many are seen to have fallen by then; None where nobody is heard.
    """
    cut = replace(POSSIBLE, **changes)
    falls = np.full(15, np.nan)
    if fallen is not None:
        falls[:], falls[:fallen] = 0.0, 2.0
    search: Any = Some(
        today=Some(
            network=Some(
                homes=HOMES,
                places={Level.BUILDING: ("b1",), cut.level: (cut.place,)},
                of_home={Level.BUILDING: np.zeros(15, int)},
            ),
            members=lambda level, place: np.ones(15, bool),
            self_heated=lambda since_s: np.zeros(15, bool),
            start_s=day * DAY_S,
            now_s=(day + 1) * DAY_S,
        ),
        falls_of=lambda _cut: falls,
        verdicts={cut.level: Some(statistic=np.array([statistic]))},
        own=Some(statistic=np.array([statistic])),
        of_all=Some(statistic=np.array([0.0])),
    )
    return _growing(search, cut).firm_s is not None


@pytest.mark.parametrize(("fallen", "is_accused"), [(10, False), (11, False), (12, True)])
def test_a_source_is_accused_once_enough_of_its_homes_are_seen_to_have_fallen(
    fallen: int, is_accused: bool
) -> None:
    first = {"affected": HOMES[:10]}
    assert is_firm(4.6, fallen=fallen, **first) is is_accused
    late = {"day": 45, "fallen": fallen}
    assert not is_firm(4.4, **late, **first, **DEEP), "chance would find them all at last"


@pytest.mark.parametrize(
    ("level", "new_year_day", "share", "looks_empty"),
    [
        (Level.SUBSTATION, 0, 0.30, True),
        (Level.SUBSTATION, 0, 0.36, False),
        (Level.SUBSTATION, 40, 0.30, False),
        (Level.SUBSTATION, 40, 0.20, True),
        (Level.SOURCE, 0, 0.30, False),
    ],
)
def test_about_the_spring_festival_a_part_of_a_source_looks_empty_sooner(
    level: Level, new_year_day: int, share: float, looks_empty: bool
) -> None:
    """Homes elsewhere are lively on half of their days. What is seen once is believed there."""
    start_s = 1_771_286_400 + new_year_day * DAY_S  # 2026-02-17
    cut = replace(POSSIBLE, level=level, place="x1", buildings=("b1",), start_s=start_s)
    buildings = {Level.BUILDING: ("b1",)}
    for now, expected in ((share, looks_empty), (0.5, looks_empty and new_year_day == 0)):
        lived = Presence(now, 0.5, homes=5, home_days=15)
        one_day: Any = Some(coldest=np.full((1, 1), 18.0), cold_share=np.zeros((1, 1)))
        today: Any = Some(
            network=Some(places={Level.SUBSTATION: ("x1",), Level.SOURCE: ("x1",), **buildings}),
            history=Some(
                series={Level.BUILDING: one_day, level: one_day}, start_s=np.array([start_s])
            ),
            start_s=start_s,
            now_s=start_s + DAY_S,
            duty=HeatingDuty(ALWAYS, 20.0),
            members=lambda _level, _place: np.ones(5, bool),
            presence=lambda _homes, _since_s, lived=lived: lived,
        )
        cut = _with_standard(today, cut)
        assert cut.looks_empty is expected


@pytest.mark.parametrize(("from_day", "below_days"), [(0, 5), (28, 5), (31, 2), (33, 0)])
def test_days_before_a_new_minimum_are_not_held_against_it(from_day: int, below_days: int) -> None:
    """Five days of a cut at 19 degC, by a minimum of 20 that is owed from some day on."""
    days = np.arange(28, 33) * DAY_S
    one: Any = Some(coldest=np.full((5, 3), 19.0), cold_share=np.zeros((5, 1)))
    today: Any = Some(
        network=Some(places={Level.BUILDING: ("b1", "b2", "b3"), Level.SOURCE: ("so1",)}),
        history=Some(series={Level.BUILDING: one, Level.SOURCE: one}, start_s=days),
        start_s=40 * DAY_S,  # whether people live there was seen in the first days
        now_s=41 * DAY_S,
        duty=HeatingDuty(ALWAYS, 20.0, from_day * DAY_S),
    )
    cut = _with_standard(today, POSSIBLE)
    assert cut.below_days == below_days
    assert (cut.accused_s is not None) is (below_days >= 2)


def test_what_stays_possible_for_long_is_held_against_a_source_only_when_it_becomes_deep():
    assert not is_firm(4.6, day=45)
    assert is_firm(4.4, day=45, **DEEP)


@pytest.mark.parametrize(
    ("votes", "end_day"),
    [
        ([15] * 3 + [0] * UNSEEN_DAYS, 33),
        ([15] * 3 + [2] * UNSEEN_DAYS, 33),
        ([15] * 4 + [0] * (UNSEEN_DAYS - 1), None),
        ([15] * 10, None),
    ],
)
def test_a_cut_of_which_nothing_is_seen_for_a_week_is_held_against_nobody_any_longer(
    votes: list[int], end_day: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last day is the last one on which enough homes could be compared."""
    monkeypatch.setattr(throttling, "_with_standard", lambda _today, cut: cut)
    last_day = 30 + len(votes) - 1
    today: Any = Some(
        network=Some(places={Level.SOURCE: ("so1",)}),
        start_s=last_day * DAY_S,
        history=Some(series={Level.SOURCE: Some(homes=np.array(votes, float)[:, None])}),
    )
    views: Any = Some(off=lambda _today, _cut, _view: np.full(len(votes), np.nan))
    cut = _followed(today, POSSIBLE, views)
    assert cut.end_s == (None if end_day is None else end_day * DAY_S)
