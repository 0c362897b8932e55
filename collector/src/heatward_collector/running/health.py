"""The state of every stage from node to view, gathered from the status files of the processes.

The terminal (``heatward status``), the status page, ``/healthz`` and ``/metrics`` all read this
and nothing else, so they cannot disagree.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heatward_collector.config import Config
from heatward_collector.locale import CHINESE, ENGLISH, message, texts
from heatward_collector.running.stages import STAGES, stages_of
from heatward_collector.running.status import read_status

SILENT_AFTER_SECONDS = 30.0
"""Status files are rewritten about once a second; half a minute of silence is a fault."""
DISK_FREE_SHARE = 0.1
"""Below this share of free disk, or DISK_FREE_BYTES, ingest may soon have to stop."""
DISK_FREE_BYTES = 1_000_000_000
DISK_NOTICE_SHARE = 0.7
"""Above this share of the disk in use it is said, though nothing is wrong yet."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong, and what to do about it, in both languages."""

    process: str
    code: str
    text_zh: str
    text_en: str
    remedy_zh: str
    remedy_en: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the line as its process last reported it."""

    process: str
    name: str
    last_success: float | None
    lag_seconds: float | None
    detail: str


@dataclass(frozen=True, slots=True)
class Health:
    """Every process, stage and fault, and the disk below them."""

    reported: Mapping[str, float]
    """When each process last wrote its status file. [s, UTC]"""
    stages: tuple[Stage, ...]
    faults: tuple[Fault, ...]
    counters: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    disk_free_bytes: int = 0
    disk_total_bytes: int = 0
    notices: tuple[Fault, ...] = ()
    """What will go wrong if nobody acts; nothing is wrong yet."""

    @property
    def healthy(self) -> bool:
        return not self.faults


def examine(config: Config, now_s: float) -> Health:
    """Read the status files and the disk of a state folder."""
    files = _status_files(config.state.status)
    disk = shutil.disk_usage(existing(config.state.directory))
    expected = stages_of(config)
    # What an older configuration left behind says nothing about this one.
    files = {
        name: status
        for name, status in files.items()
        if name in expected or not _is_silent(status, now_s)
    }
    faults = _silent_processes(expected, files, now_s)
    for name, status in files.items():
        faults += [_fault(name, fault) for fault in status.get("faults", [])]
    full = _full_disk(config.state.directory, disk.free, disk.total)
    faults += full
    return Health(
        reported={name: float(status["updated_at"]) for name, status in files.items()},
        stages=tuple(stage for name, status in files.items() for stage in _stages(name, status)),
        faults=tuple(faults),
        counters={name: _numbers(status.get("counters", {})) for name, status in files.items()},
        disk_free_bytes=disk.free,
        disk_total_bytes=disk.total,
        notices=() if full else tuple(_filling_disk(config.state.directory, disk.free, disk.used)),
    )


def _status_files(directory: Path) -> dict[str, dict[str, Any]]:
    """Return every readable status file; one that is being replaced is read the next time."""
    found: dict[str, dict[str, Any]] = {}
    for path in directory.glob("*.json"):
        status = read_status(directory, path.stem)
        if isinstance(status, dict) and _number(status.get("updated_at")) is not None:
            found[path.stem] = status
    return {name: found[name] for name in sorted(found, key=lambda n: (_place(n), n))}


def _place(process: str) -> int:
    order = list(STAGES)
    return order.index(process) if process in STAGES else len(order)


def _stages(process: str, status: Mapping[str, Any]) -> list[Stage]:
    return [
        Stage(
            process=process,
            name=name,
            last_success=_number(stage.get("last_success")),
            lag_seconds=_number(stage.get("lag_seconds")),
            detail=str(stage.get("detail") or ""),
        )
        for name, stage in status.get("stages", {}).items()
    ]


def _is_silent(status: Mapping[str, Any], now_s: float) -> bool:
    return now_s - float(status["updated_at"]) > SILENT_AFTER_SECONDS


def _silent_processes(
    expected: Sequence[str], files: Mapping[str, Mapping[str, Any]], now_s: float
) -> list[Fault]:
    faults = []
    for name in expected:
        status = files.get(name)
        if status is not None and not _is_silent(status, now_s):
            continue
        faults.append(
            _own_fault(
                name,
                "process_silent",
                message("This process does not report."),
                message(
                    "Start the collector with heatward run; if it is running,"
                    " its log says why this process ends."
                ),
            )
        )
    return faults


def _full_disk(directory: Path, free: int, total: int) -> list[Fault]:
    if free >= DISK_FREE_BYTES and free >= DISK_FREE_SHARE * total:
        return []
    return [
        _own_fault(
            "disk",
            "disk_nearly_full",
            message("Only %(free)s of the disk of %(directory)s is free."),
            message("Make room or move the state folder to a larger disk."),
            free=written_bytes(free),
            directory=str(directory),
        )
    ]


def _filling_disk(directory: Path, free: int, used: int) -> list[Fault]:
    # As df counts: what the system reserves for itself is neither used nor free.
    share = used / max(used + free, 1)
    if share < DISK_NOTICE_SHARE:
        return []
    return [
        _own_fault(
            "disk",
            "disk_filling",
            message("The disk of %(directory)s is %(percent)d %% full; %(free)s are free."),
            message("Make room or move the state folder to a larger disk."),
            free=written_bytes(free),
            directory=str(directory),
            percent=int(100 * share),
        )
    ]


def written_bytes(count: float) -> str:
    """Write a number of bytes as people read it."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def _own_fault(process: str, code: str, text: str, remedy: str, **values: object) -> Fault:
    zh, en = texts(CHINESE), texts(ENGLISH)
    return Fault(process, code, zh(text, **values), en(text, **values), zh(remedy), en(remedy))


def _fault(process: str, fault: Mapping[str, Any]) -> Fault:
    keys = ("code", "text_zh", "text_en", "remedy_zh", "remedy_en")
    return Fault(process, *(str(fault.get(key) or "") for key in keys))


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    numbers = {name: _number(value) for name, value in values.items()}
    return {name: value for name, value in numbers.items() if value is not None}


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def existing(directory: Path) -> Path:
    """Return the folder, or the nearest one above it that exists, to ask for its disk."""
    path = directory.resolve()
    while not path.exists():
        path = path.parent
    return path
