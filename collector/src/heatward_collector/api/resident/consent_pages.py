"""A resident's consent that the supplier may know the address: for one case, dated, by own hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from ...accounts import Role, Viewer
from ...core.cases import Case
from ...errors import CaseRefused
from ..casework.case_room import CaseRoom
from ..casework.case_words import row_of
from ..frame.office_frame import OfficeFrame
from ..frame.rendering import see_other
from ..rights.access import may
from ..rights.audited import say_more

Own = Annotated[Viewer, Depends(may(Role.RESIDENT))]


def routes(frame: OfficeFrame, cases: CaseRoom) -> APIRouter:
    """Return the routes of consents."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    def own(viewer: Viewer) -> list[Case]:
        return [one for one in cases.board() if one.is_live and viewer.scope in one.homes]

    @router.get("/home/address")
    def asked(request: Request, viewer: Own) -> HTMLResponse:
        write, names, now_s = frame.write(request), cases.names(), frame.now()
        rows = [
            (
                row_of(one, cases.deadlines(one), names, write, now_s),
                one.consents.get(viewer.scope),
            )
            for one in own(viewer)
        ]
        return frame.page(request, "resident/home_address.html", here="home", rows=rows)

    @router.post("/home/address/{number}")
    def consent(request: Request, number: int, viewer: Own) -> Response:
        case = next((one for one in own(viewer) if one.number == number), None)
        if case is None:
            raise HTTPException(404)
        if viewer.scope not in case.consents:
            try:
                by = frame.write(request).say("the resident")
                cases.do(number, "consent", by, "", (viewer.scope,))
            except CaseRefused as error:
                raise HTTPException(404) from error
        say_more(request, f"case={number} consent")
        return see_other("/home/address")

    return router
