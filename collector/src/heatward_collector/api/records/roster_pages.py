"""Rosters on a page: who is on duty tonight for each heat source, and a duty to be put down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse

from ...accounts import Reach, Viewer
from ...alerts.recipients import Charge, Recipient, Recipients
from ...core.cases.duty_notices import holidays
from ...core.cases.telling import Audience
from ...local_days import bounds, day_of
from ...locale import message
from ...refund import Books
from ...registry.choices import ROLE_SUBJECTS
from ...registry.tables import duty as duty_table
from ..frame.office_frame import (
    CLERKS,
    READERS,
    Answers,
    OfficeFrame,
    read_form,
    typed,
    typed_into,
)
from ..frame.rendering import see_other
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import door_of
from ..words.formats import Formats

TONIGHT_H = 22
"""Somebody who is on duty tonight is so at this hour. [h, local]"""
COMING_DAYS = 14
OFFICERS = ("responsible_officer", "street_office", "district_department")
LABELS = {
    "source": message("Heat source"),
    "person": message("On duty"),
    "from_s": message("From"),
    "to_s": message("Until"),
    "rank": message("Order"),
}
"""How the form calls its fields, on the page and where one cannot be taken."""
NO_SOURCE = message("Please choose the heat source.")
NO_PERSON = message("Please choose the person.")
ENDS_EARLY = message("The duty must end after it begins.")
OVER = message("The duty is over already.")

Clerk = Annotated[Viewer, Depends(may(*CLERKS))]
Reader = Annotated[Viewer, Depends(may(*READERS))]
Word = Annotated[str, Form(max_length=64)]
Typed = Annotated[dict[str, str], Depends(typed_into(*LABELS))]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tonight:
    """Who is called about one source tonight."""

    source: str
    first: Recipient | None
    """Whom the first message reaches; None where the registry names nobody."""
    next: Recipient | None
    """Who is told after fifteen minutes of silence."""
    is_rostered: bool
    """Whether the roster says so; else it is the officer who is always in charge."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One duty that runs or is to come."""

    row: Row
    source: str
    person: str
    runs: bool


