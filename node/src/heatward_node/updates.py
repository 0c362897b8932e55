"""Fetching a new version of the program: offered by the collector, signed, and never older.

The node only fetches and checks; unpacking and switching is done by root's ``install-update``,
which checks again. A version that measured and reached the collector is marked as healthy;
``settle-update`` goes back from one that never was.
"""

from __future__ import annotations

import json
import logging
import os
import urllib.request
from pathlib import Path

import heatward_node
from heatward_node import openssl
from heatward_node.enrolment import ANSWER_TIMEOUT_S, Enrolment, trusting
from heatward_node.whole_file import put_private

UPDATE_KEY = "update.pem"
MAX_ARCHIVE_BYTES = 20_000_000
_CHUNK_BYTES = 65_536

_log = logging.getLogger(__name__)


def release_of(program: Path | None = None) -> int:
    """Return the release that runs, 0 where the program was not installed from a card."""
    folder = program or Path(heatward_node.__file__).parents[1]
    try:
        return int((folder / "RELEASE").read_text())
    except (OSError, ValueError):
        return 0


class Updates:
    """Looks for a newer version and fetches it."""

    def __init__(self, settings: Enrolment, node: str, ca_file: Path, release: int) -> None:
        self._url = settings.url
        self._node = node
        self._ca_file = ca_file
        self._release = release
        self.folder = settings.directory.parent / "update"

    def step(self) -> bool:
        """Fetch what is newer; return whether something waits to be installed.

        Raises OSError where the collector is away or its answer is no release.
        """
        if not self._release:
            return False  # not from a card: whoever installed it updates it
        offered = self._offered()
        if offered <= self._release:
            return False
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        archive, signature = self.folder / "archive.zip", self.folder / "archive.sig"
        self._fetch("signature", signature, 1024)
        self._fetch("archive", archive, MAX_ARCHIVE_BYTES)
        key = self._ca_file.with_name(UPDATE_KEY)
        if not openssl.is_signed(key, signature, archive):
            archive.unlink()
            raise OSError("the update is not signed by the key on this card")
        put_private(self.folder / "ready", b"")
        _log.info("event=update_fetched release=%d", offered)
        return True

    def mark_healthy(self) -> None:
        """Say that this version has measured and reached the collector."""
        if self._release:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            put_private(self.folder / "healthy", f"{self._release}\n".encode())

    def _offered(self) -> int:
        with self._open(f"update?node={self._node}") as answer:
            if answer.status == 204:
                return 0
            try:
                number = json.loads(answer.read(1024))["number"]
            except (ValueError, KeyError, TypeError) as error:
                raise OSError("the answer is no release") from error
            return number if type(number) is int else 0

    def _fetch(self, name: str, path: Path, most: int) -> None:
        fresh = path.with_name(f"{path.name}.new")
        size = 0
        with self._open(f"update/{name}") as answer, fresh.open("wb") as file:
            while chunk := answer.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > most:
                    raise OSError(f"the update's {name} is larger than {most} bytes")
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)

    def _open(self, path: str) -> urllib.request._UrlopenRet:
        opener = trusting(self._ca_file)
        return opener.open(f"{self._url}/v1/{path}", timeout=ANSWER_TIMEOUT_S)
