"""The programs that a test needs: without one it is skipped, but not in CI."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import pytest

from heatward_collector.errors import HeatwardError
from heatward_collector.servers import program


def find_program(name: str) -> str:
    """Return the path of a program on the search path, or among the system's daemons."""
    try:
        return program.find_program(name, name)
    except HeatwardError:
        return missing(name)


def first_program(name: str, candidates: Iterable[Path]) -> str:
    """Return the first of some paths that is a program."""
    for candidate in candidates:
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    return missing(name)


def missing(name: str) -> NoReturn:
    """Skip the test that needs a program; in CI fail it."""
    reason = f"{name} is not installed; ./check installs it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
