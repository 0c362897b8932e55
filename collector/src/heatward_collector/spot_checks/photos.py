"""Photographs of measurements on site: kept as they came, under the hash of their bytes."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from heatward_collector.errors import HeatwardError

MOST_BYTES = 12 * 2**20
"""What a phone takes, and no film. [bytes]"""
_KINDS = {b"\xff\xd8\xff": ("jpg", "image/jpeg"), b"\x89PNG\r\n\x1a\n": ("png", "image/png")}
_NAME = re.compile(r"[0-9a-f]{64}\.(jpg|png)")
MEDIA_TYPES = {ending: media for ending, media in _KINDS.values()}


class PhotoRefused(HeatwardError):
    """A file that is no photograph, or too large."""


class Photos:
    """A folder of photographs; the same bytes are kept once, and none is ever changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes) -> str:
        """Keep a photograph; return its name, by which a record proves its bytes.

        Raises PhotoRefused where it is neither JPEG nor PNG, or too large.
        """
        ending = next((kind for mark, (kind, _) in _KINDS.items() if data.startswith(mark)), None)
        if ending is None or len(data) > MOST_BYTES:
            raise PhotoRefused(
                f"照片须为 JPEG 或 PNG，不超过 {MOST_BYTES // 2**20} MB / a photo must be JPEG or "
                f"PNG, at most {MOST_BYTES // 2**20} MB"
            )
        name = f"{hashlib.sha256(data).hexdigest()}.{ending}"
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        if not path.exists():
            part = path.with_suffix(".part")
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        return name

    def read(self, name: str) -> tuple[bytes, str] | None:
        """Return a photograph and its media type; None where it is not here."""
        path = self._folder / name
        if not _NAME.fullmatch(name) or not path.exists():
            return None
        return path.read_bytes(), MEDIA_TYPES[name.rpartition(".")[2]]
