"""Scenarios."""

from __future__ import annotations
from .season import Season

SCENARIOS: dict[str, str] = {}


def scenario(name: str, seed: int) -> Season:
    """Simulate."""
    raise KeyError(name)
