"""``heatward torture``: faults on the whole line with real servers; are the books still right?"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import click

from heatward_collector.errors import HeatwardError
from heatward_collector.torture import report
from heatward_collector.torture.campaign import (
    Plan,
    Results,
    play,
    play_virtual,
    totals,
    virtual_plan,
)
from heatward_collector.torture.catalogue import CATALOGUE, count_built
from heatward_collector.torture.disk.crash_subjects import SUBJECTS
from heatward_collector.torture.disk.power_cuts import cut_everywhere
from heatward_collector.torture.disk.tampering import timed
from heatward_collector.torture.fault_words import CAMPAIGNS, CHINESE
from heatward_collector.torture.inputs.malformed_inputs import feed
from heatward_collector.torture.kills.kill_rounds import KILL_RUNS
from heatward_collector.torture.load.overload import FLOOD_TIMES, TIMES, flood
from heatward_collector.torture.load.overload import overload as overloaded
from heatward_collector.torture.plays import KILLS, PLAYED, PLAYS, QUICK
from heatward_collector.torture.runs import Outcome, commit
from heatward_collector.torture.virtual_days.virtual import DAYS

DEFAULT_FOLDER = Path("heatward-torture")
SHOWN_PROBLEMS = 3
SHOWN_SEEDS = 20


class Seeds(click.ParamType[range]):
    """``A:B``, seeds from A to B - 1; or a single seed."""

    name = "A:B"

    def convert(
        self, value: object, parameter: click.Parameter | None, context: click.Context | None
    ) -> range:
        """Return the range that a text names."""
        if isinstance(value, range):
            return value
        first, colon, end = str(value).partition(":")
        try:
            seeds = range(int(first), int(end) if colon else int(first) + 1)
        except ValueError:
            self.fail(f"{value!r}: 应为 A:B / must be A:B", parameter, context)
        if not seeds or seeds.start < 0:
            self.fail(f"{value!r}: 没有种子 / holds no seed", parameter, context)
        return seeds


@click.command()
@click.option("--quick", is_flag=True, help="12 种故障 x 3 个种子 / 12 faults x 3 seeds")
@click.option("--full", is_flag=True, help="全部故障 x 10 个种子 / all faults x 10 seeds")
@click.option(
    "--kills", is_flag=True, help="kill -9: ingest 1,000 次，其余各 200 次 / each other process 200"
)
@click.option("--faults", help="逗号分隔 / by number, separated by commas, as --list shows them")
@click.option("--seeds", type=Seeds(), help="A 至 B-1 / from A to B - 1")
@click.option("--resume", is_flag=True, help="同一源码已有结果的不再跑 / skip what is known")
@click.option(
    "--lines", type=click.IntRange(1, 16), default=2, show_default=True, help="并排几条线 / at once"
)
@click.option(
    "--patience",
    type=click.FloatRange(1, 20),
    default=1.0,
    show_default=True,
    help="机器繁忙时放宽等待 / multiplies every wait, for a machine that has other work",
)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_FOLDER,
    show_default=True,
    help="结果与报告 / results, report, and the folders of runs that went wrong",
)
@click.option(
    "--tamper",
    type=click.IntRange(1),
    help="篡改账本副本几次 / so many alterations of a ledger copy",
)
@click.option(
    "--power-cuts", is_flag=True, help="在每次写盘处断电 / cut the power at every write (strace)"
)
@click.option(
    "--virtual", is_flag=True, help="虚拟时间：每个种子 3 天 6 间 / 3 days x 6 rooms a seed"
)
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=DAYS,
    show_default=True,
    help="与 --virtual 合用：天数 / with --virtual: how many days, 180 for a season",
)
@click.option(
    "--malformed",
    type=click.IntRange(1),
    help="给每个读入口喂几个坏输入 / so many malformed inputs to all readers",
)
@click.option(
    "--overload",
    type=click.FloatRange(1),
    help="五倍负荷、单节点百倍各几秒 / seconds of 5 x, then of a node at 100 x",
)
@click.option("--list", "is_list", is_flag=True, help="列出目录 / show the catalogue of faults")
def torture(
    quick: bool,
    full: bool,
    kills: bool,
    faults: str | None,
    seeds: range | None,
    resume: bool,
    lines: int,
    patience: float,
    folder: Path,
    tamper: int | None,
    power_cuts: bool,
    virtual: bool,
    days: int,
    malformed: int | None,
    overload: float | None,
    is_list: bool,
) -> None:
    """在真实服务器上注入故障，核对账目 / faults on real servers, then the books are checked."""
    if is_list:
        _show_catalogue()
        return
    if tamper is not None:
        raise SystemExit(_tamper(tamper, (seeds or range(1)).start))
    if malformed is not None:
        raise SystemExit(_feed(malformed, (seeds or range(1)).start))
    if overload is not None:
        raise SystemExit(_overload(overload))
    if virtual:
        plan = virtual_plan(seeds or range(10), days, lines)
        raise SystemExit(_live(plan, Results(folder), resume))
    if power_cuts:
        raise SystemExit(_cut_power(seeds or range(1)))
    names = list(KILLS) if kills else _names(faults, quick, full)
    usual = range(max(KILL_RUNS.values()) if kills else 10 if full else 3)
    plan = Plan(names, seeds or usual, lines, patience, KILL_RUNS)
    began, under_test = time.monotonic(), commit()
    click.echo(f"提交 / commit {under_test}; {len(plan.runs())} 次 / runs", err=True)
    with click.progressbar(length=len(plan.runs()), label="torture") as bar:
        outcomes = play(plan, Results(folder), resume, lambda one: _advance(bar, one))
    wall_s = time.monotonic() - began
    for line in _told(outcomes):
        click.echo(line)
    sums = totals(outcomes)
    words = ", ".join(f"{sums.get(key, 0):,} {text}" for key, text in report.COUNTED.items())
    click.echo(f"{under_test}: {len(outcomes)} 次 / runs, {wall_s:.0f} s; {words}")
    if killed := report.kills(sums):
        click.echo(f"kill -9: {killed}")
    click.echo(report.write(folder, outcomes, under_test, wall_s, time.time()))
    raise SystemExit(0 if all(one.is_right for one in outcomes) else 1)


def _live(plan: Plan, results: Results, is_resumed: bool) -> int:
    """Play seeds on virtual time; return the exit code."""
    began = time.monotonic()
    with click.progressbar(length=len(plan.runs()), label="virtual") as bar:
        outcomes = play_virtual(plan, results, is_resumed, lambda one: _advance(bar, one))
    wrong = [str(one.seed) for one in outcomes if not one.is_right]
    sums = totals(outcomes)
    words = ", ".join(f"{sums.get(key, 0):,} {text}" for key, text in report.LIVED.items())
    cpu_s = sums.get("cpu_milliseconds", 0) / 1000 / len(outcomes)
    click.echo(
        f"{commit()}: {len(outcomes):,} 个种子 / seeds of {plan.faults[0]} d; {words}; "
        f"{len(wrong)} 不对 / wrong ({', '.join(wrong[:SHOWN_SEEDS])}), "
        f"{time.monotonic() - began:.0f} s, {cpu_s:.2f} s CPU 每个种子 / a seed"
    )
    return 0 if not wrong else 1


def _feed(count: int, seed: int) -> int:
    """Feed malformed inputs to every reader; return the exit code."""
    with click.progressbar(length=count, label="malformed") as bar:
        fed = feed(count, seed, bar.update)
    for name, given in fed.given.items():
        speed = given / max(fed.seconds[name], 1e-6)
        click.echo(
            f"  {name:<16} {given:>9,} 个 / given, {fed.refused[name]:>9,} 拒收 / refused, "
            f"{speed:,.0f}/s"
        )
    for one in fed.crashes[:SHOWN_PROBLEMS]:
        click.echo(f"✗ {one}")
    seconds = sum(fed.seconds.values())
    click.echo(
        f"{commit()}: {fed.given.total():,} 个坏输入 / malformed inputs, {fed.refused.total():,} "
        f"拒收 / refused, {fed.crashed} 崩溃 / crashes, {seconds:.0f} s"
    )
    return 0 if not fed.crashed else 1


def _overload(seconds: float) -> int:
    """Let all nodes, then one of them, speak far too often; return the exit code."""
    wrong = 0
    for words, played in ((f"x{TIMES}", overloaded), (f"1 x{FLOOD_TIMES}", flood)):
        with click.progressbar(length=round(seconds), label=words) as bar:
            found = played(seconds, tell=bar.update)
        lags = "; ".join(
            f"p50 {one['p50']:.2f} s, p99 {one['p99']:.2f} s, {one['most']:.2f} s"
            for one in found.lags_s
        )
        sizes = ", ".join(f"{name} {size >> 20} MiB" for name, size in found.peak_bytes.items())
        click.echo(
            f"{words}: {found.readings:,} 读数 / readings, {found.seconds:.0f} s; 落盘确认 / until "
            f"the ack: {lags}; 补完 / gone after {found.drained_s:.1f} s; 重发 / sent again "
            f"{found.resent}; {sizes}"
        )
        for problem in found.problems:
            click.echo(f"✗ {problem}")
        wrong += len(found.problems)
    click.echo(f"{commit()}: {wrong} 不对 / wrong")
    return 0 if wrong == 0 else 1


def _tamper(count: int, seed: int) -> int:
    """Alter copies of a ledger; return the exit code."""
    with click.progressbar(length=count, label="tamper") as bar:
        result, seconds = timed(count, seed, lambda: bar.update(1))
    for kind, done in sorted(result.done.items()):
        harmless = result.harmless[kind]
        more = f", {harmless} 未改内容 / changed nothing that is read" if harmless else ""
        click.echo(f"  {kind:<18} {done:>6} 次 / done, {result.named[kind]} 指出 / named{more}")
    for one in result.missed[:SHOWN_PROBLEMS]:
        click.echo(f"✗ {one}")
    total, missed = result.done.total(), len(result.missed)
    click.echo(
        f"{commit()}: {total:,} 次篡改 / alterations, {missed} 未发现 / missed, {seconds:.0f} s"
    )
    return 0 if result.is_right else 1


def _cut_power(seeds: range) -> int:
    """Cut the power of every program at every write; return the exit code."""
    broken = 0
    for name in SUBJECTS:
        cut = cut_everywhere(name, seeds)
        calls = ", ".join(f"{count} {kind}" for kind, count in sorted(cut.by_kind.items()))
        click.echo(
            f"{name}: {calls}; {cut.states} 种盘面 / states of the disk, "
            f"{len(cut.broken)} 失信 / broken"
        )
        for one in cut.broken[:SHOWN_PROBLEMS]:
            click.echo(f"✗ {one}")
        broken += len(cut.broken)
    return 0 if broken == 0 else 1


def _names(faults: str | None, quick: bool, full: bool) -> list[str]:
    if faults is not None:
        names = [one.strip() for one in faults.split(",")]
        unknown = [one for one in names if one not in PLAYED]
        if unknown:
            raise HeatwardError(
                f"{', '.join(unknown)}: 这里不跑 / not played here; 见 / see: "
                f"heatward torture --list"
            )
    elif quick == full:
        raise HeatwardError("请选 / name one: --quick, --full, --faults F1,F3")
    else:
        names = list(QUICK if quick else PLAYS)
    if os.geteuid() == 0:
        return names
    left_out = [one for one in names if PLAYED[one].setting.needs_root]
    if left_out:
        click.echo(f"需要 root / need root, left out: {', '.join(left_out)}", err=True)
    return [one for one in names if one not in left_out]


def _advance(bar: object, outcome: Outcome) -> None:
    bar.update(1)  # type: ignore[attr-defined]
    if not outcome.is_right:
        click.echo(f"\n{outcome.fault} {outcome.seed}: {outcome.problems[0][:300]}", err=True)


def _told(outcomes: list[Outcome]) -> Iterator[str]:
    for one in outcomes:
        if one.is_right:
            continue
        yield f"✗ {one.fault} seed {one.seed} ({one.seconds:.1f} s)"
        yield from (f"    {problem[:2000]}" for problem in one.problems[:SHOWN_PROBLEMS])


def _show_catalogue() -> None:
    for fault in CATALOGUE:
        where = fault.elsewhere or report.WORDS[fault.where]
        mark = "*" if fault.number in QUICK else " "
        what = f"{CHINESE[fault.number]} / {fault.what}"
        click.echo(f"{fault.number:<4}{mark} {what}\n        {fault.shows}; {where}")
    for name, words in CAMPAIGNS.items():
        click.echo(f"{name:<6}{words}\n        heatward torture --kills")
    built = ", ".join(f"{count} {report.WORDS[where]}" for where, count in count_built().items())
    click.echo(f"* --quick; {built}")
