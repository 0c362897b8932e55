"""The view process: from the ledger into the time series.

Its cursor moves only when the store has taken the points; writing some of them twice changes
nothing. While the store is away the ledger grows and the cursor waits.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from heatward_collector.config import Config
from heatward_collector.errors import StoreAway, StoreMisconfigured
from heatward_collector.follow import Doubt, Follower
from heatward_collector.ledger import Batch, LedgerReader
from heatward_collector.projection import project
from heatward_collector.registry import open_registry
from heatward_collector.status import WRITE_EVERY_S, StatusWriter
from heatward_collector.timeseries import InfluxStore, TimeSeries, open_timeseries
from heatward_collector.timeseries.points import sensor_name, to_points

POLL_SECONDS = 0.2
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0

log = logging.getLogger(__name__)


class RefusedLines:
    """Lines that the store will never take, kept with its reason."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS refused (line TEXT PRIMARY KEY, reason TEXT NOT NULL)"
        )

    def add(self, line: str, reason: str) -> None:
        """Keep one line."""
        self._connection.execute("INSERT OR REPLACE INTO refused VALUES (?, ?)", (line, reason))

    def count(self) -> int:
        """Return how many lines are kept."""
        return int(self._connection.execute("SELECT count(*) FROM refused").fetchone()[0])


class View:
    """Keeps a time series equal to what ledger and registry say."""

    def __init__(self, follower: Follower, store: TimeSeries) -> None:
        self._follower = follower
        self._store = store
        self.counters: Counter[str] = Counter()

    def step(self) -> bool:
        """Write what is next; return whether there was anything. Raises StoreError."""
        if self._follower.restarted():
            self._store.drop()
        batches = self._follower.next()
        if batches:
            for batch in batches:
                self._write(batch)
            self._follower.done(batches)
        doubts = self._follower.doubts()
        if doubts:
            self._write_again(doubts)
            self._follower.settled(doubts)
        return bool(batches or doubts)

    def rebuild(self) -> None:
        """Drop the store and begin again from the first batch."""
        self._store.drop()
        self._follower.start_over()

    def _write(self, batch: Batch, sensors: frozenset[int] | None = None) -> None:
        projected = project(batch, self._follower.clocks, self._follower.directory)
        if sensors is None:
            self.counters.update(projected.fates())
        points = to_points(projected, self._follower.directory)
        if len(points):
            self._store.write(points)
            self.counters["points"] += len(points)

    def _write_again(self, doubts: Sequence[Doubt]) -> None:
        """Delete each doubtful range and write it anew from the ledger."""
        follower = self._follower
        for doubt in doubts:
            if doubt.boot is not None:
                for batch in follower.batches_measured(0, 0):
                    self._write(batch, frozenset())
            elif doubt.sensor is not None:
                self._store.delete(sensor_name(doubt.sensor), doubt.from_s, doubt.to_s)
                for batch in follower.batches_measured(doubt.from_s, doubt.to_s):
                    if (batch.readings["sensor"] == doubt.sensor).any():
                        self._write(batch, frozenset())
            self.counters["reprojections"] += 1


def run(config: Config, stop: threading.Event) -> None:
    """Follow the ledger until told to stop."""
    status = StatusWriter(config.state.status, "view")
    refused = RefusedLines(config.state.directory / "refused.sqlite")
    store = open_timeseries(config, refused.add)
    is_prepared = False
    follower = Follower(
        config.state.directory / "view.sqlite",
        LedgerReader(config.state.ledger),
        open_registry(config),
    )
    view = View(follower, store)
    pause = FIRST_PAUSE_SECONDS
    while not stop.is_set():
        try:
            if not is_prepared:
                _create_database(store)
                is_prepared = True
            busy = view.step()
        except (StoreAway, StoreMisconfigured) as error:
            _report_fault(status, error)
            _wait(stop, pause * (0.5 + random.random() / 2), status)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            continue
        pause = FIRST_PAUSE_SECONDS
        status.clear_fault("store_away")
        status.clear_fault("store_misconfigured")
        _report(status, view, follower, refused)
        if not busy:
            stop.wait(POLL_SECONDS)
    status.flush(force=True)
    follower.close()


def _create_database(store: TimeSeries) -> None:
    """Create the database once, as soon as the server is there; never again where one is gone."""
    if isinstance(store, InfluxStore):
        store.create_database()


def _wait(stop: threading.Event, seconds: float, status: StatusWriter) -> None:
    """Pause, but go on saying that this process lives."""
    end = time.monotonic() + seconds
    while not stop.is_set() and (left := end - time.monotonic()) > 0:
        status.flush()
        stop.wait(min(left, WRITE_EVERY_S))


def _report(status: StatusWriter, view: View, follower: Follower, refused: RefusedLines) -> None:
    status.stage("timeseries", detail=f"batch {follower.batch}, {follower.lag} behind")
    count = refused.count()
    status.count({**view.counters, "refused_lines": count, "batches_behind": follower.lag})
    if count:
        status.fault(
            "refused_lines",
            f"时间序列库拒收 {count} 行，已另存。",
            f"The time series store refused {count} lines; they are kept apart.",
            "多半是字段类型冲突；修正后运行 heatward timeseries rebuild。",
            "Mostly a conflict of field types; mend it, then run heatward timeseries rebuild.",
        )
    status.flush()


def _report_fault(status: StatusWriter, error: StoreAway | StoreMisconfigured) -> None:
    log.warning("event=store_refused detail=%s", error)
    if isinstance(error, StoreMisconfigured):
        status.fault(
            "store_misconfigured",
            f"时间序列库拒绝访问：{error}",
            f"The time series store refuses: {error}",
            "请检查 [timeseries] 的网址、数据库名、用户和口令；账本不受影响。",
            "Check url, database, user and password in [timeseries]; the ledger is not affected.",
        )
    else:
        status.fault(
            "store_away",
            f"连不上时间序列库：{error}",
            f"The time series store is away: {error}",
            "请启动它；恢复后自动补写，账本不受影响。",
            "Start it; what is missing is written then, and the ledger is not affected.",
        )
