"""``heatward bench watch``: what watching a city for suppressed heating costs."""

from __future__ import annotations

import click

from heatward_collector.bench.watching import measure
from heatward_collector.commands.bench_options import json_at_the_end

MIB = 2**20


@click.command()
@click.option("--rooms", type=click.IntRange(10), default=100_000, show_default=True)
@click.option("--ticks", type=click.IntRange(1, 12), default=4, show_default=True)
@json_at_the_end
def watch(rooms: int, ticks: int, as_json: bool) -> None:
    """看管一座城市的人为限热：时间和内存 / watching a city: time and memory of each look."""
    measured = measure(rooms, ticks, click.echo)
    click.echo(f"{measured.rooms:,} 间 / rooms; {measured.findings} 项未结束 / findings open")
    click.echo("                              CPU s   MiB   B/间 a room   文件页 file pages MiB")
    for name, look in (
        ("登记册和窗口 registry, ring", measured.before),
        ("第一次 first look", measured.first),
        ("新的一刻钟 a quarter more", measured.tick),
        ("又一刻钟和补传 another, late node", measured.late),
        ("过了午夜 behind midnight", measured.midnight),
    ):
        click.echo(
            f"{name:<28} {look.cpu_s:>6.2f} {look.peak_bytes / MIB:>5,.0f} "
            f"{look.peak_bytes / measured.rooms:>9,.0f} {look.peak_mapped_bytes / MIB:>14,.0f}"
        )
    if as_json:
        click.echo(measured.as_json())
