"""What somebody is told whom no page can be made for: a page that needs no store and no account."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from sqlalchemy.exc import OperationalError

from ...errors import StoreError
from ...locale import message, texts
from .rendering import filled, language_of
from .security_headers import HEADERS

MACHINES = ("/api/", "/static/", "/metrics", "/healthz")
"""Addresses that are answered in JSON, for nobody reads them."""
WORDS = {
    413: (
        message("That is too large to be taken"),
        message("Please go back and choose a smaller file. Nothing was saved."),
    ),
    500: (
        message("Something went wrong here"),
        message(
            "It is our mistake and stands in the system's log. Before you enter something again, "
            "look whether it was saved. If it happens again, tell the operator when and on which "
            "page. Measuring goes on meanwhile."
        ),
    ),
    503: (
        message("The data cannot be reached right now"),
        message("Please try again in half a minute. Measuring goes on meanwhile; nothing is lost."),
    ),
}
"""By status: what happened, and what to do now."""

log = logging.getLogger(__name__)


def tell_of_trouble(app: FastAPI) -> None:
    """Teach an application what to say where a store is away, or we have made a mistake."""

    def later(request: Request, detail: str) -> Response:
        log.warning("event=page_without_store error=%s", detail)
        answer: Response = JSONResponse({"detail": detail}, 503)
        if not is_for_machines(request):
            answer = trouble_page(request, 503)
        answer.headers["Retry-After"] = "30"
        return answer

    @app.exception_handler(StoreError)
    async def series_away(request: Request, error: StoreError) -> Response:
        return later(request, str(error))

    @app.exception_handler(OperationalError)
    async def database_away(request: Request, error: OperationalError) -> Response:
        # Its own text holds the statement with names and numbers of homes.
        return later(request, f"the database is away or busy: {type(error.orig).__name__}")

    @app.exception_handler(Exception)
    async def our_mistake(request: Request, error: Exception) -> Response:
        answer: Response = PlainTextResponse("Internal Server Error", 500)
        if not is_for_machines(request):
            answer = trouble_page(request, 500)
        # This answer does not pass the layer that sets headers; the error goes on to the log.
        answer.headers.update({**HEADERS, "Cache-Control": "no-store"})
        return answer


def is_for_machines(request: Request) -> bool:
    """Say whether nobody reads the answer."""
    return request.url.path.startswith(MACHINES)


def too_large(request: Request) -> HTMLResponse:
    """Return the page of a body that is not taken."""
    return trouble_page(request, 413)


def trouble_page(request: Request, status: int) -> HTMLResponse:
    """Return the page of an answer that failed, in the reader's language."""
    say = texts(language_of(request))
    title, advice = WORDS[status]
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    # A form is not sent a second time by a link, nor does a large file shrink.
    again = asked if request.method == "GET" else ""
    text = filled("frame/trouble.html", say, title=say(title), advice=say(advice), again=again)
    return HTMLResponse(text, status, {"Content-Language": say.html_language, "Vary": "Cookie"})
