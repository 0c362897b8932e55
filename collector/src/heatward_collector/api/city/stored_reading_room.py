"""The reading room over the real stores: registry, verdicts, window and time series.

Everything is read, nothing is written. A look at the whole city is kept for a few seconds, so that
many readers cost no more than one; where pages are served, the next look is taken while the last
one still answers. Stores are used by one thread at a time.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.conclusions.verdicts import DayVerdict, VerdictStore
from heatward_collector.outdoor.temperatures import OutdoorStore

from ...config import Config
from ...registry import Registry, open_registry
from ...rules import load_standard
from ...timeseries import open_timeseries
from .building_curve import building_curve, hours_between
from .facts import BuildingDay, BuildingFile, Curve, Room, RoomDay, RoomFile, Survey
from .facts_of_verdicts import building_day, is_over, room_day
from .judged_days import DAYS_BACK, JudgedDays
from .one_look import Look, Looks, finite, known
from .places import Places

SURVEY_SECONDS = 10.0
LONGEST_SECONDS = 60.0
"""A look older than this answers nobody, even where the next one is being taken. [s]"""

log = logging.getLogger(__name__)


def settle() -> None:
    """Take what lives long out of the garbage collector's sight, once there is a new registry.

    That of a city and what is derived from it are half a million objects. Walking them stops every
    answer for most of a second, again and again; they go when nothing refers to them any more.
    """
    gc.collect()
    gc.freeze()


class StoredReadingRoom:
    """Answers pages from the state folder of a configuration.

    With ``looks_ahead`` a look that is a few seconds old still answers while another thread takes
    the next: nobody waits for it.
    """

    def __init__(
        self,
        config: Config,
        now: Callable[[], float],
        registry: Registry | None = None,
        looks_ahead: bool = False,
    ) -> None:
        self._config = config
        self._now = now
        self._lock = threading.RLock()
        self._looking = threading.Lock()
        self._looks_ahead = looks_ahead
        self._standard = load_standard(config.rules.city, config.rules.file)
        self._registry = registry or open_registry(config)
        self._verdicts = VerdictStore(config.state.verdicts)
        self._looks = Looks(
            config.state.window,
            self._standard,
            JudgedDays(VerdictStore(config.state.verdicts)),
            OutdoorStore(self._registry),
        )
        self._series = open_timeseries(config)
        self._places: Places | None = None
        self._newest: Look | None = None
        self._settled: Places | None = None

    def survey(self) -> Survey:
        """Return every measured building as it stands now."""
        return self._seen().survey

    def building(self, building_id: str, days: int) -> BuildingFile | None:
        """Return one building with its last days and its rooms."""
        look = self._seen()
        building = look.buildings.get(building_id)
        if building is None:
            return None
        points = look.places.points_of(building_id)
        with self._lock:
            return BuildingFile(
                building, self._days(building_id, days, building.homes), self._rooms(points, look)
            )

    def building_days(self, building_id: str, days: int) -> tuple[BuildingDay, ...]:
        """Return the last days of a building, without asking about its rooms."""
        with self._lock:
            return self._days(building_id, days, 0)

    def building_curve(self, building_id: str, start_s: int, end_s: int) -> Curve:
        """Return the hourly median of the homes of a building."""
        homes = self._seen().places.judged_rooms_by_home(building_id)
        rooms = [room for of in homes for room in of]
        hours = hours_between(start_s, end_s)
        first_s = int(hours[0]) if hours.size else end_s
        with self._lock:
            hourly = self._series.hourly(rooms, first_s, end_s)
        ends = np.cumsum([len(of) for of in homes], dtype=np.int64)[:-1]
        return building_curve(np.split(hourly, ends) if homes else (), start_s, end_s)

    def room(self, room_id: str, days: int) -> RoomFile | None:
        """Return one room with its last days."""
        look = self._seen()
        directory = look.places.directory
        point = directory.point_index.get(room_id)
        place = None if point is None else directory.points[point]
        if point is None or place is None or place.is_outdoor:
            return None
        building, today = look.buildings.get(place.building), self._today()
        if building is None:
            return None
        with self._lock:
            verdicts = self._verdicts.of_place("room", room_id, today - timedelta(days=days), today)
            (room,) = self._rooms((point,), look)
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

    def _seen(self) -> Look:
        """Return a look that is new enough to answer, and see to the next one."""
        held, now_s = self._newest, self._now()
        age_s = now_s - held.taken_s if held is not None else -1.0
        if held is not None and 0 <= age_s < SURVEY_SECONDS:
            return held
        if held is not None and self._looks_ahead and 0 <= age_s < LONGEST_SECONDS:
            if self._looking.acquire(blocking=False):
                threading.Thread(target=self._look_ahead, name="look-ahead", daemon=True).start()
            return held
        with self._looking:
            look = self._newest
            if look is None or look is held:  # nobody else has looked while this one waited
                look = self._newest = self._look(now_s)
            return look

    def _look_ahead(self) -> None:
        try:
            look = self._newest = self._look(self._now())
            if self._settled is not look.places:
                self._settled = look.places
                settle()
        except Exception:
            # The last stop of a thread: whoever asks next looks in person, and sees what it is.
            log.exception("event=look_failed")
        finally:
            self._looking.release()

    def _look(self, now_s: float) -> Look:
        return self._looks.take(self._here(), now_s, self._day_of(now_s))

    def _rooms(self, points: Sequence[int], look: Look) -> tuple[Room, ...]:
        """Return rooms with their last judged days: one question for all of them."""
        places, today = [look.places.directory.points[point] for point in points], self._today()
        recent = self._verdicts.of_places(
            "room", [place.id for place in places], today - timedelta(days=DAYS_BACK), today
        )
        numbers: dict[str, int] = {}
        for building in {place.building for place in places}:
            numbers |= look.places.numbers_in_homes(building)
        return tuple(
            Room(
                id=place.id,
                use=place.use,
                home=place.home,
                building=place.building,
                heard_at=known(int(look.latest.heard_at[point])),
                celsius_now=finite(float(look.celsius[point])),
                last_day=_last_day(recent[place.id], today),
                number=numbers.get(place.id),
            )
            for point, place in zip(points, places, strict=True)
        )

    def _here(self) -> Places:
        """Return the places of the registry, read again when somebody has edited it."""
        directory = self._registry.directory()
        if self._places is None or self._places.directory is not directory:
            self._places = Places(directory, frozenset(self._standard.room_uses))
        return self._places

    def _today(self) -> date:
        return self._day_of(self._now())

    def _day_of(self, time_s: float) -> date:
        return datetime.fromtimestamp(time_s, ZoneInfo(self._standard.timezone)).date()


def _last_day(recent: Sequence[DayVerdict], today: date) -> RoomDay | None:
    judged = [verdict for verdict in recent if is_over(verdict, today)]
    return room_day(judged[-1]) if judged else None
