"""A case and its findings become the rows of a season."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heatward_collector.core.suppression import Finding, Kind, Level, Network
from heatward_collector.score.below import below_days
from heatward_collector.score.case import DAY_S, SLOTS_A_DAY, ZONE, Case, Truth
from heatward_collector.score.dates import EDGES, EdgeRow, edge_row
from heatward_collector.score.judgeable import LEAST_COVERAGE, judgeable_days
from heatward_collector.score.matching import Matching, Outcome, match
from heatward_collector.score.places import Places
from heatward_collector.score.rows import false_rows, period_rows, series_rows
from heatward_collector.score.season_rows import SeasonRows
from heatward_collector.score.slow import slow_outcomes
from heatward_collector.score.throttling import (
    CutRow,
    count_days,
    cut_row,
    day_states,
    said_days,
)
from heatward_collector.score.truth import Account


def evaluate(case: Case, findings: Sequence[Finding]) -> SeasonRows:
    """Return what a season contributes to a score."""
    truth, network = case.truth, case.network
    buildings = network.places[Level.BUILDING]
    matching = match(truth.periods, findings, truth.cuts)
    slow = slow_outcomes(findings, truth.cuts, truth.periods)
    states = day_states(
        truth.shortfall, truth.drop, case.days, buildings, truth.cuts, truth.periods
    )
    live, final = (said_days(findings, case.days, buildings, live) for live in (True, False))
    outcomes = [one or other for one, other in zip(matching.outcome, slow, strict=True)]
    return SeasonRows(
        seed=case.seed,
        has_events=bool(truth.periods or truth.cuts),
        building_days=_judgeable(case, network),
        periods=period_rows(
            truth.periods, findings, matching, (_radiators(network), Places(network))
        ),
        series=series_rows(truth.periods, findings, matching),
        false=false_rows(findings, outcomes),
        fragments=sum(one is Outcome.FRAGMENT for one in matching.outcome),
        right=_right(truth, findings, matching, slow),
        cuts=_cut_rows(case, findings),
        edges=_edge_rows(case, findings),
        live_days=count_days(states, live),
        final_days=count_days(states, final),
        below_days=below_days(case),
    )


def _edge_rows(case: Case, findings: Sequence[Finding]) -> list[EdgeRow]:
    """Return what was said of every late start and early stop that nobody declared."""
    has_value, network = case.has_value(), case.network
    rows = []
    for cut, lift in zip(case.truth.cuts, case.truth.lifts, strict=True):
        if cut.kind in EDGES and not cut.is_declared:
            day_s = cut.to_s if cut.kind is Kind.LATE_START else cut.from_s
            day = max((day_s - case.start_s) // DAY_S, 0)
            about = has_value[max(day - 1, 0) * SLOTS_A_DAY : (day + 2) * SLOTS_A_DAY]
            members = network.members(cut.level, network.places[cut.level].index(cut.place))
            valid = int((members & (about.mean(axis=0) >= LEAST_COVERAGE)).sum())
            rows.append(edge_row(cut, findings, lift, valid, ZONE))
    return rows


def _right(
    truth: Truth,
    findings: Sequence[Finding],
    matching: Matching,
    slow: Sequence[Outcome | None],
) -> int:
    """Count accusing findings that met a counted period, or a long cut of their kind."""
    acute = sum(
        index is not None and one.account is Account.COUNTED and findings[index].accuses
        for one, index in zip(truth.periods, matching.of_period, strict=True)
    )
    return acute + sum(
        outcome is Outcome.MATCHED and finding.accuses
        for finding, outcome in zip(findings, slow, strict=True)
    )


def _cut_rows(case: Case, findings: Sequence[Finding]) -> list[CutRow]:
    truth, network = case.truth, case.network
    buildings, has_value, rows = network.places[Level.BUILDING], case.has_value(), []
    for cut, is_shortage in zip(truth.cuts, truth.shortages, strict=True):
        if cut.kind is Kind.THROTTLING and not cut.is_declared:
            columns = np.isin(buildings, list(cut.buildings))
            drop, median = truth.drop[:, columns], truth.median[:, columns]
            first, last = ((at - case.start_s) // DAY_S for at in (cut.from_s, cut.to_s))
            heard = has_value[first * SLOTS_A_DAY : (last + 1) * SLOTS_A_DAY].mean(axis=0)
            members = network.members(cut.level, network.places[cut.level].index(cut.place))
            valid = int((members & (heard >= LEAST_COVERAGE)).sum())
            rows.append(cut_row(cut, findings, case.days, drop, median, is_shortage, valid))
    return rows


def _radiators(network: Network) -> Places:
    """Return the places as far as they have radiators: what a short stop shows itself in."""
    kept = np.flatnonzero(~network.is_floor_heated)
    return Places(
        Network(
            tuple(network.homes[index] for index in kept.tolist()),
            network.places,
            {level: index[kept] for level, index in network.of_home.items()},
            network.is_floor_heated[kept],
        )
    )


def _judgeable(case: Case, network: Network) -> int:
    days = [(day * SLOTS_A_DAY, (day + 1) * SLOTS_A_DAY) for day in range(len(case.days.start_s))]
    building = network.of_home[Level.BUILDING]
    count = len(network.places[Level.BUILDING])
    return int(judgeable_days(case.has_value(), building, count, days).sum())
