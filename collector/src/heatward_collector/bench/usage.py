"""What processes cost: processor time, memory of their own, bytes written to disk."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

SAMPLE_SECONDS = 0.25
_TICK = 1.0 / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Usage:
    """One process between two moments."""

    cpu_s: float = 0.0
    written_bytes: int = 0
    peak_own_bytes: int = 0
    """Highest unique set size: what would be free if the process ended."""
    peak_shared_bytes: int = 0
    """Highest proportional set size: its share of common pages counted too."""
    peak_anonymous_bytes: int = 0
    """The most that was no page of a file: the kernel can take nothing of it back."""


def summed(usages: Iterable[Usage]) -> Usage:
    """Return one process over several stretches: times and bytes added, the highest peak."""
    total = Usage()
    for one in usages:
        total.cpu_s += one.cpu_s
        total.written_bytes += one.written_bytes
        total.peak_own_bytes = max(total.peak_own_bytes, one.peak_own_bytes)
        total.peak_shared_bytes = max(total.peak_shared_bytes, one.peak_shared_bytes)
        total.peak_anonymous_bytes = max(total.peak_anonymous_bytes, one.peak_anonymous_bytes)
    return total


class _Watching(ABC):
    """Looks again and again in a thread of its own, and once more when it ends."""

    def __init__(self, sample_seconds: float) -> None:
        self._sample_seconds = sample_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._sample()

    def _watch(self) -> None:
        while not self._stop.wait(self._sample_seconds):
            self._sample()

    @abstractmethod
    def _sample(self) -> None: ...


class Meter(_Watching):
    """Watches processes by name, from the start to the end of a ``with`` block."""

    def __init__(self, pids: Mapping[str, int], sample_seconds: float = SAMPLE_SECONDS) -> None:
        super().__init__(sample_seconds)
        self._pids = dict(pids)
        self.usage = {name: Usage() for name in self._pids}

    def __enter__(self) -> Self:
        for name, pid in self._pids.items():
            self.usage[name].cpu_s = -cpu_seconds(pid)
            self.usage[name].written_bytes = -_written(pid)
        return super().__enter__()

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        for name, pid in self._pids.items():
            self.usage[name].cpu_s += cpu_seconds(pid)
            self.usage[name].written_bytes += _written(pid)

    def _sample(self) -> None:
        for name, pid in self._pids.items():
            held, usage = memory(pid), self.usage[name]
            usage.peak_own_bytes = max(usage.peak_own_bytes, held.own)
            usage.peak_shared_bytes = max(usage.peak_shared_bytes, held.share)
            usage.peak_anonymous_bytes = max(usage.peak_anonymous_bytes, held.anonymous)


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process so far. [s]"""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK


def running_seconds(pid: int) -> float:
    """Return the processor time of a process of one thread so far, to less than a tick. [s]"""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _written(pid: int) -> int:
    return _fields(f"/proc/{pid}/io").get("write_bytes", 0)


class Memory(NamedTuple):
    """Memory of a process: of its own, its share of all that it uses, no page of a file. [bytes]"""

    own: int
    share: int
    anonymous: int


def memory(pid: int) -> Memory:
    """Return what a process holds now."""
    fields = _fields(f"/proc/{pid}/smaps_rollup")
    own = fields.get("Private_Clean", 0) + fields.get("Private_Dirty", 0)
    return Memory(*(1024 * one for one in (own, fields.get("Pss", 0), fields.get("Anonymous", 0))))


def _fields(path: str) -> dict[str, int]:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:  # the process has ended, or is not ours
        return {}
    parts = (line.split() for line in lines if ":" in line.split()[0])
    return {part[0].rstrip(":"): int(part[1]) for part in parts if part[1:] and part[1].isdigit()}


class PeakMemory(_Watching):
    """The most memory that this process holds within a ``with`` block, seen again and again."""

    def __init__(self, sample_seconds: float = 0.02) -> None:
        super().__init__(sample_seconds)
        self.own_bytes = 0
        """Memory that is no page of a file."""
        self.mapped_bytes = 0
        """Pages of files, which the kernel may take back."""

    def __enter__(self) -> Self:
        self._sample()
        return super().__enter__()

    def _sample(self) -> None:
        fields = _fields("/proc/self/status")
        self.own_bytes = max(self.own_bytes, 1024 * fields.get("RssAnon", 0))
        mapped = fields.get("RssFile", 0) + fields.get("RssShmem", 0)
        self.mapped_bytes = max(self.mapped_bytes, 1024 * mapped)
