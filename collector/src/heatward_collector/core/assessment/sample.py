"""Whether the measured homes stand for all: enough of every stratum, or which ones lack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

LEAST_HOMES = 3
"""Homes of a stratum below which it says nothing of that stratum. (project rule; practice samples
3-4 % of homes by near, middle, far and top, middle, bottom, end wall)"""


def lacking_strata(
    homes: Iterable[Mapping[str, str]],
    strata: Mapping[str, Sequence[str]],
    least_homes: int = LEAST_HOMES,
) -> tuple[str, ...]:
    """Return the strata with too few measured homes, as ``criterion:stratum``.

    Parameters
    ----------
    homes : iterable of mapping
        Of each measured home, its stratum by criterion; empty where it is not known.
    strata : mapping of criterion to strata
        Those that must be there.
    least_homes : int
        How many homes a stratum needs.
    """
    counts = {(name, one): 0 for name, some in strata.items() for one in some}
    for home in homes:
        for name, one in home.items():
            if (name, one) in counts:
                counts[name, one] += 1
    return tuple(f"{name}:{one}" for (name, one), count in counts.items() if count < least_homes)
