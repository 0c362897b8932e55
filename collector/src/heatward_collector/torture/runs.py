"""One run: a fault with a seed on a line of its own, and what was found afterwards."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import heatward_collector
import heatward_node
from heatward_collector.errors import HeatwardError
from heatward_collector.torture.books.invariants import Books, check
from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.memory_disk import memory_folder
from heatward_collector.torture.line.processes import Stage
from heatward_collector.torture.plays import PLAYED


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run."""

    fault: str
    seed: int
    seconds: float
    counts: dict[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether everything held that must hold."""
        return not self.problems

    def as_row(self) -> dict[str, Any]:
        """Return plain values for a file."""
        return asdict(self)


def run(fault: str, seed: int, keep: Path | None = None, patience: float = 1.0) -> Outcome:
    """Play a fault and check the line; ``keep`` receives the folder of a run that went wrong."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix=f"heatward-torture-{fault}-{seed}-", dir=memory_folder()))
    counts: dict[str, int] = {}
    try:
        counts, problems = _played(fault, seed, folder / "line", patience)
    except HeatwardError as error:
        problems = [str(error)]
    except Exception:  # a mistake of ours is an outcome like any other: it stops no other run
        problems = [traceback.format_exc()]
    took = time.monotonic() - began
    if problems and keep is not None:
        shutil.copytree(folder, keep / f"{fault}-{seed}", dirs_exist_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    return Outcome(fault, seed, round(took, 2), counts, tuple(problems))


def _played(
    fault: str, seed: int, folder: Path, patience: float
) -> tuple[dict[str, int], list[str]]:
    staged = PLAYED[fault]
    with Line(folder, staged.setting, seed, patience) as line:
        staged.play(line, random.Random(f"{fault} {seed}"))
        line.mend()
        try:
            line.settle()
        except HeatwardError as error:
            _tell(line, error)
            raise
        line.close_processes()
        staged.check(line)
        books = check(line, time.time())
    return _counts(books) | line.killed(), books.problems


def _tell(line: Line, error: HeatwardError) -> None:
    """Write beside the logs where every process stood when time was up."""
    nodes = {node.name: node.state() for node in line.nodes}
    stages = {
        name: stage.counters() for name, stage in line.stages.items() if isinstance(stage, Stage)
    }
    (line.folder / "stood.txt").write_text(f"{error}\n{nodes}\n{stages}\n")


def _counts(books: Books) -> dict[str, int]:
    return {key: value for key, value in asdict(books).items() if isinstance(value, int)}


def sources_hash() -> str:
    """Return a hash over every source file of node and collector: what results are about."""
    digest = hashlib.sha256()
    for package in (heatward_node, heatward_collector):
        root = Path(str(package.__file__)).parent
        for file in sorted(root.rglob("*.py")):
            digest.update(str(file.relative_to(root)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def commit() -> str:
    """Return the commit under test; with ``+`` where files were changed since."""
    root = Path(str(heatward_collector.__file__)).parent
    try:
        name = _git(root, "rev-parse", "--short=12", "HEAD")
        return name + ("+" if _git(root, "status", "--porcelain", "--", ".") else "")
    except (OSError, subprocess.CalledProcessError):
        return "no commit"


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
