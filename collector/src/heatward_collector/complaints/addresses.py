"""From an address as people say it to a building of the registry."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from heatward_collector.registry import Directory

_BUILDING_WORDS = re.compile(r"(?<=\d)(?:号楼|栋楼|栋|幢|号栋|#楼|#|座|楼)")
_DIGITS = str.maketrans("零〇一二三四五六七八九", "00123456789")
_CHINESE_NUMBER = re.compile(r"[一二三四五六七八九十]+(?=号楼|栋|幢)")


class Addresses:
    """Finds buildings by their names; a building that two names fit is none."""

    def __init__(self, directory: Directory) -> None:
        self._names: dict[str, str] = {}
        for building, row in directory.tables["building"].items():
            estate = directory.tables["estate"][row["estate"]]
            for name in _full_names(row, estate):
                # A name that two buildings bear tells neither.
                known = self._names.get(name)
                self._names[name] = building if known in (None, building) else ""

    def building(self, address: str) -> str | None:
        """Return the building that an address names, None where that is not clear."""
        text = plain(address)
        fits = [name for name in self._names if name in text and not _goes_on(name, text)]
        longest = max((len(name) for name in fits), default=0)
        found = {self._names[name] for name in fits if len(name) == longest}
        return found.pop() or None if len(found) == 1 else None


def plain(text: str) -> str:
    """Return a text without what people write differently: widths, spaces, words for a building."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = _CHINESE_NUMBER.sub(lambda match: _number(match[0]), text)
    text = re.sub(r"[\s,，。、\-—()（）]+", "", text)
    return _BUILDING_WORDS.sub("号楼", text)


def _full_names(row: Mapping[str, Any], estate: Mapping[str, Any]) -> set[str]:
    found = set()
    for language in ("name_zh", "name_en"):
        name, before = plain(row[language] or ""), plain(estate[language] or "")
        if name:
            found.add(name if name.startswith(before) else before + name)
    return found


def _goes_on(name: str, text: str) -> bool:
    """Say whether a name ends in a number that goes on in the text: No. 1 is not No. 12."""
    after = text[text.index(name) + len(name) :]
    return name[-1].isdigit() and after[:1].isdigit()


def _number(words: str) -> str:
    """Return a Chinese number below a hundred in digits."""
    tens, has_ten, ones = words.partition("十")
    if not has_ten:
        return words.translate(_DIGITS)
    return str(
        10 * int(tens.translate(_DIGITS) or 1) + int(ones.translate(_DIGITS) or 0)
        if len(tens) <= 1 and len(ones) <= 1
        else words
    )
