"""``heatward case``: the cases, and what people do to them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from heatward_collector.alerts.texts import situation, title
from heatward_collector.alerts.words import EVENTS, STATES
from heatward_collector.cases.desk import DEEDS, Desk
from heatward_collector.cases.explained import differences
from heatward_collector.cases.folded_again import found_twice, lines_of
from heatward_collector.cases.process import secretary_of
from heatward_collector.cases.store import CaseStore
from heatward_collector.commands.configuration import config_option, load_config
from heatward_collector.config import Config
from heatward_collector.core.cases import Case
from heatward_collector.errors import CaseRefused
from heatward_collector.explain.measures import clock
from heatward_collector.explain.names import Names
from heatward_collector.locale import Texts, terminal_texts
from heatward_collector.registry import open_registry
from heatward_collector.rules import load_standard
from heatward_collector.running.event_clock import clock_of

number_argument = click.argument("number", type=click.IntRange(1))


@click.group()
def case() -> None:
    """案件：列出、查看、办理、复核 / cases: list, show, act on, explain."""


@case.command("list")
@click.option("--all", "with_closed", is_flag=True, help="也列出已结案的 / closed ones too")
@config_option
def list_(config_file: Path | None, with_closed: bool) -> None:
    """列出案件 / list the cases."""
    config, say = load_config(config_file), terminal_texts()
    registry = open_registry(config)
    names, zone = Names(registry.directory()), _zone(config)
    cases = CaseStore(registry.database).cases(live_only=not with_closed)
    for one in cases:
        click.echo(_line(one, names, zone, say))
    if not cases:
        click.echo("没有案件 / no cases")


@case.command()
@number_argument
@config_option
def show(config_file: Path | None, number: int) -> None:
    """显示一个案件和它的经过 / show a case with its history."""
    config, say = load_config(config_file), terminal_texts()
    registry = open_registry(config)
    found, zone = _case(CaseStore(registry.database), number), _zone(config)
    click.echo(_line(found, Names(registry.directory()), zone, say))
    for event in found.history:
        words = " ".join(one for one in (event.by, event.reason) if one)
        click.echo(f"  {clock(event.at_s, zone, say)}  {say(EVENTS[event.what])}  {words}")


@case.command("do")
@number_argument
@click.argument("deed", type=click.Choice(sorted(DEEDS)))
@click.option("--by", required=True, help="办理人 / who does it")
@click.option("--reason", default="", help="原因、说明 / why")
@click.option("--home", "homes", multiple=True, help="同意告知地址的户 / home that consents")
@config_option
def do_(
    config_file: Path | None, number: int, deed: str, by: str, reason: str, homes: tuple[str, ...]
) -> None:
    """办理案件 / act on a case.

    \b
    acknowledge 签收   dispatch 派单（告知供热单位）  measured 已到场测温
    dispute 异议       claim 称已修复                 close 人工结案（须有原因）
    consent 住户同意告知地址                          note 备注
    """
    config, say = load_config(config_file), terminal_texts()
    registry = open_registry(config)
    desk = Desk(CaseStore(registry.database), secretary_of(config, registry), clock_of(config))
    found = desk.do(number, deed, by, reason, homes)
    click.echo(_line(found, Names(registry.directory()), _zone(config), say))


@case.command()
@number_argument
@click.option(
    "--fold/--no-fold",
    default=True,
    help="是否用整个账本重新检测 / whether to look for findings in the whole ledger again",
)
@config_option
def explain(config_file: Path | None, number: int, fold: bool) -> None:
    """用当时和现在的规则、校准、安装各判一次 / judge it as known then, and as known now."""
    config = load_config(config_file)
    store = CaseStore(open_registry(config).database)
    found = _case(store, number)
    for line in differences(config, store, found):
        click.echo(line)
    if not fold:
        return
    click.echo("重新检测整个账本…… / looking through the whole ledger again...", err=True)
    for line in lines_of(found_twice(config, store, found), _zone(config)):
        click.echo(line)


@case.command("season")
@click.option("--events", type=click.IntRange(1, 60), default=30, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def season_(events: int, seed: int) -> None:
    """模拟一个供热期，核对每个发现恰好一案 / check in a simulated season: one case a finding."""
    from heatward_collector.score.case_season import follow, simulated

    with tempfile.TemporaryDirectory(prefix="heatward-season-") as folder:
        found = follow(simulated(seed, events), Path(folder))
    for note in found.notes:
        click.echo(note)
    click.echo(
        f"事件 / events: {found.events}; 属实的发现 / true findings: {found.true_findings}; "
        f"恰好一案 / in one case: {found.answered_once}; "
        f"责任人正确 / right officer: {found.right_officer}\n"
        f"案件 / cases: {found.cases}; 实测恢复结案 / closed: {found.closed}; "
        f"室温仍不达标 / still cold: {found.still_cold}; "
        f"无故未结 / open without reason: {found.open_without_reason}; "
        f"误立 / of nuisances: {found.of_nuisances}; 室温不达标 / of cold rooms: {found.of_cold}"
    )
    raise SystemExit(0 if found.is_right else 1)


def _case(store: CaseStore, number: int) -> Case:
    found = store.case(number)
    if found is None:
        raise CaseRefused(f"没有 {number} 号案件 / there is no case {number}")
    return found


def _line(one: Case, names: Names, zone: ZoneInfo, say: Texts) -> str:
    when = situation(one, zone, say)
    return f"{one.number:>5}  {say(STATES[one.state])}  {title(one, names, say)}  ({when})"


def _zone(config: Config) -> ZoneInfo:
    return ZoneInfo(load_standard(config.rules.city, config.rules.file).timezone)
