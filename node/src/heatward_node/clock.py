"""The node's clocks: time since boot, which always runs, and wall time, which may be unknown.

A Raspberry Pi has no battery clock. After a boot the system restores the last time it saved,
which looks right and may be hours old, so a wall time counts only once something has said that it
is synchronised.
"""

from __future__ import annotations

import ctypes
import time
from pathlib import Path
from typing import Protocol
from uuid import UUID

SYNCHRONISED_MARK = Path("/run/systemd/timesync/synchronized")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STA_UNSYNC = 0x40
_TIME_ERROR = 5
_TIMEX_BYTES = 256
_STATUS_OFFSET = 40 if ctypes.sizeof(ctypes.c_long) == 8 else 20


class Clock(Protocol):
    """What a node knows of time."""

    @property
    def boot_id(self) -> bytes:
        """The 16 bytes that name this boot."""

    def mono_ms(self) -> int:
        """Return the time since boot, sleep included. [ms]"""

    def wall_s(self) -> float:
        """Return what the wall clock shows, right or wrong. [s UTC]"""

    def is_synchronised(self) -> bool:
        """Say whether something vouches for the wall clock."""


class SystemClock:
    """The clocks of this machine."""

    def __init__(self, mark: Path = SYNCHRONISED_MARK) -> None:
        self._mark = mark
        self._boot_id = UUID(BOOT_ID.read_text().strip()).bytes
        self._libc = ctypes.CDLL(None, use_errno=True)

    @property
    def boot_id(self) -> bytes:
        """The kernel's boot id."""
        return self._boot_id

    def mono_ms(self) -> int:
        """Return CLOCK_BOOTTIME, which also counts suspended time. [ms]"""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000

    def wall_s(self) -> float:
        """Return the system time. [s UTC]"""
        return time.time()

    def is_synchronised(self) -> bool:
        """Say whether timesyncd has set its mark, or the kernel's clock is disciplined.

        The second serves chrony and ntpd. Both need no privilege.
        """
        return self._mark.exists() or self._kernel_is_disciplined()

    def _kernel_is_disciplined(self) -> bool:
        buffer = ctypes.create_string_buffer(_TIMEX_BYTES)  # modes = 0: only read
        state = self._libc.adjtimex(buffer)
        status = ctypes.c_int.from_buffer(buffer, _STATUS_OFFSET).value
        return state not in (-1, _TIME_ERROR) and not status & _STA_UNSYNC
