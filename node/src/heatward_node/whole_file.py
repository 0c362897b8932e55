"""Files that are there whole or as they were before, whenever the power goes."""

from __future__ import annotations

import os
from pathlib import Path


def put_private(path: Path, content: bytes) -> None:
    """Replace a file in one step by one that only its owner reads; on the card when this returns.

    What is not whole yet is hidden: NetworkManager would take it for a connection.
    """
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let what was renamed or removed in a folder stay so after a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
