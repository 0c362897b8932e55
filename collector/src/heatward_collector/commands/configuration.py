"""The option that names the configuration file, the same for every command."""

from __future__ import annotations

from pathlib import Path

import click

from ..config import Config, load

DEFAULT_FILE = Path("collector.toml")

config_option = click.option(
    "-c",
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Configuration file; without it ./collector.toml if there is one, else the defaults.",
)


def load_config(config_file: Path | None) -> Config:
    """Read the file that was named, or the one in this folder, or take the defaults."""
    if config_file is not None:
        return load(config_file)
    return load(DEFAULT_FILE) if DEFAULT_FILE.exists() else Config()
