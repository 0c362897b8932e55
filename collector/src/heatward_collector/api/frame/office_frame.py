"""What the pages on which offices put something down have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Table

from ...accounts import Role, Viewer
from ...accounts.roles import OFFICES
from ...refund import Books, open_books
from ...registry.cells import CellError, read_cell
from ..rights.door import door_of
from ..words.formats import Formats
from .page_frame import PageFrame

CLERKS = (*OFFICES, Role.OPERATOR)
"""Those who put something down."""
READERS = (*CLERKS, Role.DEMO)
"""Those who read it."""
Answers = Mapping[str, str]
"""What somebody has typed into a form, by the names of its fields."""
NOTHING: Answers = {}
LONGEST_ANSWER = 200
"""What is typed beyond it is cut off, as the fields themselves do. [characters]"""


class OfficeFrame(PageFrame):
    """The frame of a page of the records, and the books that it is written from."""

    def page(
        self,
        request: Request,
        template: str,
        status_code: int = 200,
        refresh_seconds: int = 0,
        **values: Any,
    ) -> HTMLResponse:
        """Return a page that belongs to the records, unless it says otherwise."""
        values = {"here": "records", **values}
        return super().page(request, template, status_code, refresh_seconds, **values)

    @contextmanager
    def books(self) -> Iterator[Books]:
        """Open registry, verdicts and findings for the time of one answer."""
        books = open_books(self.config)
        try:
            yield books
        finally:
            books.close()

    def typed_now(self, write: Formats) -> str:
        """Return the present as a field for day and hour holds it."""
        return typed(self.now(), write)


def typed(time_s: float, write: Formats) -> str:
    """Return a time as a field for day and hour holds it."""
    return datetime.fromtimestamp(time_s, write.zone).strftime("%Y-%m-%dT%H:%M")


def typed_into(*fields: str) -> Callable[[Request], Awaitable[dict[str, str]]]:
    """Return the dependency that reads what somebody has typed into the fields of a form."""

    async def read(request: Request) -> dict[str, str]:
        form = await request.form()
        return {name: str(form.get(name, ""))[:LONGEST_ANSWER].strip() for name in fields}

    return read


def sees_building(request: Request, viewer: Viewer) -> Callable[[str | None], bool]:
    """Return the question whether a building lies within reach; of none, it lies nowhere."""
    reach = door_of(request).reach()
    return lambda building: reach.sees(viewer, "building", building or "")


def read_form(
    table: Table, answers: Answers, write: Formats, labels: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return a row of the registry as a form says it, and what is wrong, in the reader's words.

    Columns that the form does not hold are None. ``labels`` are messages, by the columns.
    """
    row: dict[str, Any] = {column.name: None for column in table.columns}
    problems = []
    for name, text in answers.items():
        column = table.columns[name]
        try:
            row[name] = read_cell(column, text, write.zone)
        except CellError as error:
            field = write.say(labels[name])
            problems.append(f"{field}{write.say(': ')}{write.say.half(str(error))}")
    return row, problems
