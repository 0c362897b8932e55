"""Verdicts of many places of one level and day together, in columns: a city's are never rows.

What a block says of a place is what a row of it would say.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from .packed_columns import Column, is_same, packed, unpacked

Places = npt.NDArray[np.int64]
"""Where in a block."""
_WITHIN = "/"
"""Parts the name of a fact from the name of one of its parts."""
_WORD, _WHY = "verdict", "not_judged"
_TEXT_OF = msgspec.json.Encoder(order="sorted", enc_hook=float).encode


@dataclass(frozen=True, slots=True)
class VerdictBlock:
    """What is said of places, in the order of their ids."""

    level: str
    day: str
    rule: str
    places: list[str]
    words: list[str]
    """All verdicts there are."""
    word: npt.NDArray[np.uint8]
    """Each place's verdict, as a place in ``words``."""
    reasons: list[str]
    """Why a place is never judged; the first one says nothing."""
    facts: Mapping[str, Column]
    """What it rests on, (places,). NaN says None. Parts of a fact are named ``fact/part``,
    (places, 2). Those of ``uint8`` are said where they are not zero; of them ``not_judged`` is a
    place in ``reasons``."""

    def __len__(self) -> int:
        """Return how many places there are."""
        return len(self.places)

    def rows(self, some: Places | None = None) -> list[tuple[str, str, dict[str, Any]]]:
        """Return place, verdict and facts of some places, or of all."""
        if some is None:
            places, word, facts = self.places, self.word, dict(self.facts)
        else:
            places = [self.places[one] for one in some.tolist()]
            word = self.word[some]
            facts = {name: column[some] for name, column in self.facts.items()}
        words = [self.words[one] for one in word.tolist()]
        return list(zip(places, words, self._facts_of(facts, len(places)), strict=True))

    def places_of(self, wanted: Iterable[str]) -> Places:
        """Return where some places are, in the order of the block; others are left out."""
        found = []
        for one in wanted:
            at = bisect_left(self.places, one)
            if at < len(self.places) and self.places[at] == one:
                found.append(at)
        return np.array(sorted(found), np.int64)

    def shared(self, other: VerdictBlock) -> tuple[Places, Places]:
        """Return where places are that both have: here, and there."""
        if self.places == other.places:
            both = np.arange(len(self), dtype=np.int64)
            return both, both
        there = {place: at for at, place in enumerate(other.places)}
        mine = [at for at, place in enumerate(self.places) if place in there]
        theirs = [there[self.places[at]] for at in mine]
        return np.array(mine, np.int64), np.array(theirs, np.int64)

    def unchanged(self, mine: Places, other: VerdictBlock, theirs: Places) -> npt.NDArray[np.bool_]:
        """Say of which places nothing changed that anybody can see, (mine,)."""
        if self.rule != other.rule or self.words != other.words or self.reasons != other.reasons:
            return np.zeros(len(mine), bool)
        if self.facts.keys() != other.facts.keys():
            return np.zeros(len(mine), bool)
        same = self.word[mine] == other.word[theirs]
        for name, column in self.facts.items():
            same &= is_same(column[mine], other.facts[name][theirs])
        return np.asarray(same)

    def _facts_of(self, columns: Mapping[str, Column], count: int) -> list[dict[str, Any]]:
        plain = {name: one for name, one in columns.items() if one.dtype != np.uint8}
        whole = {name: _listed(one) for name, one in plain.items() if _WITHIN not in name}
        found: list[dict[str, Any]] = [{} for _ in range(count)]
        if whole:
            rows = zip(*whole.values(), strict=True)
            found = [dict(zip(whole, row, strict=True)) for row in rows]
        for name in plain.keys() - whole.keys():
            fact, part = name.split(_WITHIN, 1)
            for facts, value in zip(found, plain[name].tolist(), strict=True):
                facts.setdefault(fact, {})[part] = value
        for name in columns.keys() - plain.keys():
            column = columns[name]
            for one in np.flatnonzero(column).tolist():
                number = int(column[one])
                found[one][name] = self.reasons[number] if name == _WHY else number
        return found


@dataclass(frozen=True, slots=True)
class KeptBlock:
    """A block as it is kept: with each place's revision, and from when and what it is."""

    block: VerdictBlock
    revision: npt.NDArray[np.int64]
    judged_at: npt.NDArray[np.int64]
    batch: npt.NDArray[np.int64]

    def packed(self) -> bytes:
        """Return it as bytes."""
        block = self.block
        header = {
            "level": block.level,
            "day": block.day,
            "rule": block.rule,
            "places": block.places,
            "words": block.words,
            "reasons": block.reasons,
        }
        own: dict[str, Column] = {
            "revision": self.revision,
            "judged_at": self.judged_at,
            "batch": self.batch,
            _WORD: block.word,
        }
        return packed(header, {**own, **block.facts})

    @classmethod
    def unpacked(cls, content: bytes) -> KeptBlock:
        """Return what bytes hold."""
        header, columns = unpacked(content)
        revision, judged_at, batch, word = (
            columns.pop(name) for name in ("revision", "judged_at", "batch", _WORD)
        )
        return cls(VerdictBlock(**header, word=word, facts=columns), revision, judged_at, batch)


def text_of(facts: Mapping[str, Any]) -> str:
    """Return facts as they are kept: JSON without spaces, its keys in order, in ASCII."""
    text = _TEXT_OF(facts)
    if text.isascii():
        return text.decode()
    return json.dumps(facts, separators=(",", ":"), sort_keys=True)


def _listed(column: Column) -> list[Any]:
    """Return numbers as they are printed, None for NaN."""
    values: list[Any] = column.tolist()
    if column.dtype.kind == "f":
        for one in np.flatnonzero(np.isnan(column)).tolist():
            values[one] = None
    return values
