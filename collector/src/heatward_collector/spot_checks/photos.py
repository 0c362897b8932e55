"""Photographs and papers of offices and suppliers: kept as they came, under their hash."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from heatward_collector.errors import HeatwardError
from heatward_collector.whole_file import put_for_good

MOST_BYTES = 12 * 2**20
"""What a phone takes, and no film. [bytes]"""
IMAGES = {b"\xff\xd8\xff": ("jpg", "image/jpeg"), b"\x89PNG\r\n\x1a\n": ("png", "image/png")}
PAPERS = {**IMAGES, b"%PDF-": ("pdf", "application/pdf")}
"""What a file begins with, to its ending and media type."""
NAME = re.compile(r"[0-9a-f]{64}\.(jpg|png|pdf)")
MEDIA_TYPES = {ending: media for ending, media in PAPERS.values()}


class PhotoRefused(HeatwardError):
    """A file that is no photograph, or too large."""


class Photos:
    """A folder of photographs; the same bytes are kept once, and none is ever changed."""

    def __init__(self, folder: Path, kinds: Mapping[bytes, tuple[str, str]] = IMAGES) -> None:
        self._folder, self._kinds = folder, kinds

    def keep(self, data: bytes) -> str:
        """Keep a file; return its name, by which a record proves its bytes.

        Raises PhotoRefused where it is of none of the kinds, or too large.
        """
        kinds = [(mark, ending) for mark, (ending, _) in self._kinds.items()]
        ending = next((ending for mark, ending in kinds if data.startswith(mark)), None)
        if ending is None or len(data) > MOST_BYTES:
            known, most = [one.upper() for _, one in kinds], MOST_BYTES // 2**20
            raise PhotoRefused(
                f"文件须为 {'、'.join(known)}，不超过 {most} MB / the file must be "
                f"{', '.join(known)}, at most {most} MB"
            )
        name = f"{hashlib.sha256(data).hexdigest()}.{ending}"
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / name
        if not path.exists():
            put_for_good(path, data)
        return name

    def read(self, name: str) -> tuple[bytes, str] | None:
        """Return a photograph and its media type; None where it is not here."""
        path = self._folder / name
        if not NAME.fullmatch(name) or not path.exists():
            return None
        return path.read_bytes(), MEDIA_TYPES[name.rpartition(".")[2]]
