"""``heatward bench query``: how long the questions of pages take in the time series."""

from __future__ import annotations

import click

from heatward_collector.bench.query import Asked, Side, measure
from heatward_collector.commands.bench_options import json_at_the_end, turns_of

MIB = 2**20


@click.command()
@click.option("--rooms", type=click.IntRange(20), default=1_000, show_default=True)
@click.option(
    "--questions",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="每种问题每轮 / of each kind a turn",
)
@turns_of(5)
@click.option("--without-influxdb", is_flag=True, help="只测内置存储 / the embedded store only")
@json_at_the_end
def query(rooms: int, questions: int, turns: int, without_influxdb: bool, as_json: bool) -> None:
    """网页向时间序列提的问题，与直接查询相比 / questions to the time series beside plain ones."""
    measured = measure(rooms, questions, turns, not without_influxdb, click.echo)
    click.echo(
        "存储 store 问题 question  行 rows   毫秒 ms p50     p99   极限 limit p50     p99  倍 x"
    )
    for one in measured.asked:
        click.echo(
            f"{one.store:<10} {one.question:<12} {one.rows:>10,} {one.ours.p50_ms:>13.2f} "
            f"{one.ours.p99_ms:>7.2f} {one.limit.p50_ms:>16.2f} {one.limit.p99_ms:>7.2f} "
            f"{one.ratio:>5.2f}"
        )
    click.echo("")
    click.echo("每个问题的 CPU 毫秒，内存峰值 / CPU ms a question, peak memory")
    for one in measured.asked:
        click.echo(
            f"{one.store:<10} {one.question:<12} {_cost(one, one.ours)}; "
            f"极限 / limit: {_cost(one, one.limit)}"
        )
    if as_json:
        click.echo(measured.as_json())


def _cost(one: Asked, side: Side) -> str:
    return ", ".join(
        f"{name} {1000 * usage.cpu_s / one.count:.2f} ({usage.peak_own_bytes / MIB:.0f} MiB)"
        for name, usage in side.usage.items()
    )
