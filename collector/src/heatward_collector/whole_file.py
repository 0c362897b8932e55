"""Files that are there whole or as they were before: who reads one never sees a part."""

from __future__ import annotations

import os
from pathlib import Path


def put_whole(path: Path, content: bytes | str) -> None:
    """Replace a file in one step; text is UTF-8. A power cut may bring back the one before."""
    fresh = _beside(path)
    fresh.write_bytes(content.encode() if isinstance(content, str) else content)
    fresh.replace(path)


def put_for_good(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file in one step by one of a mode; it is on the disk when this returns."""
    fresh = _beside(path)
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Force a file, or the names in a folder, onto the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")
