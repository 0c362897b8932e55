"""What of a list lies within the scope of whoever asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fastapi import Request

from heatward_collector.conclusions.findings import SaidFinding

from ...accounts import Reach, Viewer
from ...accounts.reach import UNLIMITED
from ..city.facts import Survey
from ..rights.need_to_know import visible
from .door import door_of


def survey_within(request: Request, viewer: Viewer, survey: Survey) -> Survey:
    """Return a survey of the buildings that a viewer may see."""
    if viewer.role in UNLIMITED:
        return survey
    sees = door_of(request).reach().chooser(viewer, "building")
    buildings = tuple(one for one in survey.buildings if sees(one.id))
    heard = [one.heard_at for one in buildings if one.heard_at is not None]
    ranked = survey.ranked
    if ranked is not None:
        # How a building stands does not depend on who asks, so what is left is ranked, too.
        ranked = tuple(one for one in ranked if sees(one[0].id))
    return replace(survey, buildings=buildings, heard_at=max(heard, default=None), ranked=ranked)


def findings_within(
    request: Request, viewer: Viewer, findings: Sequence[SaidFinding]
) -> list[SaidFinding]:
    """Return the findings that touch a place which a viewer may see."""
    shown = visible(findings, viewer.sees_homes)
    if viewer.role in UNLIMITED:
        return shown
    reach = door_of(request).reach()
    return [one for one in shown if touches(reach, viewer, one)]


def touches(reach: Reach, viewer: Viewer, said: SaidFinding) -> bool:
    """Say whether a finding's place, or a building in which homes cooled, is within reach."""
    finding = said.finding
    return reach.sees(viewer, finding.level.value, finding.place) or any(
        reach.sees(viewer, "building", building) for building in finding.buildings
    )
