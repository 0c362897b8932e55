"""Complaints on pages: beside the readings, how many are closed, where sensors lack; by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from ...accounts import Viewer
from ...complaints.beside_readings import Closure, closure, complaints_sheet, lack_sheet
from ...complaints.entry import complaint_row
from ...locale import message
from ...papers.sheets import Cell, workbook_bytes
from ...refund import Books
from ...registry.tables import complaint as complaint_table
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
from ..rights.door import Place, Places, door_of
from ..words.formats import Formats

MOST_SHOWN = 100
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LABELS = {
    "number": message("Number of the complaint"),
    "building": message("Building"),
    "home": message("Id of the home"),
    "received": message("Received at"),
    "text": message("What it says"),
    "channel": message("Where it came from"),
    "closed": message("Closed at"),
}
"""How the form calls its fields, on the page and where one cannot be taken."""
FIELD_OF = {
    "id": "number",
    "received_s": "received",
    "closed_s": "closed",
    "text": "text",
    "channel": "channel",
}
"""What the form calls the columns that it fills as they are typed."""
NO_BUILDING = message("Please choose the building.")
NO_HOME = message("There is no such home in this building.")
TOO_EARLY = message("Closed before it was received.")
TAKEN = message("There is a complaint with this number already: close it in the list.")

Clerk = Annotated[Viewer, Depends(may(*CLERKS))]
Reader = Annotated[Viewer, Depends(may(*READERS))]
Exporting = Annotated[Viewer, Depends(may(*READERS, exports=True))]
Closer = Annotated[Viewer, Depends(may(*CLERKS, complaint_id="complaint"))]
Typed = Annotated[dict[str, str], Depends(typed_into(*LABELS))]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One complaint as the list shows it."""

    row: Row
    building: str
    that_day: str
    """What was measured in the building on the day of the complaint."""


def places_of(frame: OfficeFrame) -> Places:
    """Return how the door learns where a complaint lies; one without a building lies nowhere."""

    def look(key: str) -> Sequence[Place] | None:
        with frame.books() as books:
            found = [row for row in books.tables["complaint"] if row["id"] == key]
        return [("building", found[0]["building"] or "")] if found else None

    return look


