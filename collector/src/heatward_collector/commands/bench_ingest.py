"""``heatward bench ingest``: readings from the broker to ledger and InfluxDB."""

from __future__ import annotations

from pathlib import Path

import click

from heatward_collector.bench.ingest import OURS, Measured, measure
from heatward_collector.commands.bench_options import (
    beside_telegraf,
    draw,
    json_at_the_end,
    of_nodes,
    plot_into,
    turns_of,
)

MIB = 2**20


@click.command()
@of_nodes
@click.option(
    "--each",
    type=click.IntRange(10, 10_000),
    default=3000,
    show_default=True,
    help="每个节点的读数，取整到十 / readings a node, whole tens",
)
@click.option(
    "--pack",
    type=click.IntRange(1, 300),
    default=1,
    show_default=True,
    help="一条消息几个读数 / readings a message",
)
@turns_of(1)
@beside_telegraf
@click.option("--without-influxdb", is_flag=True, help="只测到账本 / as far as the ledger only")
@plot_into
@json_at_the_end
def ingest(
    nodes: int,
    each: int,
    pack: int,
    turns: int,
    telegraf: Path | None,
    without_influxdb: bool,
    plot: Path | None,
    as_json: bool,
) -> None:
    """读数 QoS 1 到账本和 InfluxDB，落盘后确认 / readings at QoS 1, acknowledged from disk."""
    with_influxdb = not without_influxdb
    measured = measure(nodes, each, with_influxdb, click.echo, pack, turns, telegraf)
    for line in _table(measured):
        click.echo(line)
    if plot is not None:
        title = f"CPU / 读数 a reading; 每条 {pack} 个 / {pack} a message"
        draw(plot, title, "us", measured.costs())
    if as_json:
        click.echo(measured.as_json())


def _table(measured: Measured) -> list[str]:
    qos0_ratio = measured.ledger_rate / measured.mosquitto_sub_qos0_rate
    rows = [
        f"mosquitto_sub            {measured.mosquitto_sub_rate:>10,.0f} /s",
        f"mosquitto_sub, QoS 0     {measured.mosquitto_sub_qos0_rate:>10,.0f} /s   "
        f"账本+确认 / ledger + ack x{qos0_ratio:.2f}",
        f"账本+确认 / ledger + ack  {measured.ledger_rate:>10,.0f} /s   x{measured.ratio:.2f}",
    ]
    if measured.view_rate is not None:
        ratio = measured.view_rate / measured.mosquitto_sub_rate
        rows.append(f"到 InfluxDB / in InfluxDB {measured.view_rate:>9,.0f} /s   x{ratio:.2f}")
    if measured.raw_influxdb_rate is not None:
        raw, share = measured.raw_influxdb_rate, measured.view_ratio or 0.0
        rows.append(f"InfluxDB alone           {raw:>10,.0f} /s   x{share:.2f} 到达 / reached")
    if measured.peer_rate is not None:
        ratio, lost = measured.peer_rate / measured.mosquitto_sub_rate, measured.readings
        lost -= measured.peer_stored
        rows.append(
            f"Telegraf                 {measured.peer_rate:>10,.0f} /s   x{ratio:.2f}   "
            f"{measured.peer_us:.1f} CPU us/读数 a reading; 没存下 / not stored {lost:,}"
        )
    alone = measured.mosquitto_alone_us
    rows.append(f"mosquitto + mosquitto_sub {alone:>9.1f} CPU us/读数 a reading")
    rows.append("")
    rows.append("进程 process   CPU us/读数   USS MiB   PSS MiB   字节 bytes/读数")
    for name, usage in measured.usage.items():
        rows.append(
            f"{name:<12} {1e6 * usage.cpu_s / measured.readings:>12.1f} "
            f"{usage.peak_own_bytes / MIB:>9.1f} {usage.peak_shared_bytes / MIB:>9.1f} "
            f"{usage.written_bytes / measured.readings:>14.1f}"
        )
    ours = [measured.usage[name] for name in OURS if name in measured.usage]
    rows.append(
        f"{'heatward':<12} {1e6 * sum(u.cpu_s for u in ours) / measured.readings:>12.1f} "
        f"{sum(u.peak_own_bytes for u in ours) / MIB:>9.1f} "
        f"{sum(u.peak_shared_bytes for u in ours) / MIB:>9.1f} "
        f"{sum(u.written_bytes for u in ours) / measured.readings:>14.1f}"
    )
    if measured.resent:
        rows.append(f"重发 / bursts sent again: {measured.resent}")
    return rows
