"""The display process: writes what street offices look at into the database of Grafana.

It looks every five minutes. Rows about now are written each time; days, hours and findings again
when their verdicts or readings have changed. A database that was emptied is filled anew.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.outdoor.temperatures import OutdoorSeries, OutdoorStore, from_sensors
from heatward_collector.running.event_clock import clock_of
from heatward_collector.running.health import examine
from heatward_collector.running.status import StatusWriter
from heatward_collector.whole_file import put_whole

from ..api.city.newest_readings import latest_readings
from ..api.city.stored_reading_room import StoredReadingRoom
from ..config import Config, read_secret
from ..core import Celsius, Seconds
from ..errors import StoreAway, StoreMisconfigured
from ..local_days import bounds, day_of
from ..registry import open_registry
from ..rules import load_standard
from ..timeseries import InfluxStore, open_timeseries
from ..timeseries.influxdb import Refuse
from .days import day_lines
from .findings import FindingLines
from .hours import hour_lines
from .line_health import node_lines, pipeline_lines
from .lines import line
from .snapshot import Snapshot, take_snapshot
from .states import sensors_of, state_lines

HOUR_S = 3600
RECENT_S = 14 * 24 * HOUR_S
"""Findings that ended longer ago are written once a day only. [s]"""
JUDGING_S = 900
"""A day is judged at one moment and kept a little later: we look so far back. [s]"""
NAMED_DAYS = 32
"""After an edit of the registry so many days are written again under the new names."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """How far the database of Grafana was brought; kept over restarts."""

    judged_s: int = 0
    """Verdicts judged until then are in it. [s UTC]"""
    hour_s: int = 0
    """Hours that began before are in it. [s UTC]"""
    registry: int = -1
    """The version of the registry whose names are in it."""
    day: str = ""
    """The day on which every finding was last written."""


class Display:
    """Writes one look after the other."""

    def __init__(
        self, config: Config, store: InfluxStore, now: Callable[[], float] = time.time
    ) -> None:
        self._config, self._store, self._now = config, store, now
        self._standard = load_standard(config.rules.city, config.rules.file)
        self._zone = ZoneInfo(self._standard.timezone)
        self._registry = open_registry(config)
        self._room = StoredReadingRoom(config, now)
        self._verdicts = VerdictStore(config.state.verdicts)
        self._findings = FindingLines(FindingStore(config.state.findings), self._zone)
        self._series = open_timeseries(config)
        self._outdoor = OutdoorStore(self._registry)
        self._snapshot: Snapshot | None = None
        self._path = config.state.directory / "display.json"
        self._written = _read(self._path)
        self.lines = 0

    def look(self) -> int:
        """Write what is new; return how many points. Raises StoreError."""
        before, now_s = self.lines, int(self._now())
        now_s -= now_s % self._config.display.interval_seconds
        if not self._store.select('SELECT last("label") FROM "place"'):
            self._written = Written()
        snapshot, survey = self._here(now_s), self._room.survey()
        latest = latest_readings(
            self._config.state.window, [p.id for p in snapshot.directory.points], now_s
        )
        sensors = sensors_of(snapshot.areas, latest, snapshot.assigned, now_s)
        written = self._past(snapshot, now_s)
        self._write(state_lines(snapshot.areas, survey, sensors, now_s))
        self._write(node_lines(snapshot, latest, now_s))
        wall_s = time.time()
        self._write(pipeline_lines(examine(self._config, wall_s), now_s, wall_s))
        if written.registry != snapshot.directory.version:
            self._write(snapshot.areas.place_lines(now_s))
            self._write(line("site", {}, {"pages_url": self._config.web.address}, now_s))
            written = replace(written, registry=snapshot.directory.version)
        if written != self._written:
            self._written = written
            _keep(self._path, written)
        return self.lines - before

    def close(self) -> None:
        """Give up registry and connections."""
        self._registry.close()
        self._store.close()

    def _past(self, snapshot: Snapshot, now_s: int) -> Written:
        """Write days, hours and findings that changed; return how far that is."""
        held, today = self._written, day_of(now_s, self._zone)
        judged_s = int(self._now())
        days = self._verdicts.days_judged_since(held.judged_s - JUDGING_S)
        renamed: set[date] = set()
        if held.registry != snapshot.directory.version:
            renamed = {today - timedelta(days=back) for back in range(NAMED_DAYS)}
        for day in sorted({*days, *renamed}):
            self._write(day_lines(snapshot.areas, self._verdicts, self._standard, day))
        hour_s = now_s - now_s % HOUR_S
        start_s, _ = bounds(today, self._zone)
        # A late reading of today is seen at the next full hour, one of an older day by its verdict.
        recent_s = start_s if hour_s > held.hour_s else hour_s - HOUR_S
        for day in sorted({*days, today}):
            first, end = bounds(day, self._zone)
            self._hours(snapshot, max(first, recent_s) if day == today else first, min(end, now_s))
        is_new_day = held.day != today.isoformat()
        since_s = 0 if is_new_day else now_s - RECENT_S
        self._write(self._findings.lines(snapshot.areas, since_s, now_s))
        return replace(held, judged_s=judged_s, hour_s=hour_s, day=today.isoformat())

    def _hours(self, snapshot: Snapshot, start_s: int, end_s: int) -> None:
        if end_s <= start_s:
            return
        stored = self._series.stored(start_s, end_s)
        span = (start_s, end_s)
        self._write(hour_lines(snapshot, stored, span, self._outdoor_at, self._minimum_at))

    def _outdoor_at(self, district: str, times_s: Seconds) -> Celsius:
        """Return the outdoor temperature by our sensors, else by what was imported."""
        if not len(times_s):
            return np.empty(0)
        span = int(times_s[0]) - HOUR_S, int(times_s[-1]) + HOUR_S
        measured = from_sensors(self._series, self._here(self._now()).directory, district, *span)
        sensors = OutdoorSeries(measured).at(times_s)[0]
        return np.where(
            np.isnan(sensors), self._outdoor.series(district, *span).at(times_s)[0], sensors
        )

    def _minimum_at(self, time_s: int) -> float | None:
        day: date = day_of(time_s, self._zone)
        rule = self._standard.rule_on(day) if self._standard.in_season(day) else None
        return None if rule is None else rule.minimum_celsius

    def _here(self, now_s: float) -> Snapshot:
        """Return the registry of today, read again after an edit."""
        day, held = day_of(now_s, self._zone), self._snapshot
        version = self._registry.version()
        if held is None or (held.directory.version, held.day) != (version, day):
            directory = self._registry.directory()
            self._snapshot = held = take_snapshot(directory, self._standard, day, now_s)
        return held

    def _write(self, lines: Iterable[str]) -> None:
        ready = list(lines)
        self._store.write_lines(ready)
        self.lines += len(ready)


def open_store(config: Config, refuse: Refuse | None = None) -> InfluxStore:
    """Open the database that Grafana reads, for writing."""
    display = config.display
    return InfluxStore(
        display.url or "",
        display.database,
        username=display.username,
        password=read_secret(display.password_file),
        token=read_secret(display.token_file),
        organization=display.organization,
        refuse=refuse,
    )


class RefusedPoints:
    """Points that the database will never take: counted and logged, for they come from us."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, line: str, reason: str) -> None:
        """Hear of one point."""
        self.count += 1
        log.error("event=display_point_refused reason=%s point=%s", reason, line)


