"""``heatward demo``: a demo district through the whole line, counted, then live."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import click

from heatward_collector.config.settings import DEMO_CITY
from heatward_collector.demo.case_figures import case_figures
from heatward_collector.demo.play import Demo, clean, prepare
from heatward_collector.registry import open_registry
from heatward_collector.replay.balance import Balance, as_json
from heatward_collector.replay.line import Line, embedded_config
from heatward_collector.servers.ports import port_from

DEFAULT_PORT = 8080


@click.command()
@click.option("--days", type=click.IntRange(1, 60), default=3, show_default=True)
@click.option("--exit", "leave", is_flag=True, help="播放完就退出 / play, count and end")
@click.option("--port", type=click.IntRange(1, 65_535), default=DEFAULT_PORT, show_default=True)
@click.option("--seed", type=int, default=2021, show_default=True)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("heatward-state/demo"),
    show_default=True,
    help="演示的状态文件夹，每次清空 / folder of the demo, emptied at each start",
)
@click.option(
    "--with",
    "more",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    help="再加的配置，如 [display] / further sections of configuration, such as [display]",
)
def demo(days: int, leave: bool, port: int, seed: int, state: Path, more: Path | None) -> None:
    """播放演示街区：虚拟节点、真正的整条链路 / play a demo district through the real line."""
    clean(state)
    config = embedded_config(state / "collector", DEMO_CITY, port_from(port), more=more)
    directory = prepare(state, open_registry(config))
    is_stopped = _told_to_stop()
    with Line(config) as line:
        click.echo(
            f"演示街区 / demo district: {len(directory.buildings)} 栋 / buildings, "
            f"{len(directory.homes)} 户 / homes, {len(directory.points)} 个测点 / points",
            err=True,
        )
        district = Demo(line, directory, days, seed, state / "nodes")
        with click.progressbar(length=100, label=f"{days} d", file=sys.stderr) as bar:
            fleet, balance, elapsed = district.run(_progress(bar, is_stopped))
        cases = case_figures(config)
        try:
            if not leave:
                _welcome(balance, elapsed, config.web.port)
                district.live(is_stopped)
        finally:
            fleet.close()
    for difference in balance.differences:
        click.echo(str(difference), err=True)
    click.echo(as_json(balance, DEMO_CITY, elapsed, cases=cases))
    raise SystemExit(0 if balance.is_even else 1)


def _told_to_stop() -> Callable[[], bool]:
    """Return whether somebody has ended the demo.

    An exception out of a signal handler would be lost where it meets a callback of a library, so
    the loops ask. A second signal interrupts whatever runs.
    """
    told: list[int] = []

    def on_signal(number: int, _: FrameType | None) -> None:
        told.append(number)
        signal.signal(number, signal.default_int_handler)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    return lambda: bool(told)


def _progress(bar: Any, is_stopped: Callable[[], bool]) -> Callable[[int, int], None]:
    def show(done: int, total: int) -> None:
        if is_stopped():
            raise click.Abort
        bar.update(100 * done // total - bar.pos)

    return show


def _welcome(balance: Balance, elapsed: float, port: int) -> None:
    """Say where to look, and what was measured."""
    even = "一致 / equal" if balance.is_even else "不一致！/ NOT equal!"
    click.echo(
        f"\n  网页 / page:  http://127.0.0.1:{port}/    (English: http://127.0.0.1:{port}/?lang=en)\n"
        f"  节点发出 / sent {balance.sent:,} = 账本 / ledger {balance.ledger:,};"
        f" 时间序列 / series {balance.series:,} = 应有 / expected {balance.expected:,}: {even}\n"
        f"  用时 / took {elapsed:.1f} s. 演示数据，Ctrl-C 结束 / demo data, Ctrl-C ends it.\n"
    )
    click.echo(time.strftime("  %H:%M:%S 现在实时运行，每 5 分钟一次 / live now, every 5 minutes"))
