"""What cards and nodes may ask over HTTPS: a certificate, its renewal, settings, an update."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from .book import Running
from .office import Office, Refusal
from .releases import ARCHIVE, SIGNATURE, Releases

MAX_BODY_BYTES = 16_384
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,32}")
_RELEASE = re.compile(r"[0-9]{1,12}")

log = logging.getLogger(__name__)


class Enrol(msgspec.Struct, forbid_unknown_fields=True):
    """What a fresh card sends."""

    node: str
    code: str
    request: str


class Renew(msgspec.Struct, forbid_unknown_fields=True):
    """What a node sends whose certificate runs out."""

    node: str
    request: str


class Door:
    """The application: enrolment is allowed by its code alone, renewal by the node's own key.

    ``interval_of`` says how often a node shall measure, None where it is not registered; and
    ``on_change`` is called after every certificate that was signed.
    """

    def __init__(
        self,
        office: Office,
        releases: Releases,
        interval_of: Callable[[str], int | None],
        on_change: Callable[[], None],
    ) -> None:
        self._office = office
        self._releases = releases
        self._interval_of = interval_of
        self._on_change = on_change

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route("/v1/enrol", self._sign, methods=["POST"]),
                Route("/v1/renew", self._sign, methods=["POST"]),
                Route("/v1/settings", self._settings),
                Route("/v1/update", self._offer),
                Route("/v1/update/archive", self._archive),
                Route("/v1/update/signature", self._signature),
            ]
        )

    async def _sign(self, request: Request) -> Response:
        body = await _body(request)
        try:
            certificate = _decide(self._office, request.url.path, body)
        except msgspec.MsgspecError:
            return JSONResponse({"refused": "request"}, 400)
        except Refusal as refusal:
            log.warning("event=enrolment_refused reason=%s", refusal.reason)
            return JSONResponse({"refused": refusal.reason}, 403)
        self._on_change()
        return JSONResponse({"certificate": certificate})

    async def _settings(self, request: Request) -> Response:
        node = request.query_params.get("node", "")
        interval_s = self._interval_of(node)
        if interval_s is None:
            return Response(status_code=404)
        version = request.query_params.get("version", "")
        release = request.query_params.get("release", "")
        if _VERSION.fullmatch(version) and _RELEASE.fullmatch(release):
            told = Running(version, int(release), int(time.time()))
            self._office.book.note_running(node, told)
        level = self._office.book.log_level(node)
        return JSONResponse({"interval_seconds": interval_s, "log_level": level})

    async def _offer(self, request: Request) -> Response:
        release = self._releases.offered()
        if release is None or not release.is_for(request.query_params.get("node", "")):
            return Response(status_code=204)
        return JSONResponse({"number": release.number})

    async def _archive(self, request: Request) -> Response:
        return self._file(ARCHIVE)

    async def _signature(self, request: Request) -> Response:
        return self._file(SIGNATURE)

    def _file(self, name: str) -> Response:
        if self._releases.offered() is None:
            return Response(status_code=404)
        return FileResponse(self._releases.folder / name)


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            return b""  # which is no JSON, and so refused
    return body


def _decide(office: Office, path: str, body: bytes) -> str:
    if path == "/v1/enrol":
        asked = msgspec.json.decode(body, type=Enrol)
        return office.enrol(asked.node, asked.code, asked.request)
    renewal = msgspec.json.decode(body, type=Renew)
    return office.renew(renewal.node, renewal.request)
