"""The accounts of a season's homes: days under every tier, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.refund import (
    Account,
    DayFee,
    Notices,
    SeasonTier,
    day_fee,
    season_tiers,
    settle,
    two_part_day_fee,
)
from heatward_collector.core.refund.notified import NOTICE_HOURS
from heatward_collector.local_days import day_of
from heatward_collector.locale import message
from heatward_collector.refund.books import Books, Row
from heatward_collector.refund.measured import Measured, measure

NO_FEE = message("the rules know no fee for this city")
NO_AREA = message("the registry knows no usable area of this home")
NO_TARIFF = message(
    "this winter's two-part tariff for homes with a meter is not set: write it into the rules "
    "file, under [[city.winter]] (see the head of cities.toml)"
)
NO_METER_READING = message("no reading of the meter for this season: the fixed part only")


@dataclass(frozen=True, slots=True)
class HomeAccount:
    """One home in a season's accounts."""

    home: str
    index: int
    """Its row in the arrays."""
    day_fee: float
    """NaN where it is not known. [yuan]"""
    remark: str
    """A message, or empty."""
    notices: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SeasonAccounts:
    """All that a season's refunds are written from."""

    winter: int
    tiers: tuple[SeasonTier, ...]
    measured: Measured
    account: Account
    homes: tuple[HomeAccount, ...]

    @property
    def season_days(self) -> int:
        """Days of the season, both ends included."""
        return (self.measured.last - self.measured.first).days + 1


def accounts(
    books: Books,
    homes: Sequence[str],
    winter: int,
    now_s: float,
    yuan_per_m2: float | None = None,
) -> SeasonAccounts:
    """Return the accounts of some homes in the season that begins in a year.

    ``yuan_per_m2`` replaces the fee of the rules.
    """
    season = books.standard.season_of(winter)
    tiers = season_tiers(books.standard.rules, *season)
    measured = measure(books, homes, season, tiers, now_s)
    wanted = frozenset(homes)
    told = [row for row in books.tables["resident_notice"] if row["home"] in wanted]
    of_home: dict[str, list[Row]] = {}
    for row in told:
        of_home.setdefault(row["home"], []).append(row)
    fee, remarks = _fees(books, homes, winter, yuan_per_m2)
    notices = notices_of(told, homes, season[0], books)
    account = settle(measured.days, notices, fee.certain)
    return SeasonAccounts(
        winter,
        tiers,
        measured,
        account,
        tuple(
            HomeAccount(
                home,
                index,
                float(fee.certain[index]),
                remarks[index],
                tuple(of_home.get(home, ())),
            )
            for index, home in enumerate(homes)
        ),
    )


def notices_of(rows: Sequence[Row], homes: Sequence[str], first: date, books: Books) -> Notices:
    """Return residents' notices by home and day of the season."""
    index = {home: number for number, home in enumerate(homes)}
    zone = books.zone

    def _day(time_s: int) -> int:
        return (day_of(time_s, zone) - first).days

    found = []
    for row in sorted(rows, key=lambda row: (row["given_s"], row["id"])):
        due_s = row["given_s"] + NOTICE_HOURS * 3600
        # A day that begins in the very second in which the 48 hours end is a whole one.
        found.append((index[row["home"]], _day(row["given_s"]), _day(due_s), _day(due_s - 1) + 1))
    if not found:
        return Notices.none()
    return Notices(*(np.array(column, np.int32) for column in zip(*found, strict=True)))


def _fees(
    books: Books, homes: Sequence[str], winter: int, yuan_per_m2: float | None
) -> tuple[DayFee, list[str]]:
    """Return every home's day fee, and what must be said of it."""
    rows = [books.directory.tables["home"][home] for home in homes]
    standard, season = books.standard, books.standard.season_of(winter)
    days, tariff = (season[1] - season[0]).days + 1, standard.tariff_of(winter)
    area = np.array([row["usable_area_m2"] or np.nan for row in rows], np.float64)
    metered = np.array([row["metered"] for row in rows], bool)
    known = standard.fee_of(winter)
    rate = known.yuan_per_m2 if yuan_per_m2 is None and known is not None else yuan_per_m2
    if rate is None:
        nothing = np.full(len(rows), np.nan)
        return DayFee(nothing, np.zeros(len(rows), bool)), [NO_FEE] * len(rows)
    by_area = day_fee(rate, area, days)
    fee = DayFee(np.where(metered, np.nan, by_area), np.zeros(len(rows), bool))
    if tariff is not None:
        heat = tariff.yuan_per_kwh * _kilowatt_hours(books, homes, season)
        fixed = day_fee(tariff.fixed_part(rate), area, days)
        fee = two_part_day_fee(by_area, metered, fixed, heat, days, tariff.at_most_by_area)
    return fee, _remarks(np.isnan(area), metered, fee, tariff is not None)


def _remarks(has_no_area: Mask, is_metered: Mask, fee: DayFee, has_tariff: bool) -> list[str]:
    """Return what must be said of each home's fee, as messages; mostly nothing."""
    found = []
    for lacks_area, by_meter, is_partial in zip(
        has_no_area, is_metered, fee.is_partial, strict=True
    ):
        if lacks_area:
            found.append(NO_AREA)
        elif by_meter and not has_tariff:
            found.append(NO_TARIFF)
        else:
            found.append(NO_METER_READING if is_partial else "")
    return found


def _kilowatt_hours(books: Books, homes: Sequence[str], season: tuple[date, date]) -> Celsius:
    """Return the heat that each home's meter counted in the season, NaN without a reading."""
    counted: dict[str, float] = {}
    for row in books.tables["heat_meter"]:
        if season[0] <= row["from_day"] and row["to_day"] <= season[1]:
            counted[row["home"]] = counted.get(row["home"], 0.0) + row["kilowatt_hours"]
    return np.array([counted.get(home, np.nan) for home in homes], np.float64)
