"""The reading room over the real stores: registry, verdicts, window and time series.

Everything is read, nothing is written. A survey is kept for a few seconds, so that many readers
cost no more than one. Stores are used by one thread at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ..config import Config
from ..outdoor import SENSORS, OutdoorStore
from ..registry import Directory, open_registry
from ..rules import load_standard
from ..timeseries import open_timeseries
from ..verdicts import VerdictStore
from .building_curve import building_curve
from .facts import Building, BuildingDay, BuildingFile, Curve, Room, RoomFile, Survey
from .now import latest_readings
from .places import Places
from .recorded import building_day, is_over, room_day, rule_of

SURVEY_SECONDS = 5.0
DAYS_BACK = 2
"""Yesterday's verdict, or the day before's where yesterday has not been judged yet."""


class StoredReadingRoom:
    """Answers pages from the state folder of a configuration."""

    def __init__(self, config: Config, now: Callable[[], float]) -> None:
        self._config = config
        self._now = now
        self._lock = threading.RLock()
        self._standard = load_standard(config.rules.city, config.rules.file)
        self._registry = open_registry(config)
        self._outdoor = OutdoorStore(self._registry)
        self._verdicts = VerdictStore(config.state.verdicts)
        self._series = open_timeseries(config)
        self._places: Places | None = None
        self._survey: tuple[float, Survey] | None = None

    def survey(self) -> Survey:
        """Return every measured building as it stands now."""
        with self._lock:
            now_s = self._now()
            if self._survey is None or not 0 <= now_s - self._survey[0] < SURVEY_SECONDS:
                self._survey = (now_s, self._look(now_s))
            return self._survey[1]

    def building(self, building_id: str, days: int) -> BuildingFile | None:
        """Return one building with its last days and its rooms."""
        with self._lock:
            building = self._building(building_id)
            if building is None:
                return None
            return BuildingFile(
                building,
                self._days(building_id, days, building.homes),
                self._rooms(building_id, self._today()),
            )

    def building_days(self, building_id: str, days: int) -> tuple[BuildingDay, ...]:
        """Return the last days of a building, without asking about its rooms."""
        with self._lock:
            return self._days(building_id, days, 0)

    def building_curve(self, building_id: str, start_s: int, end_s: int) -> Curve:
        """Return the hourly median of the homes of a building."""
        with self._lock:
            homes = self._here().judged_rooms_by_home(building_id)
            readings = [[self._series.room(room, start_s, end_s) for room in of] for of in homes]
        return building_curve(readings, start_s, end_s)

    def room(self, room_id: str, days: int) -> RoomFile | None:
        """Return one room with its last days."""
        with self._lock:
            point = self._here().directory.point_index.get(room_id)
            place = None if point is None else self._here().directory.points[point]
            if place is None or place.is_outdoor:
                return None
            building, today = self._building(place.building), self._today()
            room = next(r for r in self._rooms(place.building, today) if r.id == room_id)
            if building is None:
                return None
            verdicts = self._verdicts.of_place("room", room_id, today - timedelta(days=days), today)
            return RoomFile(room, building, tuple(room_day(verdict) for verdict in verdicts))

    def room_curve(self, room_id: str, start_s: int, end_s: int) -> Curve:
        """Return the readings of a room."""
        with self._lock:
            return Curve(*self._series.room(room_id, start_s, end_s))

    def _days(self, building_id: str, days: int, homes: int) -> tuple[BuildingDay, ...]:
        today = self._today()
        first = today - timedelta(days=days)
        verdicts = self._verdicts.of_place("building", building_id, first, today)
        return tuple(building_day(verdict, homes) for verdict in verdicts)

    def _look(self, now_s: float) -> Survey:
        places, rule = self._here(), rule_of(self._standard, self._today())
        latest = latest_readings(self._config.state.window, places.point_ids, now_s)
        state = places.state_now(latest, now_s, self._today())
        buildings = [
            Building(
                id=building_id,
                name=places.name("building", building_id),
                estate=places.name("estate", places.estate_of(building_id)),
                street=places.name("street", places.street_of(building_id)),
                homes=int(state.homes[index]),
                heard_at=_known(state.heard_at[index]),
                median_now=_celsius(state.median[index]),
                last_day=None,
                today=None,
            )
            for index, building_id in enumerate(places.directory.buildings)
            if state.homes[index]
        ]
        heard = [b.heard_at for b in buildings if b.heard_at is not None]
        outdoor = _celsius(state.outdoor)
        return Survey(
            tuple(self._with_verdicts(buildings)),
            rule,
            max(heard, default=None),
            *((outdoor, SENSORS) if outdoor is not None else self._imported(int(now_s))),
        )

    def _imported(self, now_s: int) -> tuple[float | None, str]:
        """Return the imported outdoor temperature nearest to now, and its source."""
        for district in self._here().directory.tables["district"]:
            series = self._outdoor.series(district, now_s, now_s)
            (celsius,), (source,) = series.at(np.array([now_s]))
            if source:
                return float(celsius), source
        return None, ""

    def _with_verdicts(self, buildings: list[Building]) -> list[Building]:
        today = self._today()
        recent = [
            self._verdicts.of_day("building", today - timedelta(days=back))
            for back in range(DAYS_BACK + 1)
        ]
        found = []
        for building in buildings:
            judged = [of_day[building.id] for of_day in recent if building.id in of_day]
            current = [verdict for verdict in judged if verdict.day == today]
            over = [verdict for verdict in judged if is_over(verdict, today)]
            found.append(
                replace(
                    building,
                    today=building_day(current[0], building.homes) if current else None,
                    last_day=building_day(over[0], building.homes) if over else None,
                )
            )
        return found

    def _building(self, building_id: str) -> Building | None:
        return next((b for b in self.survey().buildings if b.id == building_id), None)

    def _rooms(self, building_id: str, today: date) -> tuple[Room, ...]:
        places, now_s = self._here(), self._now()
        latest = latest_readings(self._config.state.window, places.point_ids, now_s)
        celsius = places.celsius(latest, now_s)
        rooms = []
        for point in places.points_of(building_id):
            place = places.directory.points[point]
            recent = self._verdicts.of_place(
                "room", place.id, today - timedelta(days=DAYS_BACK), today
            )
            judged = [verdict for verdict in recent if is_over(verdict, today)]
            rooms.append(
                Room(
                    id=place.id,
                    use=place.use,
                    home=place.home,
                    building=building_id,
                    heard_at=_known(latest.heard_at[point]),
                    celsius_now=_celsius(celsius[point]),
                    last_day=room_day(judged[-1]) if judged else None,
                )
            )
        return tuple(rooms)

    def _here(self) -> Places:
        """Return the places of the registry, read again when somebody has edited it."""
        version = self._registry.version()
        if self._places is None or self._places.directory.version != version:
            directory: Directory = self._registry.directory()
            self._places = Places(directory, frozenset(self._standard.room_uses))
        return self._places

    def _today(self) -> date:
        return datetime.fromtimestamp(self._now(), ZoneInfo(self._standard.timezone)).date()


def _known(time_s: np.int64) -> int | None:
    return int(time_s) if time_s >= 0 else None


def _celsius(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
