"""``heatward bench node``: what a node costs a reading."""

from __future__ import annotations

import click

from heatward_collector.bench.node import measure
from heatward_collector.commands.bench_options import json_at_the_end, turns_of

MIB = 2**20


@click.command()
@click.option("--sensors", type=click.IntRange(1, 12), default=2, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=60, show_default=True)
@turns_of(3)
@json_at_the_end
def node(sensors: int, rounds: int, turns: int, as_json: bool) -> None:
    """真实节点程序每个读数的开销，与直接写 SQLite 相比 / a node's cost beside plain SQLite."""
    measured = measure(sensors, rounds, turns, click.echo)
    click.echo("每个读数 / a reading          节点 node   SQLite + fsync")
    click.echo(
        f"CPU us                    {measured.cpu_us:>11,.0f} {measured.plain_cpu_us:>16,.0f}"
        f"   x{measured.ratio:.1f}"
    )
    click.echo(
        f"卡上字节 / bytes on card  {measured.written_bytes:>11,.0f} "
        f"{measured.plain_written_bytes:>16,.0f}   记录 / record {measured.record_bytes:.0f} B"
    )
    own, plain = measured.usage["node"].peak_own_bytes, measured.plain_peak_own_bytes
    click.echo(f"内存峰值 / peak, USS MiB  {own / MIB:>11.1f} {plain / MIB:>16.1f}")
    click.echo(
        f"等待 / waiting: CPU {measured.idle_us_a_second:,.0f} us 每秒 / a second; "
        f"五分钟一轮 / a round each five minutes: "
        f"{measured.home_cpu_us:,.0f} us 一个读数 / a reading"
    )
    others = (
        f"{name} {1e6 * usage.cpu_s / measured.readings:,.0f} us"
        for name, usage in measured.usage.items()
    )
    click.echo(f"各进程 / by process: {', '.join(others)}")
    if as_json:
        click.echo(measured.as_json())
