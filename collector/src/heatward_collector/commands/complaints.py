"""``heatward complaints``: what residents told the hotline, beside what was measured."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from heatward_collector.running.event_clock import clock_of

from ..complaints import take_in
from ..complaints.beside_readings import closure, complaints_sheet, lack_sheet
from ..complaints.entry import complaint_row
from ..errors import HeatwardError, RegistryError
from ..local_days import bounds
from ..locale import LANGUAGES, terminal_texts, texts
from ..papers.sheets import write_workbook
from ..refund import Books, open_books
from ..registry import open_registry
from ..registry.cells import CellError, read_time
from .configuration import config_option, load_config

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def complaints() -> None:
    """投诉（12345）：导入、登记、对照 / complaints: import, add, report."""


@complaints.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map",
    "corrections",
    multiple=True,
    metavar="FIELD=HEADING",
    help="哪一列是什么（会记住）；- 表示没有 / which column means what; - for none",
)
@click.option("--dry-run", is_flag=True, help="只预览 / only show what would be taken")
@config_option
def import_(
    config_file: Path | None, file: Path, corrections: tuple[str, ...], dry_run: bool
) -> None:
    """导入 CSV 或 XLSX，列的对应关系会记住 / import CSV or XLSX; the columns are remembered."""
    config = load_config(config_file)
    registry, books = open_registry(config), open_books(config)
    pairs = [one.partition("=") for one in corrections]
    taken = take_in(
        registry,
        file,
        books.zone,
        int(clock_of(config)()),
        {field.strip(): heading.strip() for field, _, heading in pairs},
        dry_run,
    )
    books.close()
    registry.close()
    known = (
        "记住的 / remembered" if taken.was_remembered else "猜测的，请核对 / guessed, please check"
    )
    click.echo(f"列 / columns ({known}):")
    for field, heading in taken.mapping.items():
        click.echo(f"  {field} = {heading}")
    click.echo(
        f"{len(taken.rows)} 件 / complaints; 找到楼栋 / building known: {taken.matched}; "
        f"新增 / new {taken.counts.new}, 更新 / changed {taken.counts.changed}"
        + ("；预览，未导入 / a preview, nothing was imported" if dry_run else "")
    )


@complaints.command("add")
@click.option("--number", required=True, help="工单号 / the number")
@click.option("--building", required=True, metavar="ID", help="楼栋 / the building")
@click.option("--home", metavar="ID", help="户 / the home, where it is known")
@click.option("--received", help="受理时间，默认现在 / when; else now")
@click.option("--text", default="", help="内容 / what it says")
@click.option("--closed", help="办结时间 / when it was closed")
@config_option
def add(
    config_file: Path | None,
    number: str,
    building: str,
    home: str | None,
    received: str | None,
    text: str,
    closed: str | None,
) -> None:
    """登记一件，或更新同号的一件 / put one down, or update the one with that number."""
    config = load_config(config_file)
    books, registry = open_books(config), open_registry(config)
    for table, key in (("building", building), ("home", home)):
        if key is not None and key not in books.directory.tables[table]:
            raise RegistryError(f"{table} {key!r} 不在登记表中 / is not in the registry")
    now_s = int(clock_of(config)())
    row = complaint_row(
        number,
        _time(received, books) if received else now_s,
        building,
        now_s,
        home=home,
        text=text,
        closed_s=_time(closed, books) if closed else None,
    )
    registry.put({"complaint": [row]})
    registry.close()
    books.close()
    click.echo(row["id"])


@complaints.command("report")
@click.option("--from", "first", type=DAY, help="首日 / received from this local day on")
@click.option("--to", "last", type=DAY, help="末日（含）/ until this local day, included")
@click.option("--xlsx", "file", type=click.Path(dir_okay=False, path_type=Path), help="XLSX")
@click.option("--lang", type=click.Choice(LANGUAGES), help="zh or en; else the terminal's own.")
@config_option
def report(
    config_file: Path | None,
    first: datetime | None,
    last: datetime | None,
    file: Path | None,
    lang: str | None,
) -> None:
    """投诉与读数对照、办结率、缺传感器的楼 / beside readings; closure; where sensors lack."""
    say = texts(lang) if lang else terminal_texts()
    books = open_books(load_config(config_file))
    start = bounds(first.date(), books.zone)[0] if first else 0
    end = bounds(last.date() + timedelta(days=1), books.zone)[0] if last else 2**62
    rows = [row for row in books.tables["complaint"] if start <= row["received_s"] < end]
    sheets = [complaints_sheet(books, rows, say), lack_sheet(books, rows, say)]
    if file is not None:
        write_workbook(file, sheets)
    found = closure(rows)
    share = "-" if found.share is None else f"{100 * found.share:.0f} %"
    click.echo(f"{found.received} 件 / complaints; 办结率 / closed: {share}")
    for name, count, homes, advice in sheets[1].rows:
        click.echo(f"  {name}: {count} 件 / complaints, {homes} 户 / homes; {advice}")
    books.close()


def _time(text: str, books: Books) -> int:
    try:
        return read_time(text, books.zone)
    except CellError as error:
        raise HeatwardError(str(error)) from error
