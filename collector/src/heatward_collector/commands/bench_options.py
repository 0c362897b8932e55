"""Options that several benches share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

json_at_the_end: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="最后一行打印 JSON / end with one JSON line"
)


def turns_of(default: int) -> Decorator:
    """Return the option for how often ours and the limit are measured in turn."""
    return click.option(
        "--turns",
        type=click.IntRange(1, 100),
        default=default,
        show_default=True,
        help="轮流测量几次，取中位数 / turns with the limit beside it; medians count",
    )
