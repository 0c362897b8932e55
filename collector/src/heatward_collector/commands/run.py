"""``heatward run``: the collector in the foreground, for systemd or a terminal."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from heatward_collector.running.log import start_logging
from heatward_collector.running.service import Supervisor
from heatward_node.stopping import told_to_stop

from ..locale import terminal_texts
from .configuration import config_option, load_whole
from .people import first_link


@click.command()
@config_option
def run(config_file: Path | None) -> None:
    """Run the collector until SIGTERM or Ctrl-C."""
    config = load_whole(config_file)
    start_logging(config.log)
    stop = told_to_stop(signal.SIGTERM, signal.SIGINT)
    click.echo(f"http://{config.web.host}:{config.web.port}/", err=True)
    invitation = first_link(config)
    if invitation is not None:
        say = terminal_texts()
        click.echo(say("Nobody has an account yet. The operator opens, once:"), err=True)
        click.echo(f"  {invitation}", err=True)
    Supervisor(config).run(stop)
