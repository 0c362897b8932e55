"""What a sealed day says of itself: where its chain begins and ends, stretch by stretch."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from heatward_collector.errors import LedgerError

LAYOUT = "1"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Fork:
    """A ledger restored from a backup goes on as another one, from this batch on."""

    after: int
    head: str
    incarnation: str


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch: a row group of the files, and the head of the chain at its end."""

    first: int
    last: int
    records: int
    head: str
    measured_from: int | None
    measured_to: int | None
    """Of readings whose wall time is to be believed; None where there is none. [s UTC]"""
    is_timed: bool
    """Whether there are no others."""

    def may_hold(self, start_s: int, end_s: int) -> bool:
        """Say whether a batch in here may hold readings taken in [start, end)."""
        if not self.is_timed:
            return True
        if self.measured_from is None or self.measured_to is None:
            return False
        return self.measured_from < end_s and self.measured_to >= start_s


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole day."""

    incarnation: str
    """At its beginning."""
    first_number: int
    first_previous: str
    sources_before: int
    """How many sources the ledger knew at its beginning."""
    parts: tuple[Part, ...]
    files: dict[str, str]
    """SHA-256 of every file of the day, by name."""
    forks: tuple[Fork, ...] = ()

    @property
    def last_number(self) -> int:
        """Number of its last batch."""
        return self.parts[-1].last if self.parts else self.first_number - 1

    @property
    def head(self) -> bytes:
        """Hash of its last batch."""
        return bytes.fromhex(self.parts[-1].head if self.parts else self.first_previous)

    def previous(self, part: int) -> bytes:
        """Return the hash before a part."""
        return bytes.fromhex(self.parts[part - 1].head if part else self.first_previous)

    def altered_file(self, folder: Path) -> str | None:
        """Return the name of the first file that is not byte for byte as it was written."""
        return next(
            (name for name, kept in self.files.items() if digest(folder / name) != kept), None
        )

    def write(self, folder: Path) -> None:
        """Write the manifest into the folder of the day."""
        text = json.dumps({"layout": LAYOUT, **asdict(self)}, indent=1)
        (folder / MANIFEST).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a sealed day. Raises LedgerError where it is none."""
        try:
            held = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            layout = held.pop("layout")
            if layout != LAYOUT:
                raise LedgerError(f"{folder} has layout {layout}, this program knows {LAYOUT}")
            parts = tuple(Part(**part) for part in held.pop("parts"))
            forks = tuple(Fork(**fork) for fork in held.pop("forks"))
            manifest = cls(**held, parts=parts, forks=forks)
            manifest._check()
            return manifest
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise LedgerError(
                f"{folder / MANIFEST} cannot be read ({error}); restore the day from a backup"
            ) from error

    def _check(self) -> None:
        bytes.fromhex(self.first_previous)
        number = self.first_number
        for index, part in enumerate(self.parts):
            if part.first != number or part.last < part.first:
                raise ValueError(f"part {index} does not follow the one before")
            bytes.fromhex(part.head)
            number = part.last + 1


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
