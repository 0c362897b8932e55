"""``heatward assess``: suppliers by month or season."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import click

from heatward_collector.running.event_clock import clock_of

from ..assessment import Assessed
from ..assessment import assess as assess_period
from ..assessment.periods import month_or_season
from ..assessment.red_cards import CARDS, Card, card_of
from ..assessment.sheets import name_of, printed, sheets_of
from ..cases import CaseStore
from ..locale import LANGUAGES, Texts, terminal_texts, texts
from ..papers.sheets import write_workbook
from ..refund import Books, open_books
from ..registry import open_registry
from ..rules.assessment import load_limits
from .configuration import config_option, load_config

FILE = click.Path(dir_okay=False, path_type=Path)


def _month(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date | None:
    if text is None:
        return None
    found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text)
    if not found:
        raise click.BadParameter(f"{text!r}: 应为 YYYY-MM / must be YYYY-MM")
    return date(int(found[1]), int(found[2]), 1)


@click.command()
@click.option("--month", callback=_month, metavar="YYYY-MM", help="月份 / a month")
@click.option(
    "--season", "winter", type=click.IntRange(2000, 2100), metavar="YEAR",
    help="供热期开始的年份 / the season that begins in this year",
)  # fmt: skip
@click.option("--xlsx", "xlsx_file", type=FILE, help="写成 XLSX / write XLSX")
@click.option("--pdf", "pdf_file", type=FILE, help="写成 PDF / write PDF")
@click.option("--lang", type=click.Choice(LANGUAGES), help="zh or en; else the terminal's own.")
@config_option
def assess(
    config_file: Path | None,
    month: date | None,
    winter: int | None,
    xlsx_file: Path | None,
    pdf_file: Path | None,
    lang: str | None,
) -> None:
    """供热单位月度、供热期考核 / assess suppliers of a month or a season."""
    if (month is None) == (winter is None):
        raise click.UsageError("请给 --month 或 --season / give --month or --season")
    say = texts(lang) if lang else terminal_texts()
    config = load_config(config_file)
    books, registry = open_books(config), open_registry(config)
    made_s = int(clock_of(config)())
    period = month_or_season(month, winter, made_s, books)
    assessed = assess_period(books, CaseStore(registry.database), period)
    limits = load_limits(config.rules.city)
    if xlsx_file is not None:
        write_workbook(xlsx_file, sheets_of(assessed, limits, period, books, say))
    if pdf_file is not None:
        pdf_file.write_bytes(printed(assessed, limits, period, books, made_s, say))
    for one in assessed:
        card = card_of(one, limits) if one.kind == "supplier" else None
        click.echo(_line(one, card, books, say))
    registry.close()
    books.close()


def _line(one: Assessed, card: Card | None, books: Books, say: Texts) -> str:
    if not one.passed.judged:
        text = say("nothing could be judged")
    elif one.passed.low == one.passed.low:
        text = say(
            "pass rate %(rate).1f %% (%(low).1f to %(high).1f) of %(days)d home-days",
            rate=100 * one.passed.rate,
            low=100 * one.passed.low,
            high=100 * one.passed.high,
            days=one.passed.judged,
        )
    else:
        text = say(
            "pass rate %(rate).1f %% of %(days)d home-days in one building",
            rate=100 * one.passed.rate,
            days=one.passed.judged,
        )
    line = say("%(who)s: %(what)s", who=name_of(one, books, say), what=text)
    if card is None:
        return line
    word = CARDS[card]
    return line + say("; ") + say(word)
