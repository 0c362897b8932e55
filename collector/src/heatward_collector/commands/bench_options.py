"""Options that several benches share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from heatward_collector.bench.stacked_bars import stacked_bars

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

json_at_the_end: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="最后一行打印 JSON / end with one JSON line"
)
with_embedded_store: Decorator = click.option(
    "--without-influxdb", is_flag=True, help="用内置存储 / with the embedded store"
)
plot_into: Decorator = click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="画成 SVG / draw it into an SVG file",
)


class Sizes(click.ParamType[tuple[int, ...]]):
    """Whole numbers above 0, separated by commas."""

    name = "N,N"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> tuple[int, ...]:
        """Return the numbers that a text names."""
        if isinstance(value, tuple):
            return value
        try:
            sizes = tuple(int(part) for part in str(value).split(","))
        except ValueError:
            sizes = ()
        if not sizes or min(sizes) < 1:
            self.fail(f"{value!r}: 应如 1000,10000 / must be like 1000,10000", parameter, context)
        return sizes


of_nodes: Decorator = click.option(
    "--nodes", type=click.IntRange(1, 5_000), default=500, show_default=True
)
beside_telegraf: Decorator = click.option(
    "--telegraf",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="同样的负载也经过它 / a Telegraf binary that gets the same load",
)


def draw(
    file: Path, title: str, unit: str, rows: Sequence[tuple[str, Mapping[str, float]]]
) -> None:
    """Draw what was measured, and say where."""
    file.write_text(stacked_bars(title, unit, rows), encoding="utf-8")
    click.echo(str(file))


def city_load(rate: float, minutes: float) -> Decorator:
    """Return the options for how many readings a city sends, and for how long."""

    def added(command: Callable[..., Any]) -> Any:
        for_so_long = click.option(
            "--minutes", type=click.FloatRange(0.01), default=minutes, show_default=True
        )
        of_rate = click.option(
            "--rate",
            type=click.FloatRange(1),
            default=rate,
            show_default=True,
            help="每秒读数 / readings a second",
        )
        of_rooms_a_node = click.option(
            "--rooms-a-node",
            type=click.IntRange(1, 12),
            default=1,
            show_default=True,
            help="一个节点几间，一条消息几个读数 / rooms a node, and so readings a message",
        )
        return of_rate(for_so_long(of_rooms_a_node(command)))

    return added


def turns_of(default: int) -> Decorator:
    """Return the option for how often ours and the limit are measured in turn."""
    return click.option(
        "--turns",
        type=click.IntRange(1, 100),
        default=default,
        show_default=True,
        help="轮流测量几次，取中位数 / turns with the limit beside it; medians count",
    )
