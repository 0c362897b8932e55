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
from math import inf
from pathlib import Path

from mutation.kept import Results
from mutation.mutants import Mutant, mutants_of
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
    parser.add_argument("groups", nargs="*", choices=[[], *SUBJECTS], default=list(SUBJECTS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--results", type=Path, default=ROOT / ".venv" / "mutation")
    parser.add_argument("--seconds", type=float, default=inf, help="a group; it goes on next time")
    parser.add_argument("--report-only", action="store_true", help="of what was tried already")
    chosen = parser.parse_args()
    if not chosen.report_only:
        for group in chosen.groups:
            _try(group, chosen.results.absolute(), chosen.jobs, chosen.seconds)
    equivalent = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("same", [])
    reasons = {one["fault"]: one["why"] for one in equivalent}
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
    outcomes = Results(results / f"{group}.jsonl").outcomes
    print(f"{group}: faults, noticed, of which endless, survived, the same program, score")
    whole = [0, 0, 0, 0, 0]
    survivors: list[tuple[Mutant, str]] = []
    for name in SUBJECTS[group].files(ROOT):
        counts = [0, 0, 0, 0, 0]
        for mutant in mutants_of(name, (ROOT / name).read_text()):
            outcome = outcomes[mutant.key].outcome if mutant.key in outcomes else "not tried"
            is_same = mutant.key in reasons
            if is_same and outcome in NOTICED:
                raise SystemExit(f"{mutant.key} is noticed; take it out of {EQUIVALENT.name}")
            counts[0] += 1
            counts[1] += outcome in NOTICED
            counts[2] += outcome == "timeout"
            counts[3] += outcome not in NOTICED and not is_same
            counts[4] += is_same
            if outcome not in NOTICED and not is_same:
                survivors.append((mutant, outcome))
        _line(name.rpartition("/")[2], counts)
        whole = [one + more for one, more in zip(whole, counts, strict=True)]
    score = _line("all", whole)
    for mutant, outcome in survivors:
        print(f"  {outcome}: {mutant.key.rpartition('/')[2]}")
        print(f"    {Path(mutant.file).name}:{mutant.line}")
    return score >= GOAL


def _line(name: str, counts: list[int]) -> float:
    able = counts[0] - counts[4]
    score = counts[1] / able if able else 1.0
    print(f"  {name:20} " + " ".join(f"{one:5}" for one in counts) + f"  {100 * score:5.1f} %")
    return score


if __name__ == "__main__":
    raise SystemExit(main())
