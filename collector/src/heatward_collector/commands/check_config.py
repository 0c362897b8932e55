"""``heatward check-config``: everything that can be said about a configuration offline."""

from __future__ import annotations

import os
from pathlib import Path

import click

from heatward_node.errors import ConfigurationError

from ..config import Config, named_files
from ..locale import terminal_texts
from .configuration import DEFAULT_FILE, config_option, load_config


@click.command()
@config_option
def check_config(config_file: Path | None) -> None:
    """Check a configuration file and the files it names; exit 78 with every problem."""
    config = load_config(config_file)
    problems = _unreadable_files(config)
    if problems:
        raise ConfigurationError(str(config_file or DEFAULT_FILE), problems)
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


def _unreadable_files(config: Config) -> list[str]:
    return [
        f"{key} = {str(path)!r}; allowed: a file that this user can read"
        for key, path in named_files(config)
        if not path.is_file() or not os.access(path, os.R_OK)
    ]
