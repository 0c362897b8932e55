"""From the rows of many seasons to the tables that are printed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from heatward_collector.core.suppression import Kind
from heatward_collector.score.judgeable import DAYS_A_MONTH
from heatward_collector.score.maps import bin_name, recall_maps
from heatward_collector.score.matching import ACUTE
from heatward_collector.score.rates import Json, delays, false_rate, rate, share
from heatward_collector.score.rows import PeriodRow, SeriesRow
from heatward_collector.score.season_rows import SeasonRows
from heatward_collector.score.throttling import CutRow, DayCounts
from heatward_collector.score.truth import Account

ACUTE_KINDS = tuple(kind.value for kind in Kind if kind in ACUTE)
DROPS = (0.0, 1.0, 1.5, 2.0, 3.0, 4.0, math.inf)
Rows = Callable[[SeasonRows], Iterable[PeriodRow]]
_CUTS: dict[str, Callable[[CutRow], bool]] = {
    "wide": lambda row: row.buildings > 1 and not row.is_shortage,
    "local": lambda row: row.buildings == 1 and not row.is_shortage,
    "all_sources": lambda row: row.is_shortage,
}
"""Throttling of several buildings, of one, and of all sources together."""


def summary(seasons: Sequence[SeasonRows], quiet: Sequence[SeasonRows]) -> Json:
    """Return every table as one object: ``seasons`` with events, ``quiet`` ones without."""
    counted = _periods(Account.COUNTED)
    return {
        "acute": {
            kind: _detection(seasons, _of_kind(counted, kind)) for kind in (*ACUTE_KINDS, "all")
        },
        "type": _types(seasons),
        "fragments_per_event": share(
            [(season.fragments, len(list(counted(season)))) for season in seasons]
        ).json(),
        "precision": share(
            [(season.right, season.right + len(season.false)) for season in seasons]
        ).json(),
        "false_with_events": false_rate(seasons),
        "false_quiet": false_rate(quiet),
        "throttling": _throttling(seasons, quiet),
        "edges": _edges(seasons),
        "floor_heating": _detection(seasons, _periods(Account.FLOOR_HEATING)),
        "declared": _declared(seasons),
        "recall_map": recall_maps(seasons),
    }


def _periods(account: Account) -> Rows:
    def _rows(season: SeasonRows) -> Iterator[PeriodRow]:
        return (row for row in season.periods if row.account == account)

    return _rows


def _of_kind(rows: Rows, kind: str) -> Rows:
    def _rows(season: SeasonRows) -> Iterator[PeriodRow]:
        return (row for row in rows(season) if kind in ("all", row.kind))

    return _rows


def _detection(seasons: Sequence[SeasonRows], rows: Rows) -> Json:
    """Return recall, delay and level of some periods."""

    def _delays(season: SeasonRows) -> Iterator[float]:
        for row in rows(season):
            yield row.delay_h if row.is_found and row.delay_h is not None else math.inf

    def _found(season: SeasonRows) -> Iterator[PeriodRow]:
        return (row for row in rows(season) if row.is_found)

    return {
        "recall": rate(seasons, rows, lambda row: row.is_found).json(),
        "delay_h": delays(seasons, _delays),
        "level_right": rate(seasons, _found, lambda row: bool(row.is_level_right)).json(),
    }


def _types(seasons: Sequence[SeasonRows]) -> Json:
    """Return what series of each kind were called; the missed ones are no matter of type."""
    said: dict[str, Counter[str]] = {kind: Counter() for kind in ACUTE_KINDS}
    for season in seasons:
        for row in season.series:
            said[row.kind][row.said] += 1

    def _named(season: SeasonRows) -> Iterator[SeriesRow]:
        return (row for row in season.series if row.said != "missed")

    return {
        "right": rate(seasons, _named, lambda row: row.is_kind_right).json(),
        "said": {kind: dict(sorted(counts.items())) for kind, counts in said.items()},
    }


def _throttling(seasons: Sequence[SeasonRows], quiet: Sequence[SeasonRows]) -> Json:
    deep = [[row for row in season.cuts if row.reached_clock] for season in seasons]
    reached = [[row for row in rows if row.has_homes] for rows in deep]
    few = [[row for row in rows if not row.has_homes] for rows in deep]
    result: Json = {
        "few_homes_undetermined": share(
            [(sum(r.said == "undetermined" for r in rows), len(rows)) for rows in few]
        )
    }
    for name, is_one in _CUTS.items():
        mine = [[row for row in rows if is_one(row)] for rows in reached]
        result[f"{name}_in_time"] = share([(sum(r.is_in_time for r in x), len(x)) for x in mine])
        result[f"{name}_ever"] = share([(sum(r.is_found for r in x), len(x)) for x in mine])
    result = {name: one.json() for name, one in result.items()}
    wrong = [(one.final_days.wrong, one.building_days / DAYS_A_MONTH) for one in quiet]
    return result | {
        "days_live": _day_rates([season.live_days for season in seasons]),
        "days_final": _day_rates([season.final_days for season in seasons]),
        "false_days_quiet_per_building_month": share(wrong).json(),
        "by_drop_kelvin": {
            bin_name(low, high): share(
                [
                    (sum(row.is_found for row in rows), len(rows))
                    for season in seasons
                    for rows in [[r for r in season.cuts if low <= r.deepest_kelvin < high]]
                ]
            ).json()
            for low, high in pairwise(DROPS)
        },
    }


def _day_rates(counts: Sequence[DayCounts]) -> Json:
    return {
        "precision": share([(one.right, one.right + one.wrong) for one in counts]).json(),
        "recall": share([(one.right, one.right + one.missed) for one in counts]).json(),
    }


def _edges(seasons: Sequence[SeasonRows]) -> Json:
    result: Json = {}
    for kind in (Kind.LATE_START.value, Kind.EARLY_STOP.value):
        mine = [[row for row in season.edges if row.kind == kind] for season in seasons]
        counted = [[row for row in rows if row.is_counted] for rows in mine]
        weak = [[row for row in rows if not row.is_counted] for rows in mine]
        found = [[row for row in rows if row.said == kind] for rows in counted]
        result[kind] = {
            "day_right": share([(sum(r.is_right for r in rows), len(rows)) for rows in counted]),
            "found": share(
                [(len(one), len(rows)) for one, rows in zip(found, counted, strict=True)]
            ),
            "both_dates": share(
                [(sum(r.has_second_date for r in rows), len(rows)) for rows in found]
            ),
            "weak_found": share([(sum(r.said == kind for r in rows), len(rows)) for rows in weak]),
        }
        result[kind] = {name: one.json() for name, one in result[kind].items()}
    return result


def _declared(seasons: Sequence[SeasonRows]) -> Json:
    rows = _periods(Account.DECLARED)
    return {
        "said_declared": rate(seasons, rows, lambda row: row.said == "declared").json(),
        "accused": rate(seasons, rows, lambda row: row.accusations > 0).json(),
        "below_standard_said": _day_rates([season.below_days for season in seasons])["recall"],
    }
