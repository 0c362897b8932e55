"""``heatward check-config``: everything that can be said about a configuration offline."""

from __future__ import annotations

from pathlib import Path

import click

from ..locale import terminal_texts
from .configuration import config_option, load_whole


@click.command()
@config_option
def check_config(config_file: Path | None) -> None:
    """Check a configuration file and the files it names; exit 78 with every problem."""
    config = load_whole(config_file)
    say = terminal_texts()
    click.echo(say("The configuration can be used."))
    rows = (
        (say("state"), config.state.directory),
        ("MQTT", config.mqtt.url),
        (say("time series"), config.timeseries.url),
        (say("registry"), config.registry.url),
        (say("pages"), f"http://{config.web.host}:{config.web.port}/"),
        (say("rules"), config.rules.city),
    )
    for name, value in rows:
        click.echo(f"  {name}: {value}")
    if not config.web.on_loopback:
        click.echo(say("Pages are open to the network: single rooms are not shown there."))
