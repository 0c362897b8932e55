"""``heatward status``: one screen from the node to the page; exit 1 where something is wrong."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from heatward_collector.running.health import Health, examine, written_bytes

from ..api.system.stage_words import detail_of, process_name, put_aside, stage_name
from ..api.words.formats import ABSENT, Formats
from ..config import Config
from ..locale import LANGUAGES, Texts, terminal_texts, texts
from .configuration import config_option, load_config


@click.command()
@config_option
@click.option("--lang", type=click.Choice(LANGUAGES), help="zh or en; else the terminal's own.")
def status(config_file: Path | None, lang: str | None) -> None:
    """Show every stage with its last success and lag, the disk, and what to do."""
    config = load_config(config_file)
    say = texts(lang) if lang else terminal_texts()
    now_s = time.time()
    health = examine(config, now_s)
    for line in screen(health, config, say, now_s):
        click.echo(line)
    sys.exit(0 if health.healthy else 1)


def screen(health: Health, config: Config, say: Texts, now_s: float) -> Iterator[str]:
    """Yield the lines of the screen."""
    write = Formats(say, ZoneInfo("UTC"))
    head = (say("process"), say("stage"), say("last success"), say("lag"), say("detail"))
    rows = [head]
    for stage in health.stages:
        seen = stage.last_success
        rows.append(
            (
                process_name(stage.process, say),
                stage_name(stage.name, say),
                say("never") if seen is None else write.ago(now_s - seen),
                ABSENT if stage.lag_seconds is None else f"{stage.lag_seconds:.1f} s",
                detail_of(stage, say),
            )
        )
    yield from _aligned(rows)
    yield ""
    yield (
        say(
            "Disk: %(free)s of %(total)s free.",
            free=written_bytes(health.disk_free_bytes),
            total=written_bytes(health.disk_total_bytes),
        )
        + f" ({config.state.directory})"
    )
    if notice := put_aside(health, say):
        yield notice
    for one in health.notices:
        yield f"  {say.pick(one.text_zh, one.text_en)}"
        yield f"  -> {say.pick(one.remedy_zh, one.remedy_en)}"
    if health.healthy:
        yield say("Every stage is working")
        return
    for fault in health.faults:
        yield f"! {process_name(fault.process, say)}: {say.pick(fault.text_zh, fault.text_en)}"
        yield f"  -> {say.pick(fault.remedy_zh, fault.remedy_en)}"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _width(text: str) -> int:
    """Return the columns that a text takes on a terminal; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
