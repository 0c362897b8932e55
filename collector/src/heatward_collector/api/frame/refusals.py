"""What somebody is told who gets nothing: the same for what is hidden and for what is not there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from ...accounts import Role
from ..rights.door import door_of
from .page_frame import PageFrame
from .trouble import is_for_machines

REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No token, or one that works no longer."},
    404: {"description": "It is not there, or not within the scope of the token's account."},
    503: {"description": "A store is away for now."},
}
"""How the description of the JSON API names them."""


def refuse(app: FastAPI, frame: PageFrame) -> None:
    """Teach an application how to refuse."""

    def page(request: Request, status: int) -> Response:
        return frame.page(
            request,
            "frame/refused.html" if status == 403 else "frame/missing.html",
            status_code=status,
            here="missing",
        )

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code not in (403, 404, 405):
            return await http_exception_handler(request, error)
        viewer = await run_in_threadpool(door_of(request).viewer, request)
        stranger = viewer.role is Role.ANYBODY and error.status_code == 404
        if is_for_machines(request):
            if stranger and not request.url.path.startswith("/static/"):
                said = {"detail": "Unauthorized"}
                return JSONResponse(said, 401, headers={"WWW-Authenticate": "Bearer"})
            return await http_exception_handler(request, error)
        if stranger:
            return RedirectResponse(f"/login?next={_wanted(request)}", 303)
        answer = await run_in_threadpool(page, request, error.status_code)
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if request.url.path.startswith("/api/"):
            answer: JSONResponse = await request_validation_exception_handler(request, error)
            return answer
        return await run_in_threadpool(page, request, 404)


def _wanted(request: Request) -> str:
    """Return the page that was asked for, to come back to after signing in."""
    if request.method != "GET":
        return quote("/")
    query = f"?{request.url.query}" if request.url.query else ""
    return quote(request.url.path + query, safe="/")
