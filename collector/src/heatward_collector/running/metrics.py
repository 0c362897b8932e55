"""Prometheus metrics, read from the status files at each scrape: no counter lives in the web."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from heatward_collector.config import Config
from heatward_collector.running.health import Health, examine

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9_]+")
_STANDING = {
    "batches_behind",
    "days_waiting",
    "findings_look_milliseconds",
    "findings_open",
    "refused_lines",
}
"""Numbers of the status files that also fall: gauges, where all others only rise."""


class StatusMetrics(Collector):
    """Turns the health of the collector into metric families."""

    def __init__(self, config: Config, now: Callable[[], float]) -> None:
        self._config = config
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield every family as of now."""
        health = examine(self._config, self._now())
        yield from _gauges(health)
        yield from _counters(health)


def exposition(config: Config, now: Callable[[], float]) -> bytes:
    """Return the metrics in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(StatusMetrics(config, now))
    return generate_latest(registry)


def _gauges(health: Health) -> Iterator[Metric]:
    reported = GaugeMetricFamily(
        "heatward_process_reported_timestamp_seconds",
        "When the process last wrote its status.",
        labels=["process"],
    )
    for process, moment in health.reported.items():
        reported.add_metric([process], moment)
    yield reported
    success = GaugeMetricFamily(
        "heatward_stage_last_success_timestamp_seconds",
        "When the stage last succeeded.",
        labels=["process", "stage"],
    )
    lag = GaugeMetricFamily(
        "heatward_stage_lag_seconds",
        "How far the stage is behind its source.",
        labels=["process", "stage"],
    )
    for stage in health.stages:
        if stage.last_success is not None:
            success.add_metric([stage.process, stage.name], stage.last_success)
        if stage.lag_seconds is not None:
            lag.add_metric([stage.process, stage.name], stage.lag_seconds)
    yield success
    yield lag
    fault = GaugeMetricFamily(
        "heatward_fault", "1 for each fault that is present.", labels=["process", "code"]
    )
    for process, code in sorted({(f.process, f.code) for f in health.faults}):
        fault.add_metric([process, code], 1)
    yield fault
    yield GaugeMetricFamily(
        "heatward_healthy", "1 when no fault is present.", value=float(health.healthy)
    )
    yield GaugeMetricFamily(
        "heatward_disk_free_bytes", "Free bytes below the state.", value=health.disk_free_bytes
    )


def _counters(health: Health) -> Iterator[Metric]:
    """Yield one family a counter name, labelled by the processes that count it."""
    families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
    for process, counters in health.counters.items():
        for counter, value in counters.items():
            name = "heatward_" + _NOT_IN_A_NAME.sub("_", counter.lower()).removesuffix("_total")
            family = families.get(name)
            if family is None:
                kind = GaugeMetricFamily if counter in _STANDING else CounterMetricFamily
                family = kind(name, f"{counter} of the process.", labels=["process"])
                families[name] = family
            family.add_metric([process], value)
    yield from families.values()
