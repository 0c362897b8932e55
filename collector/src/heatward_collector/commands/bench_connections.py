"""``heatward bench connections``: how many nodes one broker carries."""

from __future__ import annotations

import click

from heatward_collector.bench.connections import measure
from heatward_collector.commands.bench_options import json_at_the_end, turns_of


@click.command()
@click.option("--nodes", type=click.IntRange(1, 50_000), default=1_000, show_default=True)
@turns_of(3)
@json_at_the_end
def connections(nodes: int, turns: int, as_json: bool) -> None:
    """节点的 TLS 连接在代理上的开销，与普通 TCP 相比 / a node's TLS at the broker, beside TCP."""
    measured = measure(nodes, turns, click.echo)
    click.echo("每个连接 / a connection          TCP        TLS")
    for name, plain, tls in (
        ("内存 / memory, KB", measured.plain.bytes / 1e3, measured.tls.bytes / 1e3),
        ("连上 / connecting, CPU us", measured.plain.connect_us, measured.tls.connect_us),
        ("心跳 / sign of life, CPU us", measured.plain.ping_us, measured.tls.ping_us),
    ):
        click.echo(f"{name:<26} {plain:>10,.1f} {tls:>10,.1f}   x{tls / plain:.1f}")
    click.echo(
        f"十万个节点 / 100,000 nodes, TLS: {measured.gigabytes_of_100_000:.1f} GB, "
        f"{measured.cores_of_100_000:.3f} 核 / cores, "
        f"代理重启后 CPU / CPU after a restart {measured.seconds_of_100_000:,.0f} s"
    )
    if as_json:
        click.echo(measured.as_json())
