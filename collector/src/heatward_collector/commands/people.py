"""``heatward people``: accounts, one-time links, tokens of machines, residents' links, the log."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from heatward_collector.accounts import SCOPES, Accounts, Person, Role, Viewer
from heatward_collector.accounts.residents import new_resident, renewed
from heatward_collector.commands.configuration import config_option, load_config
from heatward_collector.config import Config
from heatward_collector.errors import AccountRefused
from heatward_collector.registry import open_registry
from heatward_collector.rules import load_standard

MOST_DEEDS = 50
FIRST = "operator"
"""Login name of the account that a first start makes."""


@click.group()
def people() -> None:
    """账号与角色 / accounts and roles of those who use the pages."""


@people.command("list")
@config_option
def list_people(config_file: Path | None) -> None:
    """列出账号 / list the accounts."""
    for one in _accounts(load_config(config_file)).people.all():
        state = "" if one.is_active else "  已停用 / closed"
        login = one.id if one.role is Role.RESIDENT else one.login
        click.echo(f"{one.role.value:10} {one.scope:16} {login:20} {one.name}{state}")


@people.command()
@config_option
@click.option("--role", type=click.Choice([role.value for role in SCOPES]), required=True)
@click.option("--scope", default="", help="区、街道、小区、供热单位或户的编号 / id of the place")
@click.option("--name", required=True, help="姓名 / name")
@click.argument("login", required=False, default="")
def add(config_file: Path | None, role: str, scope: str, name: str, login: str) -> None:
    """新建账号，给出一次性链接 / make an account and print its one-time link.

    居民不用登录名 / residents need no LOGIN: they get a personal link and a code.
    """
    config = load_config(config_file)
    accounts = _accounts(config)
    kind = SCOPES[Role(role)]
    if kind is not None and scope not in open_registry(config).directory().tables[kind]:
        raise AccountRefused(f"登记表里没有 / the registry has no {kind} {scope!r}")
    if Role(role) is Role.RESIDENT:
        link, code, person = new_resident(accounts.people, scope, name)
        _note(accounts, "people add", person)
        _say_slip(config, link, code)
        return
    person = accounts.people.add(login, name, Role(role), scope)
    _note(accounts, "people add", person)
    _say_link(config, accounts, person)


@people.command()
@config_option
@click.argument("login")
def link(config_file: Path | None, login: str) -> None:
    """新的一次性链接，用来设置密码 / a new one-time link to choose a password."""
    config = load_config(config_file)
    accounts = _accounts(config)
    person = _found(accounts, login)
    _note(accounts, "people link", person)
    if person.role is Role.RESIDENT:
        _say_slip(config, person.login, renewed(accounts.people, person))
    else:
        _say_link(config, accounts, person)


@people.command()
@config_option
@click.option("--open", "reopen", is_flag=True, help="重新启用 / open it again")
@click.argument("login")
def close(config_file: Path | None, reopen: bool, login: str) -> None:
    """停用账号，立即退出登录 / close an account, everywhere and at once."""
    accounts = _accounts(load_config(config_file))
    person = _found(accounts, login)
    accounts.people.disable(person.id, not reopen)
    _note(accounts, "people close --open" if reopen else "people close", person)


@people.command()
@config_option
@click.argument("login")
@click.argument("name")
def token(config_file: Path | None, login: str, name: str) -> None:
    """给程序用的令牌，只显示一次 / a token for a program (NAME), shown once."""
    accounts = _accounts(load_config(config_file))
    person = _found(accounts, login)
    if person.role is Role.RESIDENT:
        raise AccountRefused("居民没有令牌 / residents have no tokens")
    _note(accounts, "people token", person)
    click.echo(accounts.sessions.new_token(person.id, name))


@people.command()
@config_option
@click.option("--most", type=click.IntRange(1, 10_000), default=MOST_DEEDS, show_default=True)
def log(config_file: Path | None, most: int) -> None:
    """操作日志，最新的在前 / who changed or exported what, newest first."""
    config = load_config(config_file)
    zone = ZoneInfo(load_standard(config.rules.city, config.rules.file).timezone)
    for deed in _accounts(config).audit.newest(most):
        when = datetime.fromtimestamp(deed.time_s, zone).strftime("%Y-%m-%d %H:%M:%S")
        click.echo(f"{when}  {deed.role.value:10} {deed.name}  {deed.action}  {deed.target}")


def first_link(config: Config) -> str | None:
    """Return the one-time link of the first operator while nobody can sign in, else None."""
    accounts = _accounts(config)
    if config.demo or accounts.people.anyone_can_sign_in():
        return None
    held = [one for one in accounts.people.all() if one.role is Role.OPERATOR and one.is_active]
    first = held[0] if held else accounts.people.add(FIRST, FIRST, Role.OPERATOR)
    return f"{config.web.address}/invitation/{accounts.people.invite(first.id)}"


def _accounts(config: Config) -> Accounts:
    return Accounts(open_registry(config), time.time)


def _found(accounts: Accounts, login: str) -> Person:
    person = accounts.people.find(login)
    if person is None:
        raise AccountRefused(f"没有这个账号 / no such account: {login}")
    return person


def _note(accounts: Accounts, action: str, person: Person) -> None:
    """Write down what somebody with a shell on this machine did."""
    shell = Viewer(Role.OPERATOR, name="heatward people")
    accounts.audit.note(shell, action, f"{person.role.value} {person.id}")


def _say_link(config: Config, accounts: Accounts, person: Person) -> None:
    click.echo(f"{config.web.address}/invitation/{accounts.people.invite(person.id)}")
    click.echo("72 小时内有效，只能用一次 / works once, within 72 hours", err=True)


def _say_slip(config: Config, link: str, code: str) -> None:
    click.echo(f"{config.web.address}/r/{link}")
    click.echo(f"代码 / code: {code}")
