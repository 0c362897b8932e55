"""The sentence on top of the list."""

from dataclasses import replace

import pytest

from heatward_collector.api.city.facts import Building, Judgement, Survey
from heatward_collector.api.words.formats import Formats
from heatward_collector.api.words.overview import Overview, overview_of, ranked, row_of
from heatward_collector.locale import texts
from support.street import NOW_S, RULE, building, building_day, every_standing

ENGLISH = Formats(texts("en"), RULE.zone)


def overview(*buildings: Building, heard_at: int | None = NOW_S - 60) -> Overview:
    survey = Survey(buildings, RULE, heard_at, None)
    return overview_of(survey, (standing for _, standing in ranked(survey, NOW_S)), ENGLISH, NOW_S)


def test_buildings_below_are_counted_first_and_the_silent_ones_are_not_hidden() -> None:
    top = overview(*every_standing())
    assert (top.mood, top.headline) == ("alarm", "2 buildings are below the standard")
    assert top.explanation == "3 more give no verdict."
    assert [(tile.kind, tile.count) for tile in top.tiles] == [
        ("below", 2),
        ("marginal", 3),
        ("unknown", 3),
        ("met", 1),
    ]


def test_silence_is_not_taken_for_warmth() -> None:
    top = overview(building(1, Judgement.MET), building(2, Judgement.MET, heard_ago=9000))
    assert top.mood == "watch"
    assert "1 of 2 give no verdict" in top.headline


def test_only_when_every_building_met_is_the_page_calm() -> None:
    assert overview(building(1, Judgement.MET)).mood == "calm"
    assert (
        overview(building(1, Judgement.MET), building(2, Judgement.MARGINAL_PLUS)).mood == "watch"
    )


@pytest.mark.parametrize("heard_at", [None, NOW_S - 7201])
def test_old_data_say_so_and_count_nothing_as_met(heard_at: int | None) -> None:
    top = overview(building(1, Judgement.MET), heard_at=heard_at)
    assert top.mood == "quiet"
    assert "Data interrupted" in top.headline
    assert {tile.kind: tile.count for tile in top.tiles}["met"] == 0


def test_an_empty_registry_names_the_remedy() -> None:
    assert "heatward registry import" in overview().explanation


def test_the_sentence_speaks_of_the_day_that_decided() -> None:
    cold_today = replace(
        building(1, Judgement.MET), today=building_day(Judgement.BELOW, 18.0, 5, 8, 8)
    )
    row = row_of(cold_today, Survey((cold_today,), RULE, NOW_S, None), ENGLISH, NOW_S)
    assert row.sentence == "Today so far: 5 of 8 judged homes were below 20.0 °C."


def test_few_homes_give_no_numbers_in_the_sentence() -> None:
    few = building(1, Judgement.BELOW, 17.0, below=3, homes=4)
    row = row_of(few, Survey((few,), RULE, NOW_S, None), ENGLISH, NOW_S)
    assert not row.figures
    assert row.sentence == "23 Nov: verdict on few homes."
