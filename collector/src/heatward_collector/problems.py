"""What is wrong with files, near-equal lines together: the first few, and how many there are.

Whoever exports from another system makes one mistake in every line; two hundred copies of one
sentence would hide the second mistake behind the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from heatward_collector.errors import ImportRefused

MOST_IN_FULL = 3
"""So many of one kind are listed word by word; of the others their lines are counted."""
MOST_LISTED = 200
"""Lines of a refusal; reading ends with them."""
_LINE = re.compile(
    r"(?:(?P<file>[^:\n]+?)(?::(?P<line>[0-9]+))?: )?(?P<column>\w+ \([^)\n]*\): )?(?P<reason>.*)",
    re.DOTALL,
)
_PARTICULAR = re.compile(r"'[^']*'|\"[^\"]*\"|[\w.+-]*[0-9][\w.+-]*")
"""What differs between lines of one kind: what was quoted, and words with a digit in them."""


@dataclass(slots=True)
class _Others:
    """Those of one kind in one column of one file that are not listed word by word."""

    first: str
    """Line of the first of them; empty where a problem has none."""
    last: str = ""
    count: int = 0

    def said(self, file: str, column: str) -> str:
        """Return them as one line."""
        where = f"{file}:{self.first}: " if self.first else f"{file}: "
        if self.count == 1:
            return f"{where}{column}同样有误 / wrong in the same way"
        upto = f"，至第 {self.last} 行", f", up to line {self.last}"
        zh, en = upto if self.last else ("", "")
        return (
            f"{where}{column}同样有误，共 {self.count} 处{zh} / "
            f"wrong in the same way, {self.count} of them{en}"
        )


@dataclass(slots=True)
class _Kind:
    in_full: list[str] = field(default_factory=list)
    others: dict[tuple[str, str], _Others] = field(default_factory=dict)
    """By file and column."""


class Problems:
    """What is wrong, up to a bearable number of kinds."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._listed = 0
        for text in texts:
            self.append(text)

    def __bool__(self) -> bool:
        """Say whether anything is wrong."""
        return bool(self._kinds)

    @property
    def full(self) -> bool:
        """Say whether enough is wrong to stop looking."""
        return self._listed >= MOST_LISTED

    def append(self, text: str) -> None:
        """Take one problem: ``file:line: column: reason``, of which any but the reason may lack."""
        match = _LINE.fullmatch(text)
        # The last group takes everything, so that there is always a match.
        file, line, column, reason = match.groups("") if match else ("", "", "", text)
        kind = self._kinds.setdefault(_PARTICULAR.sub("", reason), _Kind())
        if len(kind.in_full) < MOST_IN_FULL or not file:
            kind.in_full.append(text)
            self._listed += 1
            return
        if (file, column) not in kind.others:
            kind.others[file, column] = _Others(line)
            self._listed += 1
        others = kind.others[file, column]
        others.last, others.count = line, others.count + 1

    def lines(self) -> list[str]:
        """Return what is wrong, kind by kind in the order in which they were met."""
        found = []
        for kind in self._kinds.values():
            found += kind.in_full
            found += [one.said(*where) for where, one in kind.others.items()]
        if self.full:
            found.append("其余从略 / there may be more, not listed")
        return found

    def refuse(self) -> None:
        """Raise ImportRefused if anything is wrong."""
        if self:
            raise ImportRefused(self.lines())
