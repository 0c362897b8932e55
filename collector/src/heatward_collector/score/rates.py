"""A share of seasons' rows with its interval, ready to be printed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from heatward_collector.score.intervals import (
    poisson_upper,
    quantile,
    quantile_interval,
    ratio_interval,
)
from heatward_collector.score.judgeable import DAYS_A_MONTH
from heatward_collector.score.season_rows import SeasonRows

T = TypeVar("T")
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rate:
    """So many of so many, and the 95 % interval of their share over seasons."""

    count: int
    of: float
    rate: float | None
    low: float | None
    high: float | None

    def json(self) -> Json:
        return asdict(self)


def rate(
    seasons: Sequence[SeasonRows],
    rows: Callable[[SeasonRows], Iterable[T]],
    is_one: Callable[[T], bool],
) -> Rate:
    """Return the share of rows that are something, seasons being drawn whole."""
    counts = []
    for season in seasons:
        mine = [bool(is_one(row)) for row in rows(season)]
        counts.append((sum(mine), len(mine)))
    return share(counts)


def share(counts: Sequence[tuple[int, float]]) -> Rate:
    """Return a sum over a sum, with its interval over seasons: a share, or a number a month."""
    count, total = sum(one for one, _ in counts), sum(two for _, two in counts)
    if total == 0:
        return Rate(0, 0, None, None, None)
    low, high = ratio_interval([one for one, _ in counts], [two for _, two in counts])
    of = total if isinstance(total, int) else round(total, 1)
    return Rate(count, of, _finite(count / total), _finite(low), _finite(high))


def delays(seasons: Sequence[SeasonRows], rows: Callable[[SeasonRows], Iterable[float]]) -> Json:
    """Return median and 90th percentile of delays with their intervals; None for infinite. [h]

    Each finite one is there too, ascending, so that scores of parts can be put together.
    """
    groups = [list(rows(season)) for season in seasons]
    every = [value for group in groups for value in group]
    result: Json = {}
    for name, part in (("median", 0.5), ("p90", 0.9)):
        low, high = quantile_interval(groups, part)
        result[name] = _finite(quantile(every, part))
        result[f"{name}_low"], result[f"{name}_high"] = _finite(low), _finite(high)
    result["each"] = sorted(round(value, 4) for value in every if math.isfinite(value))
    return result


def false_rate(seasons: Sequence[SeasonRows]) -> Json:
    """Return false episodes per building-month with the 95 % upper bound, and by kind and level."""
    count = sum(row.buildings for season in seasons for row in season.false)
    months = sum(season.building_days for season in seasons) / DAYS_A_MONTH
    by_kind: dict[str, int] = {}
    for season in seasons:
        for row in season.false:
            name = f"{row.kind} {row.level}"
            by_kind[name] = by_kind.get(name, 0) + row.buildings
    return {
        "episodes": count,
        "findings": sum(len(season.false) for season in seasons),
        "building_months": round(months, 1),
        "per_building_month": _finite(count / months) if months else None,
        "upper": _finite(poisson_upper(count) / months) if months else None,
        "by_kind_and_level": dict(sorted(by_kind.items())),
    }


def _finite(value: float) -> float | None:
    """Round to what the counts can carry; None for what is infinite or unknown."""
    return round(value, 4) if math.isfinite(value) else None
