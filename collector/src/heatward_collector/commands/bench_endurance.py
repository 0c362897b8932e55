"""``heatward bench endurance``: a city's readings for a long time."""

from __future__ import annotations

import click

from heatward_collector.bench.endurance import EnduranceMeasured, measure
from heatward_collector.bench.following import OURS
from heatward_collector.commands.bench_options import (
    city_load,
    json_at_the_end,
    with_embedded_store,
)

MIB = 2**20


@click.command()
@click.option("--rooms", type=click.IntRange(1), default=100_000, show_default=True)
@city_load(rate=8_400.0, minutes=30.0)
@with_embedded_store
@click.option(
    "--over-the-hour",
    is_flag=True,
    help="整点前 15 分钟开始计量，此前先送 20 分钟以上 / measured from 15 minutes before an hour's "
    "end, after 20 minutes of the same or more",
)
@json_at_the_end
def endurance(
    rooms: int,
    rate: float,
    minutes: float,
    rooms_a_node: int,
    without_influxdb: bool,
    over_the_hour: bool,
    as_json: bool,
) -> None:
    """全城读数持续不断：延迟、丢失、各进程开销 / a city's readings for long: lag, loss, cost."""
    seconds = 60 * minutes
    measured = measure(
        rooms, rate, seconds, not without_influxdb, click.echo, rooms_a_node, over_the_hour
    )
    for line in _table(measured):
        click.echo(line)
    if as_json:
        click.echo(measured.as_json())


def _table(measured: EnduranceMeasured) -> list[str]:
    names = list(measured.usage)
    rows = [
        f"{measured.rooms:,} 间 / rooms; {measured.readings:,} 读数 / readings "
        f"({measured.readings / measured.seconds:,.0f}/s), "
        f"每条消息 / a message: {measured.rooms_a_node}",
        f"丢失 / lost: {measured.lost}; 没有确认 / unanswered: {measured.unanswered}; "
        f"最后一次确认时落后 / behind at the last ack: {measured.behind} 批 / batches; "
        f"发送落后 / sender late: {measured.late_s:.1f} s; "
        f"判定 / verdicts, new or changed: {measured.verdicts:,}",
        "",
        "分钟 minute  延迟 lag ms p50     p99    最大 most   核 cores: " + " ".join(names),
    ]
    for number, minute in enumerate(measured.minutes, 1):
        lag = [f"{minute.lag_ms.get(name, 0.0):>8,.0f}" for name in ("p50", "p99", "most")]
        cores = " ".join(f"{minute.cores[name]:>{len(name)}.3f}" for name in names)
        rows.append(f"{number:>6} {' ' * 12}{'  '.join(lag)} {' ' * 17}{cores}")
    rows += [
        "",
        "进程 process   CPU us/读数   核 cores   USS MiB   其中不属文件 no file   字节 bytes/读数",
    ]
    for name, usage in measured.usage.items():
        rows.append(
            f"{name:<12} {measured.microseconds(name):>12.1f} {measured.cores([name]):>10.3f} "
            f"{usage.peak_own_bytes / MIB:>9.0f} {usage.peak_anonymous_bytes / MIB:>22.0f} "
            f"{usage.written_bytes / measured.readings:>14.1f}"
        )
    rows.append(f"采集与代理 / collector and broker: {measured.cores([*OURS, 'mosquitto']):.3f} 核")
    return rows
