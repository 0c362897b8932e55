"""``heatward backup``: everything that cannot be made anew, copied while the collector runs."""

from __future__ import annotations

import time
from pathlib import Path

import click

from heatward_collector.commands.configuration import DEFAULT_FILE, config_option, load_config
from heatward_collector.operations.owner_only import owner_only
from heatward_collector.operations.whole_state import back_up


@click.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@config_option
def backup(target: Path, config_file: Path | None) -> None:
    """备份全部，运行中也可以 / copy everything, also while it runs; TARGET keeps the last 14.

    账本、登记表、账号、案件、证书机构、配置和口令都在内，请妥善保管 / it holds the ledger, the
    database, the authority's key, the configuration and its secrets: lock it away.
    """
    used = config_file or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    with owner_only():
        made = back_up(load_config(config_file), used, target, time.time())
    click.echo(
        f"已备份 / backed up: {made.days} 天账本 / days of the ledger, {made.rows:,} 行 / rows -> "
        f"{made.folder}"
    )
    click.echo(f"{made.batch}:{made.head.hex()}")
