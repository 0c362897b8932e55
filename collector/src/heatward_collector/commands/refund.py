"""``heatward refund``: what a season below the standard gives back, home by home."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from heatward_collector.running.event_clock import clock_of

from ..config import Config
from ..core.standard import winter_of
from ..errors import HeatwardError
from ..locale import LANGUAGES, Texts, message, terminal_texts, texts
from ..papers.sheets import csv_bytes, write_workbook
from ..refund import Books, SeasonAccounts, accounts, open_books
from ..refund.money import yuan
from ..refund.recomputed import recompute
from ..refund.season_sheets import CERTAIN, POSSIBLE, VERDICTS, days_sheet, homes_sheet
from ..refund.selection import chosen_homes
from .configuration import config_option, load_config

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--home", "homes", multiple=True, metavar="ID", help="户 / one home; may be repeated")
@click.option("--building", metavar="ID", help="整栋楼 / all homes of a building")
@click.option("--estate", metavar="ID", help="整个小区 / all homes of an estate")
@click.option("--supplier", metavar="ID", help="供热单位全部用户 / all homes of a supplier")
@click.option(
    "--season",
    "winter",
    type=click.IntRange(2000, 2100),
    metavar="YEAR",
    help="供热期开始的年份，默认本供热期 / the year in which it begins; else this one",
)
@click.option("--csv", "csv_file", type=FILE, help="写成 CSV / write CSV")
@click.option("--xlsx", "xlsx_file", type=FILE, help="写成 XLSX / write XLSX")
@click.option(
    "--check", is_flag=True, help="用账本中的读数重算并比对 / judge the days again from the ledger"
)
@click.option("--days", is_flag=True, help="逐日列出 / one line a day of each home")
@click.option(
    "--yuan-per-m2",
    type=click.FloatRange(0, 1000, min_open=True),
    help="热费，默认按规则表 / the fee; else that of the rules",
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="zh or en; else the terminal's own.")
@config_option
def refund(
    config_file: Path | None,
    homes: tuple[str, ...],
    building: str | None,
    estate: str | None,
    supplier: str | None,
    winter: int | None,
    csv_file: Path | None,
    xlsx_file: Path | None,
    check: bool,
    days: bool,
    yuan_per_m2: float | None,
    lang: str | None,
) -> None:
    """按供热期计算退费：天数、金额、依据 / a season's refunds: days, amounts, what they rest on."""
    say = texts(lang) if lang else terminal_texts()
    config = load_config(config_file)
    books = open_books(config)
    now_s = clock_of(config)()
    if winter is None:
        winter = winter_of(datetime.fromtimestamp(now_s, books.zone).date())
    chosen = chosen_homes(books.directory, homes, building, estate, supplier)
    season = accounts(books, chosen, winter, now_s, yuan_per_m2)
    sheets = [homes_sheet(season, books, say)]
    if days:
        sheets += [days_sheet(season, one, books, say) for one in season.homes]
    if csv_file is not None:
        if days and len(chosen) > 1:
            raise HeatwardError(
                "CSV 只能放一张表；多户逐日请用 --xlsx / one table a CSV; for the days of several "
                "homes use --xlsx"
            )
        csv_file.write_bytes(csv_bytes(sheets[-1]))
    if xlsx_file is not None:
        write_workbook(xlsx_file, sheets)
    for line in _summary(season, books, say):
        click.echo(line)
    differing = _check(config, books, season, now_s, say) if check else 0
    books.close()
    raise SystemExit(1 if differing else 0)


def _check(config: Config, books: Books, season: SeasonAccounts, now_s: float, say: Texts) -> int:
    """Judge every day again from the readings; say what differs, and return how much."""
    differing = 0
    span = season.measured.first, season.measured.last
    for one in season.homes[:SHOWN]:
        again = recompute(config, books, one.home, span, now_s)
        others = [day for day in again if not day.is_same]
        differing += len(others)
        click.echo(
            say(
                "%(home)s: %(same)d of %(all)d room-days judged again from the ledger are the same",
                home=one.home,
                same=len(again) - len(others),
                all=len(again),
            )
        )
        for day in others:
            word = VERDICTS[day.again.verdict] if day.again else message("no reading")
            place = f"  {day.recorded.place} {day.recorded.day}"
            was = VERDICTS[day.recorded.verdict]
            click.echo(f"{place}: {say(was)} → {say(word)}")
    return differing


def _summary(season: SeasonAccounts, books: Books, say: Texts) -> list[str]:
    account, measured = season.account, season.measured
    lines = [
        say(
            "%(city)s, season %(first)s to %(last)s, %(days)d days, %(homes)d homes",
            city=say.pick(books.standard.name_zh, books.standard.name_en),
            first=measured.first,
            last=measured.last,
            days=season.season_days,
            homes=len(season.homes),
        )
    ]
    for one in season.homes if len(season.homes) <= SHOWN else ():
        lines.append(
            say(
                "%(home)s: %(judged)d days judged, indicated %(low)s to %(high)s yuan, "
                "not notified up to %(more)s, official %(official)s",
                home=one.home,
                judged=int(account.judged_days[one.index]),
                low=_money(account.yuan[CERTAIN, one.index]),
                high=_money(account.yuan[POSSIBLE, one.index]),
                more=_money(account.yuan_not_notified[POSSIBLE, one.index]),
                official=_money(account.yuan_official[one.index]),
            )
            + (f" ({say(one.remark)})" if one.remark else "")
        )
    return lines


SHOWN = 50
"""Up to so many homes are printed; more are in the files."""


def _money(amount: float) -> str:
    rounded = yuan(amount)
    return "?" if rounded is None else f"{rounded:.2f}"
