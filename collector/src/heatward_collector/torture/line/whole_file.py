"""Files that another process reads at any moment: it never sees a part of one."""

from __future__ import annotations

from pathlib import Path


def put_whole(file: Path, text: str) -> None:
    """Write a file that is there at once, or is the one before."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
