"""What a reading costs as a city grows: the same rate from few rooms and from many."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from heatward_collector.bench import endurance
from heatward_collector.bench.endurance import OURS, EnduranceMeasured
from heatward_collector.bench.telling import Tell

COUNTED = (*OURS, "mosquitto")
"""Collector and broker; InfluxDB is told beside them."""


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
        return microseconds(self.runs[-1], COUNTED) / microseconds(self.runs[0], COUNTED)

    def rows(self) -> list[tuple[str, dict[str, float]]]:
        """Return the processor time a reading of each process, for each size. [us]"""
        return [
            (f"{run.rooms:,}", {name: run.microseconds(name) for name in run.usage})
            for run in self.runs
        ]

    def as_json(self) -> str:
        """Return everything as one line."""
        return json.dumps({"ratio": self.ratio, "runs": [asdict(run) for run in self.runs]})


def microseconds(run: EnduranceMeasured, names: Sequence[str]) -> float:
    """Return the processor time a reading of some processes together. [us]"""
    return sum(run.microseconds(name) for name in names if name in run.usage)


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
            endurance.measure(rooms, rate, seconds, with_influxdb, tell, rooms_a_node)
            for rooms in sorted(set(sizes))
        ]
    )
