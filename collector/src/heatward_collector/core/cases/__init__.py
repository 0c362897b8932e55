"""Cases: from a finding that somebody must answer to rooms that are measured warm again.

A case is a fold over its history. Nothing here knows a clock or a database: what happened is given
with its time, and comes back as the case that it makes.
"""

from __future__ import annotations

from heatward_collector.core.cases.case import Case, Sign, after, of_history, opened
from heatward_collector.core.cases.event import OURSELVES, Event, What
from heatward_collector.core.cases.kinds import CaseKind, Family, HeatPlace, family_of
from heatward_collector.core.cases.state import LIVE, Refused, State

__all__ = [
    "LIVE",
    "OURSELVES",
    "Case",
    "CaseKind",
    "Event",
    "Family",
    "HeatPlace",
    "Refused",
    "Sign",
    "State",
    "What",
    "after",
    "family_of",
    "of_history",
    "opened",
]
