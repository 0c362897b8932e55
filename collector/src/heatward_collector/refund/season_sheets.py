"""A season's accounts as tables: one of homes, and one of a home's days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core.refund import NO_TIER, SeasonTier
from heatward_collector.locale import Texts, message
from heatward_collector.papers.sheets import Cell, Sheet
from heatward_collector.refund.books import Books
from heatward_collector.refund.measured import official_of, room_verdicts
from heatward_collector.refund.money import yuan
from heatward_collector.refund.season_account import HomeAccount, SeasonAccounts

CERTAIN, POSSIBLE = 0, 1
PLACE_COLUMNS = (
    message("Home"),
    message("Building"),
    message("Usable area, m²"),
    message("One day's fee, yuan"),
    message("Days of the season"),
    message("Days judged"),
    message("Days not judgeable"),
    message("Days not over yet"),
    message("Days of suspended service"),
    message("Coverage"),
    message("Notices"),
)
AMOUNT_COLUMNS = (
    message("Days without owed heating (100 %)"),
    message("Measured, not notified: certain days"),
    message("Measured, not notified: possible days"),
    message("Official days"),
    message("Indicated, certain, yuan"),
    message("Indicated, possible, yuan"),
    message("Of it without owed heating, yuan"),
    message("Not notified, certain, yuan"),
    message("Not notified, possible, yuan"),
    message("Official, yuan"),
    message("Remark"),
)
DAY_COLUMNS = (
    message("Day"),
    message("Rule"),
    message("Room"),
    message("Coverage"),
    message("Lowest hour, °C"),
    message("Mean, °C"),
    message("Verdict"),
    message("Certain tier"),
    message("Possible tier"),
    message("Behind a notice"),
    message("Certain, yuan"),
    message("Possible, yuan"),
    message("Official, °C"),
    message("Revision"),
    message("Ledger batch"),
    message("Judged"),
)
VERDICTS = {
    "below": message("below"),
    "marginal_minus": message("marginal, more likely below"),
    "marginal_plus": message("marginal, more likely met"),
    "met": message("met"),
    "not_judgeable": message("not judgeable"),
}
"""Verdicts in words."""


def homes_sheet(season: SeasonAccounts, books: Books, say: Texts) -> Sheet:
    """Return one row a home: days under every tier, amounts, coverage."""
    columns = [say(title) for title in PLACE_COLUMNS]
    for tier in season.tiers:
        columns += [
            say("%(tier)s: certain days", tier=tier_name(tier, season, say)),
            say("%(tier)s: possible days", tier=tier_name(tier, season, say)),
        ]
    columns += [say(title) for title in AMOUNT_COLUMNS]
    rows = [_home_row(season, one, books, say) for one in season.homes]
    title = say("Refunds of the season %(first)s to %(last)s", **_span(season))
    notes = tuple(notes_of(season, books, say))
    return Sheet(title, tuple(columns), rows, notes, wide=frozenset([say("Remark")]))


def tier_name(tier: SeasonTier, season: SeasonAccounts, say: Texts) -> str:
    """Return a tier in words, with its share; with its days where the rule changed in between."""
    if tier.down_to_celsius is None:
        limits = say("below %(high)g °C", high=tier.below_celsius)
    else:
        limits = say(
            "from %(low)g to below %(high)g °C", low=tier.down_to_celsius, high=tier.below_celsius
        )
    share = 100 * tier.share
    if (tier.first, tier.last) == (season.measured.first, season.measured.last):
        return say("%(limits)s (%(share).0f %%)", limits=limits, share=share)
    return say(
        "%(limits)s (%(share).0f %%, %(first)s to %(last)s)",
        limits=limits,
        share=share,
        first=tier.first,
        last=tier.last,
    )


def notes_of(season: SeasonAccounts, books: Books, say: Texts) -> list[str]:
    """Return what every reader of an amount must know."""
    notes = [
        say("Days judged by sensors are indicated; only certified measurements are official."),
        say(
            "Certain: beyond the measurement uncertainty, and behind a notice without doubt. "
            "Possible: within it as well."
        ),
        say(
            "A day counts from the day of the resident's notice where the home was still below "
            "48 hours later, until it was mended for three days."
        ),
        say("Days that could not be judged give nothing."),
    ]
    standard = books.standard
    for rule in standard.rules:
        if any(tier.rule == rule.version for tier in season.tiers):
            notes.append(
                say(
                    "Rule from %(day)s: %(source)s",
                    day=rule.valid_from,
                    source=say.half(rule.source),
                )
            )
    return [*notes, *_prices(season, books, say)]


def _prices(season: SeasonAccounts, books: Books, say: Texts) -> Iterator[str]:
    """Yield what a square metre and metered heat cost in the winter, as far as it is known."""
    fee, tariff = (
        books.standard.fee_of(season.winter),
        books.standard.tariff_of(season.winter),
    )
    if fee is not None:
        yield say(
            "Fee: %(fee)s yuan a square metre and season; source: %(source)s",
            fee=f"{fee.yuan_per_m2:g}",
            source=say.half(fee.source),
        )
    if fee is not None and tariff is not None:
        yield say(
            "With a meter: %(fixed)s yuan a square metre and %(heat)s yuan a kilowatt-hour; "
            "source: %(source)s",
            fixed=f"{tariff.fixed_part(fee.yuan_per_m2):.2f}",
            heat=f"{tariff.yuan_per_kwh:.4f}",
            source=say.half(tariff.source),
        )


def days_sheet(season: SeasonAccounts, one: HomeAccount, books: Books, say: Texts) -> Sheet:
    """Return one row a day of a home, each with the verdict's revision that it rests on."""
    columns = tuple(say(title) for title in DAY_COLUMNS)
    worst = _worst_rooms(season, one, books)
    official = {
        one_check.day: one_check.celsius
        for one_check in official_of(books)
        if one_check.home == one.home
    }
    rows = []
    for number in range(season.season_days):
        day = season.measured.first + timedelta(days=number)
        verdict = worst.get(day)
        if verdict is not None or season.measured.days.unheated[one.index, number]:
            rows.append(_day_row(season, one, number, verdict, official.get(day), books, say))
    title = say("Home %(home)s, season %(first)s to %(last)s", home=one.home, **_span(season))
    return Sheet(title, columns, rows, tuple(notes_of(season, books, say)))


