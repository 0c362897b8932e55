"""The pages about cases: the board with deadlines, one case with what is to be done, the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, HTTPException, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from ...accounts import Role, Viewer
from ...accounts.roles import OFFICES
from ...cases.desk import DEEDS
from ...config import Config
from ...core.cases import Case
from ...errors import CaseRefused
from ...locale import Texts
from ...spot_checks.photos import PAPERS, PhotoRefused, Photos
from ..frame.office_frame import NOTHING, Answers
from ..frame.page_frame import PageFrame
from ..frame.rendering import see_other
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import door_of
from .case_room import CaseRoom, places_of
from .case_words import (
    ATTACHED,
    DEED_WORDS,
    deeds_of,
    history_of,
    order,
    row_of,
)
from .message_words import message_row, news_of, reached_nobody

REFRESH_SECONDS = 120
MOST_SHOWN = 100
"""A list of more would be read by nobody."""
CASE_LOOKERS = (*OFFICES, Role.OPERATOR, Role.SUPPLIER, Role.DEMO)
"""Volunteers get no cases."""
READERS = (*OFFICES, Role.OPERATOR, Role.DEMO)
OFFICE_DEEDS = ("acknowledge", "dispatch", "measured", "note", "close")
SUPPLIER_DEEDS = ("acknowledge", "claim", "dispute", "note")
Looker = Annotated[Viewer, Depends(may(*CASE_LOOKERS))]
CaseLooker = Annotated[Viewer, Depends(may(*CASE_LOOKERS, case_id="case"))]
CaseActor = Annotated[Viewer, Depends(may(*OFFICES, Role.OPERATOR, Role.SUPPLIER, case_id="case"))]
FileLooker = Annotated[
    Viewer,
    Depends(may(*OFFICES, Role.OPERATOR, Role.SUPPLIER, exports=True, case_id="case")),
]
Reader = Annotated[Viewer, Depends(may(*READERS))]


def routes(frame: PageFrame, cases: CaseRoom) -> APIRouter:
    """Return the routes of the pages about cases."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/cases")
    def board(request: Request, viewer: Looker) -> HTMLResponse:
        write, now_s = frame.write(request), frame.now()
        seen = _within(request, viewer, cases.board())
        rows = [row_of(one, cases.deadlines(one), cases.names(), write, now_s) for one in seen]
        live = sorted((row for row in rows if row.case.is_live), key=order)
        over = [row for row in rows if not row.case.is_live and not row.case.merged_into]
        return frame.page(
            request,
            "casework/cases.html",
            refresh_seconds=REFRESH_SECONDS,
            here="cases",
            live=live[:MOST_SHOWN],
            live_count=len(live),
            overdue=sum(row.is_overdue for row in live),
            closed=sorted(over, key=lambda row: -row.case.changed_s)[:MOST_SHOWN],
        )

    @router.get("/case/{case_id}")
    def one_case(request: Request, case_id: str, viewer: CaseLooker) -> HTMLResponse:
        return _page(request, frame, cases, viewer, _case(cases, case_id))

    @router.post("/case/{case_id}/{deed}")
    def act(
        request: Request,
        case_id: str,
        deed: str,
        viewer: CaseActor,
        reason: Annotated[str, Form(max_length=500)] = "",
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        case = _case(cases, case_id)
        if deed not in _deeds_of(viewer) or deed not in DEEDS:
            raise HTTPException(404)
        say, files = frame.write(request).say, _files(frame.config)
        refused = _do(cases, files, case.number, deed, viewer.name, reason.strip(), file, say)
        if refused:
            return _page(request, frame, cases, viewer, case, refused, {deed: reason})
        say_more(request, f"case={case.number} {deed}")
        return see_other(f"/case/{case.number}")

    @router.get("/case/{case_id}/file/{name}")
    def handed_in(request: Request, case_id: str, name: str, viewer: FileLooker) -> Response:
        case = _case(cases, case_id)
        named = {found[1] for one in case.history if (found := ATTACHED.search(one.reason))}
        kept = _files(frame.config).read(name) if name in named else None
        if kept is None:
            raise HTTPException(404)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(kept[0], media_type=kept[1], headers=headers)

    @router.get("/inbox")
    def inbox(request: Request, viewer: Reader) -> HTMLResponse:
        write = frame.write(request)
        door = door_of(request)
        shown = [
            one
            for one in cases.messages()
            if any(door.sees(viewer, "case", str(number)) for number in cases.cases_of(one))
            or (viewer.role in (Role.OPERATOR, Role.DEMO) and not any(cases.cases_of(one)))
        ]
        return frame.page(
            request,
            "casework/inbox.html",
            refresh_seconds=REFRESH_SECONDS,
            here="inbox",
            told=news_of([message_row(one, write) for one in shown[:MOST_SHOWN]]),
        )

    return router


def _do(
    cases: CaseRoom,
    files: Photos,
    number: int,
    deed: str,
    by: str,
    reason: str,
    file: UploadFile | None,
    say: Texts,
) -> str:
    """Do something to a case; return why it was not done, and what to do then, "" where it was."""
    if deed in _NEED_REASON and not reason:
        return say("Nothing was done: please write why, or what was found.")
    try:
        if deed in _WITH_FILE and file is not None:
            reason = _with_file(files, reason, file.file.read())
        cases.do(number, deed, by, reason)
    except PhotoRefused as error:
        return say.half(str(error))
    except CaseRefused as error:
        # Somebody else was faster: the page as it is now offers what is left.
        return say.half(str(error)) + say(". ") + say("What can be done now stands below.")
    return ""


def _page(
    request: Request,
    frame: PageFrame,
    cases: CaseRoom,
    viewer: Viewer,
    case: Case,
    refused: str = "",
    typed: Answers = NOTHING,
) -> HTMLResponse:
    """Return the page; ``typed`` is what was given as a reason, by deed."""
    write, names, now_s = frame.write(request), cases.names(), frame.now()
    deeds = deeds_of(case, _deeds_of(viewer)) if viewer.csrf else []
    messages = [message_row(one, write) for one in cases.messages_of(case.number)]
    return frame.page(
        request,
        "casework/case.html",
        status_code=409 if refused else 200,
        here="case",
        row=row_of(case, cases.deadlines(case), names, write, now_s),
        history=history_of(case, names, write),
        messages=messages,
        reached_nobody=reached_nobody(messages),
        phones=[(names.supplier(one, write.say), phone) for one, phone in cases.phones(case)],
        addresses=cases.addresses(case, write.say),
        findings=[one.id for one in case.signs if not one.id.startswith("below:")],
        deeds=[(deed, write.say(DEED_WORDS[deed]), deed in _NEED_REASON) for deed in deeds],
        with_file=_WITH_FILE,
        refused=refused,
        typed=typed,
    )


_NEED_REASON = frozenset({"close", "dispute", "note"})
_WITH_FILE = frozenset({"dispute", "note"})
"""What may rest on a file: a log of the heat source, a photograph, a letter."""


def _files(config: Config) -> Photos:
    return Photos(config.state.directory / "photos", PAPERS)


def _with_file(files: Photos, reason: str, data: bytes) -> str:
    """Return the reason with the name of the file that it rests on; alone where none was sent."""
    return f"{reason.strip()} [{files.keep(data)}]" if data else reason


def _deeds_of(viewer: Viewer) -> Sequence[str]:
    return SUPPLIER_DEEDS if viewer.role is Role.SUPPLIER else OFFICE_DEEDS


def _case(cases: CaseRoom, key: str) -> Case:
    found = cases.case(int(key)) if key.isdecimal() and len(key) < 10 else None
    if found is None:
        raise HTTPException(404)
    return found


def _within(request: Request, viewer: Viewer, cases: Sequence[Case]) -> list[Case]:
    """Return the cases of which a place lies within a viewer's reach."""
    reach = door_of(request).reach()
    return [one for one in cases if any(reach.sees(viewer, *place) for place in places_of(one))]
