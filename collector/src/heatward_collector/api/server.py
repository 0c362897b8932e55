"""The web process: the application behind uvicorn, until it is told to stop."""

from __future__ import annotations

import asyncio
import threading

import uvicorn

from ..config import Config
from ..status import StatusWriter
from .app import create_app


def run(config: Config, stop: threading.Event) -> None:
    """Serve the pages of a configuration until ``stop`` is set."""
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(config),
            host=config.web.host,
            port=config.web.port,
            log_config=None,
            access_log=False,
            server_header=False,
            # Forwarded addresses are never believed: they would open the operator's pages.
            proxy_headers=False,
            timeout_graceful_shutdown=3,
        )
    )
    asyncio.run(_serve(server, StatusWriter(config.state.status, "web"), stop))


async def _serve(server: uvicorn.Server, status: StatusWriter, stop: threading.Event) -> None:
    serving = asyncio.create_task(server.serve())
    while not stop.is_set() and not serving.done():
        if server.started:
            status.stage("pages", detail=f"{server.config.host}:{server.config.port}")
            status.flush()
        await asyncio.sleep(0.2)
    server.should_exit = True
    await serving
