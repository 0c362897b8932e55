"""Simulated heating seasons with labelled events: to try the system, and to score a detector.

Nothing here knows how anything is detected. Temperatures are a model's, not measurements.
"""

from __future__ import annotations

from .season import Season, Shape, season, twin
from .suppliers import Event, Kind
from .tree import HomePlan, Level, Tree, town

__all__ = [
    "Event",
    "HomePlan",
    "Kind",
    "Level",
    "Season",
    "Shape",
    "Tree",
    "season",
    "town",
    "twin",
]
