"""What became of each fault, kept from run to run as long as it still says something.

A fault that was noticed stays so while its module and the test that noticed it read the same; one
that was not is tried again as soon as any test of the group has changed.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from mutation.mutants import Mutant
from mutation.subjects import Subject


class Kept:
    """How modules and tests read now."""

    def __init__(self, root: Path, subject: Subject, sources: dict[str, str]) -> None:
        self.modules = {name: _digest(ast.unparse(ast.parse(one))) for name, one in sources.items()}
        self.lines = {name: _digest(one) for name, one in sources.items()}
        """Remarks too: they move the lines."""
        self.tests: dict[str, str] = {}
        texts = []
        for name in subject.test_files(root):
            text = (root / name).read_text()
            texts.append(text)
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef):
                    self.tests[f"{name}::{node.name}"] = _digest(ast.unparse(node))
        self.all_tests = _digest("".join(texts))

    def test(self, node: str) -> str:
        """Return how a test reads, whatever its parameters."""
        return self.tests.get(node.partition("[")[0], "")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one test does without a fault: for how long, and by which lines of which modules."""

    seconds: float
    lines: dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fault."""

    outcome: str
    by: str
    module: str
    test: str
    """Of the test that noticed it, or of all where none did."""


class Results:
    """One line of JSON for every fault that was tried; the last one counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self.outcomes: dict[str, Outcome] = {}
        for line in path.read_text().splitlines() if path.exists() else ():
            if line.endswith("}"):  # not the one in which a run was cut off
                key, *values = json.loads(line).values()
                self.outcomes[key] = Outcome(*values)

    def holds(self, mutant: Mutant, kept: Kept) -> bool:
        """Say whether it is known what becomes of a fault."""
        found = self.outcomes.get(mutant.key)
        if found is None or found.module != kept.modules[mutant.file]:
            return False
        return found.test == (kept.test(found.by) if found.by else kept.all_tests)

    def add(self, mutant: Mutant, kept: Kept, outcome: str, by: str) -> None:
        """Keep what became of a fault."""
        test = kept.test(by) if by else kept.all_tests
        row = {
            "key": mutant.key,
            "outcome": outcome,
            "by": by,
            "module": kept.modules[mutant.file],
            "test": test,
        }
        self.outcomes[mutant.key] = Outcome(outcome, by, row["module"], test)
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def measured(
        self, kept: Kept, measure: Callable[[], dict[str, Measured]]
    ) -> dict[str, Measured]:
        """Return what every test does; it is measured where modules or tests have changed."""
        place = self.path.with_suffix(".measured")
        now = _digest(json.dumps([kept.all_tests, kept.lines]))
        if place.exists():
            then, tests = json.loads(place.read_text())
            if then == now:
                return {name: Measured(**one) for name, one in tests.items()}
        found = measure()
        place.write_text(json.dumps([now, {name: asdict(one) for name, one in found.items()}]))
        return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
