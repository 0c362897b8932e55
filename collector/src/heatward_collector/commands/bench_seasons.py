"""``heatward bench seasons``: a season judged again, here and on workers."""

from __future__ import annotations

from pathlib import Path

import click

from heatward_collector.bench import whole_season
from heatward_collector.bench.seasons import measure
from heatward_collector.bench.whole_season import WholeMeasured
from heatward_collector.commands.bench_options import json_at_the_end

LARGE_ROOM_DAYS = 10_000 * 180


@click.command()
@click.option("--rooms", type=click.IntRange(50), default=2_000, show_default=True)
@click.option("--days", type=click.IntRange(3), default=20, show_default=True)
@click.option(
    "--whole",
    type=click.Path(file_okay=False, path_type=Path),
    help="整体运行一次，数据留在此目录 / one whole run on 2 workers; its days stay here",
)
@json_at_the_end
def seasons(rooms: int, days: int, whole: Path | None, as_json: bool) -> None:
    """从封存的账本重判供热期：本机、Dask / a season again: here, on 1 and 2 workers."""
    if whole is not None:
        _tell_whole(whole_season.measure(rooms, days, whole, click.echo), as_json)
        return
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


def _tell_whole(measured: WholeMeasured, as_json: bool) -> None:
    each = ", ".join(f"{seconds:.0f}" for seconds in measured.worker_cpu_s)
    stages = (
        ("时钟 / clocks", measured.clocks),
        (f"逐日 / days ({each})", measured.read),
        ("汇总 / fold", measured.fold),
    )
    click.echo(
        f"{measured.rooms:,} 间 / rooms x {measured.days} 天 / days, {measured.readings:,} 读数 / "
        f"readings, {measured.findings} 发现 / findings; 秒 / seconds (CPU)"
    )
    for name, stage in stages:
        click.echo(f"{name}: {stage.seconds:.0f} ({stage.cpu_s:.0f})")
    click.echo(
        f"全部 / all {measured.seconds / 60:.1f} min (CPU {measured.cpu_s / 60:.1f} min), "
        f"{measured.peak_bytes / 2**20:.0f} MiB"
    )
    if as_json:
        click.echo(measured.as_json())
