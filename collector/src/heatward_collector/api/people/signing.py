"""Signing in and out: password, one-time link, and the personal link with a code of a resident."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse

from ...accounts import SCOPES, Person, Role, Viewer, passwords
from ...accounts.sessions import lifetime_s
from ..frame.menu import menu_of
from ..frame.page_frame import PageFrame
from ..frame.rendering import see_other
from ..rights.access import may
from ..rights.audited import Entry, attach
from ..rights.door import SESSION_COOKIE, Door, door_of

MOST_OF_ONE = 8
"""Failures of one name from one address within 15 min, before it must wait."""
MOST_OF_NAME = 60
"""Of one name from anywhere; higher, so that nobody can lock out another easily."""
MOST_OF_ADDRESS = 300
"""From one address, which may be the proxy of everybody."""
LONGEST = 200

Word = Annotated[str, Form(max_length=LONGEST)]
Open = Annotated[Viewer, Depends(may(Role.ANYBODY, signs_in=True))]
Own = Annotated[Viewer, Depends(may(*SCOPES))]


Page = Callable[..., HTMLResponse]


def routes(frame: PageFrame) -> APIRouter:
    """Return the routes of signing in and out."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        return frame.page(
            request,
            template,
            status_code=status,
            here="login",
            **values,
        )

    _add_password(router, page)
    _add_invitation(router, page)
    _add_personal_link(router, page)
    return router


def _add_password(router: APIRouter, page: Page) -> None:
    @router.get("/login")
    def ask(request: Request, viewer: Open, next: str = "/") -> Response:
        if viewer.is_signed_in:
            return see_other(_safe(next))
        return page(request, "people/login.html", next=_safe(next), problem="")

    @router.post("/login")
    def sign_in(
        request: Request, viewer: Open, login: Word = "", password: Word = "", next: Word = "/"
    ) -> Response:
        person, problem = _tried(request, login.strip().lower(), password)
        if person is None or person.role is Role.RESIDENT:
            status = 429 if problem == "wait" else 403
            words = {"next": _safe(next), "problem": problem or "wrong"}
            return page(request, "people/login.html", status, **words)
        return signed_in(request, person, _safe(next))

    @router.post("/logout")
    def sign_out(request: Request, viewer: Own) -> Response:
        door_of(request).accounts.sessions.close(request.cookies.get(SESSION_COOKIE, ""))
        answer = see_other("/")
        answer.delete_cookie(SESSION_COOKIE)
        return answer


def _add_invitation(router: APIRouter, page: Page) -> None:
    @router.get("/invitation/{secret}")
    def invitation(request: Request, secret: str, viewer: Open) -> Response:
        person = _invited(request, secret)
        if person is None:
            return page(request, "people/invitation_over.html", 404)
        return page(request, "people/invitation.html", person=person, problem="")

    @router.post("/invitation/{secret}")
    def accept(
        request: Request, secret: str, viewer: Open, password: Word = "", again: Word = ""
    ) -> Response:
        person = _invited(request, secret)
        if person is None:
            return page(request, "people/invitation_over.html", 404)
        problem = _unfit(password, again)
        if problem:
            return page(request, "people/invitation.html", 422, person=person, problem=problem)
        if door_of(request).accounts.people.accept(secret, password) is None:
            return page(request, "people/invitation_over.html", 404)
        return signed_in(request, person, "/")


def _add_personal_link(router: APIRouter, page: Page) -> None:
    @router.get("/r/{link}")
    def resident(request: Request, link: str, viewer: Open) -> Response:
        person = door_of(request).accounts.people.find(link)
        if viewer.is_signed_in and person is not None and viewer.account == person.id:
            return see_other("/home")
        return page(request, "people/resident_code.html", problem="")

    @router.post("/r/{link}")
    def resident_code(request: Request, link: str, viewer: Open, code: Word = "") -> Response:
        person, problem = _tried(request, link, passwords.tidy_code(code))
        if person is None or person.role is not Role.RESIDENT:
            status = 429 if problem == "wait" else 403
            return page(request, "people/resident_code.html", status, problem=problem or "wrong")
        return signed_in(request, person, "/home")


def signed_in(request: Request, person: Person, path: str) -> Response:
    """Open a session for somebody and send them on, without a wish to where their day begins."""
    door = door_of(request)
    secret = door.accounts.sessions.open(person.id, person.role)
    known = Viewer(person.role, person.scope, person.id, person.name)
    # A target of its own, for the address of a personal link is a secret.
    attach(request, Entry(known, "sign in", person.role.value))
    answer = see_other(menu_of(person.role)[0].address if path == "/" else path)
    answer.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=lifetime_s(person.role),
        httponly=True,
        samesite="lax",
        secure=door.is_secure,
    )
    return answer


def _tried(request: Request, login: str, secret: str) -> tuple[Person | None, str]:
    """Return whom a name and its secret open, or why not: ``wrong`` or ``wait``."""
    door: Door = door_of(request)
    address = request.client.host if request.client else ""
    keys = {f"{login}\n{address}": MOST_OF_ONE, login: MOST_OF_NAME, address: MOST_OF_ADDRESS}
    if not all(door.attempts.is_allowed(key, most) for key, most in keys.items()):
        return None, "wait"
    person = door.accounts.people.verified(login, secret)
    if person is None:
        for key in keys:
            door.attempts.failed(key)
        return None, "wrong"
    door.attempts.succeeded(f"{login}\n{address}")
    return person, ""


def _invited(request: Request, secret: str) -> Person | None:
    return door_of(request).accounts.people.invited(secret)


def _unfit(password: str, again: str) -> str:
    if not passwords.is_long_enough(password):
        return "short"
    return "" if password == again else "different"


def _safe(path: str) -> str:
    """Return a page of our own to go on to; never another site."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if is_own else "/"
