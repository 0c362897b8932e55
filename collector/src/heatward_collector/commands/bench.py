"""``heatward bench``: what this machine carries, and what survives a kill."""

from __future__ import annotations

import signal

import click

from heatward_collector.bench.backfill import measure as measure_backfill
from heatward_collector.bench.judging import measure as measure_judging
from heatward_collector.bench.kill import measure as measure_kill
from heatward_collector.bench.notify import measure as measure_notify
from heatward_collector.bench.pages import measure as measure_pages
from heatward_collector.bench.refund import measure as measure_refund
from heatward_collector.bench.sealed import measure as measure_sealed
from heatward_collector.commands.bench_connections import connections
from heatward_collector.commands.bench_endurance import endurance
from heatward_collector.commands.bench_growth import growth
from heatward_collector.commands.bench_ingest import ingest
from heatward_collector.commands.bench_node import node
from heatward_collector.commands.bench_options import json_at_the_end
from heatward_collector.commands.bench_outage import outage
from heatward_collector.commands.bench_query import query
from heatward_collector.commands.bench_registry import registry
from heatward_collector.commands.bench_restart import restart
from heatward_collector.commands.bench_seasons import seasons
from heatward_collector.commands.bench_watch import watch

MIB = 2**20


@click.group()
@click.pass_context
def bench(context: click.Context) -> None:
    """测量本机 / measure this machine."""
    # As after Ctrl-C: the servers that a bench has started are stopped on the way out.
    before = signal.signal(signal.SIGTERM, _end)
    context.call_on_close(lambda: signal.signal(signal.SIGTERM, before))


