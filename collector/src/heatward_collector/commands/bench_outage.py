"""``heatward bench outage``: what is lost where InfluxDB is away."""

from __future__ import annotations

from pathlib import Path

import click

from heatward_collector.bench.outage import measure
from heatward_collector.commands.bench_options import (
    Sizes,
    beside_telegraf,
    json_at_the_end,
    of_nodes,
)


@click.command()
@of_nodes
@click.option(
    "--each",
    type=click.IntRange(10, 10_000),
    default=600,
    show_default=True,
    help="每个节点的读数 / readings a node",
)
@click.option(
    "--pack",
    type=click.IntRange(1, 300),
    default=30,
    show_default=True,
    help="一条消息几个读数 / readings a message",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0),
    default=20.0,
    show_default=True,
    help="InfluxDB 至少停多久 / how long InfluxDB is away at least",
)
@beside_telegraf
@click.option(
    "--buffers",
    type=Sizes(),
    default="200000,10000",
    show_default=True,
    help="Telegraf 的缓冲 / readings that Telegraf may hold, each in turn",
)
@json_at_the_end
def outage(
    nodes: int,
    each: int,
    pack: int,
    seconds: float,
    telegraf: Path | None,
    buffers: tuple[int, ...],
    as_json: bool,
) -> None:
    """InfluxDB 停机时还丢不丢 / what is lost where InfluxDB is away."""
    measured = measure(nodes, each, pack, seconds, click.echo, telegraf, buffers)
    click.echo("存入 / stored   丢失 / lost   恢复后秒数 / seconds after its return")
    for kept in measured.kept:
        lost = measured.sent - kept.stored
        share = 100 * lost / measured.sent
        click.echo(
            f"{kept.stored:>13,} {lost:>12,} ({share:.1f} %) {kept.seconds:>8.1f}   {kept.name}"
        )
    if as_json:
        click.echo(measured.as_json())
