"""How full the disks are on which the line rests, and when the operator hears of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from heatward_collector.alerts.message import Text
from heatward_collector.config import Config
from heatward_collector.locale import message
from heatward_collector.operations.alarms import Alarms, composed
from heatward_collector.running.health import DISK_NOTICE_SHARE, existing, written_bytes

LEVELS = (DISK_NOTICE_SHARE, 0.9)
"""Shares of a disk in use at which the operator is told. (On a full disk a broker has acknowledged
what it could not save, and did not start again; so room is made long before.)"""
CLEARED_BELOW = 0.03
"""An alarm is over when the disk is by this share emptier than the level: it does not flutter."""
BROKER_FOLDER = Path("/var/lib/mosquitto")

_TITLE = message("Disk %(percent)d %% full")
_BODY = message("The disk of %(folder)s is %(percent)d %% full; %(free)s are free.")
_REMEDY = message(
    "Make room: move old backups and logs to another disk, or use a larger one. On a full disk"
    " nothing new is stored; nodes keep their readings meanwhile."
)


class Usage(NamedTuple):
    """Bytes of a disk: all, those in use, those that may still be used; the rest is reserved."""

    total: int
    used: int
    free: int


Measure = Callable[[Path], Usage]


def measured(path: Path) -> Usage:
    """Ask the system (statvfs)."""
    return Usage(*shutil.disk_usage(path))


class DiskWatch:
    """Looks at each disk once, though several folders lie on it."""

    def __init__(
        self, folders: Iterable[Path], alarms: Alarms, measure: Measure = measured
    ) -> None:
        self._folders, self._alarms, self._measure = tuple(folders), alarms, measure

    def look(self, now_s: float) -> float:
        """Raise and end alarms; return the share of the fullest disk that is in use."""
        fullest = 0.0
        for place, usage in self._disks():
            share = usage.used / (usage.used + usage.free)
            fullest = max(fullest, share)
            reached = [level for level in LEVELS if share >= level]
            for level in LEVELS:
                code = f"disk-{place}-{round(100 * level)}"
                if reached and level == reached[-1]:
                    text = _text(self._folders[place], share, usage.free)
                    self._alarms.begin(code, text, now_s)
                elif share < level - CLEARED_BELOW:
                    self._alarms.end(code)
        return fullest

    def _disks(self) -> Iterator[tuple[int, Usage]]:
        seen = set()
        for place, folder in enumerate(self._folders):
            path = existing(folder)
            device = path.stat().st_dev
            if device not in seen:
                seen.add(device)
                usage = self._measure(path)
                if usage.used + usage.free:
                    yield place, usage


def folders_of(config: Config) -> tuple[Path, ...]:
    """Return where the line writes: the state, and Mosquitto's queue where it runs here."""
    broker = (BROKER_FOLDER,) if BROKER_FOLDER.is_dir() else ()
    return (config.state.directory, *broker)


def _text(folder: Path, share: float, free: int) -> Text:
    percent = int(100 * share)
    return composed(
        _TITLE, _BODY, _REMEDY, folder=folder, percent=percent, free=written_bytes(free)
    )
