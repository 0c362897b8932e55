"""Runs the tests of one group against each fault: collected once, a fork for every fault.

Run in a copy of the repository by ``run.py``; prints nothing, writes one JSON line a fault.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
import zlib
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from mutation.grafting import graft, module_of
from mutation.kept import Kept, Measured, Results
from mutation.mutants import Mutant, mutants_of
from mutation.subjects import LEFT_OUT, SUBJECTS

CPU_SECONDS, CPU_FACTOR = 4, 6
"""A fault may cost so much more than its tests did without one, and then it is an endless loop."""
IDLE_SECONDS = 15
"""A test that waits for so long without a move waits for ever."""
EXAMPLES = 40
"""Of a property that says no other number: the rest of the hundred rarely notices more."""
KILLED, SURVIVED, BROKEN = 10, 0, 11


@dataclass(slots=True)
class Child:
    """A fork with a fault in it."""

    mutant: Mutant
    process: int
    handle: int
    report: int
    folder: Path
    moved: tuple[float, int] = (0.0, -1)


class Nursery:
    """A plugin of pytest that runs chosen tests for every fault instead of all of them once."""

    def __init__(self, group: str, results: Path, jobs: int, scratch: Path, seconds: float) -> None:
        self.root = Path.cwd()
        self.subject = SUBJECTS[group]
        self.results, self.jobs, self.scratch = Results(results), jobs, scratch
        self.end = time.monotonic() + seconds
        self.sources = {name: (self.root / name).read_text() for name in self.files}
        self.measured: dict[str, Measured] = {}
        self.noticed: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.failed: str | None = None

    @property
    def files(self) -> list[str]:
        return self.subject.files(self.root)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        hypothesis.settings.register_profile(
            "mutation",
            deadline=None,
            database=None,
            derandomize=True,
            max_examples=EXAMPLES,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        hypothesis.settings.load_profile("mutation")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [one for one in items if not any(word in one.nodeid for word in LEFT_OUT)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed = self.failed or report.nodeid

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {one.nodeid: one for one in session.items}
        modules = {name: import_module(module_of(name)) for name in self.files}
        self.modules = modules
        gc.collect()
        gc.freeze()
        kept = Kept(self.root, self.subject, self.sources)
        self.measured = self.results.measured(kept, lambda: self._measure(session))
        todo = sorted(
            (
                mutant
                for name in self.files
                for mutant in mutants_of(name, self.sources[name])
                if not self.results.holds(mutant, kept)
            ),
            key=lambda one: zlib.crc32(one.key.encode()),  # so that a part is a fair sample
        )
        running: list[Child] = []
        while todo or running:
            if time.monotonic() > self.end:
                todo.clear()
            while todo and len(running) < self.jobs:
                mutant = todo.pop(0)
                chosen = self._chosen(mutant)
                if chosen:
                    running.append(self._begin(session, mutant, [items[one] for one in chosen]))
                else:
                    self.results.add(mutant, kept, "untested", "")
            for child in self._ended(running):
                outcome, by = self._outcome(child)
                self.results.add(child.mutant, kept, outcome, by)
                self.noticed[child.mutant.file, child.mutant.place][by] += 1
                running.remove(child)
        return True

    def _chosen(self, mutant: Mutant) -> list[str]:
        """Return the tests that come by a fault: who noticed others there first, then the quick."""
        span = set(range(mutant.line, mutant.end + 1))
        at_import = mutant.place == "(module)" or mutant.is_default
        found = [
            name
            for name, one in self.measured.items()
            if (at_import and one.lines.get(mutant.file))
            or span.intersection(one.lines.get(mutant.file, ()))
        ]
        noticed = self.noticed[mutant.file, mutant.place]
        return sorted(found, key=lambda name: (-noticed[name], self.measured[name].seconds))

    def _measure(self, session: pytest.Session) -> dict[str, Measured]:
        """Run every test once without a fault, and note which lines it comes by."""
        reader, writer = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reader)
            told = {}
            self._settle()
            for item in session.items:
                tracer = Tracer({str(self.root / name): name for name in self.files})
                begun = time.process_time()
                with tracer:
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                told[item.nodeid] = (time.process_time() - begun, tracer.found())
            with os.fdopen(writer, "w") as file:
                json.dump({"failed": self.failed, "tests": told}, file)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as file:
            told = json.load(file)
        os.waitpid(process, 0)
        if told["failed"]:
            raise SystemExit(f"{told['failed']} fails without any fault")
        return {name: Measured(*one) for name, one in told["tests"].items()}

    def _settle(self) -> Path:
        """Let a fork have a folder, a group of processes and a silence of its own."""
        os.setsid()
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        folder = self.scratch / str(os.getpid())
        folder.mkdir(parents=True)
        os.environ["TMPDIR"] = str(folder)
        self.config._tmp_path_factory._basetemp = folder  # noqa: SLF001
        return folder

    def pytest_configure(self, config: pytest.Config) -> None:
        self.config: Any = config

    def _begin(self, session: pytest.Session, mutant: Mutant, items: list[pytest.Item]) -> Child:
        usual = sum(self.measured[one.nodeid].seconds for one in items)
        reader, writer = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reader)
            self._settle()
            most = int(CPU_SECONDS + CPU_FACTOR * usual)
            resource.setrlimit(resource.RLIMIT_CPU, (most, most))
            os._exit(self._try(mutant, items, writer))
        os.close(writer)
        folder = self.scratch / str(process)
        return Child(mutant, process, os.pidfd_open(process), reader, folder)

    def _try(self, mutant: Mutant, items: list[pytest.Item], report: int) -> int:
        try:
            graft(self.modules[mutant.file], self.sources[mutant.file], mutant)
        except Exception as error:  # noqa: BLE001 - a module that cannot be made is noticed
            os.write(report, f"{type(error).__name__} at import".encode())
            return KILLED if mutant.place == "(module)" else BROKEN
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                os.write(report, self.failed.encode())
                return KILLED
        return SURVIVED

    def _ended(self, running: list[Child]) -> list[Child]:
        ready, _, _ = select.select([one.handle for one in running], [], [], 1.0)
        for one in running:
            if one.handle not in ready and _waits_for_ever(one):
                os.killpg(one.process, signal.SIGKILL)
        return [one for one in running if one.handle in ready]

    def _outcome(self, child: Child) -> tuple[str, str]:
        _, status = os.waitpid(child.process, 0)
        by = os.read(child.report, 10_000).decode()
        for handle in (child.handle, child.report):
            os.close(handle)
        with suppress(ProcessLookupError):
            os.killpg(child.process, signal.SIGKILL)  # what a test has left running
        shutil.rmtree(child.folder, ignore_errors=True)
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return ("timeout", "") if number in (signal.SIGKILL, signal.SIGXCPU) else ("killed", "")
        code = os.WEXITSTATUS(status)
        if code == BROKEN:
            raise SystemExit(f"{child.mutant.key} cannot be made: {by}")
        return ("survived", "") if code == SURVIVED else ("killed", by)


def _waits_for_ever(child: Child) -> bool:
    """Say whether a process sleeps, and has not moved for long; one that may not run does not."""
    fields = Path(f"/proc/{child.process}/stat").read_text().rpartition(")")[2].split()
    moved = int(fields[11]) + int(fields[12])
    if moved != child.moved[1] or fields[0] == "R":
        child.moved = (time.monotonic(), moved)
    return time.monotonic() - child.moved[0] > IDLE_SECONDS


class Tracer:
    """Notes which lines of some files are come by; in every thread that begins meanwhile."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files, self.lines = files, {name: set() for name in files}

    def __enter__(self) -> None:
        import threading

        threading.settrace(self._call)
        sys.settrace(self._call)

    def __exit__(self, *_: object) -> None:
        import threading

        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]

    def _call(self, frame: Any, event: str, _: object) -> Any:
        lines = self.lines.get(frame.f_code.co_filename)
        if lines is None:
            return None
        lines.add(frame.f_lineno)

        def line(frame: Any, *_: object) -> Any:
            lines.add(frame.f_lineno)
            return line

        return line

    def found(self) -> dict[str, list[int]]:
        return {self.files[name]: sorted(lines) for name, lines in self.lines.items() if lines}


if __name__ == "__main__":
    name, file, jobs, folder, seconds = sys.argv[1:]
    nursery = Nursery(name, Path(file), int(jobs), Path(folder), float(seconds))
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:terminalreporter", "-s"]
    raise SystemExit(pytest.main([*options, *nursery.subject.test_files(nursery.root)], [nursery]))
