"""A folder that a command fills: made at once, so that nobody waits for what cannot be kept."""

from __future__ import annotations

from pathlib import Path

import click


def writable_folder(
    _context: click.Context, _parameter: click.Parameter, path: Path | None
) -> Path | None:
    """Make the folder that an option names. Raises BadParameter where that cannot be."""
    if path is not None:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise click.BadParameter(
                f"{path}: 不能写入，请换一个文件夹 / cannot be written, name another folder: "
                f"{error.strerror}"
            ) from error
    return path
