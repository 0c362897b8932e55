"""Which nodes were heard lately, and when silence is no chance."""

from heatward_collector.ingest.heard import COUNT_EVERY_S, LATELY_S, Heard


def test_a_node_counts_once_however_many_topics_it_speaks_on() -> None:
    heard = Heard(0.0)
    heard.note({"v/d/n1/readings", "v/d/n1/event", "v/d/n2/readings"}, 10.0)
    assert heard.lately(10.0) == 2


def test_a_node_is_forgotten_after_an_hour_of_silence() -> None:
    heard = Heard(0.0)
    heard.note(["v/d/n1/readings"], 0.0)
    heard.note(["v/d/n2/readings"], 100.0)
    assert heard.lately(LATELY_S) == 2
    assert heard.lately(LATELY_S + 50.0) == 1


def test_it_is_counted_every_few_seconds_only() -> None:
    heard = Heard(0.0)
    assert heard.lately(0.0) == 0
    heard.note(["v/d/n1/readings"], 1.0)
    assert heard.lately(COUNT_EVERY_S - 1) == 0
    assert heard.lately(COUNT_EVERY_S) == 1


def test_silence_is_said_only_when_there_was_time_to_hear_somebody() -> None:
    heard = Heard(1000.0)
    assert not heard.is_silence(1000.0 + LATELY_S)
    assert heard.is_silence(1000.0 + LATELY_S + 1)
    heard.note(["v/d/n1/readings"], 5000.0)
    assert not heard.is_silence(5000.0)
    assert heard.is_silence(5000.0 + LATELY_S + 1)
