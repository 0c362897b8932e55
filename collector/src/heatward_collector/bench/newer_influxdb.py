"""The InfluxDB beside which a bench measures, where there is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from heatward_collector.servers.influxdb import find_influxd


def newer_influxd(is_wanted: bool, tell: Callable[[str], None]) -> Path | None:
    """Return the program if it is wanted; tell that it is not there, and None, where it is not."""
    program = find_influxd() if is_wanted else None
    if is_wanted and program is None:
        tell("没有 InfluxDB 1.8 / no InfluxDB 1.8 here: measured without (see ./check)")
    return program
