"""Papers in the browser: the order of a case, its text for a group, and today's round."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from ...accounts import Role, Viewer
from ...accounts.roles import OFFICES
from ...cases import CaseStore
from ...config import Config
from ...core.rounds import Door as HomeDoor
from ...errors import CaseRefused, HeatwardError
from ...evidence import gather, subject_of_case
from ...evidence.files import facts_of, files_of
from ...evidence.packed import pack
from ...evidence.printed import printed as printed_evidence
from ...evidence.stamped import timestamp_facts, timestamp_files
from ...locale import ENGLISH, Texts
from ...papers.printing import FontMissing
from ...refund import Books, open_books
from ...registry import open_registry
from ...rounds import Round, plan_round
from ...rounds.sheets import printed, reasons, spans_of
from ...supervision import CaseFile, CaseFiles
from ...supervision.order import chat_text, order
from ..frame.page_frame import PageFrame
from ..rights.access import may
from ..rights.door import door_of

MOST_DOORS = 40
"""On a phone nobody reads more. The round on paper has as many as two people manage."""
ROUND_READERS = (*OFFICES, Role.OPERATOR, Role.DEMO)
Supervisor = Annotated[
    Viewer, Depends(may(*OFFICES, Role.OPERATOR, Role.DEMO, exports=True, case_id="case"))
]
Rounder = Annotated[Viewer, Depends(may(*ROUND_READERS, exports=True))]


@dataclass(frozen=True, slots=True)
class Stop:
    """One door of a round as a page shows it."""

    building: str
    address: str
    door: str
    """Empty where the reader may not know which home it is."""
    why: str


def routes(frame: PageFrame) -> APIRouter:
    """Return the routes of the papers."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/case/{case_id}/order.pdf")
    def order_pdf(request: Request, case_id: str, viewer: Supervisor) -> Response:
        say = frame.write(request).say
        return _pdf(
            lambda: _with_case(frame.config, case_id, frame.now(), lambda file: order(file, say))
        )

    @router.get("/case/{case_id}/evidence.zip")
    def evidence(request: Request, case_id: str, viewer: Supervisor) -> Response:
        say = frame.write(request).say
        return _evidence(frame.config, int(case_id), int(frame.now()), say)

    @router.get("/case/{case_id}/group-text")
    def group_text(request: Request, case_id: str, viewer: Supervisor) -> Response:
        say = frame.write(request).say
        text = _with_case(
            frame.config, case_id, frame.now(), lambda file: chat_text(file, say).encode()
        )
        return PlainTextResponse(text)

    @router.get("/rounds")
    def rounds(request: Request, viewer: Rounder) -> HTMLResponse:
        write = frame.write(request)
        books, planned = _round(frame.config, request, viewer, frame.now())
        stops = [_stop(one, books, viewer, write.say) for one in planned.doors]
        hours = spans_of(books, write.say)
        books.close()
        return frame.page(
            request,
            "casework/rounds.html",
            refresh_seconds=0,
            here="rounds",
            stops=stops,
            hours=hours,
        )

    @router.get("/rounds.pdf")
    def rounds_pdf(request: Request, viewer: Rounder) -> Response:
        say = frame.write(request).say
        books, planned = _round(frame.config, request, viewer, frame.now())
        doors = tuple(one for one in planned.doors if _may_know(one, viewer))
        made = Round(planned.day, planned.street, doors)
        answer = _pdf(lambda: printed(made, books, int(frame.now()), say))
        books.close()
        return answer

    return router


def _evidence(config: Config, number: int, now_s: int, say: Texts) -> Response:
    """Return pack and paper of a case in one file: made at one moment, they bear the same seal."""
    books, registry = open_books(config), open_registry(config)
    case = CaseStore(registry.database).case(number)
    registry.close()
    try:
        if case is None:
            raise HTTPException(404)
        contents = gather(config, books, subject_of_case(case, books, now_s), now_s, case)
        stamped, _ = timestamp_files(config)
        facts = {**facts_of(contents), **timestamp_facts(stamped)}
        data, seal = pack({**files_of(contents), **stamped}, facts)
        paper = printed_evidence(contents, seal, say, facts.get("timestamp"))
    except HeatwardError as error:
        return PlainTextResponse(str(error), 503)
    finally:
        books.close()
    both = io.BytesIO()
    with zipfile.ZipFile(both, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"evidence-case-{number}.pdf", paper)
        archive.writestr(f"evidence-case-{number}.zip", data)
    name = f'attachment; filename="case-{number}-evidence.zip"'
    return Response(
        both.getvalue(), media_type="application/zip", headers={"Content-Disposition": name}
    )


def _pdf(make: Callable[[], bytes]) -> Response:
    try:
        return Response(make(), media_type="application/pdf")
    except FontMissing as error:
        return PlainTextResponse(str(error), 503)


def _with_case(
    config: Config, case_id: str, now_s: float, use: Callable[[CaseFile], bytes]
) -> bytes:
    files = CaseFiles(config, int(now_s))
    try:
        return use(files.one(int(case_id)))
    except CaseRefused as error:
        raise HTTPException(404) from error
    finally:
        files.close()


def _round(config: Config, request: Request, viewer: Viewer, now_s: float) -> tuple[Books, Round]:
    """Return today's round within a viewer's reach."""
    books, registry = open_books(config), open_registry(config)
    reach = door_of(request).reach()
    planned = plan_round(
        books,
        CaseStore(registry.database),
        now_s,
        most=MOST_DOORS,
        within=lambda building: reach.sees(viewer, "building", building),
    )
    registry.close()
    return books, planned


def _may_know(door: HomeDoor, viewer: Viewer) -> bool:
    """Say whether a reader is told which home it is: offices only where a case asks for it."""
    return viewer.sees_homes or door.has_case or not door.home


def _stop(door: HomeDoor, books: Books, viewer: Viewer, say: Texts) -> Stop:
    directory, english = books.directory, say.language == ENGLISH
    name = directory.name("building", door.building, english)
    address = f"/building/{door.building}"
    if not door.home:
        return Stop(name, address, say("any home, top floor or end wall first"), reasons(door, say))
    return Stop(name, address, door.home if _may_know(door, viewer) else "", reasons(door, say))
