"""Many runs: side by side, remembered by the sources that they were about, told as they end."""

from __future__ import annotations

import gc
import json
import logging
import multiprocessing
import queue
import resource
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from heatward_collector.torture.line.processes import preload
from heatward_collector.torture.runs import Outcome, run, sources_hash
from heatward_collector.torture.virtual_days.virtual import live

RESULTS = "results.jsonl"
VIRTUAL = "virtual"
"""What runs on virtual time are called among faults; the number of days follows."""
GARBAGE_EVERY = (100_000, 20, 100)
"""Objects more than before until the collector of garbage looks: CPython's 700 costs a virtual day
four hundredths of its time (by alternating both in one process)."""
Run = Callable[[str, int], Outcome]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run."""

    faults: Sequence[str]
    seeds: Sequence[int]
    lines: int = 1
    """How many lines run side by side, each with servers and ports of its own."""
    patience: float = 1.0
    ends: Mapping[str, int] = field(default_factory=dict)
    """The seed before which a fault ends, where it needs fewer than the others."""

    def runs(self) -> list[tuple[str, int]]:
        """Return every (fault, seed), all faults of a seed before the next seed."""
        return [
            (fault, seed)
            for seed in self.seeds
            for fault in self.faults
            if seed < self.ends.get(fault, seed + 1)
        ]


class Results:
    """Outcomes in a file, each with the hash of the sources under test."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._file = folder / RESULTS
        self._sources = sources_hash()
        self._lock = threading.Lock()

    def known(self) -> dict[tuple[str, int], Outcome]:
        """Return what is known of these very sources; the newest outcome of each run."""
        found: dict[tuple[str, int], Outcome] = {}
        if not self._file.exists():
            return found
        for line in self._file.read_text().splitlines():
            row = json.loads(line)
            if row.pop("sources") == self._sources:
                row["problems"] = tuple(row["problems"])
                outcome = Outcome(**row)
                found[outcome.fault, outcome.seed] = outcome
        return found

    def add(self, outcome: Outcome) -> None:
        """Keep one outcome; it is in the file when this returns."""
        row = outcome.as_row() | {"sources": self._sources}
        with self._lock, self._file.open("a") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def play(
    plan: Plan,
    results: Results,
    is_resumed: bool,
    tell: Callable[[Outcome], None],
) -> list[Outcome]:
    """Run everything that is not known yet, and return all outcomes in the plan's order."""
    preload()

    def played(fault: str, seed: int) -> Outcome:
        return run(fault, seed, results.folder / "failed", plan.patience)

    return _all_of(plan, results, is_resumed, tell, played)


def play_virtual(
    plan: Plan,
    results: Results,
    is_resumed: bool,
    tell: Callable[[Outcome], None],
) -> list[Outcome]:
    """Play seeds on virtual time, each line in a process of its own; see :func:`virtual_plan`."""
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(plan.lines, context, _begin_worker) as pool:

        def played(fault: str, seed: int) -> Outcome:
            return pool.submit(lived, fault, seed).result()

        return _all_of(plan, results, is_resumed, tell, played)


def _begin_worker() -> None:
    """Let a process that plays thousands of seeds neither write logs nor look for garbage often.

    It may open as many files as it can: no day of a season is sealed here.
    """
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    logging.disable(logging.CRITICAL)
    gc.freeze()
    gc.set_threshold(*GARBAGE_EVERY)


def virtual_plan(seeds: Sequence[int], days: int, lines: int) -> Plan:
    """Return the plan of seeds that each play some days."""
    return Plan([f"{VIRTUAL} {days}"], seeds, lines)


def lived(fault: str, seed: int) -> Outcome:
    """Play one seed on virtual time."""
    one = live(seed, days=int(fault.removeprefix(VIRTUAL)))
    counts = {key: getattr(one, key) for key in LIVED} | {
        "cpu_milliseconds": round(1000 * one.cpu_seconds)
    }
    return Outcome(fault, seed, one.seconds, counts, tuple(one.problems))


LIVED = ("readings", "records", "verdicts", "cases", "messages", "kills")
"""What is counted of a life on virtual time."""


def _all_of(
    plan: Plan,
    results: Results,
    is_resumed: bool,
    tell: Callable[[Outcome], None],
    played: Run,
) -> list[Outcome]:
    known = results.known() if is_resumed else {}
    wanted = plan.runs()
    left: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
    for one in wanted:
        if one in known:
            tell(known[one])
        else:
            left.put(one)
    lock = threading.Lock()

    def work() -> None:
        while True:
            try:
                fault, seed = left.get_nowait()
            except queue.Empty:
                return
            outcome = played(fault, seed)
            results.add(outcome)
            with lock:
                known[fault, seed] = outcome
                tell(outcome)

    _in_threads(work, plan.lines)
    return [known[one] for one in wanted]


def _in_threads(work: Callable[[], None], lines: int) -> None:
    """Let every line work; raises what ended one of them once the others are through."""
    failures: list[Exception] = []

    def watched() -> None:
        try:
            work()
        except Exception as failure:  # noqa: BLE001 - raised below, where somebody hears of it
            failures.append(failure)

    threads = [threading.Thread(target=watched, daemon=True) for _ in range(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def totals(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Return the sums of what all runs counted."""
    sums: dict[str, int] = {}
    for outcome in outcomes:
        for key, value in outcome.counts.items():
            sums[key] = sums.get(key, 0) + value
    return sums
