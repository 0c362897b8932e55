"""What was changed or exported is in the audit log before the answer leaves.

A rule attaches an entry to its request. If the answer is no refusal, the entry is written and only
then the first byte sent: data that could not be logged are not given out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...accounts import Viewer

REFUSED = 400
"""Answers from this status on changed nothing and gave nothing out."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is going to be written down."""

    viewer: Viewer
    action: str
    target: str = ""


def attach(request: Request, entry: Entry) -> None:
    """Let an entry be written when the request succeeds."""
    named = ", ".join(f"{key}={value}" for key, value in request.path_params.items())
    request.state.entry = replace(entry, target=entry.target or named)


def say_more(request: Request, target: str) -> None:
    """Let the entry of this request name what was changed more exactly than the address does."""
    entry: Entry | None = getattr(request.state, "entry", None)
    if entry is not None:
        request.state.entry = replace(entry, target=target)


class Audited:
    """The middleware that writes entries."""

    def __init__(self, app: ASGIApp, note: Callable[[Viewer, str, str, str], None]) -> None:
        self._app = app
        self._note = note

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_when_written(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < REFUSED:
                entry = scope.get("state", {}).get("entry")
                if entry is not None:
                    address = (scope.get("client") or ("",))[0]
                    await run_in_threadpool(
                        self._note, entry.viewer, entry.action, entry.target, address
                    )
            await send(message)

        await self._app(scope, receive, send_when_written)
