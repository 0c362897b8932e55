"""Today's list of a street, a district or the city, with its map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from ...accounts import Viewer
from ...accounts.roles import LOOKERS
from ...registry import Directory
from ..city.facts import Survey
from ..city.reading_room import ReadingRoom
from ..city.whom_to_call import WhomToCall
from ..findings.finding_room import Board, FindingRoom
from ..findings.finding_words import row_of as finding_row_of
from ..frame.grafana_viewer import in_grafana, own_area
from ..frame.page_frame import PageFrame
from ..frame.rendering import fragment
from ..rights.access import may
from ..rights.door import door_of
from ..rights.need_to_know import told
from ..rights.scope import findings_within, survey_within
from ..words.formats import Formats
from ..words.overview import Overview, overview_of, ranked, row_of
from . import street_map
from .per_survey import PerSurvey, audience_of
from .tasks import TO_SEE_TO, Task, task_of_building, task_of_finding

REFRESH_SECONDS = 300
MOST_TASKS = 30
"""What one person can see to in a day; the list of buildings has the rest."""
Looker = Annotated[Viewer, Depends(may(*LOOKERS))]


@dataclass(frozen=True, slots=True)
class BuildingsToday:
    """How the buildings stand, as everybody with the same scope and language sees it."""

    survey: Survey
    overview: Overview
    tasks: Markup
    more: int
    map: Markup


def routes(frame: PageFrame, findings: FindingRoom) -> APIRouter:
    """Return the route of today's list."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    lists: PerSurvey[BuildingsToday] = PerSurvey()
    lasting: PerSurvey[Markup] = PerSurvey()

    @router.get("/today")
    def today(request: Request, viewer: Looker) -> HTMLResponse:
        whole, now_s = frame.room.survey(), frame.now()
        write = frame.write(request)
        call = door_of(request).derived(WhomToCall)

        def make() -> BuildingsToday:
            survey = survey_within(request, viewer, whole)
            directory = door_of(request).directory()
            return _buildings_today(survey, frame.room, directory, call, write, now_s)

        audience = audience_of(request, viewer, write.say.language, now_s)
        shown, board = lists.get(whole, audience, make), findings.board()
        urgent = lasting.get(
            board,
            (audience, viewer.sees_homes),
            lambda: _going_on(request, viewer, board, call, write),
        )
        return frame.page(
            request,
            "today/today.html",
            refresh_seconds=REFRESH_SECONDS,
            here="today",
            survey=shown.survey,
            overview=shown.overview,
            urgent=urgent,
            tasks=shown.tasks,
            more=shown.more,
            map=shown.map,
            in_grafana=in_grafana(
                frame.config, viewer, write.say.language, "street", "now-7d", **own_area(viewer)
            ),
        )

    return router


def _buildings_today(
    survey: Survey,
    room: ReadingRoom,
    directory: Directory,
    call: WhomToCall,
    write: Formats,
    now_s: float,
) -> BuildingsToday:
    day = datetime.fromtimestamp(now_s, survey.rule.zone).date()
    order = ranked(survey, now_s)
    wanting = [building for building, standing in order if standing in TO_SEE_TO]
    spots = street_map.spots_of(order, directory, write)
    return BuildingsToday(
        survey,
        overview_of(survey, (standing for _, standing in order), write, now_s),
        _rows(
            [
                task_of_building(
                    row_of(one, survey, write, now_s), survey, room.building_days, call, write, day
                )
                for one in wanting[:MOST_TASKS]
            ],
            write,
        ),
        max(len(wanting) - MOST_TASKS, 0),
        street_map.draw(spots, write, write.say("Map of the buildings, each with how it stands")),
    )


def _going_on(
    request: Request, viewer: Viewer, board: Board, call: WhomToCall, write: Formats
) -> Markup:
    """Return the findings that last, as lines of the list, and how many more there are."""
    tasks, say = [], write.say
    lasting = findings_within(request, viewer, [one for one in board.findings if one.is_open])
    for said in lasting[:MOST_TASKS]:
        known = finding_row_of(said, board.names, write, viewer.sees_homes)
        badge = (known.tone, known.mark, known.label)
        shown = replace(said, finding=told(said.finding, viewer.sees_homes))
        tasks.append(task_of_finding(shown, board.names, call, write, badge))
    more = len(lasting) - len(tasks)
    if not more:
        return _rows(tasks, write)
    rest = say.plural("and %(n)d more", "and %(n)d more", more)
    link = Markup('<p class="note"><a href="/findings">{}</a></p>').format(rest)
    return _rows(tasks, write) + link


def _rows(tasks: Sequence[Task], write: Formats) -> Markup:
    """Return lines as they stand in the page; nothing where there is none."""
    return fragment("today/task_rows.html", write, tasks=tasks) if tasks else Markup("")
