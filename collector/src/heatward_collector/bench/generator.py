"""What makes load, in a process of its own that is told by a pipe what to do."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import NamedTuple

from heatward_collector.errors import HeatwardError

END_SECONDS = 10.0
_SPAWN = multiprocessing.get_context("spawn")


class Generator(NamedTuple):
    """A process that has said it is ready."""

    pipe: Connection
    pid: int


@contextmanager
def generating(work: Callable[..., None], *arguments: object) -> Iterator[Generator]:
    """Run ``work(*arguments, pipe)`` until the end of the block; begin once it says ready.

    Its last ``recv`` is answered by the end of the block: until then what it cost can be read.
    Raises HeatwardError where it ends before it is ready.
    """
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=work, args=(*arguments, theirs), daemon=True)
    process.start()
    theirs.close()  # or nobody would notice that it has ended
    try:
        try:
            ours.recv()
        except EOFError as error:
            raise HeatwardError("the process that makes the load has ended; see above") from error
        assert process.pid is not None
        yield Generator(ours, process.pid)
        ours.send("end")
        process.join(END_SECONDS)
    finally:
        process.kill()
        process.join()
