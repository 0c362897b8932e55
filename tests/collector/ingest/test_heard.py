"""Which nodes were heard lately, and when silence is no chance."""

import numpy as np
import pytest

from heatward_collector.ingest import heard as module
from heatward_collector.ingest.heard import COUNT_EVERY_S, LATELY_S, Heard


def nodes(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


@pytest.mark.parametrize("room", [1, 2, 7, 8])
def test_a_node_counts_once_however_often_it_speaks(
    monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(module, "_ROOM", room)
    heard = Heard(0.0)
    heard.note(nodes(1, 7, 1), 10.0)
    heard.note(nodes(1), 11.0)
    heard.note(nodes(), 12.0)
    assert heard.lately(12.0) == 2


def test_a_node_is_forgotten_after_an_hour_of_silence() -> None:
    heard = Heard(0.0)
    heard.note(nodes(1), 0.0)
    heard.note(nodes(2), 100.0)
    assert heard.lately(LATELY_S) == 2
    assert heard.lately(LATELY_S + 50.0) == 1


def test_it_is_counted_every_few_seconds_only() -> None:
    heard = Heard(0.0)
    assert heard.lately(0.0) == 0
    heard.note(nodes(1), 1.0)
    assert heard.lately(COUNT_EVERY_S - 1) == 0
    assert heard.lately(COUNT_EVERY_S) == 1


def test_silence_is_said_only_when_there_was_time_to_hear_somebody() -> None:
    heard = Heard(1000.0)
    assert not heard.is_silence(1000.0 + LATELY_S)
    assert heard.is_silence(1000.0 + LATELY_S + 1)
    heard.note(nodes(1), 5000.0)
    assert not heard.is_silence(5000.0)
    assert heard.is_silence(5000.0 + LATELY_S + 1)
