"""What is made of one look: once for those who see the same, anew for every look and minute."""

from __future__ import annotations

from heatward_collector.api.today.per_survey import PerSurvey
from support.street import PaperReadingRoom


def test_it_is_made_once_for_an_audience_and_forgotten_with_its_look() -> None:
    room, made = PaperReadingRoom(()), PerSurvey[int]()
    numbers = iter(range(9))
    first, second = room.survey(), room.survey()
    assert made.get(first, ("street", "a"), lambda: next(numbers)) == 0
    assert made.get(first, ("street", "a"), lambda: next(numbers)) == 0
    assert made.get(first, ("street", "b"), lambda: next(numbers)) == 1
    assert made.get(second, ("street", "a"), lambda: next(numbers)) == 2
    assert made.get(first, ("street", "a"), lambda: next(numbers)) == 3
