"""Updates of the program on nodes: one signed archive, and the share of nodes that may have it.

The key that signs updates is not the authority's: it can lie on another machine, and a release that
was signed there is only copied here.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from heatward_collector.whole_file import put_for_good

from ..errors import EnrolmentError
from .authority import key_pem, private_key

ARCHIVE, SIGNATURE, NOTE = "archive.zip", "archive.sig", "release.json"
_MADE = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Release:
    """What is offered to nodes: a number that only grows, and to how many in a hundred."""

    number: int
    share: int

    def is_for(self, node: str) -> bool:
        """Say whether a node is among the share; a larger share keeps those of a smaller one."""
        digest = hashlib.sha256(f"{self.number}/{node}".encode()).digest()
        return int.from_bytes(digest[:4], "big") % 100 < self.share


class Releases:
    """The folder of the release that is offered, under the authority's."""

    def __init__(self, authority_folder: Path) -> None:
        self._key = authority_folder / "update.key"
        self.public_key = authority_folder / "update.pem"
        self.folder = authority_folder / "update"

    def keep_key(self) -> str:
        """Make the key where there is none; return its public half (PEM), which cards carry."""
        if not self._key.exists() and not self.public_key.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            self._key.parent.mkdir(parents=True, exist_ok=True)
            public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            put_for_good(self._key, key_pem(key), 0o600)
            put_for_good(self.public_key, public)
        return self.public_key.read_text("ascii")

    def offer(self, wheels: list[Path], number: int, share: int) -> Release:
        """Sign the program in some wheels as a release, and offer it to a share of the nodes."""
        current = self.offered()
        if current is not None and number <= current.number:
            raise EnrolmentError(f"版本号要增大 / a release must have a larger number: {number}")
        archive = release_archive(wheels, number)
        self.folder.mkdir(parents=True, exist_ok=True)
        signature = private_key(self._key).sign(archive, ec.ECDSA(hashes.SHA256()))
        (self.folder / NOTE).unlink(missing_ok=True)  # nothing is offered while files change
        put_for_good(self.folder / ARCHIVE, archive)
        put_for_good(self.folder / SIGNATURE, signature)
        return self._note(Release(number, share))

    def widen(self, share: int) -> Release:
        """Offer the release that is there to another share of the nodes; 0 withdraws it."""
        current = self.offered()
        if current is None:
            raise EnrolmentError(
                "还没有发布过 / there is no release yet: heatward node-kit release"
            )
        return self._note(Release(current.number, share))

    def offered(self) -> Release | None:
        """Return the release that is offered."""
        try:
            note = json.loads((self.folder / NOTE).read_text("utf-8"))
            return Release(int(note["number"]), int(note["share"]))
        except (OSError, ValueError, KeyError):
            return None

    def _note(self, release: Release) -> Release:
        note = {"number": release.number, "share": release.share}
        put_for_good(self.folder / NOTE, json.dumps(note).encode())
        return release


def release_archive(wheels: list[Path], number: int) -> bytes:
    """Return the program in some wheels as one archive, ready to be unpacked on a node."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as source:
                for name in source.namelist():
                    archive.writestr(zipfile.ZipInfo(name, _MADE), source.read(name))
        archive.writestr(zipfile.ZipInfo("RELEASE", _MADE), f"{number}\n")
    return target.getvalue()
