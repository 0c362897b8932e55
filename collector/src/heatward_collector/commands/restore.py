"""``heatward restore``: a collector begun from a backup; the nodes refill the rest."""

from __future__ import annotations

from pathlib import Path

import click

from heatward_collector.commands.configuration import DEFAULT_FILE, config_option, load_config
from heatward_collector.operations.owner_only import owner_only
from heatward_collector.operations.whole_state import restore as restore_state
from heatward_collector.operations.whole_state import restore_configuration


@click.command()
@click.argument(
    "copy", metavar="FROM", type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@config_option
def restore(copy: Path, config_file: Path | None) -> None:
    """从备份恢复全部；缺的由节点补传 / begin from a backup; the nodes refill what it lacks.

    没有配置文件时，先恢复备份里的 / where there is no configuration file yet, that of the backup is
    put there first.
    """
    with owner_only():
        for path in restore_configuration(copy, config_file or DEFAULT_FILE):
            click.echo(f"已写入 / written: {path}")
        done = restore_state(copy, load_config(config_file))
    click.echo(
        f"已恢复 / restored from {done.folder.name}: {done.records:,} 条记录 / records, "
        f"{done.rows:,} 行 / rows"
    )
    click.echo(f"{done.batch} -> {done.incarnation}")
    click.echo(
        "下一步 / next: heatward check-config; heatward enrolment broker; heatward run "
        "（节点约十分钟内开始补传 / nodes begin to refill within ten minutes）"
    )
