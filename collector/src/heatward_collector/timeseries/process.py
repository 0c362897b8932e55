"""The view process: from the ledger into the time series.

Its cursor moves only when the store has taken the points; writing some of them twice changes
nothing. While the store is away the ledger grows and the cursor waits. A rebuild is asked for by a
file, so that it can be asked of a running process and survives its end.
"""

from __future__ import annotations

import logging
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from heatward_collector.config import Config
from heatward_collector.errors import StoreAway, StoreMisconfigured
from heatward_collector.ledger import LedgerReader
from heatward_collector.readings.doubts import Doubt
from heatward_collector.readings.follow import Follower
from heatward_collector.readings.projection import (
    Projected,
    project,
    project_all,
    readings_of,
)
from heatward_collector.registry import open_registry
from heatward_collector.running.event_clock import clock_of
from heatward_collector.running.status import WRITE_EVERY_S, StatusWriter
from heatward_collector.timeseries import InfluxStore, TimeSeries, open_timeseries
from heatward_collector.timeseries.doubtful_ranges import doubtful_ranges, together
from heatward_collector.timeseries.points import canary_points, sensor_name, to_points
from heatward_collector.timeseries.portions import Portions

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

    def lines(self) -> list[tuple[str, str]]:
        """Return every line with the store's reason."""
        return self._connection.execute("SELECT line, reason FROM refused ORDER BY line").fetchall()

    def clear(self) -> None:
        """Forget every line: they will be written again."""
        self._connection.execute("DELETE FROM refused")


class View:
    """Keeps a time series equal to what ledger and registry say."""

    def __init__(self, follower: Follower, store: TimeSeries) -> None:
        self._follower = follower
        self._store = store
        self.counters: Counter[str] = Counter()

    def step(self) -> bool:
        """Write what is next; return whether there was anything. Raises StoreError."""
        follower = self._follower
        if follower.restarted():
            self._store.drop()
        batches = follower.next()
        if batches:
            for projected in project_all(batches, follower.clocks, follower.directory):
                self._write(projected)
            follower.done(batches)
        doubts = follower.doubts()
        if doubts:
            self._write_again(doubts)
            follower.settled(doubts)
        return bool(batches or doubts)

    def rebuild(self) -> None:
        """Drop the store and begin again from the first batch."""
        self._store.drop()
        self._follower.start_over()

    def _write(self, projected: Projected) -> None:
        self.counters.update(projected.fates())
        self._put(projected)
        if len(canaries := canary_points(projected)):
            self._store.write(canaries)

    def _put(self, projected: Projected) -> None:
        points = to_points(projected, self._follower.directory)
        if len(points):
            self._store.write(points)
            self.counters["points"] += len(points)

    def _write_again(self, doubts: Sequence[Doubt]) -> None:
        """Delete what became doubtful and write it anew: one pass for all that overlap in time."""
        follower = self._follower
        for ranges in together(doubtful_ranges(follower, doubts)):
            for sensor, from_s, to_s in ranges:
                self._store.delete(sensor_name(sensor), from_s, to_s)
            batches = follower.batches_measured(*ranges.span)
            for some in readings_of(batches, "sensor", ranges.sensor):
                projected = project(some, follower.clocks, follower.directory)
                self._put(projected.only(ranges.hold(projected)))
        self.counters["reprojections"] += len(doubts)


class Opened:
    """A view over the stores of a configuration."""

    def __init__(self, config: Config) -> None:
        self.refused = RefusedLines(refused_file(config))
        self.store = open_timeseries(config, self.refused.add)
        self.follower = Follower(
            cursor_file(config),
            LedgerReader(config.state.ledger),
            open_registry(config),
            config.mqtt.district,
        )
        self.view = View(self.follower, self.store)
        self.now = clock_of(config)
        self._request = rebuild_request(config)

    def begin_anew(self) -> None:
        """Drop everything; what follows writes it again. Raises StoreError."""
        _create_database(self.store)
        self.view.rebuild()
        self.refused.clear()
        self._request.unlink(missing_ok=True)

    def step(self) -> bool:
        """Do what is next, or what was asked for; return whether there was anything."""
        if self._request.exists():
            self.begin_anew()
        return self.view.step()


def cursor_file(config: Config) -> Path:
    """Return the file that keeps the view's place in the ledger."""
    return config.state.directory / "view.sqlite"


def refused_file(config: Config) -> Path:
    """Return the file of the lines that the store refused."""
    return config.state.directory / "refused.sqlite"


def rebuild_request(config: Config) -> Path:
    """Return the file whose presence asks the view process for a rebuild."""
    return config.state.directory / "view.rebuild"


def behind(config: Config) -> tuple[int, int]:
    """Return how many batches, and how many ranges to look at again, the view still has ahead."""
    newest = LedgerReader(config.state.ledger).head()[0]
    try:
        uri = f"{cursor_file(config).resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            query = "SELECT value FROM cursor WHERE key = 'batch'"
            row = connection.execute(query).fetchone()
            doubts = connection.execute("SELECT count(*) FROM doubt").fetchone()[0]
    except sqlite3.OperationalError:
        return newest, 0  # no view has ever run here
    return newest - (int(row[0]) if row else 0), int(doubts)


def rebuild(config: Config, progress: Callable[[int, int], None]) -> int:
    """Drop the time series and write it anew where no view process runs; return the points.

    ``progress`` hears of the batch that is done and how many lie ahead. Raises StoreError.
    """
    rebuild_request(config).touch()  # what is killed half-way is done at the next start
    opened = Opened(config)
    with closing(opened.follower):
        while opened.step():
            progress(opened.follower.batch, opened.follower.lag)
    return opened.view.counters["points"]


def run(config: Config, stop: threading.Event) -> None:
    """Follow the ledger until told to stop."""
    status = StatusWriter(config.state.status, "view")
    opened = Opened(config)
    is_prepared = False
    pause, portions = FIRST_PAUSE_SECONDS, Portions()
    while not stop.is_set():
        try:
            if not is_prepared:
                _create_database(opened.store)
                is_prepared = True
            busy = opened.step()
        except (StoreAway, StoreMisconfigured) as error:
            _report_fault(status, error)
            _wait(stop, pause * (0.5 + random.random() / 2), status)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            continue
        pause = FIRST_PAUSE_SECONDS
        status.clear_fault("store_away")
        status.clear_fault("store_misconfigured")
        _report(status, opened)
        if not busy or opened.follower.took_all:
            stop.wait(portions.pause(opened.view.counters["points"]))
    status.flush(force=True)
    opened.follower.close()


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


def _report(status: StatusWriter, opened: Opened) -> None:
    follower, count = opened.follower, opened.refused.count()
    lag_s = follower.lag_seconds(opened.now())
    status.stage("timeseries", lag_s, f"batch {follower.batch}, {follower.lag} behind")
    status.count({**opened.view.counters, "refused_lines": count, "batches_behind": follower.lag})
    status.clear_fault("refused_lines")
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
