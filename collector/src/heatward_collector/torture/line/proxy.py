"""A bad line: a TCP proxy that delays, stalls, cuts and swallows."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from heatward_collector.errors import HeatwardError
from heatward_collector.servers.ports import HOST

BLOCK_BYTES = 65_536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
START_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with the line at the moment."""

    delay_s: float = 0.0
    loss: float = 0.0
    """Share of the blocks that arrive only after ``resend_s``: lost packets, as TCP shows them."""
    resend_s: float = 0.2
    block_bytes: int = BLOCK_BYTES
    """At most so many bytes go on at once; 1 splits every packet everywhere."""
    reset_after: int | None = None
    """Cut the next connection that has sent so many bytes upward; once."""
    swallow_up: bool = False
    """What the client sends vanishes, and the connection stays: half-open."""
    swallow_down: bool = False
    """What the server answers vanishes."""
    refuse: bool = False
    """Cut every new connection at once."""


class FaultProxy:
    """Stands before a server of this machine; a context manager, its ``faults`` set at any time."""

    def __init__(self, target_port: int, seed: int = 0, host: str = HOST) -> None:
        self.faults = Faults()
        self.host, self.port = host, 0
        """Where it listens, once it has begun."""
        self.accepted = 0
        self.resets = 0
        self._target_port = target_port
        self._random = random.Random(seed)
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fault-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._is_ready.wait(START_TIMEOUT_S):
            raise HeatwardError("the proxy of a line under torture does not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_TIMEOUT_S)

    def cut(self) -> None:
        """Reset every connection there is."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(START_TIMEOUT_S)

    async def _cut(self) -> None:
        for link in list(self._links):
            self._reset(link)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._accept, self.host, 0))
        self.port = server.sockets[0].getsockname()[1]
        self._is_ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            if self.faults.refuse:
                raise ConnectionRefusedError
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target_port)
        except OSError:
            _abort(writer)
            return
        link = _Link(writer, far_writer)
        self._links.add(link)
        try:
            await asyncio.gather(
                self._carry(link, reader, far_writer, upward=True),
                self._carry(link, far_reader, writer, upward=False),
            )
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._links.discard(link)
            link.abort()

    async def _carry(
        self,
        link: _Link,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upward: bool,
    ) -> None:
        carried = 0
        while block := await reader.read(self.faults.block_bytes):
            faults = self.faults
            if faults.swallow_up if upward else faults.swallow_down:
                continue
            is_lost = faults.loss > 0 and self._random.random() < faults.loss
            if wait := faults.delay_s + faults.resend_s * is_lost:
                await asyncio.sleep(wait)
            limit = faults.reset_after
            is_last = upward and limit is not None and carried + len(block) >= limit
            if is_last and limit is not None:
                block = block[: max(0, limit - carried)]
            writer.write(block)
            await writer.drain()
            carried += len(block)
            if is_last:
                self.faults = replace(self.faults, reset_after=None)
                self._reset(link)
                return
        if not (self.faults.swallow_up or self.faults.swallow_down):
            writer.write_eof()

    def _reset(self, link: _Link) -> None:
        self.resets += 1
        link.abort()


class _Link:
    """The two connections that a carried one consists of."""

    def __init__(self, *writers: asyncio.StreamWriter) -> None:
        self._writers = writers

    def abort(self) -> None:
        """End both ends with a reset."""
        for writer in self._writers:
            _abort(writer)


def _abort(writer: asyncio.StreamWriter) -> None:
    end = writer.get_extra_info("socket")
    if end is not None and end.fileno() >= 0:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()
