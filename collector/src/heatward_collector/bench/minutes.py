"""What a long measurement costs by the minute: lags, and the cores of each process."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from heatward_collector.bench.backfill import lag_ms
from heatward_collector.bench.city_load import Sent
from heatward_collector.bench.usage import cpu_seconds


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of the measurement; the last one may be shorter."""

    seconds: float
    asked: int
    """Messages that asked for an ack in it."""
    lag_ms: dict[str, float]
    """Their lag: p50, p99, most; empty where none asked."""
    cores: dict[str, float]
    """Processor time of each process a second."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Processor time of all processes at a moment. [monotonic s]"""

    at: float
    cpu_s: dict[str, float]


def moment_of(pids: Mapping[str, int]) -> Moment:
    """Return what some processes have used until now."""
    return Moment(time.monotonic(), {name: cpu_seconds(pid) for name, pid in pids.items()})


def minutes_of(moments: Sequence[Moment], sent: Sent) -> list[Minute]:
    """Return what lies between moments, with the lags of messages that were sent between them."""
    minutes = []
    for begin, end in pairwise(moments):
        lags = [lag for at, lag in sent.lags if begin.at <= at < end.at]
        seconds = end.at - begin.at
        cores = {name: (cpu_s - begin.cpu_s[name]) / seconds for name, cpu_s in end.cpu_s.items()}
        minutes.append(Minute(seconds, len(lags), lag_ms(lags), cores))
    return minutes
