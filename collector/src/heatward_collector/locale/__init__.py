"""The languages of every text for people: Chinese first, English beside it.

A message is written in English in the code and looked up in ``<language>.po``. The catalogues are
compiled in memory at first use, so a checkout, a wheel and a test read the same file.
"""

from __future__ import annotations

import functools
import gettext
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CHINESE = "zh"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)
CATALOGUES = {CHINESE: "zh_CN.po", ENGLISH: "en.po"}
"""The messages in the code are English; ``en.po`` holds the few that differ from them."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts and formats of one language."""

    language: str
    translations: gettext.NullTranslations = field(repr=False)

    @property
    def html_language(self) -> str:
        """The ``lang`` of a page; without the region Chinese may get Japanese glyphs."""
        return "zh-CN" if self.language == CHINESE else "en"

    @property
    def locale(self) -> Locale:
        return Locale("zh", "CN", script="Hans") if self.language == CHINESE else Locale("en", "GB")

    def __call__(self, message: str, **values: object) -> str:
        """Translate a message and fill in its named values."""
        text = self.translations.gettext(message)
        return text % values if values else text

    def plural(self, one: str, many: str, n: int, **values: object) -> str:
        """Translate a message that depends on a number, which it may name ``n``."""
        return self.translations.ngettext(one, many, n) % {"n": n, **values}

    def pick(self, zh: str, en: str) -> str:
        """Choose between two texts that came in both languages."""
        return zh if self.language == CHINESE else en

    def half(self, text: str) -> str:
        """Return the half of a text that was written as Chinese / English; the whole of another."""
        zh, _, en = text.partition(" / ")
        return self.pick(zh, en or zh)


def message(text: str) -> str:
    """Mark a text for the catalogues where it is written, to be translated where it is shown."""
    return text


def preferred(environment: Mapping[str, str]) -> str:
    """Return the language of a terminal: English only where the system clearly says so."""
    for key in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(key, "")
        if value:
            return ENGLISH if value.lower().startswith("en") else CHINESE
    return CHINESE


@functools.cache
def texts(language: str) -> Texts:
    """Return the texts of a language; an unknown one is Chinese."""
    if language not in LANGUAGES:
        return texts(CHINESE)
    source = resources.files(__name__).joinpath(CATALOGUES[language]).read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source)))
    compiled.seek(0)
    return Texts(language, gettext.GNUTranslations(compiled))


def terminal_texts() -> Texts:
    """Return the texts in the language of the terminal."""
    return texts(preferred(os.environ))
