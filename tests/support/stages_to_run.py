"""Stages for the supervisor's tests: real processes that leave traces in the state folder."""

from __future__ import annotations

import os
import signal
import threading
import time

from heatward_collector.config import Config
from heatward_node.errors import EXIT_CONFIGURATION


def run(stage: str, config: Config) -> None:
    """Behave as the name of the stage says, after noting the process id."""
    folder = config.state.directory
    with (folder / f"{stage}.starts").open("a") as file:
        file.write(f"{os.getpid()}\n")
    if stage == "crashes":
        raise SystemExit(3)
    if stage == "misconfigured":
        raise SystemExit(EXIT_CONFIGURATION)
    if stage == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    stop.wait(600)
    (folder / f"{stage}.ended").touch()
