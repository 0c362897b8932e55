"""``heatward bench seasons``: a season judged again, here and on workers."""

from __future__ import annotations

import click

from heatward_collector.bench.seasons import measure
from heatward_collector.commands.bench_options import json_at_the_end

LARGE_ROOM_DAYS = 10_000 * 180


@click.command()
@click.option("--rooms", type=click.IntRange(50), default=2_000, show_default=True)
@click.option("--days", type=click.IntRange(3), default=20, show_default=True)
@json_at_the_end
def seasons(rooms: int, days: int, as_json: bool) -> None:
    """从封存的账本重判供热期：本机、Dask / a season again: here, on 1 and 2 workers."""
    measured = measure(rooms, days, click.echo)
    click.echo(
        f"{measured.rooms:,} 间 / rooms x {measured.days} 天 / days, "
        f"{measured.readings:,} 读数 / readings; CPU 秒 / seconds\n"
        f"登记册 / registry {measured.registry_cpu_s:.1f}; "
        f"时钟 / clocks {measured.clocks_cpu_s:.1f}; "
        f"逐日读取 / days {measured.serial_cpu_s:.1f}; 汇总 / fold {measured.fold_cpu_s:.1f}"
    )
    for one in measured.by_workers:
        each = ", ".join(f"{seconds:.1f}" for seconds in one.cpu_s)
        click.echo(
            f"Dask {one.workers}: {one.seconds:.1f} s; CPU {each}; "
            f"本进程 / here {one.own_cpu_s:.1f}"
        )
    share = LARGE_ROOM_DAYS / (measured.rooms * measured.days)
    click.echo(
        f"x{measured.speedup:.2f}，两个普通进程 / two plain processes x{measured.limit:.2f}; "
        f"一万间 x 180 天，按比例 / 10,000 rooms x 180 days, by proportion: "
        f"CPU {share * measured.serial_season_s / 60:.1f} min"
    )
    if as_json:
        click.echo(measured.as_json())