def _end(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


bench.add_command(ingest)
bench.add_command(outage)
bench.add_command(query)
bench.add_command(node)
bench.add_command(connections)
bench.add_command(registry)
bench.add_command(seasons)
bench.add_command(endurance)
bench.add_command(growth)
bench.add_command(watch)
bench.add_command(restart)


@bench.command()
@click.option("--rooms", type=click.IntRange(10), default=10_000, show_default=True)
@click.option("--days", type=click.IntRange(1), default=1, show_default=True)
@click.option("--rooms-a-node", type=click.IntRange(1), default=2, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="一行 JSON / one JSON line")
def ledger(rooms: int, days: int, rooms_a_node: int, as_json: bool) -> None:
    """封存的账本：每个读数几字节，核验多快 / sealed days: bytes a reading, how fast proved."""
    measured = measure_sealed(rooms, days, rooms_a_node)
    if as_json:
        click.echo(measured.as_json())
        return
    click.echo(
        f"{measured.readings:,} 读数 / readings, {measured.records:,} 条 / records\n"
        f"字节 bytes: {measured.bytes_a_record:.2f} 一条 / a record, "
        f"{measured.bytes_a_reading:.2f} 一个读数 / a reading\n"
        f"每秒 CPU / a second of CPU: 写 write {measured.write_rate:,.0f}, "
        f"核验 verify {measured.verify_rate:,.0f}, 读 read {measured.read_rate:,.0f}; "
        f"SHA-256 {measured.hash_rate:,.0f}"
    )


@bench.command()
@click.option("--rooms", type=click.IntRange(10), default=100_000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="一行 JSON / one JSON line")
def evaluate(rooms: int, as_json: bool) -> None:
    """一天的判定与整块复制相比；窗口的写入和启动 / a day judged beside a copy; ring and start."""
    measured = measure_judging(rooms)
    if as_json:
        click.echo(measured.as_json())
        return
    click.echo(
        f"{measured.rooms:,} 间 / rooms; CPU 秒 / seconds\n"
        f"复制一天 / copy of a day {measured.copy_s:.3f}; "
        f"三次归约 / three reductions {measured.reduced_s:.3f} "
        f"(x{measured.reduced_s / measured.copy_s:.1f}); "
        f"判定一天 / day judged {measured.day_s:.3f} (x{measured.ratio:.1f})\n"
        f"新时段 / new slot {measured.tick_s:.3f}; "
        f"整点 / end of an hour {measured.hour_tick_s:.3f}; "
        f"一个节点补传一天 / late day of a node {measured.late_s:.3f}\n"
        f"一轮读数 / a round of readings {measured.put_s:.3f}; 保存 / saved {measured.save_s:.3f}; "
        f"启动 / start {measured.start_s:.3f}\n"
        f"内存峰值 / peak memory {measured.peak_bytes / MIB:,.0f} MiB"
    )


@bench.command()
@click.option("--nodes", type=click.IntRange(1, 20_000), default=1_000, show_default=True)
@click.option("--live", type=click.IntRange(1, 5_000), default=200, show_default=True)
@click.option(
    "--every", type=click.FloatRange(0.1), default=1.0, show_default=True, help="秒 / seconds"
)
@json_at_the_end
def backfill(nodes: int, live: int, every: float, as_json: bool) -> None:
    """补传一天，其他节点照常 / a day is caught up while other nodes go on."""
    measured = measure_backfill(nodes, live, every, click.echo)
    click.echo(f"补传 / caught up {measured.readings:,}: {measured.rate:,.0f} /s")
    for name, lags in (
        ("平时 / alone", measured.alone_ms),
        ("补传时 / beside it", measured.beside_ms),
    ):
        lag = ", ".join(f"{word} {value:,.0f}" for word, value in lags.items())
        click.echo(f"其他节点的延迟 / lag of the others, ms, {name}: {lag}")
    for name, usage in measured.usage.items():
        click.echo(
            f"{name}: CPU {1e6 * usage.cpu_s / measured.readings:.1f} us/读数 a reading, "
            f"{usage.peak_own_bytes / MIB:.0f} MiB"
        )
    if as_json:
        click.echo(measured.as_json())


@bench.command()
@click.option("--rounds", type=click.IntRange(1), default=200, show_default=True)
@click.option("--nodes", type=click.IntRange(1, 200), default=10, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def kill(rounds: int, nodes: int, seed: int) -> None:
    """反复 kill -9 接收进程，核对无丢失无重复 / kill ingest again and again, count what arrives."""
    with click.progressbar(length=rounds, label="kill -9") as bar:
        killed = measure_kill(rounds, nodes, seed, lambda: bar.update(1))
    click.echo(
        f"杀死 / kills: {killed.kills}; 日志中 / in journals: {killed.written:,}; "
        f"账本中 / in the ledger: {killed.held:,}; 丢失 / lost: {killed.lost}; "
        f"重复 / doubled: {killed.doubled}; 不同 / different: {killed.different}"
    )
    click.echo(f"账本核验 / ledger: {killed.alteration or '完好 / intact'}")
    raise SystemExit(0 if killed.is_even else 1)


@bench.command()
@click.option("--home-days", type=click.IntRange(183), default=1_000_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def refund(home_days: int, seed: int) -> None:
    """一个供热期的退费，从判定库到表格 / a season's refunds, from verdicts to the table."""
    measured = measure_refund(home_days, seed, click.echo)
    rate = measured.home_days / measured.seconds
    click.echo(
        f"户日 / home-days: {measured.home_days:,}; 用时 / took: {measured.seconds:.1f} s "
        f"({rate:,.0f}/s), CPU {measured.cpu_s:.1f} s; "
        f"表 / table: {measured.table_bytes:,} B; {measured.yuan:,.2f} 元 / yuan"
    )


@bench.command()
@click.option("--kills", type=click.IntRange(1), default=1_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def notify(kills: int, seed: int) -> None:
    """反复 kill -9 通知进程，核对不漏、不多 / kill the notifier again and again, count messages."""
    with click.progressbar(length=kills, label="kill -9") as bar:
        killed = measure_notify(kills, seed, lambda: bar.update(1))
    click.echo(
        f"杀死 / kills: {killed.kills}; 消息 / messages: {killed.put:,}; "
        f"遗漏 / missed: {killed.missed}; 重复 / doubled: {killed.doubled}; "
        f"一次最多 / most by one kill: {killed.most_doubled_by_a_kill}; "
        f"编号不符 / other ids: {killed.strange}"
    )
    raise SystemExit(0 if killed.is_right else 1)


@bench.command()
@click.option("--buildings", type=click.IntRange(1, 50_000), default=10_000, show_default=True)
@click.option(
    "--requests",
    type=click.IntRange(2),
    default=500,
    show_default=True,
    help="每种页面 / for every kind of page",
)
@click.option("--seed", type=int, default=1, show_default=True)
def pages(buildings: int, requests: int, seed: int) -> None:
    """大城市的网页要等多久，同时在接收读数 / how long pages of a city take while readings come."""
    measured = measure_pages(buildings, requests, seed, click.echo)
    where = "一个核上 / on one core" if measured.one_core else "不限核 / on any core"
    click.echo(
        f"{measured.buildings:,} 栋 / buildings, {measured.rooms:,} 间 / rooms; "
        f"{where}; 接收 / ingest {measured.readings_a_second:.0f}/s"
    )
    click.echo("毫秒 ms    p50    p95    p99   最大 max    CPU   KiB")
    for one in measured.answers:
        p50, p95, p99 = (one.percentile(share) for share in (0.50, 0.95, 0.99))
        click.echo(
            f"       {p50:>7.1f}{p95:>7.1f}{p99:>7.1f}{max(one.milliseconds):>11.1f}"
            f"{one.cpu_milliseconds:>7.1f}{one.largest_bytes / 1024:>6.0f}   {one.name}"
        )
