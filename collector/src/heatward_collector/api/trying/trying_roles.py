"""``/roles``: at a demo anybody may look through the eyes of every role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import HTMLResponse

from ...accounts import SCOPES, Role, Viewer
from ...registry import Directory
from ..frame.menu import ROLE_NAMES, menu_of
from ..frame.page_frame import PageFrame
from ..people.signing import signed_in
from ..rights.access import may
from ..rights.door import door_of

Anybody = Annotated[Viewer, Depends(may(Role.DEMO, signs_in=True))]


@dataclass(frozen=True, slots=True)
class Part:
    """A role that can be tried, and over which place."""

    role: Role
    name: str
    scope: str
    place: str


def routes(frame: PageFrame) -> APIRouter:
    """Return the routes; outside a demo nobody has the role that they ask for."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    @router.get("/roles")
    def parts(request: Request, viewer: Anybody) -> HTMLResponse:
        write = frame.write(request)
        directory = door_of(request).directory()
        shown = []
        for role, scope in scopes_to_try(directory).items():
            place = "" if not scope else _place(directory, role, scope, write.say.language != "zh")
            shown.append(Part(role, write.say(ROLE_NAMES[role]), scope, place))
        return frame.page(
            request,
            "trying/roles.html",
            here="roles",
            parts=shown,
        )

    @router.post("/roles")
    def take(
        request: Request, viewer: Anybody, role: Annotated[str, Form(max_length=16)] = ""
    ) -> Response:
        door = door_of(request)
        scopes = scopes_to_try(door.directory())
        if role not in scopes:
            raise HTTPException(404)
        chosen = Role(role)
        say = frame.write(request).say
        people, login = door.accounts.people, f"demo.{role}"
        person = people.find(login) or people.add(login, say("Demo"), chosen, scopes[chosen])
        return signed_in(request, person, menu_of(chosen)[0].address)

    return router


def scopes_to_try(directory: Directory) -> dict[Role, str]:
    """Return a place for every role, around the first home that has a sensor."""
    point = next((one for one in directory.points if not one.is_outdoor), None)
    if point is None:
        return {}
    tables = directory.tables
    source = tables["substation"][tables["zone"][point.zone]["substation"]]["source"]
    around = {
        "district": point.district,
        "street": point.street,
        "estate": point.estate,
        "home": point.home,
        "supplier": str(tables["source"][source]["supplier"]),
    }
    return {role: around[kind] if kind else "" for role, kind in SCOPES.items()}


def _place(directory: Directory, role: Role, scope: str, english: bool) -> str:
    kind = SCOPES[role]
    if kind is None or kind == "home":
        return scope
    return directory.name(kind, scope, english=english)
