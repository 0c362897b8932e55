"""The collector's real processes under their supervisor."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from heatward_collector.config import Config
from heatward_collector.running.service import Supervisor


@contextmanager
def running_stages(config: Config, stages: Sequence[str]) -> Iterator[None]:
    """Run some of the collector's processes."""
    stop = threading.Event()
    supervisor = threading.Thread(target=Supervisor(config, stages).run, args=(stop,))
    supervisor.start()
    try:
        yield
    finally:
        stop.set()
        supervisor.join(40)