def _home_row(season: SeasonAccounts, one: HomeAccount, books: Books, say: Texts) -> list[Cell]:
    account, measured, index = season.account, season.measured, one.index
    directory = books.directory
    building = directory.buildings[directory.home_building[directory.home_index[one.home]]]
    judged = int(account.judged_days[index])
    waiting = int(measured.waiting[index].sum())
    suspended = int((measured.suspended[index] & ~measured.waiting[index]).sum())
    # Judged days have their coverage in them; a day that was not heard counts as none.
    over = season.season_days - waiting - suspended
    share = float(measured.coverage[index][~measured.waiting[index]].sum()) / max(over, 1)
    row: list[Cell] = [
        one.home,
        directory.name("building", building, say.language == "en"),
        directory.tables["home"][one.home]["usable_area_m2"],
        yuan(one.day_fee),
        season.season_days,
        judged,
        over - judged,
        waiting,
        suspended,
        min(round(share, 4), 1.0),
        len(one.notices),
    ]
    for tier in range(len(season.tiers)):
        row += [int(account.days[CERTAIN, index, tier]), int(account.days[POSSIBLE, index, tier])]
    return [
        *row,
        int(account.unheated_days[index]),
        int(account.days_not_notified[CERTAIN, index].sum()),
        int(account.days_not_notified[POSSIBLE, index].sum()),
        int(account.official_days[index].sum()),
        yuan(account.yuan[CERTAIN, index]),
        yuan(account.yuan[POSSIBLE, index]),
        yuan(account.yuan_unheated[index]),
        yuan(account.yuan_not_notified[CERTAIN, index]),
        yuan(account.yuan_not_notified[POSSIBLE, index]),
        yuan(account.yuan_official[index]),
        say(one.remark) if one.remark else "",
    ]


def _day_row(
    season: SeasonAccounts,
    one: HomeAccount,
    number: int,
    verdict: DayVerdict | None,
    official: float | None,
    books: Books,
    say: Texts,
) -> list[Cell]:
    account, index = season.account, one.index
    day = season.measured.first + timedelta(days=number)
    facts = {} if verdict is None else verdict.facts
    is_unheated = bool(season.measured.days.unheated[index, number])
    sure, maybe = (bool(account.notified[which, index, number]) for which in (0, 1))
    row: list[Cell] = [
        day,
        "" if verdict is None else verdict.rule,
        "" if verdict is None else verdict.place,
        facts.get("coverage"),
        facts.get("minimum"),
        facts.get("mean"),
        say(VERDICTS[verdict.verdict]) if verdict is not None else "",
    ]
    for which in (CERTAIN, POSSIBLE):
        tier = int(account.tier[which, index, number])
        row.append(_tier_cell(season, tier, is_unheated, say))
    row.append(say("yes") if sure else say("perhaps") if maybe else say("no"))
    for which in (CERTAIN, POSSIBLE):
        tier = int(account.tier[which, index, number])
        counts = tier != NO_TIER and account.notified[which, index, number]
        share = 1.0 if is_unheated else season.tiers[tier].share if counts else 0.0
        row.append(yuan(share * one.day_fee))
    row.append(official)
    if verdict is None:
        return [*row, None, None, None]
    judged_at = datetime.fromtimestamp(verdict.judged_at, books.zone)
    return [*row, verdict.revision, verdict.batch, judged_at]


def _tier_cell(season: SeasonAccounts, tier: int, is_unheated: bool, say: Texts) -> str:
    if is_unheated:
        return say("no owed heating")
    if tier == NO_TIER:
        return ""
    return say("below %(high)g °C", high=season.tiers[tier].below_celsius)


def _worst_rooms(season: SeasonAccounts, one: HomeAccount, books: Books) -> dict[date, DayVerdict]:
    """Return the coldest judged room's verdict of each day, or any other where none was judged."""
    rooms = [
        room for room, row in books.directory.tables["room"].items() if row["home"] == one.home
    ]
    worst: dict[date, DayVerdict] = {}
    for verdict in room_verdicts(books, rooms, season.measured.first, season.measured.last):
        held = worst.get(verdict.day)
        if held is None or _coldness(verdict) > _coldness(held):
            worst[verdict.day] = verdict
    return worst


def _coldness(verdict: DayVerdict) -> tuple[bool, list[float], float]:
    hours = verdict.facts.get("refund_hours", {})
    deepest = [certain for _, (certain, _) in sorted(hours.items(), key=lambda one: float(one[0]))]
    mean = verdict.facts.get("mean")
    return verdict.verdict != "not_judgeable", deepest, -100.0 if mean is None else -mean


def _span(season: SeasonAccounts) -> dict[str, date]:
    return {"first": season.measured.first, "last": season.measured.last}
