"""A city's heating standard: dated rules, the season, and when official measurements count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

LOWEST_MINIMUM, HIGHEST_MINIMUM = 5.0, 30.0
"""Beyond these a minimum room temperature is a slip of the pen. [degC]"""

FIRST_MONTH_OF_WINTER = 7
"""When one winter's account is closed and the next one opens: no season reaches July."""


@dataclass(frozen=True, slots=True)
class Tier:
    """Below ``below_celsius`` a day gives ``share`` of its heating fee back. [degC, 0 to 1]"""

    below_celsius: float
    share: float

    def __post_init__(self) -> None:
        if not LOWEST_MINIMUM <= self.below_celsius <= HIGHEST_MINIMUM:
            raise ValueError(f"a refund below {self.below_celsius} degC")
        if not 0 < self.share <= 1:
            raise ValueError(f"a refund share is above 0 and at most 1, not {self.share}")


@dataclass(frozen=True, slots=True)
class Rule:
    """What was in force from one day on, with where that is written."""

    version: str
    valid_from: date
    minimum_celsius: float
    tiers: tuple[Tier, ...]
    """From the mildest to the most severe; empty where none is known."""
    source: str
    certainty: str
    """``high``, ``medium`` or ``low``."""

    def __post_init__(self) -> None:
        if not LOWEST_MINIMUM <= self.minimum_celsius <= HIGHEST_MINIMUM:
            raise ValueError(f"{self.version}: a minimum of {self.minimum_celsius} degC")
        limits = [tier.below_celsius for tier in self.tiers]
        shares = [tier.share for tier in self.tiers]
        if limits != sorted(set(limits), reverse=True) or shares != sorted(shares):
            raise ValueError(f"{self.version}: refund tiers go from the mildest to the most severe")
        if limits and limits[0] > self.minimum_celsius:
            raise ValueError(f"{self.version}: a refund above the minimum temperature")


@dataclass(frozen=True, slots=True)
class Season:
    """Month and day on which heating begins and ends, both included."""

    first: tuple[int, int]
    last: tuple[int, int]
    all_year: bool = False

    def contains(self, day: date) -> bool:
        """Say whether a local day belongs to the season, which may run over New Year."""
        if self.all_year:
            return True
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


def winter_of(day: date) -> int:
    """Return the year in which the winter of a day begins; a winter lasts from July to June."""
    return day.year if day.month >= FIRST_MONTH_OF_WINTER else day.year - 1


@dataclass(frozen=True, slots=True)
class Fee:
    """What a square metre costs a season. [yuan/m2]"""

    yuan_per_m2: float
    source: str
    certainty: str

    def __post_init__(self) -> None:
        if not 0 < self.yuan_per_m2 < 1000:
            raise ValueError(f"a fee of {self.yuan_per_m2} yuan a square metre")


@dataclass(frozen=True, slots=True)
class MeteredTariff:
    """The two-part tariff of homes with a heat meter: a part by area, the rest by the meter."""

    fixed_share: float | None
    """Of the fee by area, whatever the meter says; None where a price is given. [0 to 1]"""
    yuan_per_kwh: float
    source: str
    certainty: str
    fixed_yuan_per_m2: float | None = None
    """The part by area as a price of its own. [yuan/m2]"""
    at_most_by_area: bool = False
    """Whether nobody with a meter pays more than the fee by area."""

    def __post_init__(self) -> None:
        if (self.fixed_share is None) == (self.fixed_yuan_per_m2 is None):
            raise ValueError("the part by area is either a share or a price")
        if self.fixed_share is not None and not 0 <= self.fixed_share <= 1:
            raise ValueError(f"a fixed share is from 0 to 1, not {self.fixed_share}")
        if self.fixed_yuan_per_m2 is not None and not 0 < self.fixed_yuan_per_m2 < 1000:
            raise ValueError(f"a fixed part of {self.fixed_yuan_per_m2} yuan a square metre")
        if not 0 < self.yuan_per_kwh < 10:
            raise ValueError(f"a heat price of {self.yuan_per_kwh} yuan a kilowatt-hour")

    def fixed_part(self, yuan_per_m2: float) -> float:
        """Return what a square metre costs whatever the meter says, by the fee by area. [yuan]"""
        share = self.fixed_share
        return (self.fixed_yuan_per_m2 or 0.0) if share is None else share * yuan_per_m2


