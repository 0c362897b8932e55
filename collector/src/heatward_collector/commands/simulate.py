"""``heatward simulate``: a season of an invented town as files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from heatward_collector.commands.writable_folder import writable_folder
from heatward_collector.simulate import (
    Event,
    Kind,
    Level,
    Season,
    Shape,
    planned_season,
    season,
    town,
)
from heatward_collector.simulate.files import write_season
from heatward_collector.simulate.scenarios import SCENARIOS, scenario
from heatward_collector.simulate.season import STEP_S

FIRST_DAY = "2020-10-20"
LOCAL_ZONE_S = 8 * 3600
DAY_S = 86_400
WHOLE_SEASON_DAYS = 211
"""8 October to 6 May, a day more in a leap year: for the progress bar. [d]"""
PLACES = (Level.STAIRWELL, Level.BUILDING, Level.ZONE, Level.SUBSTATION, Level.SOURCE)


@click.command()
@click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), callback=writable_folder
)
@click.option("--seed", type=int, default=1, show_default=True, help="随机种子 / random seed")
@click.option("--plan", is_flag=True, help="整季，随机安排限热 / a whole season of planned events")
@click.option("--calm", is_flag=True, help="同上但无限热 / the same season without any event")
@click.option(
    "--scenario", "name", type=click.Choice(sorted(SCENARIOS)), help="一个场景 / one scenario"
)
@click.option(
    "--interval",
    type=click.IntRange(60, 3600),
    default=STEP_S,
    show_default=True,
    help="读数间隔秒 / seconds between readings",
)
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="天数")
@click.option(
    "--start",
    type=click.DateTime(["%Y-%m-%d"]),
    default=FIRST_DAY,
    show_default=True,
    help="第一天（哈尔滨当地） / first local day",
)
@click.option("--sources", type=click.IntRange(1, 99), default=3, show_default=True)
@click.option("--buildings", type=click.IntRange(1, 99), default=3, show_default=True)
@click.option("--homes", type=click.IntRange(1, 99), default=5, show_default=True)
@click.option(
    "--suppress",
    type=(
        click.Choice([kind.value for kind in Kind]),
        click.Choice([level.value for level in PLACES]),
        str,
        float,
        float,
        click.FloatRange(0, 1),
    ),
    multiple=True,
    metavar="KIND LEVEL PLACE FROM_DAY TO_DAY RESIDUAL",
    help="限热事件，可多次 / suppressed heat, such as: outage source so1 5 5.4 0",
)
def simulate(
    folder: Path,
    seed: int,
    plan: bool,
    calm: bool,
    name: str | None,
    interval: int,
    **explicit: Any,
) -> None:
    """模拟一个供热期并写出读数、室外温度、登记表和标签 / write a simulated season with labels."""
    if plan or calm:
        simulated = _with_progress(
            lambda told: planned_season(
                seed, events=not calm, step_seconds=interval, progress=told
            ),
            WHOLE_SEASON_DAYS * DAY_S // interval,
        )
    elif name:
        simulated = scenario(name, seed, interval)
    else:
        simulated = _explicit(seed, interval, **explicit)
    with click.progressbar(length=1, label="写读数 / writing readings", file=sys.stderr) as bar:

        def written(more: int, count: int) -> None:
            bar.length = count
            bar.update(more)

        count = write_season(simulated, folder, written)
    click.echo(f"{folder}: {count} 条读数 / readings, {len(simulated.tree.rooms)} 个房间 / rooms")


def _explicit(
    seed: int,
    interval: int,
    days: int,
    start: datetime,
    sources: int,
    buildings: int,
    homes: int,
    suppress: tuple[tuple[str, str, str, float, float, float], ...],
) -> Season:
    first = int(start.replace(tzinfo=UTC).timestamp()) - LOCAL_ZONE_S
    tree = town(sources=sources, buildings_per_source=buildings, homes_per_building=homes)
    try:
        events = tuple(
            Event(
                Kind(kind), Level(level), place, int(first + a * DAY_S), int(first + b * DAY_S), r
            )
            for kind, level, place, a, b, r in suppress
        )
        return _with_progress(
            lambda told: season(seed, first, days, interval, Shape(tree, events), told),
            days * DAY_S // interval,
        )
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--suppress") from error


def _with_progress(run: Callable[[Callable[[int], None]], Season], steps: int) -> Season:
    with click.progressbar(length=steps, label="模拟 / simulating", file=sys.stderr) as bar:
        return run(bar.update)
