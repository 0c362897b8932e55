"""Ports for servers that come and go, kept for whoever asked.

A server that is killed leaves its port free until it is back, and another line that looks for one
must not take it meanwhile: its nodes would speak to the wrong broker. So a port is marked by a
locked file for as long as this process lives, or until it has asked for many others; and it is
none that the kernel gives to connections by itself.
"""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from collections import deque
from pathlib import Path
from typing import IO

from heatward_collector.errors import HeatwardError

HOST = "127.0.0.1"
FIRST, LAST = 15_000, 32_000
"""Linux gives ports from 32,768 on to whoever connects."""
TRIES = 1_000
ALL = 65_536
MOST_HELD = 200
"""So many of the latest ones are kept; a line needs six."""
_HELD: deque[IO[str]] = deque(maxlen=MOST_HELD)


def free_port() -> int:
    """Return a port of the loopback address that nobody uses or has asked for."""
    folder = Path(tempfile.gettempdir()) / f"heatward-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for port in random.SystemRandom().sample(range(FIRST, LAST), TRIES):
        mark = (folder / str(port)).open("w")
        if _is_ours(mark) and _is_free(port):
            _HELD.append(mark)
            return port
        mark.close()
    raise HeatwardError("没有空闲的端口 / no port is free")


def port_from(wanted: int, tries: int = 100) -> int:
    """Return ``wanted`` or the next port that nobody uses; any for 0. Raises HeatwardError."""
    if wanted == 0:
        return free_port()
    for port in range(wanted, min(wanted + tries, ALL)):
        if _is_free(port):
            return port
    raise HeatwardError(
        f"从 {wanted} 起没有空闲的端口，请另指定 / no port is free from {wanted} on; name another"
    )


def _is_ours(mark: IO[str]) -> bool:
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
