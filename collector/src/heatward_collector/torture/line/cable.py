"""A network of its own for the nodes, at a cable that can be pulled; root only.

Behind a pulled cable packets vanish and neither end is told: the kernels resend, and then give up.
A proxy cannot play that, for its own connections stay whole.
"""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import subprocess
from pathlib import Path

from heatward_collector.errors import HeatwardError

NAMESPACES = Path("/run/netns")
CLONE_NEWNET = 0x40000000
"""From <linux/sched.h>; ``os.setns`` came with Python 3.12 only."""
FIRST_ADDRESS = (198 << 24) + (18 << 16)
"""198.18.0.0/15 is kept for tests of networks (RFC 2544), so that no real network is hidden."""
NETWORKS = 1 << 15
"""Of four addresses each."""
TRIES = 20


class Cable:
    """Two ends: ``host`` is the collector's address, and nodes live in ``namespace``."""

    def __init__(self, chance: random.Random) -> None:
        if not is_possible():
            raise HeatwardError("a cable needs root and the command ip (Debian package iproute2)")
        number = self._laid(chance)
        self.namespace, self._end = f"heatward{number}", f"hw{number}a"
        try:
            first = FIRST_ADDRESS + 4 * number
            self.host = _dotted(first + 1)
            _ip("address", "add", f"{self.host}/30", "dev", self._end)
            node_end = f"hw{number}b"
            _ip("-n", self.namespace, "address", "add", f"{_dotted(first + 2)}/30", "dev", node_end)
            _ip("-n", self.namespace, "link", "set", node_end, "up")
            _ip("-n", self.namespace, "link", "set", "lo", "up")  # paho wakes itself through it
            self.plug_in()
        except BaseException:
            self.close()
            raise

    def pull(self) -> None:
        """Let nothing pass any more; the nodes' end has no carrier."""
        _ip("link", "set", self._end, "down")

    def plug_in(self) -> None:
        """Let everything pass again."""
        _ip("link", "set", self._end, "up")

    def close(self) -> None:
        """Take it away; the namespace goes with the last process in it."""
        subprocess.run(["ip", "link", "delete", self._end], check=False, capture_output=True)
        _ip("netns", "delete", self.namespace)

    def _laid(self, chance: random.Random) -> int:
        """Make the namespace and the cable, under a number that no other line has."""
        for _ in range(TRIES):
            number = chance.randrange(NETWORKS)
            try:
                _ip("netns", "add", f"heatward{number}")
            except HeatwardError:
                if not (NAMESPACES / f"heatward{number}").exists():
                    raise
                continue
            try:
                inside = ("peer", "name", f"hw{number}b", "netns", f"heatward{number}")
                _ip("link", "add", f"hw{number}a", "type", "veth", *inside)
            except HeatwardError:
                _ip("netns", "delete", f"heatward{number}")
                raise
            return number
        raise HeatwardError(f"{TRIES} numbers of cables are taken; see: ip netns list")


def enter(namespace: str) -> None:
    """Let this thread, and those that it starts, live in a network namespace. Raises OSError."""
    with (NAMESPACES / namespace).open("rb") as file:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(file.fileno(), CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), namespace)


def is_possible() -> bool:
    """Say whether this user may make network namespaces."""
    return os.geteuid() == 0 and shutil.which("ip") is not None


def _dotted(address: int) -> str:
    return ".".join(str(byte) for byte in address.to_bytes(4, "big"))


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise HeatwardError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
