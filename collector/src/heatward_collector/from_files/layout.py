"""The first line of a file of readings: which cell of a line is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from heatward_collector.errors import ImportRefused
from heatward_collector.registry.table_file import (
    LONGEST_SHOWN,
    SAVE_AS_CSV,
    SPREADSHEETS,
    decode,
    delimiter_of,
)

NAMES = {
    "time": ("time", "时间"),
    "sensor": ("sensor", "传感器"),
    "celsius": ("celsius", "温度"),
}
"""What each column may be called."""
WIDE_COMMA = "，"
PLAIN_COMMAS = "（半角逗号）", " (with plain commas)"


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the three cells stand in a line."""

    delimiter: str
    columns: int
    time: int
    sensor: int
    celsius: int


def layout_of(header: bytes, name: str) -> Layout:
    """Return the layout that a file's first line announces. Raises ImportRefused."""
    delimiter, columns, places = columns_of(header, name, NAMES)
    return Layout(delimiter, columns, places["time"], places["sensor"], places["celsius"])


def columns_of(
    header: bytes, name: str, wanted: Mapping[str, Sequence[str]]
) -> tuple[str, int, dict[str, int]]:
    """Return delimiter, number of columns, and where the wanted ones stand.

    ``wanted`` gives what each may be called. Raises ImportRefused where one is not there.
    """
    text = decode(header)
    if header.startswith(SPREADSHEETS) or b"\0" in header or text is None:
        raise ImportRefused([f"{name}: 不是文本，{SAVE_AS_CSV}"])
    text = text.strip()
    delimiter = delimiter_of(text)
    cells = [cell.strip().strip('"').strip().lower() for cell in text.split(delimiter)]
    places = {
        column: [index for index, cell in enumerate(cells) if cell in names]
        for column, names in wanted.items()
    }
    problems = [
        f"{name}:1: {'同一列出现两次 / twice' if found else '缺少列 / there is no column'}: "
        f"{' / '.join(wanted[column])}"
        for column, found in places.items()
        if len(found) != 1
    ]
    if problems:
        raise ImportRefused([*problems, f"{name}:1: {_remedy(text, wanted)}"])
    return delimiter, len(cells), {column: found[0] for column, found in places.items()}


def _remedy(header: str, wanted: Mapping[str, Sequence[str]]) -> str:
    """Say what the first line should be, and what it is."""
    english, chinese = (",".join(names[at] for names in wanted.values()) for at in (0, 1))
    zh, en = PLAIN_COMMAS if WIDE_COMMA in header else ("", "")
    shown = header[:LONGEST_SHOWN] or "-"
    return (
        f"第一行应为表头 {english} 或 {chinese}{zh}，每行一条，现为 {shown} / "
        f"the first line must be the header {english}{en}, with one value a line below; "
        f"it is {shown}"
    )