def routes(frame: OfficeFrame) -> APIRouter:
    """Return the routes of rosters."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/roster")
    def roster(request: Request, viewer: Reader) -> HTMLResponse:
        return _page(request, frame, viewer, _usual(frame, request), [])

    @router.post("/roster")
    def enter(request: Request, viewer: Clerk, answers: Typed) -> Response:
        row, problems = _entered(request, frame, viewer, answers)
        if problems:
            return _page(request, frame, viewer, answers, problems)
        door_of(request).registry.put({"duty": [row]})
        say_more(request, f"source={row['source']} person={row['person']} rank={row['rank']}")
        return see_other("/roster")

    @router.post("/roster/end")
    def end(
        request: Request,
        viewer: Clerk,
        source: Word = "",
        from_s: Word = "",
        rank: Word = "",
    ) -> Response:
        registry, now_s = door_of(request).registry, int(frame.now())
        sees = door_of(request).reach().chooser(viewer, "source")
        key = (source, from_s, rank)
        for row in registry.rows("duty"):
            if (row["source"], str(row["from_s"]), str(row["rank"])) == key and sees(source):
                # A duty that has not begun ends before it does: nobody is ever called for it.
                registry.put({"duty": [{**row, "to_s": min(row["to_s"], now_s)}]})
                say_more(request, f"source={source} person={row['person']} ended")
        return see_other("/roster")

    return router


def _entered(
    request: Request, frame: OfficeFrame, viewer: Viewer, answers: Answers
) -> tuple[dict[str, Any], list[str]]:
    """Return the row that a form asks for, and why it cannot be taken."""
    write, door = frame.write(request), door_of(request)
    row, problems = read_form(duty_table, answers, write, LABELS)
    sees, directory = door.reach().chooser(viewer, "source"), door.directory()
    source, person = row["source"], row["person"]
    if source is not None and not (source in directory.tables["source"] and sees(source)):
        problems.append(write.say(NO_SOURCE))
    elif person is not None and person not in {key for key, _ in _people(request, viewer)}:
        problems.append(write.say(NO_PERSON))
    if not problems and row["to_s"] <= row["from_s"]:
        problems.append(write.say(ENDS_EARLY))
    elif not problems and row["to_s"] <= frame.now():
        problems.append(write.say(OVER))
    return row, problems


def _page(
    request: Request, frame: OfficeFrame, viewer: Viewer, answers: Answers, problems: list[str]
) -> HTMLResponse:
    write, reach = frame.write(request), door_of(request).reach()
    now_s = int(frame.now())
    with frame.books() as books:
        sources = _sources(books, reach, viewer, write)
        tonight = [_tonight(books, source, name, now_s) for source, name in sources]
        planned = _planned(books, dict(sources), now_s)
    today = day_of(now_s, write.zone)
    return frame.page(
        request,
        "records/roster.html",
        status_code=422 if problems else 200,
        problems=problems,
        answers=answers,
        labels=LABELS,
        tonight=tonight,
        planned=planned,
        sources=sources,
        people=_people(request, viewer),
        today=today,
        holiday=_holiday(today),
    )


def _sources(books: Books, reach: Reach, viewer: Viewer, write: Formats) -> list[tuple[str, str]]:
    sees, english = reach.chooser(viewer, "source"), write.say.language == "en"
    return [
        (key, books.directory.name("source", key, english))
        for key in sorted(books.directory.tables["source"])
        if sees(key)
    ]


def _tonight(books: Books, source: str, name: str, now_s: int) -> Tonight:
    """Return whom a message about a source reaches tonight, by the very rules of messages."""
    today = day_of(now_s, books.zone)
    night_s = max(bounds(today, books.zone)[0] + TONIGHT_H * 3600, now_s)
    tables = books.tables
    recipients = Recipients(tables["person"], tables["duty"], tables["contact"])
    charge = Charge(sources=(source,))
    first = recipients.of(Audience.OFFICER, charge, night_s, today)[:1]
    following = recipients.of(Audience.NEXT_OFFICER, charge, night_s, today)[:1]
    known = [one for one in first if one.is_known]
    return Tonight(
        name,
        known[0] if known else None,
        following[0] if following and following[0].is_known else None,
        any(
            row["source"] == source and row["from_s"] <= night_s < row["to_s"]
            for row in tables["duty"]
        ),
    )


def _planned(books: Books, sources: Mapping[str, str], now_s: int) -> list[Planned]:
    last_s = now_s + COMING_DAYS * 86_400
    people = {row["id"]: str(row["name"]) for row in books.tables["person"]}
    rows = [
        row
        for row in books.tables["duty"]
        if row["source"] in sources and row["to_s"] > now_s and row["from_s"] < last_s
    ]
    rows.sort(key=lambda row: (row["from_s"], row["source"], row["rank"]))
    return [
        Planned(
            row,
            sources[row["source"]],
            people.get(row["person"]) or str(row["person"]),
            row["from_s"] <= now_s,
        )
        for row in rows
    ]


def _people(request: Request, viewer: Viewer) -> list[tuple[str, str]]:
    """Return the officers within reach who can be put on duty."""
    reach = door_of(request).reach()
    found = [
        (str(key), str(row["name"]))
        for key, row in door_of(request).directory().tables["person"].items()
        if row["role"] in OFFICERS
        and reach.sees(viewer, ROLE_SUBJECTS[row["role"]], row["subject"])
    ]
    return sorted(found, key=lambda one: one[1])


def _usual(frame: OfficeFrame, request: Request) -> dict[str, str]:
    """Return what a form proposes: tonight from 17:00 to 08:00."""
    write = frame.write(request)
    today = day_of(frame.now(), write.zone)
    begin = datetime(today.year, today.month, today.day, 17, tzinfo=write.zone)
    return {
        "rank": "1",
        "from_s": typed(begin.timestamp(), write),
        "to_s": typed((begin + timedelta(hours=15)).timestamp(), write),
    }


def _holiday(today: date) -> date | None:
    """Return a long holiday that begins within the fortnight, for which a roster is needed."""
    coming = [today + timedelta(days=number) for number in range(COMING_DAYS)]
    known = holidays()
    return next((day for day in coming if day in known), None)
