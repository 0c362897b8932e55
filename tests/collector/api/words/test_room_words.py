"""How a room is said to stand: wrong towards worry perhaps, never towards calm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from heatward_collector.api.city.facts import Judgement
from heatward_collector.api.city.standing import Standing
from heatward_collector.api.words.room_words import standing_of_room
from support.street import NOW_S, RULE, PaperReadingRoom, building

ROOM = PaperReadingRoom((building(1, Judgement.MET),)).building("b-01", 1).rooms[0]


@pytest.mark.parametrize(
    ("judgement", "celsius", "standing"),
    [
        (Judgement.MET, 17.4, Standing.COLD_NOW),
        (Judgement.MARGINAL_PLUS, 17.4, Standing.COLD_NOW),
        (Judgement.MET, RULE.minimum_celsius, Standing.MET),
        (Judgement.MET, None, Standing.MET),
        (Judgement.BELOW, 17.4, Standing.BELOW),
        (Judgement.NOT_JUDGEABLE, 17.4, Standing.NOT_JUDGEABLE),
    ],
)
def test_a_day_that_met_the_standard_hides_no_room_that_is_cold_now(
    judgement: Judgement, celsius: float | None, standing: Standing
) -> None:
    day = replace(ROOM.last_day, judgement=judgement)
    room = replace(ROOM, celsius_now=celsius, last_day=day)
    assert standing_of_room(room, RULE, NOW_S) is standing


def test_out_of_season_a_cold_room_is_nobodys_debt() -> None:
    room = replace(ROOM, celsius_now=17.4)
    assert standing_of_room(room, replace(RULE, in_season=False), NOW_S) is Standing.MET


def test_a_silent_room_says_nothing_about_now() -> None:
    room = replace(ROOM, celsius_now=17.4, heard_at=NOW_S - 7_201)
    assert standing_of_room(room, RULE, NOW_S) is Standing.INTERRUPTED
