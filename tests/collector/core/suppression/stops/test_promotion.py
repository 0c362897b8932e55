"""Which episodes a place takes over that falls around them, or across them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.falling.scan import Place, Suspect
from heatward_collector.core.suppression.stops.promotion import (
    BESIDE_GAIN,
    CROSSING_GAIN,
    PROMOTION_SLOTS,
    may_take,
)
from support.heated_town import HOMES, homes_of
from support.stops import LONE, episode

OLDER_SPARE = 2.0
OLDER = episode(**LONE, spare=OLDER_SPARE)
"""A stop of a building."""


def suspect(homes: list[int], spare: float) -> Suspect:
    place = Place(Level.ZONE, 0, "z1", np.array(homes, np.int32))
    return Suspect(place, 15.0, place.homes, len(homes), spare=spare)


def held(slots: int) -> np.ndarray:
    return np.full(HOMES, slots, np.int32)


@pytest.mark.parametrize(
    ("slots", "taken"), [(PROMOTION_SLOTS, True), (PROMOTION_SLOTS - 1, False)]
)
def test_what_falls_beside_must_be_more_than_chance(slots, taken):
    around = suspect(homes_of(2, 3), 0.0)
    assert may_take(around, OLDER, held(slots)) is taken


@pytest.mark.parametrize(
    ("beside", "is_again", "taken"), [(0.1, True, True), (-0.1, True, False), (0.1, False, False)]
)
def test_what_comes_again_and_is_clear_beside_need_not_have_stood(beside, is_again, taken):
    said = np.repeat(np.float32([9.0, (BESIDE_GAIN + beside) / 5]), 5)
    around = replace(suspect(homes_of(2, 3), 0.0), said=said, is_repeated=is_again)
    assert may_take(around, OLDER, held(1)) is taken


@pytest.mark.parametrize("clearer", [CROSSING_GAIN, CROSSING_GAIN - 0.1])
def test_what_only_crosses_a_place_must_be_clearer_than_that(clearer):
    across = suspect(homes_of(2, 3)[2:7], OLDER_SPARE + clearer)
    assert may_take(across, OLDER, held(PROMOTION_SLOTS)) is (clearer == CROSSING_GAIN)


def test_what_was_not_said_for_sure_is_taken_by_whoever_is_suspected():
    across = suspect(homes_of(2, 3)[2:7], 0.0)
    assert may_take(across, episode(**LONE, spare=OLDER_SPARE, past_days=2), held(0))
