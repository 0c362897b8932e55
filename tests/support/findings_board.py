"""Findings on paper for pages: one for every way a finding can stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from heatward_collector.api.findings.finding_room import Board
from heatward_collector.conclusions.findings import Change, SaidFinding, Watched
from heatward_collector.core.suppression import Certainty, Exclusion, Finding, Kind, Level
from heatward_collector.explain import Names
from heatward_collector.explain.plot import Curves
from support.street import NOW_S

HOUR = 3600


def finding(place: str = "b-02", homes: int = 6, **more: object) -> Finding:
    """Return an outage of a building that began three hours ago and lasts."""
    said = Finding(
        kind=Kind.OUTAGE,
        level=Level.BUILDING,
        place=place,
        start_s=NOW_S - 3 * HOUR,
        end_s=None,
        detected_s=NOW_S - 2 * HOUR,
        certainty=Certainty.MEDIUM,
        buildings=(place,),
        affected=tuple(f"{place[2:]}{number + 1:02d}" for number in range(homes)),
        homes_judged=homes,
        homes_silent=0,
        rule="homes_fall_together",
        excluded=(Exclusion("airing", True, {"falling_homes": homes}),),
        evidence={"drop_kelvin": 1.75, "heat_ratio": float("nan")},
    )
    return replace(said, **more)  # type: ignore[arg-type]


def said(key: str, what: Finding, change: Change = Change.SAID, **more: int) -> SaidFinding:
    """Return a revision of a finding, judged two hours ago."""
    revision = SaidFinding(key, what, change, judged_at=NOW_S - 2 * HOUR, batch=7)
    return replace(revision, **more)  # type: ignore[arg-type]


def every_state() -> tuple[SaidFinding, ...]:
    """Return a finding for every state."""
    over = NOW_S - HOUR
    return (
        said("acute-building-b-02-1", finding()),
        said(
            "acute-source-q-2", finding(level=Level.SOURCE, place="q", buildings=("b-02", "b-04"))
        ),
        said("acute-building-b-08-3", finding("b-08", 3, certainty=Certainty.UNDETERMINED)),
        said("acute-building-b-04-4", finding("b-04", end_s=over), Change.REVISED, corrections=2),
        said("acute-zone-z-5", finding(level=Level.ZONE, place="z", certainty=Certainty.DECLARED)),
        said("acute-building-b-06-6", finding("b-06"), Change.WITHDRAWN, corrections=1),
        said("acute-home-0201-7", finding(level=Level.HOME, place="0201", homes=1)),
    )


WATCHED = Watched(NOW_S - 60, NOW_S - 1800, 45, 43, 1.0)


@dataclass
class PaperFindingRoom:
    """Holds its findings in memory."""

    findings: Sequence[SaidFinding] = ()
    watched: Watched | None = WATCHED
    asked: list[Finding] = field(default_factory=list)

    def board(self) -> Board:
        return Board(tuple(self.findings), self.watched, self.names())

    def history(self, key: str) -> tuple[SaidFinding, ...]:
        return tuple(
            revision
            for one in self.findings
            if one.id == key
            for revision in (
                replace(one, change=Change.SAID, revision=1, corrections=0),
                replace(one, change=Change.GREW, revision=2, corrections=0),
                replace(one, change=Change.GREW, revision=3, corrections=0),
                replace(one, revision=4),
            )
        )

    def names(self) -> Names:
        return Names()

    def curves(self, finding: Finding) -> Curves:
        self.asked.append(finding)
        time_s = finding.start_s + 900 * np.arange(-20, 12, dtype=np.int64)
        homes = len(finding.affected)
        level = 21.0 + 0.3 * np.arange(homes)
        celsius = np.repeat(level[None], len(time_s), axis=0)
        celsius[20:] -= 0.15 * np.arange(12)[:, None]
        return Curves(
            time_s,
            celsius,
            np.ones(homes, bool),
            np.full(len(time_s), 21.5),
            np.full(len(time_s), -18.0),
        )
