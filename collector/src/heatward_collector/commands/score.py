"""``heatward score``: how well suppressed heating is found in simulated seasons."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import click

from .. import __version__
from ..locale import LANGUAGES, terminal_texts, texts
from ..score.detecting import detect
from ..score.report import tables
from ..score.run import scored
from ..score.season_rows import SeasonRows
from ..score.seasons import Seasons
from ..score.summary import summary
from ..score.thinned import Missing
from .writable_folder import writable_folder

SEASONS_A_LINE = 10
"""Where progress goes to a file, it is written so often."""


def _seeds(_context: click.Context, _parameter: click.Parameter, text: str | None) -> range | None:
    """Return a range of seeds: 0:100 is 0 to 99."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,7}):(\d{1,7})", text)
    if not found or int(found[1]) >= int(found[2]):
        raise click.BadParameter(f"{text!r}: 应为 A:B，不含 B / must be A:B, without B")
    return range(int(found[1]), int(found[2]))


@click.command()
@click.option(
    "--seeds",
    required=True,
    metavar="A:B",
    callback=_seeds,
    help="Seasons with events, of the seeds A to B-1.",
)
@click.option(
    "--quiet-seeds",
    metavar="A:B",
    callback=_seeds,
    help="Seasons without any event; else of the same seeds.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    callback=writable_folder,
    help="Keep simulated seasons there (8 MB a seed) for the next time.",
)
@click.option(
    "--missing",
    type=click.Choice([one.value for one in Missing]),
    help="Leave out a random half of the rooms, or of each room's hours.",
)
@click.option("--lang", type=click.Choice(LANGUAGES), help="zh or en; else the terminal's own.")
def score(
    seeds: range,
    quiet_seeds: range | None,
    as_json: bool,
    processes: int,
    keep: Path | None,
    missing: str | None,
    lang: str | None,
) -> None:
    """Score the detection of suppressed heating over simulated seasons."""
    quiet = seeds if quiet_seeds is None else quiet_seeds
    rows: list[SeasonRows] = []
    total = len(seeds) + len(quiet)
    silent = None if missing is None else Missing(missing)
    for one in scored(detect, seeds, quiet, Seasons(keep), processes, silent):
        rows.append(one)
        if sys.stderr.isatty() or len(rows) % SEASONS_A_LINE == 0:
            click.echo(f"\r{len(rows)}/{total}", err=True, nl=not sys.stderr.isatty())
    with_events = [one for one in rows if one.has_events]
    result = summary(with_events, [one for one in rows if not one.has_events])
    if as_json:
        head = {
            "version": __version__,
            "seeds": [seeds.start, seeds.stop],
            "quiet_seeds": [quiet.start, quiet.stop],
            "missing": missing,
        }
        click.echo(json.dumps(head | result, allow_nan=False))
        return
    for line in tables(result, texts(lang) if lang else terminal_texts()):
        click.echo(line)
