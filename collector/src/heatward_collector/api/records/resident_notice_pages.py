"""Residents' notices on pages: who told whom, by what channel, when; days of refund run from it.

Offices put down what they hear of; residents put down what they did themselves.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from ...accounts import Role, Viewer
from ...core.refund.notified import NOTICE_HOURS
from ...locale import message
from ...refund import Books
from ...refund.selection import above
from ...registry.choices import NOTICE_CHANNELS
from ...registry.tables import resident_notice as notice_table
from ..frame.office_frame import (
    CLERKS,
    READERS,
    Answers,
    OfficeFrame,
    read_form,
    sees_building,
    typed_into,
)
from ..frame.rendering import see_other
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import door_of
from ..words.formats import Formats

MOST_SHOWN = 100
CHANNELS = {
    "phone": message("by phone"),
    "hotline": message("by the hotline 12345"),
    "online": message("on the internet"),
    "in_person": message("in person"),
    "letter": message("in writing"),
}
LABELS = {
    "home": message("Number of the home, from its slip"),
    "given_s": message("When the supplier was told"),
    "given_by": message("Who told it"),
    "given_to": message("Who was told"),
    "channel": message("How"),
    "note": message("Note"),
}
"""How the form calls its fields, on the page and where one cannot be taken."""
OWN_LABELS = {
    "given_s": message("When did you tell them?"),
    "given_to": message("Whom did you tell?"),
    "channel": message("How"),
    "note": message("Note, such as a number that they gave you"),
}
"""The same, where residents speak for themselves."""
NO_HOME = message("There is no such home in your area.")
TO_COME = message("The time lies in the future.")

Clerk = Annotated[Viewer, Depends(may(*CLERKS))]
Reader = Annotated[Viewer, Depends(may(*READERS))]
Own = Annotated[Viewer, Depends(may(Role.RESIDENT))]
Typed = Annotated[dict[str, str], Depends(typed_into(*LABELS))]
OwnTyped = Annotated[dict[str, str], Depends(typed_into(*OWN_LABELS))]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One notice as a list shows it."""

    row: Row
    building: str
    channel: str
    is_over: bool
    """Whether the 48 hours are over, so that a cold day counts."""


def routes(frame: OfficeFrame) -> APIRouter:
    """Return the routes of residents' notices."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/resident-notices")
    def listed(request: Request, viewer: Reader) -> HTMLResponse:
        write, sees = frame.write(request), sees_building(request, viewer)
        with frame.books() as books:
            rows = [
                row
                for row in books.tables["resident_notice"]
                if sees(above(books.directory, "building", row["home"]))
            ]
            shown = _shown(rows, books, write, frame.now())
        return frame.page(
            request,
            "records/resident_notices.html",
            shown=shown,
            more=max(len(rows) - MOST_SHOWN, 0),
        )

    @router.get("/resident-notices/new")
    def form(request: Request, viewer: Clerk) -> HTMLResponse:
        return _form(request, frame, {"given_s": frame.typed_now(frame.write(request))}, [])

    @router.post("/resident-notices/new")
    def enter(request: Request, viewer: Clerk, answers: Typed) -> Response:
        row, problems = _entered(frame, answers, frame.write(request), LABELS)
        with frame.books() as books:
            is_own = answers["home"] in books.directory.home_index and sees_building(
                request, viewer
            )(above(books.directory, "building", answers["home"]))
        if not is_own:
            problems.append(frame.write(request).say(NO_HOME))
        if problems:
            return _form(request, frame, answers, problems)
        door_of(request).registry.put({"resident_notice": [row]})
        say_more(request, f"resident_notice={row['id']}")
        return see_other("/resident-notices")

    _add_own(router, frame)
    return router


def _add_own(router: APIRouter, frame: OfficeFrame) -> None:
    @router.get("/home/notice")
    def own(request: Request, viewer: Own) -> HTMLResponse:
        answers = {"given_s": frame.typed_now(frame.write(request))}
        return _own_page(request, frame, viewer, answers, [])

    @router.post("/home/notice")
    def tell(request: Request, viewer: Own, typed: OwnTyped) -> Response:
        write = frame.write(request)
        answers = {"home": viewer.scope, "given_by": write.say("the resident"), **typed}
        row, problems = _entered(frame, answers, write, {**LABELS, **OWN_LABELS})
        if problems:
            return _own_page(request, frame, viewer, answers, problems)
        door_of(request).registry.put({"resident_notice": [row]})
        say_more(request, f"resident_notice={row['id']}")
        return see_other("/home/notice")


def _entered(
    frame: OfficeFrame, answers: Answers, write: Formats, labels: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the row that a form asks for, and why it cannot be taken."""
    row, problems = read_form(notice_table, answers, write, labels)
    now_s = int(frame.now())
    if row["given_s"] is not None and row["given_s"] > now_s:
        problems.append(write.say(TO_COME))
    day = datetime.fromtimestamp(now_s, write.zone)
    row["id"] = f"n{day:%Y%m%d}-{secrets.token_hex(4)}"
    row["recorded_s"] = now_s
    return row, problems


def _form(
    request: Request, frame: OfficeFrame, answers: Answers, problems: list[str]
) -> HTMLResponse:
    return frame.page(
        request,
        "records/resident_notice_new.html",
        status_code=422 if problems else 200,
        problems=problems,
        answers=answers,
        labels=LABELS,
        channels=_channels(frame.write(request)),
    )


def _own_page(
    request: Request, frame: OfficeFrame, viewer: Viewer, answers: Answers, problems: list[str]
) -> HTMLResponse:
    write = frame.write(request)
    with frame.books() as books:
        rows = [row for row in books.tables["resident_notice"] if row["home"] == viewer.scope]
        shown = _shown(rows, books, write, frame.now())
        supplier, is_known = "", viewer.scope in books.directory.home_index
        if is_known:
            key = above(books.directory, "supplier", viewer.scope)
            supplier = books.directory.name("supplier", key, write.say.language == "en")
    return frame.page(
        request,
        "resident/home_notice.html",
        status_code=422 if problems else 200,
        here="home",
        problems=problems,
        answers={"given_to": supplier, **answers},
        labels=OWN_LABELS,
        channels=_channels(write),
        shown=shown,
        hours=NOTICE_HOURS,
    )


def _channels(write: Formats) -> list[tuple[str, str]]:
    return [(key, write.say(CHANNELS[key])) for key in NOTICE_CHANNELS]


def _shown(rows: list[Row], books: Books, write: Formats, now_s: float) -> list[Shown]:
    return [
        _one(row, books, write, now_s)
        for row in sorted(rows, key=lambda row: (-row["given_s"], row["id"]))[:MOST_SHOWN]
    ]


def _one(row: Row, books: Books, write: Formats, now_s: float) -> Shown:
    building, how = above(books.directory, "building", row["home"]), CHANNELS[row["channel"]]
    return Shown(
        row,
        books.directory.name("building", building, write.say.language == "en"),
        write.say(how),
        row["given_s"] + NOTICE_HOURS * 3600 <= now_s,
    )
