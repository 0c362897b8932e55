"""Who comes through the door: from a cookie or token to a viewer, and what the viewer may see."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from fastapi import HTTPException, Request

from ...accounts import Accounts, Attempts, Reach, Role, Viewer
from ...accounts.roles import NOBODY
from ...config import Config
from ...registry import Directory, Registry
from .this_machine import is_local

SESSION_COOKIE = "heatward_session"
Made = TypeVar("Made")
Place = tuple[str, str]
"""Kind and id of an object of the registry, such as ("building", "b001")."""
Places = Callable[[str], Sequence[Place] | None]
"""From the id of an object that is not in the registry to where it lies; None: not there."""


class Door:
    """One for the application, found at ``request.app.state.door``."""

    def __init__(
        self,
        config: Config,
        registry: Registry,
        accounts: Accounts,
        now: Callable[[], float],
    ) -> None:
        self.config = config
        self.registry = registry
        self.accounts = accounts
        self.attempts = Attempts(now)
        self._places: dict[str, Places] = {}
        self._lock = threading.Lock()
        self._newest: tuple[Directory, dict[Callable[[Directory], Any], Any]] | None = None
        self._is_staffed = False

    def knows(self, kind: str, places: Places) -> None:
        """Learn where objects of a kind lie that are not in the registry, such as cases."""
        self._places[kind] = places

    def viewer(self, request: Request) -> Viewer:
        """Return who asks; the same within one request."""
        known: Viewer | None = getattr(request.state, "viewer", None)
        if known is None:
            known = self._recognised(request) or self._without_account(request)
            request.state.viewer = known
        return known

    def sees(self, viewer: Viewer, kind: str, key: str) -> bool:
        """Say whether an object lies within a viewer's scope."""
        if kind not in self._places:
            return self.reach().sees(viewer, kind, key)
        places = self._places[kind](key)
        if places is None:
            return False
        reach = self.reach()
        return any(reach.sees(viewer, *place) for place in places)

    def insist(self, viewer: Viewer, kind: str, key: str) -> None:
        """Answer as if an object were not there, unless the viewer's scope reaches it."""
        if not self.sees(viewer, kind, key):
            raise HTTPException(404)

    def note(self, viewer: Viewer, action: str, target: str, address: str) -> None:
        """Write down what somebody changed or exported."""
        self.accounts.audit.note(viewer, action, target, address)

    def reach(self) -> Reach:
        """Return what roles reach, by the newest registry."""
        return self.derived(Reach)

    def directory(self) -> Directory:
        """Return the newest registry."""
        return self._read()[0]

    @property
    def is_secure(self) -> bool:
        """Whether people reach the pages by https, so that cookies may travel on it alone."""
        return (self.config.web.public_url or "").startswith("https:")

    def derived(self, make: Callable[[Directory], Made]) -> Made:
        """Return what is made of the newest registry, once for as long as it is the newest."""
        directory, made = self._read()
        with self._lock:
            if make not in made:
                made[make] = make(directory)
            found: Made = made[make]
        return found

    def _read(self) -> tuple[Directory, dict[Callable[[Directory], Any], Any]]:
        version = self.registry.version()
        with self._lock:
            if self._newest is None or self._newest[0].version != version:
                self._newest = (self.registry.directory(), {})
            return self._newest

    def _recognised(self, request: Request) -> Viewer | None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self.accounts.sessions.viewer(token.strip(), is_token=True)
        secret = request.cookies.get(SESSION_COOKIE)
        return None if secret is None else self.accounts.sessions.viewer(secret)

    def _without_account(self, request: Request) -> Viewer:
        if self.config.demo:
            return Viewer(Role.DEMO)
        if not is_local(self.config, request):
            return NOBODY
        self._is_staffed = self._is_staffed or self.accounts.people.anyone_can_sign_in()
        return NOBODY if self._is_staffed else Viewer(Role.VISITOR)


def door_of(request: Request) -> Door:
    """Return the door of the application that a request came to."""
    door: Door = request.app.state.door
    return door
