"""People and roles for the operator: accounts, one-time links, slips for residents, the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from ...accounts import SCOPES, Person, Role, Viewer
from ...accounts.residents import new_resident, renewed
from ...config import Config
from ...errors import AccountRefused
from ...locale import ENGLISH, Texts, message, texts
from ..drawings.qr_code import qr_code
from ..frame.menu import ROLE_NAMES
from ..frame.office_frame import NOTHING, Answers
from ..frame.page_frame import PageFrame
from ..frame.rendering import language_of, see_other
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import Door, door_of
from .deed_words import told

DEEDS_A_PAGE = 100
LONGEST = 100
_PLACES = {
    "district": message("district"),
    "street": message("street"),
    "estate": message("estate"),
    "home": message("home"),
    "supplier": message("heat supplier"),
}
"""What roles are confined to, in words."""
Word = Annotated[str, Form(max_length=LONGEST)]
Operator = Annotated[Viewer, Depends(may(Role.OPERATOR))]
Page = Callable[..., HTMLResponse]


def routes(frame: PageFrame) -> APIRouter:
    """Return the routes of people, roles and the log."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        return frame.page(request, template, status, role_names=ROLE_NAMES, **values)

    _add_list(router, page)
    _add_deeds_on_one(router, page, frame.config)
    return router


def _add_list(router: APIRouter, page: Page) -> None:
    @router.get("/people")
    def people(request: Request, viewer: Operator) -> HTMLResponse:
        return _people(request, page)

    @router.post("/people")
    def add(
        request: Request,
        viewer: Operator,
        role: Word = "",
        scope: Word = "",
        name: Word = "",
        login: Word = "",
    ) -> Response:
        door = door_of(request)
        say = texts(language_of(request))
        typed = {"role": role, "scope": scope, "name": name, "login": login}
        problem = _problem(door, role, scope.strip(), say)
        if problem:
            return _people(request, page, problem, typed)
        try:
            chosen = Role(role)
            if chosen is Role.RESIDENT:
                person = new_resident(door.accounts.people, scope.strip(), name.strip())[2]
            else:
                person = door.accounts.people.add(
                    login.strip(), name.strip(), chosen, scope.strip()
                )
        except AccountRefused as error:
            return _people(request, page, say.half(str(error)), typed)
        say_more(request, f"{person.role.value} {person.id} added")
        return see_other(f"/people/{person.id}")

    @router.get("/audit")
    def audit(
        request: Request, viewer: Operator, before: Annotated[int | None, Query(ge=1)] = None
    ) -> HTMLResponse:
        accounts, say = door_of(request).accounts, texts(language_of(request))
        deeds = accounts.audit.newest(DEEDS_A_PAGE, before)
        older = deeds[-1].id if len(deeds) == DEEDS_A_PAGE else None
        names = {person.id: person.name for person in accounts.people.all()}
        rows = [told(deed, names, say) for deed in deeds]
        return page(request, "people/audit.html", here="audit", deeds=rows, older=older)


def _add_deeds_on_one(router: APIRouter, page: Page, config: Config) -> None:
    @router.get("/people/{account}")
    def one(request: Request, account: str, viewer: Operator) -> HTMLResponse:
        person = _found(request, account)
        place = _place_of(request, person)
        return page(request, "people/person.html", here="people", person=person, place=place)

    @router.post("/people/{account}/link")
    def link(request: Request, account: str, viewer: Operator) -> HTMLResponse:
        person, people = _found(request, account), door_of(request).accounts.people
        if person.role is Role.RESIDENT:
            code = renewed(people, person)
            address = f"{config.web.address}/r/{person.login}"
        else:
            code, address = "", f"{config.web.address}/invitation/{people.invite(person.id)}"
        say_more(request, f"{person.role.value} {person.id} link")
        values = {"address": address, "code": f"{code[:4]}-{code[4:]}" if code else ""}
        return page(
            request, "people/slip.html", here="people", person=person, qr=qr_code(address), **values
        )

    @router.post("/people/{account}/close")
    def close(request: Request, account: str, viewer: Operator, reopen: Word = "") -> Response:
        person = _found(request, account)
        if person.id == viewer.account:
            raise HTTPException(404)
        door_of(request).accounts.people.disable(person.id, not reopen)
        say_more(request, f"{person.role.value} {person.id} {'opened' if reopen else 'closed'}")
        return see_other(f"/people/{person.id}")


def _people(
    request: Request, page: Page, problem: str = "", typed: Answers = NOTHING
) -> HTMLResponse:
    """Return the list with the form; what was typed stands in it again where it was refused."""
    people = door_of(request).accounts.people.all()
    status = 422 if problem else 200
    places = {person.id: _place_of(request, person) for person in people}
    values = {"people": people, "places": places, "roles": tuple(SCOPES), "problem": problem}
    return page(request, "people/people.html", status, here="people", typed=typed, **values)


def _place_of(request: Request, person: Person) -> str:
    """Return the public name of what somebody is confined to; "" where nothing has one."""
    kind = SCOPES[person.role]
    if kind is None or person.role is Role.RESIDENT:
        return ""
    english = language_of(request) == ENGLISH
    name = door_of(request).directory().name(kind, person.scope, english)
    return "" if name == person.scope else name


def _found(request: Request, account: str) -> Person:
    person = door_of(request).accounts.people.find(account)
    if person is None or person.id != account:
        raise HTTPException(404)
    return person


def _problem(door: Door, role: str, scope: str, say: Texts) -> str:
    """Return what is wrong with a role and its place, and what to do; "" where nothing is."""
    if role not in SCOPES:
        return say("Please choose a role.")
    kind = SCOPES[Role(role)]
    if kind is None or scope in door.directory().tables[kind]:
        return ""
    return say(
        "The registry has no %(kind)s with the id “%(scope)s”: take the id from the registry.",
        kind=say(_PLACES[kind]),
        scope=scope,
    )
