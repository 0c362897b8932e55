"""The rule of a route: which roles, over which object; every route of the application has one.

``Depends(may(Role.STREET, building_id="building"))`` lets street offices in to the buildings of
their own street. Everything else is answered as if the page were not there. A route that changes
something needs the token of the form, and what was changed or exported is written down
(:mod:`heatward_collector.api.rights.audited`).
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Mount

from ...accounts import Role, Viewer
from .audited import Entry, attach
from .door import Door, door_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TOKEN = "csrf"


class Rule:
    """Decides for one route; made by :func:`may`."""

    def __init__(
        self, roles: frozenset[Role], objects: dict[str, str], exports: bool, signs_in: bool
    ) -> None:
        self.roles = roles
        self.objects = objects
        """Kind of object by path parameter."""
        self.exports = exports
        self.signs_in = signs_in
        """Whether the route is a form of somebody who has no session yet."""

    async def __call__(self, request: Request) -> Viewer:
        """Return the viewer, or answer 404 as where there is no such page."""
        viewer = await run_in_threadpool(self._admitted, door_of(request), request)
        if viewer is None:
            raise HTTPException(404)
        if request.method not in SAFE_METHODS:
            await _insist_on_own_form(request, viewer, self.signs_in)
        if request.method not in SAFE_METHODS or self.exports:
            attach(request, Entry(viewer, f"{request.method} {_path_of(request)}"))
        return viewer

    def _admitted(self, door: Door, request: Request) -> Viewer | None:
        viewer = door.viewer(request)
        allowed = viewer.role in self.roles or Role.ANYBODY in self.roles
        reached = allowed and all(
            door.sees(viewer, kind, request.path_params[name])
            for name, kind in self.objects.items()
        )
        return viewer if reached else None


def may(*roles: Role, exports: bool = False, signs_in: bool = False, **objects: str) -> Rule:
    """Return a rule: these roles, over the objects that path parameters name.

    ``building_id="building"`` says that the parameter ``building_id`` is the id of a building.
    ``exports``: data leave with the answer, so it is written down. ``Role.ANYBODY`` opens a route
    to all.
    """
    return Rule(frozenset(roles), objects, exports, signs_in)


@dataclass(frozen=True, slots=True)
class Ruled:
    """One route as it is served, with its rule; None where it has none."""

    path: str
    methods: frozenset[str]
    rule: Rule | None


def ruled(routes: Sequence[BaseRoute]) -> Iterator[Ruled]:
    """Yield every route of an application, also those of the routers that it includes.

    Files that are mounted have no rule: they hold what everybody may see.
    """
    for route in iter_route_contexts(routes):
        if not isinstance(route.original_route, Mount):
            dependant = getattr(route, "dependant", None)
            rule = None if dependant is None else next(_rules(dependant), None)
            yield Ruled(str(route.path), frozenset(route.methods or ()), rule)


def insist_on_rules(routes: Sequence[BaseRoute]) -> None:
    """Refuse to serve an application of which a route has no rule."""
    bare = [one.path for one in ruled(routes) if one.rule is None]
    if bare:
        raise ValueError(f"routes without Depends(may(...)): {', '.join(bare)}")


def _rules(dependant: Dependant) -> Iterator[Rule]:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Rule):
            yield dependency.call
        yield from _rules(dependency)


async def _insist_on_own_form(request: Request, viewer: Viewer, signs_in: bool) -> None:
    """Refuse what a foreign page has sent: another origin, or no token of this session."""
    if viewer.by_token:
        return
    origin = request.headers.get("origin")
    if origin is not None and not _is_own(origin, request):
        raise HTTPException(403, "the form was sent by another site")
    if signs_in:
        return
    sent = (await request.form()).get(FORM_TOKEN)
    if not viewer.csrf or not isinstance(sent, str) or not _same(sent, viewer.csrf):
        raise HTTPException(403, "the form is too old: open the page again")


def _is_own(origin: str, request: Request) -> bool:
    own = {request.headers.get("host", "")}
    public = door_of(request).config.web.public_url
    if public:
        own.add(urlsplit(public).netloc)
    return urlsplit(origin).netloc in own


def _same(sent: str, expected: str) -> bool:
    return hmac.compare_digest(sent.encode(), expected.encode())


def _path_of(request: Request) -> str:
    route = request.scope.get("route")
    return str(getattr(route, "path", request.url.path))
