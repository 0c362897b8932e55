"""``heatward outdoor``: outdoor temperatures from files and weather services."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import numpy as np

from heatward_collector.commands.configuration import config_option, load_config
from heatward_collector.config import Config
from heatward_collector.core.outdoor_places import OutdoorDoubt, outdoor_doubts
from heatward_collector.errors import ImportRefused, RegistryError
from heatward_collector.outdoor.process import fetch_one
from heatward_collector.outdoor.temperatures import (
    MOST_BYTES,
    OutdoorStore,
    from_sensors,
    hourly_means,
    parse_csv,
)
from heatward_collector.registry import Registry, open_registry
from heatward_collector.rules import load_standard
from heatward_collector.timeseries import open_timeseries

district_option = click.option(
    "--district", help="区编号；只有一个区时可省略 / id of the district; not needed if there is one"
)
hours_option = click.option(
    "--hours",
    type=click.IntRange(1, 24 * 366),
    default=48,
    show_default=True,
    help="到现在为止的小时数 / hours up to now",
)


@click.group()
def outdoor() -> None:
    """室外温度：导入、取回、显示 / outdoor temperatures: import, fetch, show."""


@outdoor.command("import")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--source", default="", help="数据来源 / where the values are from")
@district_option
@config_option
def import_(config_file: Path | None, file: Path, source: str, district: str | None) -> None:
    """导入 CSV：时间、气温、来源 / import a CSV file: time, celsius, source."""
    config = load_config(config_file)
    if file.stat().st_size > MOST_BYTES:
        raise ImportRefused([f"{file.name}: 超过 / larger than {MOST_BYTES // 1024**2} MB"])
    registry = open_registry(config)
    values = parse_csv(file.read_bytes(), file.name, _zone(config), source)
    count = OutdoorStore(registry).put(_district(registry, district), values)
    click.echo(f"已导入 / imported: {count}")


@outdoor.command("fetch")
@hours_option
@district_option
@config_option
def fetch_(config_file: Path | None, district: str | None, hours: int) -> None:
    """从 [outdoor] url 取回最近的气温 / fetch the latest values from [outdoor] url.

    \b
    地址中的 {district}、{from}、{to} 换成区编号和起止时间（UTC）；应答是
    CSV：time,celsius[,source]。heatward run 会按 interval_seconds 自动取。
    In the address {district}, {from} and {to} become the district's id and the
    times (UTC); the answer is CSV: time,celsius[,source]. heatward run does it
    by itself, every interval_seconds.
    """
    config = load_config(config_file)
    registry = open_registry(config)
    place, now = _district(registry, district), int(time.time())
    count = fetch_one(config, registry, place, now - hours * 3600, now)
    click.echo(f"已取回 / fetched: {count}")


@outdoor.command("show")
@hours_option
@district_option
@config_option
def show(config_file: Path | None, district: str | None, hours: int) -> None:
    """显示室外温度和来源 / show outdoor temperatures with their sources."""
    config = load_config(config_file)
    registry, zone = open_registry(config), _zone(config)
    place, end = _district(registry, district), int(time.time()) + 1
    start = end - hours * 3600
    values = OutdoorStore(registry).values(place, start, end)
    values += from_sensors(open_timeseries(config), registry.directory(), place, start, end)
    if not values:
        click.echo(f"没有室外温度 / no outdoor temperature: {place}, {hours} h")
    for value in sorted(values, key=lambda value: (value.time_s, value.source)):
        when = datetime.fromtimestamp(value.time_s, zone)
        click.echo(f"{when:%Y-%m-%d %H:%M}  {value.celsius:6.1f} °C  {value.source}")


@outdoor.command("compare")
@click.option(
    "--days",
    type=click.IntRange(3, 60),
    default=14,
    show_default=True,
    help="天数 / days up to now",
)
@district_option
@config_option
def compare(config_file: Path | None, district: str | None, days: int) -> None:
    """互相比较室外传感器：晒到太阳的、贴着暖墙的 / which outdoor sensors feel sun or a warm wall.

    有可疑的返回 1 / 1 where one is doubtful.
    """
    config = load_config(config_file)
    registry, zone = open_registry(config), _zone(config)
    place, end = _district(registry, district), int(time.time()) // 3600 * 3600
    start = end - days * 86_400
    points, means = hourly_means(open_timeseries(config), registry.directory(), place, start, end)
    hours = np.array([datetime.fromtimestamp(at, zone).hour for at in range(start, end, 3600)])
    doubts = outdoor_doubts(means, hours)
    for point, doubt in zip(points, doubts, strict=True):
        mark = "✗" if doubt in (OutdoorDoubt.SUN, OutdoorDoubt.WALL) else "✓"
        click.echo(f"{mark} {point}  {_DOUBTS[doubt]}")
    if not points:
        click.echo(f"没有室外传感器 / no outdoor sensor: {place}")
    raise SystemExit(int(any(one in (OutdoorDoubt.SUN, OutdoorDoubt.WALL) for one in doubts)))


_DOUBTS = {
    OutdoorDoubt.NONE: "正常 / measures the air",
    OutdoorDoubt.SUN: (
        "白天被太阳晒到：请移到北墙背阴处 / sunlit by day: move it to a north wall, into the shade"
    ),
    OutdoorDoubt.WALL: (
        "昼夜偏暖，像贴着暖墙或排风口：请移开 / "
        "warm day and night, as at a wall or a vent: move it away"
    ),
    OutdoorDoubt.UNKNOWN: (
        "同区至少要三只传感器、三个夜晚才能比较 / "
        "cannot be compared: that needs three sensors and three nights"
    ),
}


def _zone(config: Config) -> ZoneInfo:
    return ZoneInfo(load_standard(config.rules.city, config.rules.file).timezone)


def _district(registry: Registry, named: str | None) -> str:
    known = [row["id"] for row in registry.rows("district")]
    if named is None and len(known) == 1:
        return str(known[0])
    if named not in known:
        raise RegistryError(
            f"区 {named!r} 不在登记表中 / is no district of the registry; "
            f"可用 / allowed: {', '.join(known) or '-'}"
        )
    return str(named)
