"""Measurements on site on pages: three names, instrument, point, photo; beside the sensor."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, HTTPException, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from ...accounts import Viewer
from ...cases import CaseStore
from ...locale import Texts, message
from ...refund import Books
from ...refund.selection import above
from ...registry.tables import spot_check as check_table
from ...rounds.sheets import spans_of
from ...spot_checks import Compared, Offer, compare, offer
from ...spot_checks.photos import PhotoRefused, Photos
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

MOST_SHOWN = 20
"""Each is looked up in the ledger."""
LABELS = {
    "room": message("1. Room: choose it, or type its number from the round"),
    "measured_s": message("2. When"),
    "celsius": message("3. Temperature on the thermometer, °C"),
    "height_m": message("4. Height above the floor, metres"),
    "to_outer_wall_m": message("5. From the outer wall or window, metres"),
    "shut_minutes": message("6. Doors and windows shut for, minutes"),
    "instrument": message("7. Thermometer, its number"),
    "certificate": message("8. Its certificate"),
    "certificate_until": message("9. Certificate valid until"),
    "resident": message("10. Signed for the home"),
    "supplier_person": message("11. Signed for the supplier"),
    "office_person": message("12. Signed for the street office"),
}
"""How the form calls its fields, on the page and where one cannot be taken."""
NO_ROOM = message("There is no such room in your area. It stands on the round and on the case.")
TO_COME = message("The time lies in the future.")
NOTHING_TO_CORRECT = message(
    "No correction can be made: the measurements contradict each other, or a certificate of the "
    "sensor knows better, or it was corrected already."
)

Clerk = Annotated[Viewer, Depends(may(*CLERKS))]
Reader = Annotated[Viewer, Depends(may(*READERS))]
CheckReader = Annotated[Viewer, Depends(may(*READERS, exports=True, check_id="spot_check"))]
CheckClerk = Annotated[Viewer, Depends(may(*CLERKS, check_id="spot_check"))]
Photo = Annotated[UploadFile | None, File()]
Typed = Annotated[dict[str, str], Depends(typed_into(*LABELS))]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One measurement on site as the list shows it."""

    compared: Compared
    building: str
    building_id: str
    why_not: str
    """Why it is not official, in words; empty where it is."""
    offer: Offer | None
    """A correction of the sensor that its room asks for; at the newest measurement only."""


def places_of(frame: OfficeFrame) -> Places:
    """Return how the door learns where a measurement was made."""

    def look(key: str) -> Sequence[Place] | None:
        with frame.books() as books:
            found = _row(books, key)
            return None if found is None else [("building", _building(books, found["room"]))]

    return look


