"""Whether a request comes from this machine, where a trial without accounts may be looked at.

A page served on loopback can still be carried outside by a reverse proxy, or be asked for by a
foreign page through a name that resolves to loopback. So the whole request must be local: the
address it came from, the name it asked for, and no trace of a proxy.
"""

from __future__ import annotations

from fastapi import Request

from ...config import Config, is_loopback

_TRACES_OF_A_PROXY = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


def is_local(config: Config, request: Request) -> bool:
    """Say whether somebody on this machine asks, and nobody through it."""
    client = request.client.host if request.client else ""
    return (
        config.web.on_loopback
        and is_loopback(client)
        and is_loopback(request.url.hostname or "")
        and not any(name in request.headers for name in _TRACES_OF_A_PROXY)
    )
