"""What a supplier declares: a stop or repair that is reported, and hours of heating for a source.

A declared stop explains an interruption and excuses no cold room: whether it was declared before it
began is part of every finding. So the time of the report is ours, not the supplier's.
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
from ...accounts.roles import OFFICES
from ...locale import message
from ...registry.tables import notice as notice_table
from ...registry.tables import regime as regime_table
from ..frame.office_frame import NOTHING, Answers, OfficeFrame, read_form, typed_into
from ..frame.rendering import see_other
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import door_of
from ..words.formats import Formats

MOST_SHOWN = 50
KINDS = {
    "reported_stop": message("a stop of heating"),
    "reported_repair": message("a repair, heat off meanwhile"),
    "pollution_staggering": message("staggered firing in heavy pollution"),
    "announcement": message("an announcement"),
}
TO_DECLARE = ("reported_stop", "reported_repair", "pollution_staggering")
"""What a supplier reports; announcements are the offices'."""
LABELS = {
    "place": message("Where"),
    "kind": message("What kind"),
    "from_s": message("From"),
    "to_s": message("Until"),
    "text": message("Why, and what residents are told"),
    "source": message("Heat source"),
    "hours": message("Hours of every day, such as 05:00-09:00,16:00-22:00"),
}
"""How the form calls its fields, on the page and where one cannot be taken."""
NO_PLACE = message("Please choose one of your heat sources or zones.")
ENDS_EARLY = message("It must end after it begins.")
ALREADY = message("Hours for this source are declared from this time on already.")

Reader = Annotated[Viewer, Depends(may(Role.SUPPLIER, Role.OPERATOR, Role.DEMO, *OFFICES))]
Declarer = Annotated[Viewer, Depends(may(Role.SUPPLIER, Role.OPERATOR))]
StopTyped = Annotated[
    dict[str, str], Depends(typed_into("place", "kind", "from_s", "to_s", "text"))
]
HoursTyped = Annotated[dict[str, str], Depends(typed_into("source", "hours", "from_s", "to_s"))]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration as the list shows it."""

    place: str
    what: str
    text: str
    from_s: int
    to_s: int | None
    recorded_s: int | None
    """When it was reported; hours of heating do not say."""

    @property
    def was_late(self) -> bool:
        """Whether it was reported after it had begun."""
        return self.recorded_s is not None and self.recorded_s > self.from_s


def routes(frame: OfficeFrame) -> APIRouter:
    """Return the routes of declarations."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/declarations")
    def listed(request: Request, viewer: Reader) -> HTMLResponse:
        return _page(request, frame, viewer, [])

    @router.post("/declarations/stop")
    def stop(request: Request, viewer: Declarer, typed: StopTyped) -> Response:
        place, kind = typed["place"], typed["kind"]
        answers = {name: text for name, text in typed.items() if name != "place"}
        row, problems = read_form(notice_table, answers, frame.write(request), LABELS)
        problems += _doubts(request, frame, viewer, place, row, kind in TO_DECLARE)
        if problems:
            return _page(request, frame, viewer, problems, stop=typed)
        table, _, key = place.partition(":")
        now_s = int(frame.now())
        row |= {"id": f"n-{secrets.token_hex(6)}", table: key, "recorded_s": now_s}
        door_of(request).registry.put({"notice": [row]})
        say_more(request, f"notice={row['id']} {place} {kind}")
        return see_other("/declarations")

    @router.post("/declarations/hours")
    def hours(request: Request, viewer: Declarer, typed: HoursTyped) -> Response:
        row, problems = read_form(regime_table, typed, frame.write(request), LABELS)
        problems += _doubts(request, frame, viewer, f"source:{typed['source']}", row, True)
        registry = door_of(request).registry
        key = (row["source"], row["from_s"])
        if any((held["source"], held["from_s"]) == key for held in registry.rows("regime")):
            problems.append(frame.write(request).say(ALREADY))
        if problems:
            return _page(request, frame, viewer, problems, hours=typed)
        registry.put({"regime": [row]})
        say_more(request, f"source={row['source']} hours={row['hours']}")
        return see_other("/declarations")

    return router


def _doubts(
    request: Request,
    frame: OfficeFrame,
    viewer: Viewer,
    place: str,
    row: Row,
    is_known: bool,
) -> list[str]:
    """Return why a declaration cannot be taken, beside fields that cannot be read."""
    write, found = frame.write(request), []
    if not is_known or place not in {key for key, _ in _places(request, viewer, write)}:
        found.append(write.say(NO_PLACE))
    if row["from_s"] is not None and row["to_s"] is not None and row["to_s"] <= row["from_s"]:
        found.append(write.say(ENDS_EARLY))
    return found


def _places(request: Request, viewer: Viewer, write: Formats) -> list[tuple[str, str]]:
    """Return the heat sources and zones within reach, as table:id, and what they are called."""
    door, english = door_of(request), write.say.language == "en"
    directory = door.directory()
    found = []
    for table in ("source", "zone"):
        sees = door.reach().chooser(viewer, table)
        for key in sorted(filter(sees, directory.tables[table])):
            found.append((f"{table}:{key}", directory.name(table, key, english)))
    return found


def _page(
    request: Request,
    frame: OfficeFrame,
    viewer: Viewer,
    problems: list[str],
    stop: Answers = NOTHING,
    hours: Answers = NOTHING,
) -> HTMLResponse:
    """Return the page; ``stop`` and ``hours`` are what was typed into either form."""
    write, now_s = frame.write(request), int(frame.now())
    places = _places(request, viewer, write)
    shown = _declared(request, dict(places), write)
    return frame.page(
        request,
        "supplier/declarations.html",
        status_code=422 if problems else 200,
        running=[one for one in shown if one.to_s is None or one.to_s > now_s],
        over=[one for one in shown if one.to_s is not None and one.to_s <= now_s][:MOST_SHOWN],
        places=places,
        sources=[(key.partition(":")[2], name) for key, name in places if key[:7] == "source:"],
        kinds=[(key, write.say(KINDS[key])) for key in TO_DECLARE],
        can_declare=bool(viewer.csrf) and viewer.role in (Role.SUPPLIER, Role.OPERATOR),
        labels=LABELS,
        stop=stop,
        hours=hours,
        problems=problems,
        today=datetime.fromtimestamp(now_s, write.zone).date(),
    )


def _declared(request: Request, places: Mapping[str, str], write: Formats) -> list[Declared]:
    """Return what is declared for the places within reach, the newest first."""
    registry, found = door_of(request).registry, []
    for row in registry.rows("notice"):
        key = f"zone:{row['zone']}" if row["zone"] else f"source:{row['source']}"
        word = KINDS[row["kind"]]
        if key in places:
            found.append(
                Declared(
                    places[key],
                    write.say(word),
                    row["text"],
                    row["from_s"],
                    row["to_s"],
                    row["recorded_s"],
                )
            )
    for row in registry.rows("regime"):
        key = f"source:{row['source']}"
        if key in places:
            what, span = write.say("heat in certain hours only"), (row["from_s"], row["to_s"], None)
            found.append(Declared(places[key], what, row["hours"], *span))
    return sorted(found, key=lambda one: (-one.from_s, one.place, one.what))
