"""What is mutated, and the tests that must notice: modules and their own tests, by group."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NODE, COLLECTOR = "node/src/heatward_node", "collector/src/heatward_collector"


@dataclass(frozen=True, slots=True)
class Subject:
    """A group of modules; both are patterns of paths in the repository."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]

    def files(self, root: Path) -> list[str]:
        """Return its modules, those with something in them."""
        found = [path for pattern in self.modules for path in sorted(root.glob(pattern))]
        return [str(path.relative_to(root)) for path in found if path.name != "__init__.py"]

    def test_files(self, root: Path) -> list[str]:
        """Return the files of its tests."""
        found = [path for pattern in self.tests for path in sorted(root.glob(pattern))]
        return [str(path.relative_to(root)) for path in found]


SUBJECTS = {
    "journal": Subject((f"{NODE}/journal*.py",), ("tests/node/test_journal*.py",)),
    "ack": Subject((f"{NODE}/control.py",), ("tests/node/test_control.py",)),
    "ledger": Subject((f"{COLLECTOR}/ledger/*.py",), ("tests/collector/ledger/test_*.py",)),
    "verdict": Subject(
        (f"{COLLECTOR}/conclusions/*verdicts.py",),
        ("tests/collector/conclusions/test_*verdicts.py",),
    ),
    "outbox": Subject(
        (f"{COLLECTOR}/alerts/outbox.py",), ("tests/collector/alerts/test_outbox.py",)
    ),
}
LEFT_OUT = ("postgresql", "killed_at_any_moment", "really_full", "never_load_pyarrow")
"""Tests whose names hold these do not run: what they do, they do in other processes or servers,
which have no fault in them, or they mount a file system that a fault would leave behind."""
