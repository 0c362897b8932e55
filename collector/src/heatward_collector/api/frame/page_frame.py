"""What every page is made of: settings, the city as it stands, the time, a reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from ...config import Config
from ..city.reading_room import ReadingRoom
from ..words.formats import Formats
from .rendering import formats_of, render


class PageFrame:
    """Writes and fills pages; one for all routes of the application."""

    def __init__(self, config: Config, room: ReadingRoom, now: Callable[[], float]) -> None:
        self.config, self.room, self.now = config, room, now

    def write(self, request: Request) -> Formats:
        """Return how values are written for a reader."""
        return formats_of(request, self.room.survey().rule.zone, self.now())

    def page(
        self,
        request: Request,
        template: str,
        status_code: int = 200,
        refresh_seconds: int = 0,
        **values: Any,
    ) -> HTMLResponse:
        """Fill a template; ``here`` among its values names the entry of the menu."""
        return render(
            request,
            template,
            self.write(request),
            demo=self.config.demo,
            now_s=self.now(),
            status_code=status_code,
            refresh_seconds=refresh_seconds,
            **values,
        )
