"""``heatward replay``: a recording through the real node code and the whole line."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import click

from heatward_collector.registry import open_registry
from heatward_collector.replay.balance import as_json, take_balance
from heatward_collector.replay.fleet import Fleet
from heatward_collector.replay.line import Line, embedded_config
from heatward_collector.replay.places import content_for, plans_for
from heatward_collector.replay.recordings import read_recording
from heatward_collector.servers.ports import free_port


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--city", default="harbin", show_default=True, help="适用标准 / standard to judge by")
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="保留状态的文件夹 / folder to keep the state in; without it nothing stays",
)
def replay(file: Path, city: str, state: Path | None) -> None:
    """把录下的数据送过真正的节点程序和整条链路 / play a recording through the whole line."""
    recording = read_recording(file)
    with tempfile.TemporaryDirectory(prefix="heatward-replay-") as scratch:
        folder = state or Path(scratch) / "state"
        config = embedded_config(folder, city, free_port())
        began = time.monotonic()
        # Before the start: what an unknown node says is put aside, and it tries again much later.
        open_registry(config).put(content_for(recording))
        with Line(config) as line:
            fleet = Fleet(plans_for(recording), line.broker, Path(scratch) / "nodes")
            with click.progressbar(length=100, label=file.name, file=sys.stderr) as bar:
                fleet.play(lambda done, total: bar.update(100 * done // total - bar.pos))
            fleet.drain()
            line.settle()
            sent = fleet.sent
            fleet.close()
            balance = take_balance(config, sent)
        for difference in balance.differences:
            click.echo(str(difference), err=True)
        click.echo(as_json(balance, city, time.monotonic() - began))
    raise SystemExit(0 if balance.is_even else 1)