def routes(frame: OfficeFrame) -> APIRouter:
    """Return the routes of measurements on site."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/spot-checks")
    def listed(request: Request, viewer: Reader) -> HTMLResponse:
        write = frame.write(request)
        with frame.books() as books:
            shown = _shown(request, frame, viewer, books, write.say)
            hours = spans_of(books, write.say)
        return frame.page(request, "records/spot_checks.html", shown=shown, hours=hours)

    @router.get("/spot-checks/{check_id}/photo")
    def photo(request: Request, check_id: str, viewer: CheckReader) -> Response:
        with frame.books() as books:
            row = _row(books, check_id)
        found = None if row is None else _photos(frame).read(row["photo"] or "")
        if found is None:
            raise HTTPException(404)
        return Response(found[0], media_type=found[1])

    @router.post("/spot-checks/{check_id}/correct")
    def correct(request: Request, check_id: str, viewer: CheckClerk) -> Response:
        with frame.books() as books:
            row = _row(books, check_id)
            found = None if row is None else _offer(frame, books, row["room"])
        if found is None:
            say = frame.write(request).say
            return frame.page(
                request, "frame/entry_refused.html", status_code=409, why=say(NOTHING_TO_CORRECT),
                back="/spot-checks",
            )  # fmt: skip
        door_of(request).registry.put({"calibration": [found.row]})
        say_more(request, f"sensor={found.sensor} offset={found.row['offset_kelvin']}")
        return see_other("/spot-checks")

    _add_entry(router, frame)
    return router


def _add_entry(router: APIRouter, frame: OfficeFrame) -> None:
    @router.get("/spot-checks/new")
    def form(request: Request, viewer: Clerk, room: str = "") -> HTMLResponse:
        write = frame.write(request)
        # Nothing of the measurement is proposed: what nobody has measured would stand as evidence.
        answers = {"room": room, "measured_s": frame.typed_now(write)}
        return _form(request, frame, viewer, answers, [])

    @router.post("/spot-checks/new")
    def enter(request: Request, viewer: Clerk, answers: Typed, photo: Photo = None) -> Response:
        write = frame.write(request)
        row, problems = _entered(request, frame, viewer, answers, write)
        data = b"" if photo is None else photo.file.read()
        if not problems and data:
            try:
                row["photo"] = _photos(frame).keep(data)
            except PhotoRefused as error:
                problems.append(write.say.half(str(error)))
        if problems:
            return _form(request, frame, viewer, answers, problems)
        door_of(request).registry.put({"spot_check": [row]})
        say_more(request, f"spot_check={row['id']}")
        return see_other("/spot-checks")


def _entered(
    request: Request, frame: OfficeFrame, viewer: Viewer, answers: Answers, write: Formats
) -> tuple[dict[str, Any], list[str]]:
    """Return the row that a form asks for, and why it cannot be taken."""
    row, problems = read_form(check_table, answers, write, LABELS)
    now_s, zone = int(frame.now()), write.zone
    rooms = door_of(request).directory().tables["room"]
    with frame.books() as books:
        is_own = answers["room"] in rooms and sees_building(request, viewer)(
            _building(books, answers["room"])
        )
    if not is_own:
        problems.append(write.say(NO_ROOM))
    if row["measured_s"] is not None and row["measured_s"] > now_s:
        problems.append(write.say(TO_COME))
    day = datetime.fromtimestamp(now_s, zone)
    row["id"] = f"m{day:%Y%m%d}-{secrets.token_hex(4)}"
    row["recorded_s"] = now_s
    return row, problems


def _form(
    request: Request, frame: OfficeFrame, viewer: Viewer, answers: Answers, problems: list[str]
) -> HTMLResponse:
    write = frame.write(request)
    with frame.books() as books:
        rooms = _known_rooms(request, viewer, books, write)
        hours, excluded = spans_of(books, write.say), books.standard.excluded_hours
    return frame.page(
        request,
        "records/spot_check_new.html",
        status_code=422 if problems else 200,
        problems=problems,
        answers=answers,
        labels=LABELS,
        rooms=rooms,
        hours=hours,
        excluded=excluded,
    )


def _known_rooms(
    request: Request, viewer: Viewer, books: Books, write: Formats
) -> list[tuple[str, str]]:
    """Return the rooms that a reader may know: offices only those of homes with a live case."""
    sees, english = sees_building(request, viewer), write.say.language == "en"
    cases = CaseStore(door_of(request).registry.database).cases(live_only=True)
    known = {home for case in cases for home in case.homes}
    found = []
    for room, row in books.directory.tables["room"].items():
        building = _building(books, room)
        if (viewer.sees_homes or row["home"] in known) and sees(building):
            name = books.directory.name("building", building, english)
            found.append((room, f"{name} · {row['home']} · {write.use(row['use'])}"))
    return sorted(found, key=lambda one: one[1])


def _shown(
    request: Request, frame: OfficeFrame, viewer: Viewer, books: Books, say: Texts
) -> list[Shown]:
    sees, english = sees_building(request, viewer), say.language == "en"
    rows = [row for row in books.tables["spot_check"] if sees(_building(books, row["room"]))]
    rows.sort(key=lambda row: (-row["measured_s"], row["id"]))
    found, offered = [], set()
    for one in _compared(frame, books, rows[:MOST_SHOWN]):
        room = one.row["room"]
        made = None if room in offered else _offer(frame, books, room)
        offered.add(room)
        building = _building(books, room)
        found.append(
            Shown(
                one,
                books.directory.name("building", building, english),
                building,
                say("list separator").join(say(reason) for reason in one.doubts),
                made,
            )
        )
    return found


def _offer(frame: OfficeFrame, books: Books, room: str) -> Offer | None:
    """Return the correction that the measurements in a room ask for."""
    rows = [row for row in books.tables["spot_check"] if row["room"] == room]
    rows.sort(key=lambda row: (row["measured_s"], row["id"]))
    return offer(
        _compared(frame, books, rows),
        books.directory,
        books.tables["calibration"],
        room,
        int(frame.now()),
    )


def _compared(frame: OfficeFrame, books: Books, rows: Sequence[Row]) -> list[Compared]:
    return compare(rows, frame.config.state.directory, books.directory, books.standard)


def _building(books: Books, room: str) -> str:
    return above(books.directory, "building", str(books.directory.tables["room"][room]["home"]))


def _row(books: Books, key: str) -> Row | None:
    return next((row for row in books.tables["spot_check"] if row["id"] == key), None)


def _photos(frame: OfficeFrame) -> Photos:
    return Photos(frame.config.state.directory / "photos")
