"""``heatward supervise``: the papers of cases, and the text for a group chat."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import click

from heatward_collector.running.event_clock import clock_of

from ..locale import LANGUAGES, Texts, terminal_texts, texts
from ..papers.sheets import write_workbook
from ..supervision import CaseFiles
from ..supervision.order import chat_text
from ..supervision.order import order as order_of
from ..supervision.register import FIELDS, read_columns, usual_columns
from ..supervision.register import register as register_of
from .configuration import config_option, load_config

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(dir_okay=False, path_type=Path)
lang_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), help="zh or en; else the terminal's own."
)
number_argument = click.argument("number", type=click.IntRange(1))


@click.group()
def supervise() -> None:
    """督办：督办单、台账、群消息 / orders, register, texts for a group."""


@supervise.command("order")
@number_argument
@click.option("--out", "file", type=FILE, help="默认 order-编号.pdf / else order-NUMBER.pdf")
@lang_option
@config_option
def order(config_file: Path | None, number: int, file: Path | None, lang: str | None) -> None:
    """生成督办单（A4 PDF，留盖章处）/ write the order of a case as PDF, with room for a stamp."""
    files = _files(config_file)
    target = file or Path(f"order-{number}.pdf")
    target.write_bytes(order_of(files.one(number), _say(lang)))
    files.close()
    click.echo(str(target))


@supervise.command("chat")
@number_argument
@lang_option
@config_option
def chat(config_file: Path | None, number: int, lang: str | None) -> None:
    """打印可贴到微信群的文字，不含住户 / print a text for a group, without homes."""
    files = _files(config_file)
    click.echo(chat_text(files.one(number), _say(lang)))
    files.close()


@supervise.command("register")
@click.option("--out", "file", type=FILE, default=Path("register.xlsx"), show_default=True)
@click.option("--from", "first", type=DAY, help="首日 / cases opened from this local day on")
@click.option("--to", "last", type=DAY, help="末日（含）/ until this local day, included")
@click.option(
    "--columns",
    "columns_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="本单位的列，每行 表头 = 字段 / the office's own columns, a line each: heading = field",
)
@click.option("--fields", is_flag=True, help="列出可用字段 / list the fields")
@lang_option
@config_option
def register(
    config_file: Path | None,
    file: Path,
    first: datetime | None,
    last: datetime | None,
    columns_file: Path | None,
    fields: bool,
    lang: str | None,
) -> None:
    """生成台账（XLSX）/ write the register of cases as XLSX."""
    say = _say(lang)
    if fields:
        for name, (heading, _) in FIELDS.items():
            click.echo(f"{say(heading)} = {name}")
        return
    columns = usual_columns(say)
    if columns_file is not None:
        columns = read_columns(columns_file.read_text("utf-8-sig"))
    files = _files(config_file)
    chosen = files.between(
        None if first is None else files.midnight(first.date()),
        None if last is None else files.midnight(last.date() + timedelta(days=1)),
    )
    write_workbook(file, [register_of(chosen, columns, say)])
    files.close()
    click.echo(f"{file}: {len(chosen)} 个案件 / cases")


def _files(config_file: Path | None) -> CaseFiles:
    config = load_config(config_file)
    return CaseFiles(config, int(clock_of(config)()))


def _say(lang: str | None) -> Texts:
    return texts(lang) if lang else terminal_texts()
