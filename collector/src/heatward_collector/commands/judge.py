"""``heatward judge``: findings and verdicts from recorded readings, without broker or server."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from heatward_node.errors import EXIT_CONFIGURATION

from ..errors import ImportRefused
from ..from_files.judgement import Files, Judgement, read_files
from ..from_files.lines import schema
from ..from_ledger.day_block import Places
from ..from_ledger.judged import JudgedLedger
from ..locale import LANGUAGES, Texts, terminal_texts, texts
from ..rules import load_standard
from .writable_folder import writable_folder

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)
STANDARD_INPUT = "-"


def _print_schema(context: click.Context, _parameter: click.Parameter, is_wanted: bool) -> None:
    if is_wanted:
        click.echo(schema(), nl=False)
        context.exit()


@click.command()
@click.option(
    "--readings",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="CSV: time,sensor,celsius (.gz too; - is standard input).",
)
@click.option("--ledger", type=FOLDER, help="Instead: a ledger; suppressed heating only.")
@click.option(
    "--scheduler",
    metavar="tcp://...",
    help="Read the ledger on the workers of this dask.distributed scheduler.",
)
@click.option("--registry", required=True, type=FOLDER, help="Folder in the import format.")
@click.option("--outdoor", type=FILE, help="CSV: time,celsius.")
@click.option("--from", "first", type=DAY, help="First local day; else that of the readings.")
@click.option("--to", "last", type=DAY, help="Last local day, included.")
@click.option("--city", default="harbin", show_default=True, help="Whose standard applies.")
@click.option("--rules", type=FILE, help="A table of standards of your own.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines.")
@click.option(
    "--plots",
    type=FOLDER,
    callback=writable_folder,
    help="Write a picture of every finding there (SVG).",
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="zh or en; else the terminal's own.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of the lines.",
)
def judge(
    readings: Path | None,
    ledger: Path | None,
    scheduler: str | None,
    registry: Path,
    outdoor: Path | None,
    first: datetime | None,
    last: datetime | None,
    city: str,
    rules: Path | None,
    as_json: bool,
    plots: Path | None,
    lang: str | None,
) -> None:
    """Judge recorded readings: suppressed heating, and the verdicts of every day."""
    say = texts(lang) if lang else terminal_texts()
    standard = load_standard(city, rules)
    begin, end = (None if one is None else one.date() for one in (first, last))
    if begin is not None and end is not None and end < begin:
        raise click.UsageError(f"--to {end} lies before --from {begin}")
    try:
        if ledger is not None and readings is None:
            if begin is None or end is None:
                raise click.UsageError("--ledger needs --from and --to")
            places = Places(ledger.resolve(), registry.resolve(), city, rules and rules.resolve())
            judged = JudgedLedger(places, standard, (begin, end), outdoor, scheduler)
            _print(judged, say, as_json, plots)
            return
        if readings is None or ledger is not None or scheduler is not None:
            raise click.UsageError("name --readings, or --ledger with or without --scheduler")
        stream = sys.stdin.buffer if str(readings) == STANDARD_INPUT else None
        judgement = read_files(Files(readings, registry, outdoor, stream), standard, begin, end)
    except ImportRefused as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_CONFIGURATION)
    _print(judgement, say, as_json, plots)


def _print(
    judgement: Judgement | JudgedLedger, say: Texts, as_json: bool, plots: Path | None
) -> None:
    """Print what is said; what keeps more from being said, and where pictures lie, beside it."""
    for line in judgement.json_lines() if as_json else judgement.report(say):
        click.echo(line)
    for warning in judgement.warnings(say):
        click.echo(warning, err=True)
    if plots is not None:
        for path in judgement.draw(plots, say):
            click.echo(str(path), err=True)
