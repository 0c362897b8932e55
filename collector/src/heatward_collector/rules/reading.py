"""One table of a TOML file, read key by key, noting every problem instead of stopping at one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Table:
    """Checked access to one table; problems say where and what is allowed."""

    def __init__(self, name: str, content: Any, problems: list[str]) -> None:
        self._name = name
        self._problems = problems
        self._right = True
        self._read: set[str] = set()
        self._content: dict[str, Any] = content if isinstance(content, dict) else {}
        if not isinstance(content, dict):
            self._note(f"[{name}] 不是表 / is not a table")

    def read(self, key: str, reader: Callable[[Any], T], optional: bool = False) -> T | None:
        """Return the value of a key; None where it is missing or cannot be used."""
        self._read.add(key)
        if key not in self._content:
            if not optional:
                self._note(f"[{self._name}] {key} 缺少 / is missing")
            return None
        try:
            return reader(self._content[key])
        except ValueError as error:
            self._note(f"[{self._name}] {key} = {self._content[key]!r}: {error}")
            return None

    def tables(self, key: str, optional: bool = False) -> list[Table]:
        """Return the tables of an array of tables."""
        content = self.read(key, _list, optional) or []
        return [
            Table(f"{self._name}.{key} {number}", one, self._problems)
            for number, one in enumerate(content, start=1)
        ]

    def refuse_unknown(self) -> None:
        """Note every key that nobody asked for; call it after all others were read."""
        for key in sorted(self._content.keys() - self._read):
            allowed = ", ".join(sorted(self._read))
            self._note(f"[{self._name}] {key} 不认识 / is not known; 可用 / allowed: {allowed}")

    def make(self, kind: Callable[..., T], **fields: Any) -> T | None:
        """Return the object that the table describes; None where anything in it is wrong."""
        if not self._right or any(
            isinstance(value, tuple) and None in value for value in fields.values()
        ):
            return None
        try:
            return kind(**fields)
        except ValueError as error:
            self._note(f"[{self._name}] {error}")
            return None

    def _note(self, problem: str) -> None:
        self._right = False
        self._problems.append(problem)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ValueError("应为一个或多个表 / must be one or more tables, such as [[harbin.rule]]")
    return value
