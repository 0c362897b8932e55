"""All that one season contributes, as one value that can be kept in a file."""

from __future__ import annotations

from dataclasses import dataclass, field

from heatward_collector.score.dates import EdgeRow
from heatward_collector.score.rows import FalseRow, PeriodRow, SeriesRow
from heatward_collector.score.throttling import CutRow, DayCounts


@dataclass(frozen=True, slots=True)
class SeasonRows:
    """The rows of one season."""

    seed: int
    has_events: bool
    building_days: int
    """Days on which a building could be judged."""
    periods: list[PeriodRow] = field(default_factory=list)
    series: list[SeriesRow] = field(default_factory=list)
    false: list[FalseRow] = field(default_factory=list)
    fragments: int = 0
    right: int = 0
    """Accusing findings that met a counted period or a long cut."""
    cuts: list[CutRow] = field(default_factory=list)
    edges: list[EdgeRow] = field(default_factory=list)
    live_days: DayCounts = DayCounts()
    final_days: DayCounts = DayCounts()
    below_days: DayCounts = DayCounts()
    """Home-days below the standard within declared events: said, said wrongly, not said."""
