"""Today's list of a street, a district or the city, with its map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from ..accounts import Viewer
from ..accounts.roles import LOOKERS
from ..config import Config
from . import street_map
from .access import may
from .door import door_of
from .finding_room import FindingRoom
from .finding_words import row_of as finding_row_of
from .finding_words import told
from .grafana_viewer import in_grafana, own_area
from .overview import overview_of, ranked, row_of
from .reading_room import ReadingRoom
from .rendering import formats_of, render
from .scope import findings_within, survey_within
from .today import TO_SEE_TO, task_of_building, task_of_finding
from .whom_to_call import WhomToCall

REFRESH_SECONDS = 300
MOST_TASKS = 30
"""What one person can see to in a day; the list of buildings has the rest."""
Looker = Annotated[Viewer, Depends(may(*LOOKERS))]


def routes(
    config: Config, room: ReadingRoom, findings: FindingRoom, now: Callable[[], float]
) -> APIRouter:
    """Return the route of today's list."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/today")
    def today(request: Request, viewer: Looker) -> HTMLResponse:
        survey, now_s = survey_within(request, viewer, room.survey()), now()
        write = formats_of(request, survey.rule.zone)
        directory = door_of(request).directory()
        call, day = (
            door_of(request).derived(WhomToCall),
            datetime.fromtimestamp(now_s, survey.rule.zone).date(),
        )
        order = ranked(survey, now_s)
        wanting = [building for building, standing in order if standing in TO_SEE_TO]
        board = findings.board()
        going_on = [one for one in findings_within(request, viewer, board.findings) if one.is_open]
        tasks = []
        for said in going_on[:MOST_TASKS]:
            known = finding_row_of(said, board.names, write, viewer.sees_homes)
            badge = (known.tone, known.mark, known.label)
            shown = replace(said, finding=told(said.finding, viewer.sees_homes))
            tasks.append(task_of_finding(shown, board.names, call, write, badge))
        title = write.say("Map of the buildings, each with how it stands")
        spots = street_map.spots_of(order, directory, write)
        return render(
            request,
            "today.html",
            write,
            demo=config.demo,
            now_s=now_s,
            refresh_seconds=REFRESH_SECONDS,
            here="today",
            survey=survey,
            overview=overview_of(survey, (standing for _, standing in order), write, now_s),
            urgent=tasks,
            tasks=[
                task_of_building(
                    row_of(one, survey, write, now_s), survey, room.building_days, call, write, day
                )
                for one in wanting[:MOST_TASKS]
            ],
            more=max(len(wanting) - MOST_TASKS, 0),
            map=street_map.draw(spots, write, title),
            in_grafana=in_grafana(
                config, viewer, write.say.language, "street", "now-7d", **own_area(viewer)
            ),
        )

    return router
