"""How a building stands: towards worry when in doubt, never towards calm."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.api.city.facts import Building, Judgement, Survey
from heatward_collector.api.city.standing import (
    STALE_AFTER_SECONDS,
    Standing,
    decisive_day,
    is_stale,
    standing_of,
    worst_first,
)
from support.street import NOW_S, RULE, building, building_day, every_standing

CALM = (Standing.MET, Standing.MARGINAL_PLUS)


def survey_of(*buildings: Building, heard_at: int | None = NOW_S - 60) -> Survey:
    return Survey(buildings, RULE, heard_at, None)


def test_every_standing_of_the_street_is_the_expected_one() -> None:
    buildings = every_standing()
    survey = survey_of(*buildings)
    standings = {b.id: standing_of(b, survey, NOW_S) for b in buildings}
    assert standings == {
        "b-01": Standing.MET,
        "b-02": Standing.BELOW,
        "b-03": Standing.MARGINAL_MINUS,
        "b-04": Standing.COLD_NOW,
        "b-05": Standing.INTERRUPTED,
        "b-06": Standing.NOT_JUDGEABLE,
        "b-07": Standing.MARGINAL_PLUS,
        "b-08": Standing.BELOW,
        "b-09": Standing.INTERRUPTED,
    }


def test_nothing_is_green_when_the_newest_reading_of_all_is_old() -> None:
    buildings = every_standing()
    survey = survey_of(*buildings, heard_at=NOW_S - STALE_AFTER_SECONDS - 1)
    assert {standing_of(b, survey, NOW_S) for b in buildings} == {Standing.INTERRUPTED}


def test_a_reading_of_exactly_two_hours_still_counts() -> None:
    assert not is_stale(NOW_S - STALE_AFTER_SECONDS, NOW_S)
    assert is_stale(NOW_S - STALE_AFTER_SECONDS - 1, NOW_S)
    assert is_stale(None, NOW_S)


def test_a_cold_today_outweighs_a_warm_yesterday() -> None:
    today = building_day(Judgement.BELOW, 18.0, 5, 8, 8)
    cold = replace(building(1, Judgement.MET), today=today)
    assert standing_of(cold, survey_of(cold), NOW_S) is Standing.BELOW
    assert decisive_day(cold) is today


def test_a_warm_today_does_not_hide_a_cold_yesterday() -> None:
    cold = replace(
        building(1, Judgement.BELOW, 18.0, below=6),
        today=building_day(Judgement.MET, 22.0, 0, 8, 8),
    )
    assert standing_of(cold, survey_of(cold), NOW_S) is Standing.BELOW


def test_a_building_without_a_full_day_or_without_a_current_median_is_never_met() -> None:
    without_day = replace(
        building(1, Judgement.MET), last_day=None, today=building_day(Judgement.MET, 22.0, 0, 8, 8)
    )
    without_median = building(2, Judgement.MET, now=None)
    for candidate in (without_day, without_median):
        assert standing_of(candidate, survey_of(candidate), NOW_S) is Standing.NOT_JUDGEABLE


def test_out_of_season_a_cool_room_is_not_called_cold() -> None:
    warm = building(1, Judgement.MET, now=18.0)
    survey = replace(survey_of(warm), rule=replace(RULE, in_season=False))
    assert standing_of(warm, survey, NOW_S) is Standing.MET


def test_the_worst_comes_first_and_by_the_share_of_cold_homes() -> None:
    some = building(1, Judgement.BELOW, below=5)
    most = building(2, Judgement.BELOW, below=7)
    fine = building(3, Judgement.MET)
    survey = survey_of(some, most, fine)
    pairs = [(b, standing_of(b, survey, NOW_S)) for b in (fine, some, most)]
    assert [b.id for b, _ in worst_first(pairs)] == ["b-02", "b-01", "b-03"]


@given(
    judgement=st.sampled_from(Judgement),
    heard_ago=st.one_of(st.none(), st.integers(0, 20_000)),
    all_ago=st.one_of(st.none(), st.integers(0, 20_000)),
    now=st.one_of(st.none(), st.floats(5, 30)),
)
def test_calm_needs_fresh_data_a_verdict_and_a_warm_median(
    judgement: Judgement, heard_ago: int | None, all_ago: int | None, now: float | None
) -> None:
    one = building(1, judgement, heard_ago=heard_ago, now=now)
    survey = survey_of(one, heard_at=None if all_ago is None else NOW_S - all_ago)
    if standing_of(one, survey, NOW_S) in CALM:
        assert judgement in (Judgement.MET, Judgement.MARGINAL_PLUS)
        assert heard_ago is not None and heard_ago <= STALE_AFTER_SECONDS
        assert all_ago is not None and all_ago <= STALE_AFTER_SECONDS
        assert now is not None and now >= RULE.minimum_celsius


@pytest.mark.parametrize("standing", list(Standing))
def test_every_standing_has_its_own_word_and_sign(standing: Standing) -> None:
    from heatward_collector.api.words.formats import Formats
    from heatward_collector.locale import texts

    for language in ("zh", "en"):
        write = Formats(texts(language), RULE.zone)
        words = {write.standing(other) for other in Standing}
        assert len(words) == len(Standing)
        assert write.mark(standing)
