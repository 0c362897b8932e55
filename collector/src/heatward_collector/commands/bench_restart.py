"""``heatward bench restart``: what a start of the evaluation costs."""

from __future__ import annotations

from pathlib import Path

import click

from heatward_collector.bench.restart import measure
from heatward_collector.commands.bench_options import json_at_the_end

MIB = 2**20


@click.command()
@click.option("--rooms", type=click.IntRange(10), default=5_000, show_default=True)
@click.option("--hours", type=click.IntRange(1, 48), default=48, show_default=True)
@click.option("--tail-minutes", type=click.FloatRange(1), default=60, show_default=True)
@click.option("--batches/--no-batches", default=True, help="什么都没有也测 / also with nothing")
@click.option(
    "--rooms-a-node",
    type=click.IntRange(1, 12),
    default=1,
    show_default=True,
    help="一个节点几间 / rooms a node",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="登记册和封存的日子留在此目录，再次使用 / registry and sealed days stay here, for again",
)
@json_at_the_end
def restart(
    rooms: int,
    hours: int,
    tail_minutes: float,
    batches: bool,
    rooms_a_node: int,
    folder: Path | None,
    as_json: bool,
) -> None:
    """评判进程重启：从封存账本，或从环形文件 / a start from sealed days, and from the ring."""
    measured = measure(rooms, click.echo, hours, tail_minutes, batches, rooms_a_node, folder)
    click.echo(f"{measured.readings:,} 读数 / readings, {hours} h; CPU 秒 / seconds")
    click.echo(f"登记册，从数据库 / registry, from its database {measured.registry_s:.1f}")
    click.echo(f"登记册，从打包的列 / from its packed columns {measured.ring.registry_s:.1f}")
    if measured.sealed is not None and measured.sealed_rate is not None:
        click.echo(
            f"什么都没有 / with nothing {measured.sealed.cpu_s:.1f} "
            f"({measured.sealed_rate:,.0f}/s), {measured.sealed.peak_bytes / MIB:,.0f} MiB"
        )
    refilled, ring = measured.refilled, measured.ring
    click.echo(
        f"没有环形文件 / without the ring {refilled.cpu_s:.1f} ({measured.refilled_rate:,.0f}/s), "
        f"{refilled.peak_bytes / MIB:,.0f} MiB: 空环 / empty ring {refilled.opened_s:.1f}, "
        f"填充 / filled {refilled.window_s:.1f}, 用时 / on the clock "
        f"{refilled.window_clock_s:.1f} s, {measured.filled_clock_us:.2f} us 一个读数 / a reading\n"
        f"环形文件和 {tail_minutes:g} 分钟 / ring and {tail_minutes:g} minutes {ring.cpu_s:.1f}: "
        f"时钟 / clocks {ring.clocks_s:.1f}, 环形文件 / ring {ring.opened_s + ring.window_s:.1f}, "
        f"账本末尾 / tail of the ledger {ring.tail_s:.1f}; {ring.peak_bytes / MIB:,.0f} MiB"
    )
    if as_json:
        click.echo(measured.as_json())
