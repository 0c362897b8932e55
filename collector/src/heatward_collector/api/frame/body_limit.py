"""How much a request may carry: forms are small, files of the registry and of cases are not."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..rights.door import SESSION_COOKIE

MOST_BYTES = 64 * 1024
"""Of somebody who shows no session: names, passwords, codes. [bytes]"""
MOST_BYTES_SIGNED_IN = 24 * 1024 * 1024
"""A registry as a spreadsheet, photographs of a case. [bytes]"""


class TooLarge(Exception):
    """The body of a request went on beyond what is taken."""


class BodyLimit:
    """Answers 413 by ``refusal`` before a body that is too large is read to its end."""

    def __init__(self, app: ASGIApp, refusal: Callable[[Request], Response]) -> None:
        self._app, self._refusal = app, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        shows_session = SESSION_COOKIE.encode() in headers.get(b"cookie", b"")
        shows_session |= b"authorization" in headers
        most = MOST_BYTES_SIGNED_IN if shows_session else MOST_BYTES
        declared = headers.get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > most:
            await self._refuse(scope, receive, send)
            return
        taken = 0
        has_answered = False

        async def receive_some() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                raise TooLarge
            return message

        async def send_noting(message: Message) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        try:
            await self._app(scope, receive_some, send_noting)
        except TooLarge:
            if not has_answered:
                await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._refusal(Request(scope))
        answer.headers["Connection"] = "close"
        await answer(scope, receive, send)
