"""The two languages of the dashboards: English in the code, Chinese from the catalogue."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

from babel.messages.pofile import read_po

CHINESE, ENGLISH = "zh", "en"
LANGUAGES = (CHINESE, ENGLISH)
Say = Callable[[str], str]
"""Translates one text."""


@dataclass(frozen=True, slots=True)
class Language:
    """Texts, and the fields of the database that hold names in this language."""

    code: str
    say: Say

    @property
    def suffix(self) -> str:
        """What follows ``name``, ``title`` and ``text`` in the names of fields."""
        return "" if self.code == CHINESE else "_en"

    def uid(self, name: str) -> str:
        """Return the uid of a dashboard or folder; both languages may stand in one Grafana."""
        return f"heatward-{name}" if self.code == CHINESE else f"heatward-{name}-en"


def language(code: str) -> Language:
    """Return a language; a text without a translation raises KeyError."""
    return Language(code, chinese().__getitem__ if code == CHINESE else str)


@functools.cache
def chinese() -> dict[str, str]:
    """Return the Chinese of every text."""
    with resources.files(__package__).joinpath("zh_CN.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}
