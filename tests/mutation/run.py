"""Do the tests notice? ``PYTHONPATH=tests python -m mutation.run [group ...]``.

In a copy of the repository every small fault of :mod:`mutants` is put into a module of
:mod:`subjects`, and the tests of that module must fail. A run that was cut off goes on where it
was; faults that make the same program are listed in ``equivalent.toml``, each with its reason.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from math import inf
from pathlib import Path

from mutation.kept import Kept, Results
from mutation.mutants import mutants_of
from mutation.subjects import SUBJECTS

ROOT = Path(__file__).parents[2]
GOAL = 0.9
"""Of the faults of each group that are not the same program."""
COPIED = ("node/src", "collector/src", "dashboards/src", "tests", "pyproject.toml")
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
NOTICED = ("killed", "timeout")


def main() -> int:
    """Try all faults of some groups, print what became of them; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", help=" ".join(SUBJECTS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--results", type=Path, default=ROOT / ".venv" / "mutation")
    parser.add_argument("--seconds", type=float, default=inf, help="a group; it goes on next time")
    parser.add_argument("--report-only", action="store_true", help="of what was tried already")
    chosen = parser.parse_args()
    chosen.groups = chosen.groups or list(SUBJECTS)
    if unknown := set(chosen.groups) - SUBJECTS.keys():
        parser.error(f"there is no group {', '.join(sorted(unknown))}")
    if not chosen.report_only:
        for group in chosen.groups:
            _try(group, chosen.results.absolute(), chosen.jobs, chosen.seconds)
    equivalent = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("same", [])
    reasons = {one["fault"]: one["why"] for one in equivalent}
    if gone := _gone(reasons, chosen.groups):
        raise SystemExit(f"{EQUIVALENT.name} names what is no fault any more: {gone}")
    is_good = [_report(group, chosen.results, reasons) for group in chosen.groups]
    return 0 if all(is_good) else 1


def _try(group: str, results: Path, jobs: int, seconds: float) -> None:
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None  # nothing waits for a disk there
    with tempfile.TemporaryDirectory(prefix="mutation-", dir=place) as name:
        copy, scratch = Path(name) / "copy", Path(name) / "scratch"
        for part in COPIED:
            (copy / part).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / part).is_dir():
                leave = shutil.ignore_patterns("__pycache__", "*.egg-info", "data", "corpus")
                shutil.copytree(ROOT / part, copy / part, ignore=leave)
            else:
                shutil.copy(ROOT / part, copy / part)
        paths = [str(copy / part) for part in COPIED[:4]]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "TMPDIR": str(scratch),
            "PYTHONHASHSEED": "0",
        }
        scratch.mkdir()
        program = [sys.executable, "-m", "mutation.nursery"]
        file = results / f"{group}.jsonl"
        command = [*program, group, file, str(jobs), scratch, str(seconds)]
        subprocess.run(command, cwd=copy, env=environment, check=True)


def _report(group: str, results: Path, reasons: dict[str, str]) -> bool:
    subject, outcomes = SUBJECTS[group], Results(results / f"{group}.jsonl").outcomes
    sources = {name: (ROOT / name).read_text() for name in subject.files(ROOT)}
    kept = Kept(ROOT, subject, sources)
    print(f"{group}: faults, tried, noticed, of which endless, survived, the same program, score")
    whole: Counter[str] = Counter()
    for name, source in sources.items():
        counts: Counter[str] = Counter()
        for mutant in mutants_of(name, source):
            known = outcomes.get(mutant.key)
            if known is not None and known.module != kept.modules[name]:
                known = None  # of the module as it was
            outcome = known.outcome if known is not None else "not tried"
            if mutant.key in reasons:
                if outcome in NOTICED:
                    raise SystemExit(f"{mutant.key} is noticed: {EQUIVALENT.name} is wrong")
                outcome = "same"
            counts[outcome] += 1
            if outcome in ("survived", "untested"):
                print(
                    f"  {outcome}: {Path(name).name}:{mutant.line} {mutant.key.partition(': ')[2]}"
                )
        _line(name.rpartition("/")[2], counts)
        whole += counts
    return _line("all", whole) >= GOAL


def _line(name: str, counts: Counter[str]) -> float:
    faults, missed = counts.total(), counts["survived"] + counts["untested"]
    noticed = sum(counts[outcome] for outcome in NOTICED)
    score = noticed / (noticed + missed) if noticed else 0.0
    tried = noticed + missed + counts["same"]
    numbers = (faults, tried, noticed, counts["timeout"], missed, counts["same"])
    print(f"  {name:20} " + " ".join(f"{one:5}" for one in numbers) + f"  {100 * score:5.1f} %")
    return score


def _gone(reasons: dict[str, str], groups: list[str]) -> list[str]:
    """Return which of the listed faults of some groups cannot be put in any more."""
    files = [name for group in groups for name in SUBJECTS[group].files(ROOT)]
    listed = {fault for fault in reasons if fault.partition(": ")[0] in files}
    sources = {name: (ROOT / name).read_text() for name in files}
    return sorted(listed - {one.key for name in files for one in mutants_of(name, sources[name])})


if __name__ == "__main__":
    raise SystemExit(main())
