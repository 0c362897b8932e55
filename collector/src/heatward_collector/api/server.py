"""The web process: the application behind uvicorn, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import threading
import time

import uvicorn

from heatward_collector.running.event_clock import clock_of
from heatward_collector.running.status import StatusWriter

from ..config import Config, Web
from ..locale import CHINESE, ENGLISH, message, texts
from .app import create_app

SWITCH_SECONDS = 0.0005
"""How long a thread may compute while another one waits to answer: ten times less than Python's
own, for a look at the city is computed beside the answers, and each of them asks many times. [s]"""
_LOOK_SECONDS = 0.2
_FINISH_SECONDS = 3

log = logging.getLogger(__name__)


def run(config: Config, stop: threading.Event) -> None:
    """Serve the pages of a configuration until ``stop`` is set."""
    status = StatusWriter(config.state.status, "web")
    sys.setswitchinterval(SWITCH_SECONDS)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(config, now=clock_of(config), wall=time.time, looks_ahead=True),
            log_config=None,
            log_level="warning",  # its lines have no event id; ours say when we serve
            access_log=False,
            server_header=False,
            # Forwarded addresses are never believed: they would open the operator's pages.
            proxy_headers=False,
            timeout_graceful_shutdown=_FINISH_SECONDS,
        )
    )
    with listener_of(config.web, status) as listener:
        asyncio.run(_serve(server, listener, status, stop))


async def _serve(
    server: uvicorn.Server, listener: socket.socket, status: StatusWriter, stop: threading.Event
) -> None:
    host, port = listener.getsockname()[:2]
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    told = False
    while not stop.is_set() and not serving.done():
        if server.started:
            if not told:
                log.info("event=pages_served host=%s port=%d", host, port)
                told = True
            status.stage("pages", detail=f"{host}:{port}")
            status.flush()
        await asyncio.sleep(_LOOK_SECONDS)
    server.should_exit = True
    await serving


def listener_of(web: Web, status: StatusWriter) -> socket.socket:
    """Return the socket that the settings name; where it cannot be had, say so and exit."""
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        listener = socket.create_server((web.host, web.port), family=family)
        # Every connection inherits it. asyncio sets it only where the protocol is named, and then
        # the body of a small page waits 40 ms for the browser to confirm the head.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        text = message("The pages cannot be served on %(host)s:%(port)d: %(error)s.")
        remedy = message("Another program may use the port; set another web.port.")
        zh, en = texts(CHINESE), texts(ENGLISH)
        values = {"host": web.host, "port": web.port, "error": error.strerror}
        status.fault(
            "address_refused", zh(text, **values), en(text, **values), zh(remedy), en(remedy)
        )
        status.flush(force=True)
        log.error("event=address_refused host=%s port=%d error=%s", web.host, web.port, error)
        raise SystemExit(1) from error
