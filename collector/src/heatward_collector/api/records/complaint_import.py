"""A file of complaints on a page: first which column means what, then what it comes to."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse

from ...accounts import Viewer
from ...complaints import Intake, take_in
from ...complaints.intake import proposed
from ...complaints.remembered import FIELDS, IGNORED, NEEDED
from ...complaints.table_cells import read_rows
from ...errors import ImportRefused
from ...locale import message
from ..frame.office_frame import CLERKS, OfficeFrame, sees_building
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import door_of
from .waiting_files import WaitingFile, WaitingFiles

SAMPLE_ROWS = 3
MOST_SHOWN = 30
"""Problems that one page lists."""
COLUMN = "column_"
"""Begins the names of the choices of columns."""
FIELD_NAMES = {
    "number": message("Number of the complaint"),
    "received": message("Received at"),
    "address": message("Address"),
    "text": message("Text"),
    "state": message("State, open or closed"),
    "closed": message("Closed at"),
    "channel": message("Where it came from"),
    "building": message("Id of the building"),
    "home": message("Id of the home"),
}
GONE = message("The file is not here any more. Please choose it again.")
NO_FILE = message("Please choose a CSV or XLSX file.")

Upload = Annotated[UploadFile | None, File()]
Clerk = Annotated[Viewer, Depends(may(*CLERKS))]
Word = Annotated[str, Form(max_length=64)]


async def chosen_columns(request: Request) -> dict[str, str]:
    """Return which heading somebody has chosen for each field."""
    form = await request.form()
    return {
        key.removeprefix(COLUMN): value
        for key, value in form.items()
        if key.startswith(COLUMN) and isinstance(value, str)
    }


Chosen = Annotated[dict[str, str], Depends(chosen_columns)]


def routes(frame: OfficeFrame) -> APIRouter:
    """Return the routes of the import."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    waiting = WaitingFiles(frame.now)

    @router.get("/complaints/import")
    def choose(request: Request, viewer: Clerk) -> HTMLResponse:
        return _page(request, frame)

    @router.post("/complaints/import")
    def look(request: Request, viewer: Clerk, file: Upload = None) -> HTMLResponse:
        # A form that is sent without a file holds an empty field in its place.
        name = PurePath(((file and file.filename) or "").replace("\\", "/")).name
        data = b"" if file is None else file.file.read()
        if not name or not data:
            return _page(request, frame, problems=[frame.write(request).say(NO_FILE)])
        word = waiting.keep(viewer.account, name, data)
        return _looked_at(request, frame, viewer, WaitingFile("", name, data, 0.0), word, {})

    @router.post("/complaints/import/columns")
    def confirm(
        request: Request, viewer: Clerk, chosen: Chosen, file: Word = "", deed: Word = ""
    ) -> HTMLResponse:
        held = waiting.of(viewer.account, file)
        if held is None:
            return _page(request, frame, problems=[frame.write(request).say(GONE)])
        columns = {key: heading for key, heading in chosen.items() if key in FIELDS}
        return _looked_at(request, frame, viewer, held, file, columns, deed == "import")

    return router


def _looked_at(
    request: Request,
    frame: OfficeFrame,
    viewer: Viewer,
    file: WaitingFile,
    word: str,
    chosen: Mapping[str, str],
    is_sure: bool = False,
) -> HTMLResponse:
    """Show what a file comes to by the columns that were chosen, or take it over."""
    registry, zone = door_of(request).registry, frame.write(request).zone
    values: dict[str, Any] = {"file": word, "name": file.name}
    with tempfile.TemporaryDirectory(prefix="heatward-complaints-") as folder:
        # The sender's name stays out of the file system; only its ending says how to read it.
        is_workbook = file.name.lower().endswith((".xlsx", ".xlsm"))
        path = Path(folder) / ("complaints.xlsx" if is_workbook else "complaints.csv")
        path.write_bytes(file.data)
        try:
            header, rows = read_rows(path)
            mapping, was_remembered = proposed(registry, header, chosen)
            values["columns"] = _columns(header, [row for _, row in rows], mapping)
            values["headings"] = list(filter(None, header))
            values["was_remembered"] = was_remembered
            taken = take_in(
                registry,
                path,
                zone,
                int(frame.now()),
                {field: mapping.get(field, IGNORED) for field in FIELDS if field in chosen},
                only_look=not is_sure,
                within=sees_building(request, viewer),
            )
        except ImportRefused as error:
            say = frame.write(request).say
            shown = [say.half(one) for one in error.problems[:MOST_SHOWN]]
            return _page(request, frame, problems=shown, **values)
    if is_sure:
        say_more(request, f"complaints +{taken.counts.new} ~{taken.counts.changed}")
    return _page(request, frame, taken=taken, is_done=is_sure, **values)


def _columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], mapping: Mapping[str, str]
) -> list[tuple[str, str, str, str, bool]]:
    """Return every field with its words, its heading, what stands under it, and if it is needed."""
    found = []
    for field, words in FIELD_NAMES.items():
        heading = mapping.get(field, "")
        place = header.index(heading) if heading else None
        some = [] if place is None else [row[place] for row in rows[:SAMPLE_ROWS]]
        found.append((field, words, heading, " · ".join(filter(None, some)), field in NEEDED))
    return found


def _page(
    request: Request,
    frame: OfficeFrame,
    problems: Sequence[str] = (),
    taken: Intake | None = None,
    is_done: bool = False,
    **values: Any,
) -> HTMLResponse:
    shown = {"columns": [], "headings": [], "was_remembered": False, "file": "", "name": ""}
    return frame.page(
        request,
        "records/complaint_import.html",
        status_code=422 if problems else 200,
        problems=problems,
        taken=taken,
        is_done=is_done,
        column_prefix=COLUMN,
        **{**shown, **values},
    )
