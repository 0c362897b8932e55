"""Pages served on a free port, and a real Chromium to look at them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application in a thread and yield its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def go_by(link: Locator) -> None:
    """Click what leads to another page, and wait until that has come."""
    with link.page.expect_navigation():
        link.click()


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run Debian's Chromium without a window."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield browser
        browser.close()
