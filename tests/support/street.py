"""A street on paper: a reading room with one building for every way a building can stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from heatward_collector.api.city.facts import (
    Building,
    BuildingDay,
    BuildingFile,
    Curve,
    Judgement,
    Name,
    Room,
    RoomDay,
    RoomFile,
    Rule,
    Survey,
)

NOW_S = int(datetime(2026, 11, 24, 5, 5, tzinfo=UTC).timestamp())
"""13:05 in Harbin."""
YESTERDAY = date(2026, 11, 23)
RULE = Rule(
    version="harbin-2021-10-29",
    city=Name("哈尔滨", "Harbin"),
    minimum_celsius=20.0,
    zone=ZoneInfo("Asia/Shanghai"),
    in_season=True,
    excluded_hours=(10, 14),
    source=Name("黑龙江省城市供热条例 2021", "provincial regulations of 2021"),
)

WARMTH = {
    Judgement.BELOW: (18.4, 17.1, 9.5, 14.2, 18.6),
    Judgement.MARGINAL_MINUS: (19.7, 19.2, 8.0, 3.1, 19.6),
    Judgement.MARGINAL_PLUS: (20.3, 19.8, 1.0, 0.1, 20.4),
    Judgement.MET: (21.6, 20.9, 0.0, 0.0, 21.5),
    Judgement.NOT_JUDGEABLE: (21.6, 20.9, 0.0, 0.0, 21.5),
}
"""A room's mean and lowest temperature [degC], hours and degree hours below, temperature now."""


def building_day(
    judgement: Judgement, median: float | None, below: int, judged: int, homes: int
) -> BuildingDay:
    coverage = 0.97 if judged else 0.31
    return BuildingDay(YESTERDAY, judgement, median, below, judged, homes, coverage)


def building(
    number: int,
    judgement: Judgement,
    median: float | None = 21.0,
    below: int = 0,
    homes: int = 8,
    heard_ago: int | None = 240,
    now: float | None = 21.0,
) -> Building:
    judged = homes if judgement is not Judgement.NOT_JUDGEABLE else 0
    return Building(
        id=f"b-{number:02d}",
        name=Name(f"{number} 号楼", f"Building {number}"),
        estate=Name("松江家园", "Songjiang Homes")
        if number % 2
        else Name("安和小区", "Anhe Estate"),
        street=Name("和平路街道", "Heping Road Street"),
        homes=homes,
        heard_at=None if heard_ago is None else NOW_S - heard_ago,
        median_now=now,
        last_day=building_day(judgement, median, below, judged, homes),
        today=None,
    )


def every_standing() -> tuple[Building, ...]:
    """Return one building for each standing, and one with few homes."""
    return (
        building(1, Judgement.MET, 22.4, now=22.3),
        building(2, Judgement.BELOW, 17.6, below=6, now=17.1),
        building(3, Judgement.MARGINAL_MINUS, 19.7, below=2, now=19.8),
        building(4, Judgement.MET, 20.9, now=18.7),
        building(5, Judgement.MET, 21.5, heard_ago=5 * 3600),
        building(6, Judgement.NOT_JUDGEABLE, None, homes=6, now=20.4),
        building(7, Judgement.MARGINAL_PLUS, 20.5, homes=12, now=20.6),
        building(8, Judgement.BELOW, 18.2, below=3, homes=3, now=18.0),
        replace(building(9, Judgement.MET, heard_ago=None, now=None), last_day=None),
    )


def hourly_wave(start_s: int, end_s: int, middle: float, step_s: int) -> tuple[np.ndarray, ...]:
    time_s = np.arange(start_s - start_s % step_s, end_s, step_s, dtype=np.int64)
    hours = time_s / 3600
    celsius = middle + 0.9 * np.sin(hours / 24 * 2 * np.pi) + 0.2 * np.sin(hours * 1.7)
    return time_s, celsius


@dataclass
class PaperReadingRoom:
    """Holds its buildings in memory; every building has two rooms a home."""

    buildings: tuple[Building, ...]
    rule: Rule = RULE
    outdoor_celsius: float | None = -14.3
    outdoor_source: str = "sensors"

    def survey(self) -> Survey:
        heard = [b.heard_at for b in self.buildings if b.heard_at is not None]
        outdoor = (self.outdoor_celsius, self.outdoor_source)
        return Survey(self.buildings, self.rule, max(heard, default=None), *outdoor)

    def building(self, building_id: str, days: int) -> BuildingFile | None:
        found = self._find(self.buildings, building_id)
        if found is None:
            return None
        last = found.last_day
        history = [
            replace(last, day=YESTERDAY - timedelta(days=back), revision=1 if back == 2 else 0)
            for back in range(days if last else 0, -1, -1)
            if last is not None
        ]
        rooms = [
            room
            for home in range(found.homes)
            for room in self._rooms(found, f"{found.id[2:]}{home + 1:02d}")
        ]
        return BuildingFile(found, tuple(history), tuple(rooms))

    def building_days(self, building_id: str, days: int) -> tuple[BuildingDay, ...]:
        file = self.building(building_id, days)
        return () if file is None else file.days

    def building_curve(self, building_id: str, start_s: int, end_s: int) -> Curve:
        found = self._find(self.buildings, building_id)
        middle = found.median_now if found and found.median_now else 20.0
        time_s, celsius = hourly_wave(start_s, end_s, middle, 3600)
        keep = (time_s < end_s - 16 * 3600) | (time_s > end_s - 12 * 3600)
        time_s, celsius = time_s[keep], celsius[keep]
        return Curve(time_s, celsius, celsius - 0.8, celsius + 0.6)

    def room(self, room_id: str, days: int) -> RoomFile | None:
        for found in self.buildings:
            file = self.building(found.id, 1)
            room = next((r for r in file.rooms if r.id == room_id), None) if file else None
            if room is not None and room.last_day is not None:
                history = [
                    replace(room.last_day, day=YESTERDAY - timedelta(days=back))
                    for back in range(days, -1, -1)
                ]
                return RoomFile(room, found, tuple(history))
        return None

    def room_curve(self, room_id: str, start_s: int, end_s: int) -> Curve:
        time_s, celsius = hourly_wave(start_s, end_s, 19.6, 300)
        keep = (time_s < end_s - 20 * 3600) | (time_s > end_s - 17 * 3600)
        return Curve(time_s[keep], np.round(celsius[keep] * 16) / 16)

    def _rooms(self, found: Building, home: str) -> Sequence[Room]:
        judgement = found.last_day.judgement if found.last_day else Judgement.NOT_JUDGEABLE
        mean, minimum, hours_below, degree_hours, now = WARMTH[judgement]
        day = RoomDay(
            day=YESTERDAY,
            judgement=judgement,
            mean_celsius=mean,
            minimum_celsius=minimum,
            hours_below=hours_below,
            degree_hours=degree_hours,
            coverage=0.98,
            guard_kelvin=0.71,
            calibrated=False,
            rule_version=self.rule.version,
        )
        return [
            Room(f"r-{home}-{use}", use, home, found.id, found.heard_at, now, day)
            for use in ("bedroom", "living_room")
        ]

    @staticmethod
    def _find(buildings: Sequence[Building], building_id: str) -> Building | None:
        return next((b for b in buildings if b.id == building_id), None)
