"""The cases process: looks at findings and verdicts after each evaluation, and now and then."""

from __future__ import annotations

import threading
import time

from heatward_collector.cases.secretary import Secretary
from heatward_collector.cases.store import CaseStore
from heatward_collector.cases.watch import CaseWatch
from heatward_collector.config import Config
from heatward_collector.event_clock import clock_of
from heatward_collector.finding_store import FindingStore
from heatward_collector.registry import Registry, open_registry
from heatward_collector.rules import load_standard
from heatward_collector.rules.deadlines import load_deadlines
from heatward_collector.status import StatusWriter
from heatward_collector.verdicts import VerdictStore

POLL_SECONDS = 1.0
LOOK_SECONDS = 20.0
"""Ladders and deadlines pass without anything new being measured."""


def secretary_of(config: Config, registry: Registry) -> Secretary:
    """Return the secretary of a configuration."""
    standard = load_standard(config.rules.city, config.rules.file)
    return Secretary(registry, standard, load_deadlines(config.rules.city), config.web.address)


def run(config: Config, stop: threading.Event) -> None:
    """Keep the cases equal to findings and verdicts until told to stop."""
    status = StatusWriter(config.state.status, "cases")
    registry = open_registry(config)
    store = CaseStore(registry.database)
    findings, verdicts = FindingStore(config.state.findings), VerdictStore(config.state.verdicts)
    standard = load_standard(config.rules.city, config.rules.file)
    secretary = secretary_of(config, registry)
    watch = CaseWatch(store, findings, verdicts, registry, secretary, standard, clock_of(config))
    seen, last = 0, float("-inf")
    while not stop.is_set():
        watched = findings.watched()
        looked_at = 0 if watched is None else watched.looked_at
        if looked_at != seen or time.monotonic() - last >= LOOK_SECONDS:
            watch.look()
            seen, last = looked_at, time.monotonic()
            figures = store.figures()
            status.stage("cases", detail=f"{figures.still_open} open, {figures.closed} closed")
            status.count({**watch.counters, "cases_open": figures.still_open, "findings_at": seen})
        status.flush()
        stop.wait(POLL_SECONDS)
    status.flush(force=True)
    findings.close()
    verdicts.close()
    registry.close()