@dataclass(frozen=True, slots=True)
class DatedSeason:
    """One winter as it was set apart: an early start, a late end, prices. Both days included."""

    first: date
    last: date
    source: str
    fee: Fee | None = None
    """Of this winter; None where that of the city holds."""
    metered: MeteredTariff | None = None
    """Of this winter; None where that of the city holds."""

    def __post_init__(self) -> None:
        if not self.first <= self.last or winter_of(self.first) != winter_of(self.last):
            raise ValueError(f"a winter from {self.first} to {self.last}")

    @property
    def winter(self) -> int:
        """The year in which it begins."""
        return winter_of(self.first)


@dataclass(frozen=True, slots=True)
class Standard:
    """Everything a verdict needs to know of a city."""

    city: str
    name_zh: str
    name_en: str
    timezone: str
    season: Season
    excluded_hours: tuple[int, int] | None
    """Local hours [from, to) in which no official measurement is taken, or None."""
    room_uses: tuple[str, ...]
    """Uses of rooms that the standard covers."""
    rules: tuple[Rule, ...]
    """Oldest first."""
    winters: tuple[DatedSeason, ...] = ()
    """Winters that differ from ``season``, oldest first."""
    fee: Fee | None = None
    """None where it is not known."""
    metered: MeteredTariff | None = None
    """None where it is not set."""
    round_hours: tuple[tuple[int, int], ...] = ()
    """Local hours [from, to) in which rounds of spot checks are made; empty where not known."""

    def __post_init__(self) -> None:
        days = [rule.valid_from for rule in self.rules]
        if not days or days != sorted(set(days)):
            raise ValueError(f"{self.city}: rules need dates, each once, oldest first")
        hours = self.excluded_hours
        if hours is not None and not 0 <= hours[0] < hours[1] <= 24:
            raise ValueError(f"{self.city}: excluded hours from {hours[0]} to {hours[1]}")
        if any(not 0 <= first < last <= 24 for first, last in self.round_hours):
            raise ValueError(f"{self.city}: hours of rounds {self.round_hours}")
        if not self.room_uses:
            raise ValueError(f"{self.city}: a standard covers some use of rooms")
        years = [season.winter for season in self.winters]
        if years != sorted(set(years)):
            raise ValueError(f"{self.city}: each winter is given once, oldest first")

    def fee_of(self, winter: int) -> Fee | None:
        """Return the fee of the winter that begins in a year, None where it is not known."""
        own = [season.fee for season in self.winters if season.winter == winter]
        return next(filter(None, own), self.fee)

    def tariff_of(self, winter: int) -> MeteredTariff | None:
        """Return the tariff of homes with a meter in a winter, None where it is not set."""
        own = [season.metered for season in self.winters if season.winter == winter]
        return next(filter(None, own), self.metered)

    def rule_on(self, day: date) -> Rule | None:
        """Return the rule in force on a local day, or None before the first one known."""
        in_force = [rule for rule in self.rules if rule.valid_from <= day]
        return in_force[-1] if in_force else None

    def in_season(self, day: date) -> bool:
        """Say whether heating is owed on a local day."""
        for season in self.winters:
            if season.winter == winter_of(day):
                return season.first <= day <= season.last
        return self.season.contains(day)

    def season_of(self, winter: int) -> tuple[date, date]:
        """Return first and last day of the season that begins in a year, both included.

        Where heating is owed all year, a season runs from July to June.
        """
        for season in self.winters:
            if season.winter == winter:
                return season.first, season.last
        if self.season.all_year:
            return (
                date(winter, FIRST_MONTH_OF_WINTER, 1),
                date(winter + 1, FIRST_MONTH_OF_WINTER, 1) - timedelta(days=1),
            )
        first, last = (
            date(winter + (month < FIRST_MONTH_OF_WINTER), month, day)
            for month, day in (self.season.first, self.season.last)
        )
        return first, last
