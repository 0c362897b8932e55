"""The first line of a file of readings: which cell of a line is what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from heatward_collector.errors import ImportRefused
from heatward_collector.registry.table_file import decode

NAMES = {
    "time": ("time", "时间"),
    "sensor": ("sensor", "传感器"),
    "celsius": ("celsius", "温度"),
}
"""What each column may be called."""
DELIMITERS = (",", ";", "\t")


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
    if header.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in header:
        raise ImportRefused(
            [f"{name}: 请另存为 UTF-8 编码的 CSV / is no text in UTF-8: save it as CSV UTF-8"]
        )
    text = (decode(header) or "").strip()
    delimiter = max(DELIMITERS, key=text.count)
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
        raise ImportRefused([*problems, f"{name}:1: 表头 / the header is: {text[:200] or '-'}"])
    return delimiter, len(cells), {column: found[0] for column, found in places.items()}
