"""Findings as regions of time: begin and end, a title, a text, and how severe.

One point a finding and affected building. While a finding lasts its end is written anew at each
look; what is withdrawn, or now begins at another time, is overwritten with severity 0, because not
every InfluxDB can delete.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from heatward_collector.conclusions.findings import FindingStore, SaidFinding

from ..api.rights.need_to_know import told
from ..core.suppression import Certainty, Finding, Level
from ..explain import Names
from ..explain.sentence import sentence, title
from ..locale import CHINESE, ENGLISH, texts
from .areas import Areas
from .lines import Value, line

SEVERITY = {
    Certainty.DECLARED: 1.0,
    Certainty.UNDETERMINED: 2.0,
    Certainty.LOW: 3.0,
    Certainty.MEDIUM: 4.0,
    Certainty.HIGH: 5.0,
}
"""What is withdrawn has severity 0."""
HIDDEN_LEVELS = (Level.HOME, Level.ROOM)
Spot = tuple[int, str]
"""When a point of a finding stands, and on which building."""


@dataclass(slots=True)
class FindingLines:
    """Turns findings into points, and remembers where older revisions of each stood."""

    store: FindingStore
    zone: ZoneInfo
    _spots: dict[str, tuple[int, frozenset[Spot]]] = field(default_factory=dict)

    def lines(self, areas: Areas, since_s: int, now_s: int) -> Iterator[str]:
        """Yield all points of the findings that lasted later than a time."""
        names = Names(areas.directory)
        for said in self.store.latest(since_s):
            if said.finding.level not in HIDDEN_LEVELS:
                yield from self._finding(areas, names, said, now_s)

    def _finding(self, areas: Areas, names: Names, said: SaidFinding, now_s: int) -> Iterator[str]:
        present = frozenset() if said.is_withdrawn else _spots(said.finding)
        fields = {} if said.is_withdrawn else self._fields(names, said, now_s)
        for spot in sorted(self._ever(said)):
            start_s, building = spot
            if building not in areas.directory.building_index:
                continue
            tags = {
                **_place(said),
                **areas.above(building),
                **areas.network_of(_place(said), building),
            }
            gone: dict[str, Value] = {"severity": 0, "open": 0, "end": 1000.0 * start_s}
            yield from line("finding", tags, fields if spot in present else gone, start_s)

    def _ever(self, said: SaidFinding) -> frozenset[Spot]:
        """Return every spot on which a revision of a finding ever stood."""
        known = self._spots.get(said.id)
        if known is None or known[0] != said.revision:
            spots = [_spots(one.finding) for one in self.store.history(said.id)]
            known = said.revision, frozenset().union(*spots)
            self._spots[said.id] = known
        return known[1]

    def _fields(self, names: Names, said: SaidFinding, now_s: int) -> dict[str, Value]:
        finding = told(said.finding, sees_homes=False)
        end_s = now_s if finding.end_s is None else finding.end_s
        fields: dict[str, Value] = {
            "severity": SEVERITY[finding.certainty],
            "open": finding.end_s is None,
            "end": 1000.0 * max(end_s, finding.start_s + 1),
            "hours": (end_s - finding.start_s) / 3600,
            "homes_affected": len(finding.affected),
            "homes_judged": finding.homes_judged,
        }
        for language, suffix in ((CHINESE, ""), (ENGLISH, "_en")):
            say = texts(language)
            fields[f"title{suffix}"] = title(finding, names, say)
            fields[f"text{suffix}"] = sentence(finding, names, self.zone, say)
        return fields


def _spots(finding: Finding) -> frozenset[Spot]:
    return frozenset((finding.start_s, building) for building in finding.buildings)


def _place(said: SaidFinding) -> dict[str, str]:
    return {"finding": said.id, "level": str(said.finding.level), "area": said.finding.place}
