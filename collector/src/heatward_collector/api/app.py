"""Puts the web application together: pages, JSON API, health and metrics."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from .. import __version__
from ..config import Config
from ..errors import StoreError
from . import finding_pages, machine, machine_findings, pages, system
from .finding_room import FindingRoom
from .reading_room import ReadingRoom
from .rendering import formats_of, render
from .security_headers import SecurityHeaders


def create_app(
    config: Config,
    room: ReadingRoom | None = None,
    now: Callable[[], float] = time.time,
    findings: FindingRoom | None = None,
    wall: Callable[[], float] | None = None,
) -> FastAPI:
    """Return the application; without rooms of its own it opens the stores of the configuration.

    ``now`` is the time of rooms and verdicts, ``wall`` the real one where a demo is ahead of it.
    """
    if room is None:
        from .stored import StoredReadingRoom

        room = StoredReadingRoom(config, now)
    if findings is None:
        from .stored_findings import StoredFindingRoom

        findings = StoredFindingRoom(config, now)
    app = FastAPI(
        title="Heatward",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(SecurityHeaders)
    app.include_router(pages.routes(config, room, findings, now))
    app.include_router(finding_pages.routes(config, room, findings, now))
    app.include_router(system.routes(config, room, wall or now))
    app.include_router(machine.routes(config, room, now))
    app.include_router(machine_findings.routes(config, room, findings))
    static = Path(__file__).parent / "static"
    app.mount("/static", StaticFiles(directory=static), name="static")
    _say_what_is_missing(app, config, room, now)
    return app


def _say_what_is_missing(
    app: FastAPI, config: Config, room: ReadingRoom, now: Callable[[], float]
) -> None:
    def page(request: Request) -> Response:
        write = formats_of(request, room.survey().rule.zone)
        return render(
            request,
            "missing.html",
            write,
            demo=config.demo,
            now_s=now(),
            status_code=404,
            here="missing",
        )

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code != 404 or request.url.path.startswith(("/api/", "/static/")):
            return await http_exception_handler(request, error)
        return page(request)

    @app.exception_handler(StoreError)
    async def store_away(request: Request, error: StoreError) -> Response:
        return JSONResponse({"detail": str(error)}, 503, headers={"Retry-After": "30"})

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if request.url.path.startswith("/api/"):
            answer: JSONResponse = await request_validation_exception_handler(request, error)
            return answer
        return page(request)
