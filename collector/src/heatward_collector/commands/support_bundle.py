"""``heatward support-bundle``: one archive for whoever helps, without names, homes or addresses."""

from __future__ import annotations

import subprocess
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

import click

from heatward_collector.commands.configuration import config_option, load_config
from heatward_collector.operations.support_bundle import bundle

LAST_LINES = 2_000
UNIT = "heatward-collector"
"""The unit of the apt guide, whose journal is read where no log file is named."""
JOURNAL_TIMEOUT_S = 30


@click.command("support-bundle")
@click.option(
    "--log",
    "log_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="日志文件；不写则读 systemd 日志 / a log file; without it the journal of systemd.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="写到哪里 / where to write it; else here, under the time",
)
@config_option
def support_bundle(log_file: Path | None, output: Path | None, config_file: Path | None) -> None:
    """打包求助资料：没有姓名、住户、地址、口令 / for whoever helps: no names, homes or secrets."""
    now_s = time.time()
    stamp = datetime.fromtimestamp(now_s, UTC).strftime("%Y%m%dT%H%M%SZ")
    place = output or Path(f"heatward-support-{stamp}.zip")
    lines = _journal() if log_file is None else _last_lines(log_file)
    place.write_bytes(bundle(load_config(config_file), lines, now_s))
    click.echo(f"{place}: {place.stat().st_size:,} B")
    if not lines:
        click.echo(
            "没有找到日志；可用 --log 指定 / no log was found: name one with --log", err=True
        )


def _last_lines(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in deque(file, LAST_LINES)]


def _journal() -> list[str]:
    """Return the last lines of our unit; none where there is no journal or it may not be read."""
    asked = ["journalctl", "-u", UNIT, "-n", str(LAST_LINES), "-o", "cat", "--no-pager"]
    try:
        done = subprocess.run(
            asked, capture_output=True, text=True, timeout=JOURNAL_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines()