def routes(frame: OfficeFrame) -> APIRouter:
    """Return the routes of complaints."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/complaints")
    def listed(request: Request, viewer: Reader) -> HTMLResponse:
        write = frame.write(request)
        with frame.books() as books:
            rows = _within(request, viewer, books)
            lacking = lack_sheet(books, rows, write.say).rows
            shown = _shown(books, rows[:MOST_SHOWN], frame, request)
        return frame.page(
            request,
            "records/complaints.html",
            shown=shown,
            more=max(len(rows) - MOST_SHOWN, 0),
            closed=_words_of(closure(rows), frame, request),
            lacking=lacking,
        )

    @router.get("/complaints.xlsx")
    def exported(request: Request, viewer: Exporting) -> Response:
        say = frame.write(request).say
        with frame.books() as books:
            rows = _within(request, viewer, books)
            sheets = [complaints_sheet(books, rows, say), lack_sheet(books, rows, say)]
        name = {"Content-Disposition": 'attachment; filename="complaints.xlsx"'}
        return Response(workbook_bytes(sheets), media_type=SPREADSHEET, headers=name)

    @router.post("/complaints/{complaint_id}/close")
    def close(request: Request, complaint_id: str, viewer: Closer) -> Response:
        registry, now_s = door_of(request).registry, int(frame.now())
        row = next((one for one in registry.rows("complaint") if one["id"] == complaint_id), None)
        if row is None:
            raise HTTPException(404)
        if row["state"] != "closed":
            done = {**row, "state": "closed", "closed_s": max(now_s, row["received_s"])}
            registry.put({"complaint": [done]})
        say_more(request, f"complaint={complaint_id} closed")
        return see_other("/complaints")

    _add_entry(router, frame)
    return router


def _add_entry(router: APIRouter, frame: OfficeFrame) -> None:
    @router.get("/complaints/new")
    def form(request: Request, viewer: Clerk, building: str = "") -> HTMLResponse:
        answers = {"building": building, "received": frame.typed_now(frame.write(request))}
        return _form(request, frame, viewer, answers, [])

    @router.post("/complaints/new")
    def enter(request: Request, viewer: Clerk, answers: Typed) -> Response:
        if not viewer.sees_homes:
            answers["home"] = ""
        row, problems = _entered(request, frame, viewer, answers)
        if problems:
            return _form(request, frame, viewer, answers, problems)
        door_of(request).registry.put({"complaint": [row]})
        say_more(request, f"complaint={row['id']} building={row['building']}")
        return see_other("/complaints")


def _entered(
    request: Request, frame: OfficeFrame, viewer: Viewer, answers: Answers
) -> tuple[dict[str, Any], list[str]]:
    """Return the row that a form asks for, and why it cannot be taken."""
    write, directory = frame.write(request), door_of(request).directory()
    cells = {column: answers[field] for column, field in FIELD_OF.items()}
    cells["id"] = "x" if cells["id"] else ""
    labels = {column: LABELS[field] for column, field in FIELD_OF.items()}
    read, problems = read_form(complaint_table, cells, write, labels)
    building, home = answers["building"], answers["home"] or None
    if (
        not sees_building(request, viewer)(building)
        or building not in (directory.tables["building"])
    ):
        problems.append(write.say(NO_BUILDING))
    elif home is not None and not _is_in(home, building, door_of(request).directory().tables):
        problems.append(write.say(NO_HOME))
    if problems:
        return {}, problems
    received_s, closed_s = read["received_s"], read["closed_s"]
    if closed_s is not None and closed_s < received_s:
        return {}, [write.say(TOO_EARLY)]
    row = complaint_row(
        answers["number"],
        received_s,
        building,
        int(frame.now()),
        home=home,
        text=read["text"] or "",
        channel=read["channel"] or "",
        closed_s=closed_s,
    )
    held = {one["id"] for one in door_of(request).registry.rows("complaint")}
    return row, [write.say(TAKEN)] if row["id"] in held else []


def _is_in(home: str, building: str, tables: Mapping[str, Mapping[str, Row]]) -> bool:
    row = tables["home"].get(home)
    return row is not None and tables["stairwell"][row["stairwell"]]["building"] == building


def _form(
    request: Request, frame: OfficeFrame, viewer: Viewer, answers: Answers, problems: list[str]
) -> HTMLResponse:
    directory, write = door_of(request).directory(), frame.write(request)
    sees, english = sees_building(request, viewer), write.say.language == "en"
    buildings = [
        (key, directory.name("building", key, english)) for key in directory.buildings if sees(key)
    ]
    return frame.page(
        request,
        "records/complaint_new.html",
        status_code=422 if problems else 200,
        problems=problems,
        answers=answers,
        labels=LABELS,
        buildings=sorted(buildings, key=lambda one: one[1]),
    )


def _within(request: Request, viewer: Viewer, books: Books) -> list[Row]:
    """Return the complaints about buildings within reach, the newest first."""
    sees = sees_building(request, viewer)
    rows = [row for row in books.tables["complaint"] if sees(row["building"])]
    return sorted(rows, key=lambda row: (-row["received_s"], row["id"]))


def _shown(books: Books, rows: Sequence[Row], frame: OfficeFrame, request: Request) -> list[Shown]:
    write = frame.write(request)
    sheet = complaints_sheet(books, rows, write.say)
    return [
        Shown(row, str(line[2] or ""), _that_day(line[8], line[9], write))
        for row, line in zip(rows, sheet.rows, strict=True)
    ]


def _that_day(verdict: Cell, median: Cell, write: Formats) -> str:
    parts = [str(verdict), *([write.celsius(median)] if isinstance(median, float) else [])]
    return write.say(", ").join(parts)


def _words_of(found: Closure, frame: OfficeFrame, request: Request) -> dict[str, str]:
    write = frame.write(request)
    return {
        "received": str(found.received),
        "closed": str(found.closed),
        "share": write.percent(found.share),
        "hours": write.number(found.median_hours),
    }
