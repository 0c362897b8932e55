"""Single situations, each with what ought to be said of it: short seasons with one thing in them.

In :mod:`.suppressions` heat is held back, in :mod:`.announcements` suppliers say so, in
:mod:`.nuisances` it is not, or lawfully. All other things of a season go on around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from . import announcements, nuisances, suppressions
from .season import STEP_S, Season, season
from .situation import REGISTERED, Scenario

SCENARIOS: Mapping[str, Scenario] = MappingProxyType(REGISTERED)
"""By name."""
SOURCES_OF_SCENARIOS = (suppressions, announcements, nuisances)


def scenario(name: str, seed: int, step_seconds: int = STEP_S) -> Season:
    """Simulate a scenario.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    found = SCENARIOS.get(name)
    if found is None:
        raise ValueError(f"no scenario {name}: there are {', '.join(sorted(SCENARIOS))}")
    return season(seed, found.start_s, found.days, step_seconds, found.build())
