"""``heatward rounds``: today's doors."""

from __future__ import annotations

from pathlib import Path

import click

from heatward_collector.running.event_clock import clock_of

from ..cases import CaseStore
from ..errors import RegistryError
from ..locale import ENGLISH, LANGUAGES, terminal_texts, texts
from ..refund import open_books
from ..registry import open_registry
from ..rounds import plan_round
from ..rounds.planner import USUAL_DOORS
from ..rounds.sheets import door_word, printed, reasons, spans_of
from .configuration import config_option, load_config


@click.command()
@click.option("--street", metavar="ID", help="街道 / one street only")
@click.option("--doors", type=click.IntRange(1, 200), default=USUAL_DOORS, show_default=True)
@click.option(
    "--pdf", "pdf_file", type=click.Path(dir_okay=False, path_type=Path),
    help="写成可填写的 PDF / write a PDF to be filled in",
)  # fmt: skip
@click.option("--lang", type=click.Choice(LANGUAGES), help="zh or en; else the terminal's own.")
@config_option
def rounds(
    config_file: Path | None,
    street: str | None,
    doors: int,
    pdf_file: Path | None,
    lang: str | None,
) -> None:
    """今日入户测温路线 / today's round: which doors, why, in which hours."""
    say = texts(lang) if lang else terminal_texts()
    config = load_config(config_file)
    books, registry = open_books(config), open_registry(config)
    if street is not None and street not in books.directory.tables["street"]:
        raise RegistryError(f"street {street!r} 不在登记表中 / is not in the registry")
    now_s = int(clock_of(config)())
    planned = plan_round(books, CaseStore(registry.database), now_s, street, doors)
    click.echo(say("Official hours of rounds: %(spans)s", spans=spans_of(books, say)))
    for number, door in enumerate(planned.doors, start=1):
        name = books.directory.name("building", door.building, say.language == ENGLISH)
        where = say(", ").join((name, door_word(door, say)))
        click.echo(f"{number:>3}. {where}: {reasons(door, say)}")
    if not planned.doors:
        click.echo(say("Nothing asks for a visit today."))
    if pdf_file is not None:
        pdf_file.write_bytes(printed(planned, books, now_s, say))
    registry.close()
    books.close()
