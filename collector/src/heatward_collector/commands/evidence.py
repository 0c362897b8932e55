"""``heatward evidence``: packs to hand over, and their check without a network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from heatward_collector.running.event_clock import clock_of
from heatward_collector.timestamps.stamp import load_authorities

from ..cases import CaseStore
from ..config import Config
from ..core.cases import Case
from ..errors import HeatwardError, TimestampRefused
from ..evidence import Subject, gather, subject_of_case
from ..evidence.contents import span_of
from ..evidence.files import facts_of, files_of
from ..evidence.in_ledger import differences_to_ledger
from ..evidence.packed import check, pack, unpack
from ..evidence.printed import printed
from ..evidence.stamped import (
    ANSWER,
    AUTHORITY,
    StampedHead,
    checked_head,
    differences_of_head,
    timestamp_facts,
    timestamp_files,
)
from ..locale import LANGUAGES, terminal_texts, texts
from ..refund import Books, open_books
from ..registry import open_registry
from .configuration import config_option, load_config

DAY = click.DateTime(["%Y-%m-%d"])
USUAL_DAYS = 14
"""Without dates, the days until today."""


@click.group()
def evidence() -> None:
    """证据包：生成、核验 / evidence packs: make one, verify one."""


@evidence.command()
@click.option("--home", metavar="ID", help="哪一户 / whose home")
@click.option("--case", "number", type=click.IntRange(1), help="哪一个案件 / which case")
@click.option("--from", "first", type=DAY, help="首日 / first local day")
@click.option("--to", "last", type=DAY, help="末日（含）/ last local day, included")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="写到哪个文件夹 / the folder to write to",
)
@click.option(
    "--timestamp",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="外部时间戳文件，一并装入 / a timestamp of the ledger's head from outside",
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="zh or en; else the terminal's own.")
@config_option
def make(
    config_file: Path | None,
    home: str | None,
    number: int | None,
    first: datetime | None,
    last: datetime | None,
    folder: Path,
    timestamp: Path | None,
    lang: str | None,
) -> None:
    """生成一户或一个案件的 PDF 和 zip / make the PDF and the zip of a home or a case."""
    if (home is None) == (number is None):
        raise click.UsageError("请给 --home 或 --case / give --home or --case")
    say = texts(lang) if lang else terminal_texts()
    config = load_config(config_file)
    books = open_books(config)
    made_s = int(clock_of(config)())
    if number is not None:
        case = _case(number, config)
        contents = gather(config, books, subject_of_case(case, books, made_s), made_s, case)
    else:
        key = _known(home or "", books)
        subject = Subject("home", key, (key,), _span(first, last, made_s, books))
        contents = gather(config, books, subject, made_s)
    files = files_of(contents)
    if timestamp is not None:
        files[f"timestamp{timestamp.suffix}"] = timestamp.read_bytes()
    stamped, problem = timestamp_files(config)
    if problem:
        click.echo(problem, err=True)
    facts = {**facts_of(contents), **timestamp_facts(stamped)}
    data, seal = pack({**files, **stamped}, facts)
    folder.mkdir(parents=True, exist_ok=True)
    about = contents.subject
    name = f"evidence-{about.kind}-{about.id}-{contents.days[0]}-{contents.days[-1]}"
    (folder / f"{name}.zip").write_bytes(data)
    (folder / f"{name}.pdf").write_bytes(printed(contents, seal, say, facts.get("timestamp")))
    books.close()
    click.echo(f"{folder / name}.pdf\n{folder / name}.zip")
    click.echo(f"读数 / readings: {len(contents.kept.readings):,}; 印记 / seal: {seal}")


@evidence.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--ledger",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="再与账本（副本）逐条核对 / also look up every reading in a ledger or a copy of one",
)
@click.option(
    "--authority",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="时间戳机构的证书（自己取得的）/ the authority's certificate, from its owner",
)
def verify(file: Path, ledger: Path | None, authority: Path | None) -> None:
    """核验证据包，不需要网络 / check a pack, without a network."""
    data = file.read_bytes()
    result = check(data)
    problems, stamped = list(result.problems), None
    if not problems:
        stamped, problems = _stamped(unpack(data), result.manifest or {}, authority)
    if not problems and ledger is not None:
        problems = differences_to_ledger(unpack(data), ledger)
    for problem in problems:
        click.echo(problem)
    if problems:
        click.echo("证据包已被改动或损坏 / ALTERED or damaged")
        raise SystemExit(1)
    click.echo(f"完好 / intact: {result.files} 个文件 / files")
    if ledger is not None:
        click.echo("读数与账本一致 / every reading is in the ledger, bit for bit")
    if stamped is not None:
        click.echo(
            f"外部时间戳 / outside timestamp: {stamped.moment:%Y-%m-%d %H:%M:%S} UTC, "
            f"账本批 / batch {stamped.batch} {stamped.digest}\n"
            f"机构证书 / certificate of the authority: {', '.join(stamped.fingerprints)}"
        )
    click.echo(f"印记 / seal: {result.seal}")


def _stamped(
    files: dict[str, bytes], manifest: Mapping[str, Any], authority: Path | None
) -> tuple[StampedHead | None, list[str]]:
    """Return what the timestamp of a pack proves, None where it has none, and what is wrong."""
    if ANSWER not in files:
        missing = "没有外部时间戳 / the pack has no outside timestamp"
        return None, [missing] if authority is not None else []
    pem = files[AUTHORITY] if authority is None else authority.read_bytes()
    try:
        found = checked_head(files, load_authorities(pem))
    except TimestampRefused as error:
        return None, [str(error)]
    return found, differences_of_head(files, manifest)


def _case(number: int, config: Config) -> Case:
    registry = open_registry(config)
    case = CaseStore(registry.database).case(number)
    registry.close()
    if case is None:
        raise HeatwardError(f"没有 {number} 号案件 / there is no case {number}")
    return case


def _known(home: str, books: Books) -> str:
    if home not in books.directory.home_index:
        raise HeatwardError(f"登记表中没有这一户 / the registry has no home {home!r}")
    return home


def _span(
    first: datetime | None, last: datetime | None, now_s: int, books: Books
) -> tuple[int, int]:
    end: date = last.date() if last else datetime.fromtimestamp(now_s, books.zone).date()
    begin: date = first.date() if first else end - timedelta(days=USUAL_DAYS - 1)
    if begin > end:
        raise HeatwardError("首日晚于末日 / the first day is later than the last one")
    return span_of(begin, end, books)
