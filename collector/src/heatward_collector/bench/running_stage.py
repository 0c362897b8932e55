"""One process of the line, run beside a measurement and ended with it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager

from heatward_collector.config import Config
from heatward_collector.running.stages import run_stage

_SPAWN = multiprocessing.get_context("spawn")


@contextmanager
def running_stage(name: str, config: Config) -> Iterator[int]:
    """Run a stage as ``heatward run`` would; give its process id."""
    process = _SPAWN.Process(target=run_stage, args=(name, config), daemon=True)
    process.start()
    try:
        assert process.pid is not None
        yield process.pid
        process.terminate()
        process.join(20)
    finally:
        process.kill()
        process.join()
