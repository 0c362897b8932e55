"""``heatward bench growth``: what a reading costs as a city grows."""

from __future__ import annotations

from pathlib import Path

import click

from heatward_collector.bench.growth import COUNTED, GrowthMeasured, measure, microseconds
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
    """城市越大，一个读数贵多少 / what a reading costs as a city grows."""
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
    names = list(measured.runs[0].usage)
    head = " ".join(f"{name:>10}" for name in names)
    rows = [
        "",
        "CPU us/读数 a reading; MiB",
        f"房间 rooms {head}   采集与代理 collector and broker   MiB ingest, view, evaluate",
    ]
    for run in measured.runs:
        parts = " ".join(f"{run.microseconds(name):>10.1f}" for name in names)
        memory = ", ".join(
            f"{run.usage[name].peak_own_bytes / MIB:,.0f}"
            for name in COUNTED
            if name != "mosquitto" and name in run.usage
        )
        rows.append(f"{run.rooms:>10,} {parts} {microseconds(run, COUNTED):>34.1f}   {memory}")
    rows.append(
        f"最大与最小之比 / the largest to the smallest: {measured.ratio:.2f}; "
        f"丢失 / lost: {measured.lost}"
    )
    return rows
