"""``heatward timeseries``: the view, compared with the evidence point by point, or built anew."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import click

from heatward_collector.config import Config
from heatward_collector.errors import HeatwardError
from heatward_collector.ledger import LedgerReader
from heatward_collector.readings.own_places import directory_of
from heatward_collector.registry import open_registry
from heatward_collector.running.health import SILENT_AFTER_SECONDS
from heatward_collector.running.service import HeldFile, ServiceHeld
from heatward_collector.running.status import read_status
from heatward_collector.timeseries import comparison as compared
from heatward_collector.timeseries import open_timeseries
from heatward_collector.timeseries.comparison import Comparison, Difference, compare
from heatward_collector.timeseries.process import (
    RefusedLines,
    behind,
    rebuild_request,
    refused_file,
)
from heatward_collector.timeseries.process import rebuild as rebuild_view

from .configuration import config_option, load_config

SETTLE_SECONDS = 60.0
"""How long a running view may take to write what lies ahead of it before it is compared."""
POLL_SECONDS = 0.2
MOST_HELD = 100_000
"""Differences that are looked at twice; where there are more, no delay explains them."""
SHOWN = 50
REASONS = {
    compared.EXTRA: "多出：账本中没有这条读数",
    compared.MISSING: "缺少",
    compared.OTHER_ROOM: "房间与当时的安装登记不符",
    compared.OTHER_VALUE: "数值不同",
    compared.TWICE: "重复：还写在别的标签下",
}
"""Every reason of a difference, in Chinese."""
FATES = {
    "bad_quality": "传感器故障或坏读数 / bad quality",
    "unplaced": "时间不明 / time unknown",
    "unassigned": "未登记位置 / not assigned",
    "elsewhere": "接在别的测温盒上 / sent by another box than registered",
    "bench": "在台架上 / on the bench",
    "canary": "系统自检读数，不属于任何住户 / test reading of the system, of no home",
    "same_second": "同一秒已有读数 / another reading of the same second",
}
"""Why a reading is no point of the view."""
_LINE = re.compile(r"[ ,]sensor=([^ ,]+).* (\d+)$")


@click.group()
def timeseries() -> None:
    """时间序列视图：核对、重建 / the view of the evidence: verify it, rebuild it."""


@timeseries.command()
@config_option
@click.option(
    "--limit",
    type=click.IntRange(0),
    default=SHOWN,
    show_default=True,
    help="最多列出几处不同 / differences that are listed",
)
def verify(config_file: Path | None, limit: int) -> None:
    """逐点比对视图与账本、登记表 / compare with ledger and registry point by point."""
    config = load_config(config_file)
    _wait_until_settled(config)
    comparison, differences = _lasting(config)
    batches, ranges = behind(config)
    if batches or ranges:
        click.echo(
            f"视图落后 / the view is behind: {batches} 批 / batches, "
            f"{ranges} 段待重写 / ranges to write again"
        )
    refused = _refused(config)
    for difference in differences[:limit]:
        click.echo(_told(difference, refused))
    if len(differences) > limit:
        click.echo(f"…… 另有 / and {len(differences) - limit:,} 处 / more")
    for line in _counts(comparison):
        click.echo(line)
    if differences:
        click.echo(
            f"不一致 / NOT equal: {len(differences):,} 处 / differences; "
            f"重建视图 / to build it anew: heatward timeseries rebuild"
        )
        raise SystemExit(1)
    click.echo("一致 / equal")


@timeseries.command()
@config_option
def rebuild(config_file: Path | None) -> None:
    """清空视图，从账本重写；账本不受影响 / drop it and write it anew from the ledger."""
    config = load_config(config_file)
    if not config.state.ledger.is_dir():
        raise HeatwardError(f"没有账本 / there is no ledger: {config.state.ledger}")
    try:
        with HeldFile(config.state.directory / "service.lock"):
            points = rebuild_view(config, _show_progress)
    except ServiceHeld:
        _ask_the_view(config)
        return
    click.echo(f"已重建 / rebuilt: {points:,} 点 / points")


def _ask_the_view(config: Config) -> None:
    """Let the running view process rebuild, and wait until it has caught up."""
    request = rebuild_request(config)
    request.touch()
    click.echo("采集服务正在运行，由它重建 / the running collector rebuilds", err=True)
    while request.exists() or any(behind(config)):
        time.sleep(POLL_SECONDS)
        status = read_status(config.state.status, "view") or {}
        for fault in status.get("faults", []):
            if fault["code"].startswith("store_"):
                raise HeatwardError(
                    f"{fault['text_zh']} {fault['remedy_zh']}\n"
                    f"{fault['text_en']} {fault['remedy_en']}\n"
                    "库恢复后自动重建 / it is rebuilt as soon as the store is back"
                )
    click.echo("已重建 / rebuilt")


def _wait_until_settled(config: Config) -> None:
    """Wait for a view that runs; one that does not will not come nearer."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while any(behind(config)) and time.monotonic() < deadline:
        status = read_status(config.state.status, "view")
        if status is None or time.time() - status["updated_at"] > SILENT_AFTER_SECONDS:
            return
        time.sleep(POLL_SECONDS)


def _lasting(config: Config) -> tuple[Comparison, list[Difference]]:
    """Compare, and again where there are differences: only what is there both times counts.

    While the collector runs, a reading may be in the ledger and not in the view yet.
    """
    comparison = Comparison()
    first = list(_compared(config, comparison))
    if not first or len(first) > MOST_HELD:
        return comparison, first
    _wait_until_settled(config)
    comparison, seen = Comparison(), set(first)
    return comparison, [one for one in _compared(config, comparison) if one in seen]


def _compared(config: Config, comparison: Comparison) -> Iterator[Difference]:
    reader = LedgerReader(config.state.ledger)
    directory = directory_of(open_registry(config), config.mqtt.district)
    return compare(reader, directory, open_timeseries(config), comparison)


def _counts(comparison: Comparison) -> Iterator[str]:
    yield (
        f"账本读数 / readings {comparison.readings:,}; 应有 / expected {comparison.expected:,}; "
        f"视图 / in the view {comparison.found:,}"
    )
    for fate, count in sorted(comparison.fates.items()):
        if count:
            yield f"  不入视图 / no points: {FATES[fate]}: {count:,}"


def _refused(config: Config) -> dict[tuple[str, int], str]:
    """Return the store's reason by sensor and second, for the lines that it refused."""
    if not refused_file(config).exists():
        return {}
    lines = islice(RefusedLines(refused_file(config)).lines(), MOST_HELD)
    found = ((_LINE.search(line), reason) for line, reason in lines)
    return {(match[1], int(match[2])): reason for match, reason in found if match}


def _told(difference: Difference, refused: dict[tuple[str, int], str]) -> str:
    when = datetime.fromtimestamp(difference.time_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    reason = f"{REASONS[difference.reason]} / {difference.reason}"
    said = refused.get((difference.sensor, difference.time_s))
    if said is not None and difference.found is None:
        reason += f"; 时间序列库拒收 / refused by the store: {said}"
    return (
        f"{difference.sensor} {when} 应为 / expected {_point(difference.expected)}, "
        f"实为 / found {_point(difference.found)}: {reason}"
    )


def _point(point: tuple[str, float] | None) -> str:
    return "–" if point is None else f"{point[0]} {point[1]:.4f}"


def _show_progress(batch: int, ahead: int) -> None:
    click.echo(f"  批 / batch {batch}, 剩余 / left {ahead}", err=True)
