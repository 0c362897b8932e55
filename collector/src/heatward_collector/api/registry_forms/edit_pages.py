"""Single edits of the registry, each shown before it is taken over; and what it lacks."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from ...accounts import Role, Viewer
from ...accounts.roles import OFFICES
from ...errors import ImportRefused, RegistryError
from ...registry import Directory, spreadsheets
from ..frame.page_frame import PageFrame
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import door_of
from ..words.formats import Formats
from .edits import EDIT_BY_NAME, Edit
from .gaps import gaps_of

Operator = Annotated[Viewer, Depends(may(Role.OPERATOR))]
GapReader = Annotated[Viewer, Depends(may(*OFFICES, Role.OPERATOR, Role.DEMO))]


async def _typed(request: Request) -> dict[str, str]:
    """Return the fields of the form, whichever the edit has."""
    sent = await request.form()
    return {key: value for key, value in sent.items() if isinstance(value, str)}


Typed = Annotated[dict[str, str], Depends(_typed)]


def routes(frame: PageFrame) -> APIRouter:
    """Return the routes of single edits and of the gaps."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    def page(request: Request, edit: Edit, **values: Any) -> HTMLResponse:
        write = frame.write(request)
        shown: dict[str, Any] = {"typed": {}, "lines": [], "problems": [], "shown": ""}
        shown |= {"done": False} | values
        return frame.page(
            request,
            "registry_forms/registry_edit.html",
            here="registry",
            status_code=422 if shown["problems"] else 200,
            edit=edit,
            choices=_choices(door_of(request).directory(), write),
            **shown,
        )

    @router.get("/registry/edit/{name}")
    def form(request: Request, name: str, viewer: Operator) -> HTMLResponse:
        return page(request, _edit(name))

    @router.post("/registry/edit/{name}")
    def take(request: Request, name: str, viewer: Operator, typed: Typed) -> Response:
        edit = _edit(name)
        door, zone = door_of(request), frame.room.survey().rule.zone
        try:
            content = edit.read(typed, door.directory(), zone)
            version = spreadsheets.check(content, door.registry)
            lines = list(spreadsheets.differences(door.registry, content, zone))
            shown = _mark(version, lines)
            is_done = typed.get("deed") == "save" and typed.get("shown") == shown
            if is_done:
                door.registry.put(content, based_on=version)
                say_more(request, "; ".join(lines)[:200] if edit.name != "officer" else name)
        except ImportRefused as error:
            return page(request, edit, typed=typed, problems=list(error.problems))
        except RegistryError as error:
            return page(request, edit, typed=typed, problems=[str(error)])
        return page(request, edit, typed=typed, lines=lines, shown=shown, done=is_done)

    @router.get("/gaps")
    def gaps(request: Request, viewer: GapReader) -> HTMLResponse:
        write, door = frame.write(request), door_of(request)
        now_s = frame.now()
        return frame.page(
            request,
            "registry_forms/gaps.html",
            here="gaps",
            gaps=gaps_of(door.directory(), door.reach(), viewer, write, int(now_s)),
        )

    return router


def _mark(version: int, lines: list[str]) -> str:
    """Return what a form carries back: only what was shown is saved."""
    return hashlib.sha256("\n".join([str(version), *lines]).encode()).hexdigest()


def _edit(name: str) -> Edit:
    if name not in EDIT_BY_NAME:
        raise HTTPException(404)
    return EDIT_BY_NAME[name]


def _choices(directory: Directory, write: Formats) -> dict[str, list[tuple[str, str]]]:
    """Return ids and names for fields of which the answers are few."""
    english = write.say.language == "en"
    return {
        table: [(key, directory.name(table, key, english)) for key in directory.tables[table]]
        for table in ("source", "supplier")
    }
