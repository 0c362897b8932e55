"""From when on a fall that is only possible is held against somebody."""

from dataclasses import replace
from types import SimpleNamespace as Some
from typing import Any

import numpy as np
import pytest

from heatward_collector.core.suppression.by_day.heating_duty import ALWAYS, HeatingDuty
from heatward_collector.core.suppression.by_day.presence import Presence
from heatward_collector.core.suppression.findings.finding import Exclusion
from heatward_collector.core.suppression.held_back import throttling
from heatward_collector.core.suppression.held_back.cut import DAY_S, Cut, View
from heatward_collector.core.suppression.held_back.throttling import (
    UNSEEN_DAYS,
    _followed,
    _growing,
    _with_standard,
)
from heatward_collector.core.suppression.homes.network import Level

HOMES = tuple(f"h{number}" for number in range(15))
POSSIBLE = Cut(
    *(Level.SOURCE, "so1", View.OTHERS, 28 * DAY_S, 30 * DAY_S),
    threshold=4.0,
    statistic=4.2,
    peak_kelvin=2.0,
    affected=HOMES,
    buildings=("b1", "b2", "b3"),
    judged=15,
    silent=0,
)
DEEP: dict[str, Any] = {"peak_kelvin": 2.6, "ending": (-2.4, -2.5)}
"""Its supply was not back on the last two days."""


def is_firm(
    statistic: float,
    day: int = 32,
    *,
    keeps_hours: bool = False,
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
            keeps_hours=lambda level: np.array([keeps_hours]),
            members=lambda level, place: np.ones(15, bool),
            start_s=day * DAY_S,
            now_s=(day + 1) * DAY_S,
        ),
        falls_of=lambda _cut: falls,
        verdicts={cut.level: Some(statistic=np.array([statistic]))},
        own=Some(statistic=np.array([statistic])),
        of_all=Some(statistic=np.array([0.0])),
    )
    return _growing(search, cut).firm_s is not None


@pytest.mark.parametrize(
    ("statistic", "changes", "is_accused"),
    [
        (4.4, {}, False),
        (4.6, {}, True),
        (4.6, {"affected": HOMES[:10]}, False),
        (4.4, {**DEEP}, True),
        (4.4, {**DEEP, "affected": HOMES[:10]}, False),
        (4.4, {**DEEP, "looks_empty": True}, False),
        (4.4, {**DEEP, "ending": ()}, False),
        (4.4, {**DEEP, "ending": (-2.4, -1.1)}, False),
        (4.6, {"affected": HOMES[:10], "view": View.OWN_HISTORY}, True),
        (4.4, {"view": View.OWN_HISTORY}, False),
    ],
)
def test_a_fall_of_a_source_is_held_against_it_when_it_is_clear_or_deep_and_broad(
    statistic, changes, is_accused
):
    assert is_firm(statistic, **changes) is is_accused


@pytest.mark.parametrize(
    ("level", "keeps_hours", "kelvin", "is_accused"),
    [
        (Level.BUILDING, False, 2.4, True),
        (Level.BUILDING, True, 2.4, False),
        (Level.BUILDING, True, 2.5, True),
        (Level.SOURCE, True, 2.4, True),
    ],
)
def test_parts_of_a_source_that_heats_by_hours_are_accused_of_deep_falls_only(
    level: Level, keeps_hours: bool, kelvin: float, is_accused: bool
) -> None:
    part = {"level": level, "place": "x1", "threshold": 5.5, "peak_kelvin": kelvin}
    assert is_firm(7.5, keeps_hours=keeps_hours, **part) is is_accused


@pytest.mark.parametrize(
    ("kelvin", "outdoor", "gave_more", "view", "is_accused"),
    [
        (1.9, -18.0, False, View.OTHERS, False),
        (2.0, -18.0, False, View.OTHERS, True),
        (1.9, -14.0, False, View.OTHERS, True),
        (1.9, -18.0, True, View.OTHERS, True),
        (1.9, -18.0, False, View.OWN_HISTORY, True),
    ],
    ids=["untried", "deep", "mild", "was as cold before", "all sources"],
)
def test_a_small_fall_in_the_first_severe_cold_is_held_against_nobody(
    kelvin: float, outdoor: float, gave_more: bool, view: View, is_accused: bool
) -> None:
    assert is_accused is is_firm(
        7.0,
        peak_kelvin=kelvin,
        view=view,
        considered=(Exclusion("boiler_limit", gave_more),),
        evidence={"outdoor_celsius": outdoor},
    )


@pytest.mark.parametrize(
    ("days", "lift", "view", "is_accused"),
    [
        (8, 35.0, View.OTHERS, False),
        (7, 35.0, View.OTHERS, False),
        (6, 35.0, View.OTHERS, True),
        (8, 25.0, View.OTHERS, True),
        (8, 35.0, View.OWN_HISTORY, True),
    ],
    ids=["slow", "a week", "within days", "much of the heat", "all sources"],
)
def test_a_small_part_of_the_heat_that_goes_slowly_is_held_against_nobody(
    days: int, lift: float, view: View, is_accused: bool
) -> None:
    begun_s = (32 - days) * DAY_S
    told = {"peak_kelvin": 2.0, "start_s": begun_s, "view": view}
    assert is_accused is is_firm(7.0, **told, evidence={"lift_kelvin": lift})


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
