"""Does it add up? What nodes sent, what the ledger holds, what the series shows."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.config import Config
from heatward_collector.ledger import LedgerReader
from heatward_collector.readings.own_places import directory_of
from heatward_collector.registry import open_registry
from heatward_collector.timeseries import open_timeseries
from heatward_collector.timeseries.comparison import Comparison, Difference, compare


@dataclass(frozen=True, slots=True)
class Balance:
    """The counts of one run, and the first differences between series and ledger."""

    sent: int
    ledger: int
    series: int
    expected: int
    fates: Counter[str]
    verdicts: dict[str, dict[str, int]]
    differences: tuple[Difference, ...]

    @property
    def is_even(self) -> bool:
        """Whether nothing is lost, doubled or different."""
        whole = self.sent == self.ledger and self.series == self.expected
        return whole and not self.differences


def take_balance(config: Config, sent: int) -> Balance:
    """Count everything by reading it back from the stores."""
    reader = LedgerReader(config.state.ledger)
    comparison = Comparison()
    store = open_timeseries(config)
    directory = directory_of(open_registry(config), config.mqtt.district)
    differences = tuple(compare(reader, directory, store, comparison))
    verdicts = VerdictStore(config.state.verdicts)
    try:
        return Balance(
            sent,
            comparison.readings,
            comparison.found,
            comparison.expected,
            comparison.fates,
            verdicts.counts(),
            differences[:20],
        )
    finally:
        verdicts.close()


def as_json(balance: Balance, city: str, elapsed_seconds: float, **more: object) -> str:
    """Return the counts as one line of JSON, with what else was counted."""
    value: dict[str, Any] = {
        "city": city,
        "sent": balance.sent,
        "ledger": balance.ledger,
        "series": balance.series,
        "expected": balance.expected,
        "not_in_series": dict(balance.fates),
        "verdicts": balance.verdicts,
        "elapsed_seconds": round(elapsed_seconds, 1),
        "even": balance.is_even,
        **more,
    }
    return json.dumps(value, ensure_ascii=False)
