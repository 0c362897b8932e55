"""Tables as CSV and XLSX that a double click opens right, in which no text runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell as WorkbookCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

from heatward_collector.registry.cells import guarded

Cell = str | int | float | date | datetime | None
WIDEST, WIDE = 22, 36
NARROWEST, WIDEST_HEAD = 7, 14
"""Widths of columns; longer texts are broken into lines. [characters of half a Chinese one]"""
LINE_POINTS = 15
"""Height of a line. [pt]"""
LONGEST_TITLE = 31
"""What a spreadsheet allows for the name of a sheet. [characters]"""
_NOT_IN_TITLES = str.maketrans("[]:*?/\\", "()    -")
_HEAD = PatternFill("solid", fgColor="E8E4DA")
_LINE = Border(*(Side(style="thin", color="B9B4A6") for _ in range(4)))
FONT = "Microsoft YaHei"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its title, its columns, its rows, and what must be said under it."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    notes: tuple[str, ...] = ()
    decimals: int = 2
    """How many are shown of numbers that are not whole."""
    wide: frozenset[str] = field(default_factory=frozenset)
    """Columns of sentences."""

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.title}: a row of {len(row)} for {len(self.columns)}")


def csv_bytes(sheet: Sheet) -> bytes:
    """Return a table as CSV with a byte order mark, as spreadsheets like it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([guarded(column) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_plain(value, sheet.decimals) for value in row])
    return b"\xef\xbb\xbf" + file.getvalue().encode("utf-8")


def write_workbook(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write tables as one XLSX file, a sheet each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(workbook_bytes(sheets))


def workbook_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Return tables as one XLSX file, a sheet each."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for sheet in sheets:
        title = sheet.title.translate(_NOT_IN_TITLES)[:LONGEST_TITLE]
        _fill(workbook.create_sheet(title), sheet)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _fill(page: Worksheet, sheet: Sheet) -> None:
    page.cell(1, 1, guarded(sheet.title)).font = Font(name=FONT, size=14, bold=True)
    for number, column in enumerate(sheet.columns, start=1):
        head = page.cell(2, number, guarded(column))
        head.font, head.fill, head.border = Font(name=FONT, bold=True), _HEAD, _LINE
        head.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    for line, row in enumerate(sheet.rows, start=3):
        for number, value in enumerate(row, start=1):
            _write(page.cell(line, number), value, sheet)
    for line, note in enumerate(sheet.notes, start=len(sheet.rows) + 4):
        page.cell(line, 1, guarded(note)).font = Font(name=FONT, color="56626A")
    widths = [_width(sheet, number) for number in range(len(sheet.columns))]
    for number, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
    # A spreadsheet that opens a file does not look how high its broken lines are.
    for line, row in enumerate([sheet.columns, *sheet.rows], start=2):
        lines = max(map(_lines, row, widths), default=1)
        # Headers are bold: a long one takes a line more than its letters say.
        lines += line == 2 and lines > 2
        page.row_dimensions[line].height = LINE_POINTS * lines + 3
    page.freeze_panes = "A3"
    _prepare_print(page)


def _write(cell: WorkbookCell, value: Cell, sheet: Sheet) -> None:
    if isinstance(value, str):
        cell.value = guarded(value)
        # What begins with a sign stays a text even where somebody takes the guard away.
        cell.data_type, cell.quotePrefix = "s", value != guarded(value)
    elif isinstance(value, datetime):
        cell.value, cell.number_format = value.replace(tzinfo=None), "yyyy-mm-dd hh:mm"
    elif isinstance(value, date):
        cell.value, cell.number_format = value, "yyyy-mm-dd"
    elif isinstance(value, float):
        cell.value, cell.number_format = value, "0." + "0" * sheet.decimals
    else:
        cell.value = value
    cell.font, cell.border = Font(name=FONT), _LINE
    cell.alignment = Alignment(wrap_text=isinstance(value, str), vertical="top")


def _width(sheet: Sheet, number: int) -> float:
    texts = [_plain(row[number], sheet.decimals) for row in sheet.rows]
    # Headers are broken into lines, long ones into several.
    head = min((_display_width(sheet.columns[number]) + 1) // 2 + 2, WIDEST_HEAD)
    widest = max((_display_width(text) for text in texts), default=0)
    limit = WIDE if sheet.columns[number] in sheet.wide else WIDEST
    return min(max(head, widest + 2, NARROWEST), limit)


def _lines(value: Cell, width: float) -> int:
    """Return in how many lines a text is broken; numbers and days never are."""
    if not isinstance(value, str):
        return 1
    return sum(-(-(_display_width(line) + 1) // int(width)) for line in value.split("\n")) or 1


def _prepare_print(page: Worksheet) -> None:
    """Let a wide table be printed across A4, with its head on every sheet of paper."""
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_title_rows = "2:2"
    page.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.5)


def _plain(value: Cell, decimals: int) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return f"{value:.{decimals}f}" if isinstance(value, float) else str(value)


def _display_width(text: str) -> int:
    """Return how wide a text is drawn: a Chinese character counts for two."""
    return sum(1 if character < "⺀" else 2 for character in text)
