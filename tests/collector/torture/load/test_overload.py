"""Too much from all nodes, and from one: what is measured is sound, and what is wrong is seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from heatward_collector.ledger import Batch, LedgerReader
from heatward_collector.torture.load import overload
from heatward_collector.torture.load.overload import STAGES, Overloaded

pytestmark = pytest.mark.broker
NODES, SECONDS = 20, 2.0


def counted(problems: list[str]) -> list[str]:
    """Return the problems that are not about time: other work may share this machine."""
    return [one for one in problems if "took" not in one and "gone after" not in one]


def test_five_times_as_much_loses_nothing() -> None:
    seconds: list[int] = []
    result = overload.overload(SECONDS, NODES, seconds.append)
    assert counted(result.problems) == []
    assert result.readings == 20 * 167  # 333.3 a second, five times, for two seconds
    assert result.lags_s[0]["p50"] <= result.lags_s[0]["p99"] <= result.lags_s[0]["most"]
    assert result.peak_bytes.keys() == set(STAGES)
    assert seconds


class Confused(LedgerReader):
    """Forgets the first readings and repeats the last."""

    def batches(self, after: int = 0, limit: int | None = None) -> Iterator[Batch]:
        """Yield what it remembers."""
        found = [batch for batch in super().batches(after, limit) if len(batch.readings)]
        yield from found[1:]
        yield found[-1]


def test_readings_that_are_lost_or_doubled_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overload, "LedgerReader", Confused)
    result: Overloaded = overload.flood(SECONDS, NODES, lambda second: None)
    assert result.readings == 3_333 + 19 * 33
    assert [one.split(" ", 1)[1] for one in counted(result.problems)] == [
        "readings lost",
        "readings doubled",
    ]
    assert len(result.lags_s) == 2
