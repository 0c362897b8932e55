"""What a reading costs as a city grows: the same rate from few rooms and from many.

No city is measured while the watch for suppressed heating looks at a quarter of an hour. What such
a look costs is measured before it, and every reading bears its share.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from heatward_collector.bench import endurance
from heatward_collector.bench.endurance import EnduranceMeasured
from heatward_collector.bench.following import OURS
from heatward_collector.bench.quarter_looks import look_microseconds
from heatward_collector.bench.telling import Tell

COUNTED = (*OURS, "mosquitto")
"""Collector and broker; InfluxDB is told beside them."""
LOOK = "look"
"""Beside the processes: evaluation's looks, spread over the readings of a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class GrowthMeasured:
    """One run a size, the smallest first."""

    runs: list[EnduranceMeasured]

    @property
    def lost(self) -> int:
        """Readings of all runs that are not in a ledger."""
        return sum(run.lost for run in self.runs)

    @property
    def ratio(self) -> float:
        """What a reading costs collector and broker in the largest city, to the smallest one."""
        return collector_and_broker(self.runs[-1]) / collector_and_broker(self.runs[0])

    def rows(self) -> list[tuple[str, dict[str, float]]]:
        """Return the processor time a reading of each process and of looks, for each size. [us]"""
        return [(f"{run.rooms:,}", microseconds(run)) for run in self.runs]

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps({"ratio": self.ratio, "runs": [asdict(run) for run in self.runs]})


def microseconds(run: EnduranceMeasured) -> dict[str, float]:
    """Return the processor time a reading of each process, and its share of a look. [us]"""
    of_processes = {name: run.microseconds(name) for name in run.usage}
    return of_processes | {LOOK: look_microseconds(run.look_s or 0.0, run.rate)}


def collector_and_broker(run: EnduranceMeasured) -> float:
    """Return the processor time a reading of collector and broker, looks among it. [us]"""
    return sum(took for name, took in microseconds(run).items() if name in (*COUNTED, LOOK))


def measure(
    sizes: Sequence[int],
    rate: float,
    seconds: float,
    with_influxdb: bool,
    tell: Tell,
    rooms_a_node: int = 1,
) -> GrowthMeasured:
    """Send the same load in cities of so many rooms, one after the other.

    Raises ValueError without sizes, HeatwardError where a process does not start or follow.
    """
    if not sizes:
        raise ValueError("no size to be measured")
    return GrowthMeasured(
        [
            endurance.measure(
                rooms, rate, seconds, with_influxdb, tell, rooms_a_node, look_apart=True
            )
            for rooms in sorted(set(sizes))
        ]
    )
