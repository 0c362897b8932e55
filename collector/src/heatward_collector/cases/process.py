"""The cases process: looks at findings and verdicts after each evaluation, and now and then."""

from __future__ import annotations

import contextlib
import threading
import time

from heatward_collector.alerts.outbox import Outbox
from heatward_collector.cases.duty import DutyNotices, OutdoorsOf
from heatward_collector.cases.secretary import Secretary
from heatward_collector.cases.store import CaseStore
from heatward_collector.cases.watch import CaseWatch
from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.config import Config
from heatward_collector.errors import StoreError
from heatward_collector.outdoor.temperatures import OutdoorStore, OutdoorValue, from_sensors
from heatward_collector.registry import Registry, open_registry
from heatward_collector.rules import load_standard
from heatward_collector.rules.deadlines import load_deadlines
from heatward_collector.running.event_clock import clock_of
from heatward_collector.running.status import StatusWriter
from heatward_collector.timeseries import open_timeseries

POLL_SECONDS = 1.0
NOTICE_SECONDS = 3600.0
LOOK_SECONDS = 20.0
"""Ladders and deadlines pass without anything new being measured."""


def secretary_of(config: Config, registry: Registry) -> Secretary:
    """Return the secretary of a configuration."""
    standard = load_standard(config.rules.city, config.rules.file)
    return Secretary(registry, standard, load_deadlines(config.rules.city), config.web.address)


def outdoors_of(config: Config, registry: Registry) -> OutdoorsOf:
    """Return how outdoor temperatures are read: from sensors, and what was imported."""
    series, store = open_timeseries(config), OutdoorStore(registry)

    def read(district: str, start_s: int, end_s: int) -> list[OutdoorValue]:
        measured = from_sensors(series, registry.directory(), district, start_s, end_s)
        return measured or store.values(district, start_s, end_s)

    return read


def run(config: Config, stop: threading.Event) -> None:
    """Keep the cases equal to findings and verdicts until told to stop."""
    status = StatusWriter(config.state.status, "cases")
    registry = open_registry(config)
    store = CaseStore(registry.database)
    findings, verdicts = FindingStore(config.state.findings), VerdictStore(config.state.verdicts)
    standard = load_standard(config.rules.city, config.rules.file)
    secretary = secretary_of(config, registry)
    clock = clock_of(config)
    watch = CaseWatch(
        store, findings, verdicts, registry, secretary, standard, clock, config.mqtt.district
    )
    duty = DutyNotices(
        Outbox(registry.database), secretary, standard, outdoors_of(config, registry)
    )
    seen, last, noticed = 0, float("-inf"), float("-inf")
    while not stop.is_set():
        watched = findings.watched()
        looked_at = 0 if watched is None else watched.looked_at
        if looked_at != seen or time.monotonic() - last >= LOOK_SECONDS:
            watch.look()
            seen, last = looked_at, time.monotonic()
            figures = store.figures()
            status.stage("cases", detail=f"{figures.still_open} open, {figures.closed} closed")
            status.count({**watch.counters, "cases_open": figures.still_open, "findings_at": seen})
        if time.monotonic() - noticed >= NOTICE_SECONDS:
            noticed = time.monotonic()
            with contextlib.suppress(StoreError):  # the series is away: the next hour will tell
                status.counters["duty_notices"] += duty.look(clock())
        status.flush()
        stop.wait(POLL_SECONDS)
    status.flush(force=True)
    findings.close()
    verdicts.close()
    registry.close()
