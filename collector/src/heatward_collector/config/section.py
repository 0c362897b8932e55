"""One section of a TOML file, read key by key, noting every problem instead of stopping at one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_WORD = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Section:
    """Checked access to one section; problems say key, value and what is allowed, twice."""

    def __init__(self, name: str, table: Any, base: Path, problems: list[str]) -> None:
        self._name = name
        self._base = base
        self._problems = problems
        self._read: list[str] = []
        self._table: dict[str, Any] = table if isinstance(table, dict) else {}
        if not isinstance(table, dict):
            problems.append(
                f"[{name}] = {table!r} 不是一节 / is not a section; "
                f"请单独写一行 / write on its own line: [{name}]"
            )

    def problem(self, key: str, value: object, zh: str, en: str = "") -> None:
        """Note that a value cannot be used, and what can; words that need no English stand once."""
        shown = str(value) if isinstance(value, Path) else value
        allowed = f"应为 {zh} / allowed: {en}" if en else f"应为 / allowed: {zh}"
        self._problems.append(f"{self._name}.{key} = {shown!r}; {allowed}")

    def refuse_unknown_keys(self) -> None:
        """Note every key that nobody asked for; call it after all others were read."""
        for key in sorted(self._table.keys() - set(self._read)):
            self._problems.append(
                f"{self._name}.{key} 不认识 / is not known; "
                f"可用 / allowed keys: {', '.join(self._read)}"
            )

    def together(self, **values: object) -> None:
        """Note when only some of several keys are set."""
        missing = [key for key, value in values.items() if value is None]
        if missing and len(missing) < len(values):
            self._problems.append(
                f"{self._name}.{missing[0]} 没有设置 / is not set; "
                f"须同时设置 / these go together: {', '.join(values)}"
            )

    def text(self, key: str, default: str) -> str:
        """Read a text that may not be empty."""
        value = self._value(key, default)
        if isinstance(value, str) and value.strip():
            return value
        self.problem(key, value, "非空的文本", "a text that is not empty")
        return default

    def word(self, key: str, default: str) -> str:
        """Read an identifier of small letters, digits, - and _."""
        value = self.text(key, default)
        if _WORD.fullmatch(value):
            return value
        self.problem(key, value, "小写字母、数字、- 和 _", "small letters, digits, - and _")
        return default

    def optional_text(self, key: str) -> str | None:
        """Read a text; an empty one means that it is not set."""
        value = self._value(key, "")
        if isinstance(value, str):
            return value or None
        self.problem(key, value, '文本，没有则写 ""', 'a text, or "" for none')
        return None

    def choice(self, key: str, default: str, choices: Sequence[str]) -> str:
        """Read one of a closed set of words."""
        value = self._value(key, default)
        if value in choices and isinstance(value, str):
            return value
        self.problem(key, value, ", ".join(f'"{choice}"' for choice in choices))
        return default

    def whole(self, key: str, default: int, low: int, high: int) -> int:
        """Read a whole number between two bounds, both included."""
        value = self._value(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.problem(key, value, f"{low} 至 {high} 的整数", f"a whole number from {low} to {high}")
        return default

    def path(self, key: str, default: Path) -> Path:
        """Read a path; a relative one counts from the folder of the file."""
        return self._base / self.text(key, str(default))

    def optional_path(self, key: str) -> Path | None:
        """Read a path, or nothing where the text is empty."""
        value = self.optional_text(key)
        return None if value is None else self._base / value

    def url(self, key: str, default: str, schemes: Sequence[str], words: Sequence[str] = ()) -> str:
        """Read a URL of one of the schemes that holds no password, or one of the words."""
        value = self._value(key, default)
        allowed = [f'"{word}"' for word in words] + [f"{scheme}://..." for scheme in schemes]
        if not isinstance(value, str):
            self.problem(key, value, ", ".join(allowed))
            return default
        if value in words:
            return value
        try:
            parts = urlsplit(value)
            valid = parts.scheme in schemes and bool(parts.hostname or parts.scheme == "sqlite")
            password, _ = parts.password, parts.port
        except ValueError:
            valid, password = False, None
        if password is not None:
            self.problem(
                key,
                "(hidden)",
                "不含口令的网址，口令写进 password_file",
                "a URL without a password; put it into password_file",
            )
        elif not valid:
            self.problem(key, value, ", ".join(allowed))
        return value if valid and password is None else default

    def _value(self, key: str, default: object) -> Any:
        self._read.append(key)
        return self._table.get(key, default)
