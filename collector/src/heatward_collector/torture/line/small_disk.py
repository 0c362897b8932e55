"""A disk of its own for one folder, so small that it is soon full; root only."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from heatward_collector.errors import HeatwardError


class SmallDisk:
    """A tmpfs of some KiB at ``path``, which can grow, become read-only, and go."""

    def __init__(self, path: Path, kib: int) -> None:
        if not is_possible():
            raise HeatwardError("small disks need root, to mount them")
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._mount("-t", "tmpfs", "-o", f"size={kib}k,nr_inodes=512", "torture", str(path))

    def resize(self, kib: int) -> None:
        """Give it another size: what an administrator does who makes room."""
        self._mount("-o", f"remount,size={kib}k", str(self.path))

    def make_read_only(self, is_so: bool) -> None:
        """Let every write be refused, or allowed again."""
        self._mount("-o", f"remount,{'ro' if is_so else 'rw'}", str(self.path))

    def fill(self) -> None:
        """Leave no room at all."""
        with suppress(OSError), (self.path / "filler").open("ab", buffering=0) as file:
            while file.write(bytes(4096)):
                continue

    def make_room(self) -> None:
        """Take away what filled it."""
        (self.path / "filler").unlink(missing_ok=True)

    def close(self) -> None:
        """Unmount it, whoever still has a file open there."""
        subprocess.run(["umount", "-l", str(self.path)], check=False, capture_output=True)

    def _mount(self, *arguments: str) -> None:
        done = subprocess.run(["mount", *arguments], check=False, capture_output=True, text=True)
        if done.returncode:
            raise HeatwardError(f"mount {' '.join(arguments)}: {done.stderr.strip()}")


def is_possible() -> bool:
    """Say whether this user may mount."""
    return os.geteuid() == 0 and shutil.which("mount") is not None
