"""A reader of the part of InfluxQL that InfluxDB 1.x, 2.x and 3.x all document; refuses the rest.

1.x and 2.x read the same language. 3.x lacks clauses and functions, and says which:
https://docs.influxdata.com/influxdb3/core/reference/influxql/feature-support/
"""

from __future__ import annotations

import re
from collections.abc import Callable

TOKEN = re.compile(
    r"""\s*(?:
      (?P<name>"(?:[^"\\]|\\.)+") | (?P<text>'(?:[^'\\]|\\.)*') |
      (?P<length>\d+(?:ns|u|ms|s|m|h|d|w)\b) | (?P<number>\d+(?:\.\d+)?(?:e-?\d+)?) |
      (?P<word>[A-Za-z_]\w*) | (?P<operator>=~|!~|<=|>=|<>|!=|[-+*/=<>(),])
    )""",
    re.VERBOSE,
)
PATTERN = re.compile(r"\s*/(?:[^/\\\n]|\\.)+/")
COMPARISONS = ("=", "!=", "<>", "<", "<=", ">", ">=")
SHARED_FUNCTIONS = {
    *("count", "distinct", "integral", "mean", "median", "mode", "spread", "stddev", "sum"),
    *("bottom", "first", "last", "max", "min", "percentile", "top"),
    *("abs", "ceil", "floor", "round", "pow", "sqrt", "cumulative_sum", "derivative", "difference"),
    *("elapsed", "moving_average", "non_negative_derivative", "non_negative_difference"),
}
"""Functions with a tick in that table, and in both older servers."""


class NotShared(ValueError):
    """A query uses what not every version knows, or what this reader does not."""


def check(query: str) -> None:
    """Raise NotShared where a query is more than one SELECT that all versions can run."""
    reader = _Reader(query)
    reader.select()
    reader.end()


class _Reader:
    def __init__(self, query: str) -> None:
        self._query, self._at = query, 0

    def select(self) -> None:
        self._expect("select")
        self._several(self._column)
        self._expect("from")
        if self._taken("("):
            self.select()
            self._expect(")")
        else:
            self._expect_kind("name")
        if self._taken("where"):
            self._condition()
            while self._taken("and"):  # with OR, 3.x would not see the range of time
                self._condition()
        if self._taken("group"):
            self._expect("by")
            self._several(self._dimension)
        self._trailer()

    def end(self) -> None:
        if self._query[self._at :].strip():
            raise self._refusal("the end")

    def _trailer(self) -> None:
        if self._taken("fill"):
            self._expect("(")
            if not any(self._taken(word) for word in ("none", "null", "previous", "linear")):
                self._expect_kind("number")
            self._expect(")")
        if self._taken("order"):
            self._expect("by")
            self._expect("time")
            if not self._taken("desc"):
                self._taken("asc")
        if self._taken("limit"):
            self._expect_kind("number")
        if self._taken("tz"):
            self._expect("(")
            self._expect_kind("text")
            self._expect(")")

    def _column(self) -> None:
        self._sum()
        if self._taken("as"):
            self._expect_kind("name")

    def _sum(self) -> None:
        self._term()
        while any(self._taken(sign) for sign in "+-*/"):
            self._term()

    def _term(self) -> None:
        kind, value = self._peek()
        if kind == "word":
            if value.lower() not in SHARED_FUNCTIONS:
                raise self._refusal("a function of every version")
            self._take()
            self._expect("(")
            self._several(self._sum)
            self._expect(")")
        elif self._taken("("):
            self._sum()
            self._expect(")")
        elif kind in ("name", "number", "length"):
            self._take()
        else:
            raise self._refusal("a field, a number or a function")

    def _condition(self) -> None:
        is_time = self._taken("time")
        if not is_time:
            self._expect_kind("name")
        if not is_time and (self._taken("=~") or self._taken("!~")):
            found = PATTERN.match(self._query, self._at)
            if found is None:
                raise self._refusal("a regular expression")
            self._at = found.end()
            return
        if not any(self._taken(one) for one in COMPARISONS):
            raise self._refusal("a comparison")
        kind, _ = self._take()
        if kind not in (("length", "number", "text") if is_time else ("number", "text")):
            raise self._refusal("a value")

    def _dimension(self) -> None:
        if self._taken("time"):
            self._expect("(")
            self._expect_kind("length")
            self._expect(")")
        else:
            self._expect_kind("name")

    def _several(self, one: Callable[[], None]) -> None:
        one()
        while self._taken(","):
            one()

    def _peek(self) -> tuple[str, str]:
        found = TOKEN.match(self._query, self._at)
        if found is None:
            return "", ""
        return found.lastgroup or "", found[found.lastgroup or 0]

    def _take(self) -> tuple[str, str]:
        kind, value = self._peek()
        found = TOKEN.match(self._query, self._at)
        self._at = found.end() if found else self._at
        return kind, value

    def _taken(self, wanted: str) -> bool:
        kind, value = self._peek()
        if kind not in ("word", "operator") or value.lower() != wanted:
            return False
        self._take()
        return True

    def _expect(self, wanted: str) -> None:
        if not self._taken(wanted):
            raise self._refusal(wanted)

    def _expect_kind(self, kind: str) -> None:
        if self._peek()[0] != kind:
            raise self._refusal(f"a {kind}")
        self._take()

    def _refusal(self, wanted: str) -> NotShared:
        return NotShared(f"{wanted} is missing before: {self._query[self._at :][:60]!r}")
