"""``heatward bench growth``: what a reading costs as a city grows."""

from __future__ import annotations

from pathlib import Path

import click

from heatward_collector.bench.growth import (
    COUNTED,
    GrowthMeasured,
    collector_and_broker,
    measure,
    microseconds,
)
from heatward_collector.bench.quarter_looks import MOST_MINUTES
from heatward_collector.commands.bench_options import (
    Sizes,
    city_load,
    draw,
    json_at_the_end,
    plot_into,
    with_embedded_store,
)

MIB = 2**20


@click.command()
@click.option("--rooms", type=Sizes(), default="1000,10000,100000", show_default=True)
@city_load(rate=2_000.0, minutes=1.0)
@with_embedded_store
@plot_into
@json_at_the_end
def growth(
    rooms: tuple[int, ...],
    rate: float,
    minutes: float,
    rooms_a_node: int,
    without_influxdb: bool,
    plot: Path | None,
    as_json: bool,
) -> None:
    """城市越大，一个读数贵多少；每种规模最多等半小时 / what a reading costs as a city grows.

    每刻钟一次的监视单独计量，分摊到这一刻钟的读数 / The look at each quarter of an hour is waited
    for, up to half an hour a size, measured apart, and shared by the readings of its quarter.
    """
    if minutes > MOST_MINUTES:
        raise click.BadParameter(
            f"最多 {MOST_MINUTES:.0f} 分钟，才放得进一刻钟 / at most {MOST_MINUTES:.0f}, "
            "to fit a quarter of an hour",
            param_hint="--minutes",
        )
    seconds = 60 * minutes
    measured = measure(rooms, rate, seconds, not without_influxdb, click.echo, rooms_a_node)
    for line in _table(measured):
        click.echo(line)
    if plot is not None:
        title = f"CPU / 读数 a reading, {rate:,.0f}/s, 按房间数 by rooms"
        draw(plot, title, "us", measured.rows())
    if as_json:
        click.echo(measured.as_json())


def _table(measured: GrowthMeasured) -> list[str]:
    names = list(microseconds(measured.runs[0]))
    head = " ".join(f"{name:>10}" for name in names)
    rows = [
        "",
        "CPU us/读数 a reading; look: 每刻钟一次的监视，分摊到一刻钟的读数，不在 evaluate 内 "
        "/ the watch at a quarter of an hour, over the readings of the quarter, not in evaluate",
        f"房间 rooms {head}   采集与代理 collector and broker   一次监视 a look   "
        "MiB ingest, view, evaluate",
    ]
    for run in measured.runs:
        parts = " ".join(f"{took:>10.1f}" for took in microseconds(run).values())
        memory = ", ".join(
            f"{run.usage[name].peak_own_bytes / MIB:,.0f}"
            for name in COUNTED
            if name != "mosquitto" and name in run.usage
        )
        rows.append(
            f"{run.rooms:>10,} {parts} {collector_and_broker(run):>34.1f} "
            f"{run.look_s or 0.0:>16.2f} s   {memory}"
        )
    rows.append(
        f"最大与最小之比 / the largest to the smallest: {measured.ratio:.2f}; "
        f"丢失 / lost: {measured.lost}"
    )
    return rows
