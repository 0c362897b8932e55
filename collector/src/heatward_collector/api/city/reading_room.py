"""The only door through which pages and API look at the stores: six questions, no writing."""

from __future__ import annotations

from typing import Protocol

from .facts import BuildingDay, BuildingFile, Curve, RoomFile, Survey


class ReadingRoom(Protocol):
    """Answers what a page asks; an unknown id is answered with None."""

    def survey(self) -> Survey:
        """Return every building as it stands now."""

    def building(self, building_id: str, days: int) -> BuildingFile | None:
        """Return one building with its last ``days`` days."""

    def building_days(self, building_id: str, days: int) -> tuple[BuildingDay, ...]:
        """Return the recorded last ``days`` days of a building, oldest first."""

    def building_curve(self, building_id: str, start_s: int, end_s: int) -> Curve:
        """Return the hourly median and quartiles of the homes of a building."""

    def room(self, room_id: str, days: int) -> RoomFile | None:
        """Return one room with its last ``days`` days."""

    def room_curve(self, room_id: str, start_s: int, end_s: int) -> Curve:
        """Return the readings of a room in [start, end), in order of time."""
