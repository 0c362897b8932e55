"""How numbers, times and words of the domain are written in a language and a zone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from ...explain.measures import degree, percent
from ...locale import CHINESE, Texts, message
from ..city.facts import Building, Judgement, Name, Room
from ..city.standing import Standing

ABSENT = "\N{EN DASH}"

_STANDINGS = {
    Standing.BELOW: message("below"),
    Standing.MARGINAL_MINUS: message("marginal (low)"),
    Standing.COLD_NOW: message("met yesterday, cold now"),
    Standing.INTERRUPTED: message("data interrupted"),
    Standing.NOT_JUDGEABLE: message("not judgeable"),
    Standing.MARGINAL_PLUS: message("marginal (high)"),
    Standing.MET: message("met"),
}
_MARKS = {
    Standing.BELOW: "\N{BLACK DOWN-POINTING TRIANGLE}",
    Standing.MARGINAL_MINUS: "\N{ALMOST EQUAL TO}",
    Standing.COLD_NOW: "\N{DOWNWARDS ARROW}",
    Standing.INTERRUPTED: "\N{MULTIPLICATION SIGN}",
    Standing.NOT_JUDGEABLE: "?",
    Standing.MARGINAL_PLUS: "\N{ALMOST EQUAL TO}",
    Standing.MET: "\N{CHECK MARK}",
}
_USES = {
    "bedroom": message("bedroom"),
    "living_room": message("living room"),
    "kitchen": message("kitchen"),
    "bathroom": message("bathroom"),
    "other": message("other room"),
}
_SOURCES = {"sensors": message("shaded sensors")}


YEAR_FROM_DAYS = 300
"""A date so far off is written with its year: the same day of another season is near. [d]"""
ZONE_NAMES = {"Asia/Shanghai": message("Beijing time")}


@dataclass(frozen=True, slots=True)
class Formats:
    """Writes values for one reader."""

    say: Texts
    zone: ZoneInfo
    now_s: float | None = None
    """When the reader reads; None where that is not known, and dates then have no year."""

    @property
    def zone_name(self) -> str:
        """The zone of all times on a page as people call it; else by its key."""
        name = ZONE_NAMES.get(self.zone.key)
        return self.zone.key if name is None else self.say(name)

    def celsius(self, value: float | None) -> str:
        """Write a temperature with one decimal, as fine as the sensor's accuracy deserves."""
        return f"{self.number(value)} {degree(self.say)}" if _known(value) else ABSENT

    def kelvin(self, value: float | None) -> str:
        """Write a difference of temperatures; in Chinese nobody but physicists reads K."""
        return self.say("%(kelvin)s K", kelvin=self.number(value, 2)) if _known(value) else ABSENT

    def number(self, value: float | None, decimals: int = 1) -> str:
        if value is None or not _known(value):
            return ABSENT
        return f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")

    def percent(self, share: float | None) -> str:
        """Write a share rounded down, so that 100 % means all."""
        if share is None or not _known(share):
            return ABSENT
        return f"{math.floor(share * 100 + 1e-9)}{percent(self.say)}"

    def name(self, name: Name) -> str:
        return self.say.pick(name.zh or name.en, name.en or name.zh)

    def building(self, building: Building) -> str:
        """Write a building with its estate, once: many names begin with it already."""
        name, estate = self.name(building.name), self.name(building.estate)
        return name if name.startswith(estate) else f"{estate} {name}"

    def day(self, day: date) -> str:
        """Write a date with its weekday."""
        skeleton = "yMMMEd" if self._is_far(day) else "MMMEd"
        return format_skeleton(skeleton, day, locale=self.say.locale)

    def short_day(self, day: date) -> str:
        """Write a date in few letters: in English with the month's name, for 5/11 is two dates."""
        if self.say.language == CHINESE:
            return f"{f'{day.year}/' if self._is_far(day) else ''}{day.month}/{day.day}"
        return self._date(day)

    def clock(self, time_s: float | None) -> str:
        """Write a moment in the rule's zone."""
        if time_s is None:
            return self.say("never")
        moment = datetime.fromtimestamp(time_s, self.zone)
        return f"{self._date(moment.date())} {moment:%H:%M}"

    def _date(self, day: date) -> str:
        skeleton = "yMMMd" if self._is_far(day) else "MMMd"
        return format_skeleton(skeleton, day, locale=self.say.locale)

    def _is_far(self, day: date) -> bool:
        if self.now_s is None:
            return False
        today = datetime.fromtimestamp(self.now_s, self.zone).date()
        return abs((today - day).days) >= YEAR_FROM_DAYS

    def ago(self, seconds: float) -> str:
        """Write how long ago something was, in the one unit that matters."""
        if seconds < 90:
            return self.say("just now")
        if seconds < 5400:
            return self.say.plural("%(n)d minute ago", "%(n)d minutes ago", round(seconds / 60))
        if seconds < 129600:
            return self.say.plural("%(n)d hour ago", "%(n)d hours ago", round(seconds / 3600))
        return self.say.plural("%(n)d day ago", "%(n)d days ago", round(seconds / 86400))

    def standing(self, standing: Standing | Judgement) -> str:
        return self.say(_STANDINGS[Standing(standing.value)])

    def mark(self, standing: Standing | Judgement) -> str:
        """Return a sign beside the colour, for those who see no colour and for black print."""
        return _MARKS[Standing(standing.value)]

    def outdoor_source(self, source: str) -> str:
        """Write who measured outdoors; services and files keep their own names."""
        return ", ".join(self.say(_SOURCES.get(one, one)) for one in source.split(", ") if one)

    def use(self, use: str) -> str:
        return self.say(_USES.get(use, use))

    def room(self, room: Room) -> str:
        """Name a room by its use, and by its number where the home has several such rooms."""
        use = self.use(room.use)
        return use if room.number is None else f"{use} {room.number}"


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)
