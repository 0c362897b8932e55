"""The option that names the configuration file, the same for every command."""

from __future__ import annotations

import os
from pathlib import Path

import click

from heatward_node.errors import ConfigurationError

from ..config import Config, load, named_files
from ..rules import load_standard

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


def load_whole(config_file: Path | None) -> Config:
    """Read a configuration and look into what it names: files, and the standard of its city.

    Raises ConfigurationError with every problem. Touches no network.
    """
    config = load_config(config_file)
    problems = _unreadable_files(config)
    if not any(problem.startswith("rules.file") for problem in problems):
        try:
            load_standard(config.rules.city, config.rules.file)
        except ConfigurationError as error:
            problems += [f"rules: {problem}" for problem in error.problems]
    if problems:
        raise ConfigurationError(str(config_file or DEFAULT_FILE), problems)
    return config


def _unreadable_files(config: Config) -> list[str]:
    return [
        f"{key} = {str(path)!r}; 应为本用户可读的文件 / allowed: a file that this user can read"
        for key, path in named_files(config)
        if not path.is_file() or not os.access(path, os.R_OK)
    ]
