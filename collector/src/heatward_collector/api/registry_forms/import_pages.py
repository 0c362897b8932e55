"""The registry for the operator: import CSV files, first as a list of what they would change."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path, PurePath
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse

from ...accounts import Role, Viewer
from ...errors import ImportRefused, RegistryError
from ...registry import Registry, spreadsheets
from ..frame.page_frame import PageFrame
from ..rights.access import may
from ..rights.audited import say_more
from ..rights.door import door_of
from .edits import EDITS

MOST_SHOWN = 300
"""Differences that one page lists; their number is told whole."""
MOST_FILES = 60

Operator = Annotated[Viewer, Depends(may(Role.OPERATOR))]
Files = Annotated[list[UploadFile], File()]
Word = Annotated[str, Form(max_length=16)]


def routes(frame: PageFrame) -> APIRouter:
    """Return the routes of the registry."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)

    def page(request: Request, **values: Any) -> HTMLResponse:
        shown: dict[str, Any] = {
            "lines": [],
            "more": 0,
            "problems": [],
            "version": 0,
            "done": False,
            "edits": EDITS,
            "most_files": MOST_FILES,
        } | values
        return frame.page(
            request,
            "registry_forms/registry.html",
            here="registry",
            status_code=422 if shown["problems"] else 200,
            **shown,
        )

    @router.get("/registry")
    def form(request: Request, viewer: Operator) -> HTMLResponse:
        return page(request)

    @router.post("/registry")
    def take(
        request: Request, viewer: Operator, files: Files, deed: Word = "", version: Word = ""
    ) -> HTMLResponse:
        registry, zone = door_of(request).registry, frame.room.survey().rule.zone
        try:
            with tempfile.TemporaryDirectory(prefix="heatward-registry-") as folder:
                content = _read(Path(folder), files, zone)
            checked = spreadsheets.check(content, registry)
            lines = list(spreadsheets.differences(registry, content, zone))
            is_same = version == str(checked)
            if deed == "import" and is_same:
                _import(registry, content, checked, request)
        except ImportRefused as error:
            return page(request, problems=list(error.problems))
        except RegistryError as error:
            return page(request, problems=[str(error)])
        return page(
            request,
            lines=list(islice(lines, MOST_SHOWN)),
            more=max(len(lines) - MOST_SHOWN, 0),
            version=checked,
            done=deed == "import" and is_same,
        )

    return router


def _read(folder: Path, files: Sequence[UploadFile], zone: ZoneInfo) -> spreadsheets.Content:
    """Read what was sent, under the names of the files without any folder."""
    for one in files[:MOST_FILES]:
        name = PurePath((one.filename or "").replace("\\", "/")).name
        if name.lower().endswith(".csv"):
            (folder / name).write_bytes(one.file.read())
    return spreadsheets.read_folder(folder, zone)


def _import(
    registry: Registry, content: spreadsheets.Content, version: int, request: Request
) -> None:
    counts = registry.put(content, based_on=version)
    told = [f"{name} +{one.new} ~{one.changed}" for name, one in counts.items() if any(one)]
    say_more(request, ", ".join(told) or "nothing changed")
