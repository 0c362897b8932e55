"""The JSON API of findings: the same facts as the pages, under the same need to know."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel

from heatward_collector.conclusions.findings import SaidFinding

from ...accounts import Viewer
from ...accounts.roles import LOOKERS
from ...config import Config
from ...explain import Names, explain
from ..city.reading_room import ReadingRoom
from ..findings.finding_room import FindingRoom
from ..frame.refusals import REFUSALS
from ..rights.access import may
from ..rights.need_to_know import told, visible
from ..rights.scope import findings_within
from .building_json import NameAnswer

Looker = Annotated[Viewer, Depends(may(*LOOKERS))]
FindingLooker = Annotated[Viewer, Depends(may(*LOOKERS, key="finding"))]
Facts = dict[str, float | str | None]


class CauseAnswer(BaseModel):
    """Another cause that was considered."""

    cause: str
    excluded: bool
    zh: str
    en: str
    facts: Facts


class FindingAnswer(BaseModel):
    """One revision of a finding; times in seconds UTC, numbers only from five homes on."""

    id: str
    state: str
    """``open``, ``ended`` or ``withdrawn``."""
    change: str
    revision: int
    corrections: int
    kind: str
    level: str
    place: str
    name: NameAnswer
    start_s: int
    end_s: int | None
    detected_s: int
    judged_at: int
    batch: int
    certainty: str
    accuses: bool
    homes_affected: int
    homes_judged: int
    homes_silent: int
    homes: list[str] | None
    """Opaque ids, for those who may see homes."""
    buildings: list[str]
    rule: str
    excluded: list[CauseAnswer]
    evidence: Facts
    zh: str
    en: str


class WatchedAnswer(BaseModel):
    """What the newest look rested on."""

    looked_at: int
    until_s: int
    homes: int
    homes_heard: int
    outdoor_known: float


class FindingsAnswer(BaseModel):
    """What lasts, and what ended or was withdrawn in the last two weeks."""

    demo: bool
    watched: WatchedAnswer | None
    findings: list[FindingAnswer]


class HistoryAnswer(BaseModel):
    """Every revision of a finding, oldest first."""

    demo: bool
    revisions: list[FindingAnswer]


def routes(config: Config, room: ReadingRoom, findings: FindingRoom) -> APIRouter:
    """Return the routes of the JSON API of findings."""
    router = APIRouter(prefix="/api/v1", responses=REFUSALS)

    @router.get("/findings")
    def board(request: Request, viewer: Looker) -> FindingsAnswer:
        private, board, zone = viewer.sees_homes, findings.board(), _zone(room)
        newest = board.watched
        return FindingsAnswer(
            demo=config.demo,
            watched=None
            if newest is None
            else WatchedAnswer(
                looked_at=newest.looked_at,
                until_s=newest.until_s,
                homes=newest.homes,
                homes_heard=newest.homes_heard,
                outdoor_known=newest.outdoor_known,
            ),
            findings=[
                _finding(one, board.names, zone, private)
                for one in findings_within(request, viewer, board.findings)
            ],
        )

    @router.get("/findings/{key}")
    def history(key: str, viewer: FindingLooker) -> HistoryAnswer:
        private, names, zone = viewer.sees_homes, findings.names(), _zone(room)
        revisions = visible(findings.history(key), private)
        if not revisions:
            raise HTTPException(404)
        return HistoryAnswer(
            demo=config.demo,
            revisions=[_finding(one, names, zone, private) for one in revisions],
        )

    return router


def _zone(room: ReadingRoom) -> ZoneInfo:
    return room.survey().rule.zone


def _finding(said: SaidFinding, names: Names, zone: ZoneInfo, private: bool) -> FindingAnswer:
    finding = told(said.finding, private)
    text = explain(finding, names, zone)
    causes = zip(finding.excluded, text.causes_zh, text.causes_en, strict=True)
    return FindingAnswer(
        id=said.id,
        state="withdrawn" if said.is_withdrawn else "open" if said.is_open else "ended",
        change=said.change.value,
        revision=said.revision,
        corrections=said.corrections,
        kind=finding.kind.value,
        level=finding.level.value,
        place=finding.place,
        name=NameAnswer(
            zh=names.place(finding.level, finding.place),
            en=names.place(finding.level, finding.place, english=True),
        ),
        start_s=finding.start_s,
        end_s=finding.end_s,
        detected_s=finding.detected_s,
        judged_at=said.judged_at,
        batch=said.batch,
        certainty=finding.certainty.value,
        accuses=finding.accuses,
        homes_affected=len(finding.affected),
        homes_judged=finding.homes_judged,
        homes_silent=finding.homes_silent,
        homes=sorted(finding.affected) if private else None,
        buildings=sorted(finding.buildings),
        rule=finding.rule,
        excluded=[
            CauseAnswer(
                cause=one.cause, excluded=one.is_excluded, zh=zh, en=en, facts=_facts(one.facts)
            )
            for one, zh, en in causes
        ],
        evidence=_facts(finding.evidence),
        zh=text.zh,
        en=text.en,
    )


def _facts(facts: Mapping[str, float | str]) -> Facts:
    """Return facts that JSON can hold: what is not known is null."""
    return {
        name: value if isinstance(value, str) or math.isfinite(value) else None
        for name, value in facts.items()
    }