def run(config: Config, stop: threading.Event) -> None:
    """Look every five minutes until told to stop."""
    status = StatusWriter(config.state.status, "display")
    refused = RefusedPoints()
    store = open_store(config, refused.note)
    display = Display(config, store, clock_of(config))
    is_prepared, pause = False, FIRST_PAUSE_SECONDS
    while not stop.is_set():
        try:
            if not is_prepared:
                store.create_database()
                is_prepared = True
            display.look()
        except (StoreAway, StoreMisconfigured) as error:
            _report_fault(status, error)
            status.wait(stop, pause * (0.5 + random.random() / 2))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            continue
        pause = FIRST_PAUSE_SECONDS
        status.clear_fault("display_store")
        status.stage("grafana", detail=f"{display.lines} points")
        status.count({"display_points": display.lines, "display_refused_points": refused.count})
        period = config.display.interval_seconds
        status.wait(stop, period - time.time() % period)
    status.flush(force=True)
    display.close()


def _report_fault(status: StatusWriter, error: StoreAway | StoreMisconfigured) -> None:
    log.warning("event=display_refused detail=%s", error)
    status.fault(
        "display_store",
        f"写不进 Grafana 的数据库：{error}",
        f"The database of Grafana takes nothing: {error}",
        "请检查 [display] 的网址、数据库名、用户和口令；恢复后自动补写。",
        "Check url, database, user and password in [display]; what is missing is written then.",
    )


def _read(path: Path) -> Written:
    try:
        return Written(**json.loads(path.read_text(encoding="ascii")))
    except (OSError, ValueError, TypeError):
        return Written()


def _keep(path: Path, written: Written) -> None:
    put_whole(path, json.dumps(asdict(written)))
