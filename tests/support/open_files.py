"""What this process holds open: a file that nobody closes is found here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def held_open(folder: Path) -> list[str]:
    """Return the names of the files in a folder that are open, one for each time."""
    whole = folder.resolve()
    return sorted(path.name for path in _open_paths() if path.is_relative_to(whole))


def _open_paths() -> Iterator[Path]:
    for number in list(Path("/proc/self/fd").iterdir()):
        try:
            yield number.readlink()
        except FileNotFoundError:  # the listing itself
            continue
