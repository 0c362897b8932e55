"""``heatward bench registry``: what the places of a city cost each process that knows them."""

from __future__ import annotations

import click

from heatward_collector.bench.registered import measure
from heatward_collector.commands.bench_options import json_at_the_end


@click.command()
@click.option("--rooms", type=click.IntRange(10), default=100_000, show_default=True)
@json_at_the_end
def registry(rooms: int, as_json: bool) -> None:
    """一座城市的登记表：内存、读取、查找 / a city's registry: memory, reading, look-ups."""
    measured = measure(rooms, click.echo)
    held, count = measured.held, measured.rooms
    click.echo(
        f"{count:,} 间 / rooms; 文件 / file {measured.file_bytes / count:,.0f} B; 每间 / a room:\n"
        f"登记 / put in {1e6 * measured.put_s / count:.0f} us\n"
        f"读取 / read {1e6 * held.read_s / count:.1f} us "
        f"(x{held.read_s / held.plain_s:.1f} 空读 / a bare cursor)\n"
        f"内存 / memory {held.own_bytes / count:,.0f} B, "
        f"评判后 / after judging {held.judged_bytes / count:,.0f} B, "
        f"最高 / peak {held.peak_bytes / count:,.0f} B\n"
        f"每个读数 / a reading: {held.asked_ns:.0f} ns\n"
        f"改一行 / an edit of one row: {held.edit_s:.2f} s, "
        f"只看一个区的进程 / for a process of one district: {held.own_edit_s:.2f} s"
    )
    if as_json:
        click.echo(measured.as_json())
