"""Power cuts at every call that changes a file, for every program of ``crash_subjects``."""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from heatward_collector.torture.disk.crash_states import put, states
from heatward_collector.torture.disk.crash_subjects import SUBJECTS
from heatward_collector.torture.disk.crash_trace import Operation, traced


@dataclass(slots=True)
class Cut:
    """What became of all power cuts of one program."""

    operations: int = 0
    states: int = 0
    """States of the disk that were opened; the same bytes under the same promises count once."""
    by_kind: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def trace_of(name: str, folder: Path) -> list[Operation]:
    """Run a program under strace; return what it did to its files. Raises HeatwardError."""
    home = folder / name
    home.mkdir()
    SUBJECTS[name].prepare(home)
    command = [
        sys.executable,
        "-m",
        "heatward_collector.torture.disk.crash_subjects",
        name,
        str(home),
    ]
    return traced(command, home, folder / f"{name}.strace")


def cut_everywhere(
    name: str,
    seeds: range = range(1),
    every: int = 1,
    progress: Callable[[], None] = lambda: None,
) -> Cut:
    """Cut the power at every ``every``-th call, in each way, and open what is left."""
    result = Cut()
    seen: set[int] = set()
    with tempfile.TemporaryDirectory(prefix="heatward-cut-") as base:
        folder = Path(base)
        before = _before(name, folder / "before")
        trace = trace_of(name, folder)
        result.operations = len(trace)
        for one in trace:
            result.by_kind[type(one).__name__.lower()] += 1
        for seed in seeds:
            for number, how, promises, files in states(trace, seed, before):
                key = hash((tuple(promises), tuple(sorted(files.items()))))
                if number % every or key in seen:
                    continue
                seen.add(key)
                result.states += 1
                put(files, folder / "after")
                wrong = _opened(name, folder / "after", promises)
                if wrong:
                    result.broken.append(f"{name}, call {number}, {how.value}: {wrong}")
                progress()
    return result


def _before(name: str, home: Path) -> dict[str, bytes]:
    """Return what a program finds when it begins; it is the same each time it is prepared."""
    home.mkdir()
    SUBJECTS[name].prepare(home)
    files = (path for path in home.rglob("*") if path.is_file())
    return {str(path.relative_to(home)): path.read_bytes() for path in files}


def _opened(name: str, folder: Path, promises: list[str]) -> str:
    try:
        return SUBJECTS[name].check(folder, promises)
    except Exception:  # whatever it is, it must not be: nothing may keep the real code from opening
        return traceback.format_exc(limit=-3)
