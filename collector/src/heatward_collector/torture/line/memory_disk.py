"""Where runs live: in memory where there is room."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY_DISK = Path("/dev/shm")
"""Kills do not ask whether a disk is one; power cuts are played elsewhere, on real writes."""
FREE_BYTES = 512 * 2**20


def memory_folder() -> str | None:
    """Return where runs live: in memory where there is room, else where temporary files go."""
    is_roomy = MEMORY_DISK.is_dir() and os.access(MEMORY_DISK, os.W_OK)
    if is_roomy and shutil.disk_usage(MEMORY_DISK).free > FREE_BYTES:
        return str(MEMORY_DISK)
    return None
