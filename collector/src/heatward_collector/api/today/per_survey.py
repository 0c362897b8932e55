"""What is made of one look at the city or of one board, once for all who may see the same of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from fastapi import Request

from ...accounts import Viewer
from ...accounts.reach import UNLIMITED
from ..rights.door import door_of

Made = TypeVar("Made")
MINUTE_S = 60


def audience_of(request: Request, viewer: Viewer, language: str, now_s: float) -> Hashable:
    """Return a key that is the same for readers to whom the same is shown, for a minute."""
    scope = ("", "") if viewer.role in UNLIMITED else (viewer.role.value, viewer.scope)
    return (*scope, language, door_of(request).directory().version, int(now_s) // MINUTE_S)


class PerSurvey(Generic[Made]):
    """Forgets everything as soon as there is a newer look, or a newer board."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._survey: object = None
        self._made: dict[Hashable, Made] = {}

    def get(self, survey: object, audience: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made of this very look or board for an audience, or make it."""
        with self._lock:
            if self._survey is not survey:
                self._survey, self._made = survey, {}
            found = self._made.get(audience)
        if found is None:
            found = make()
            with self._lock:
                if self._survey is survey:
                    self._made[audience] = found
        return found
