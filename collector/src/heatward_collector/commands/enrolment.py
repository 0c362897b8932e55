"""``heatward enrolment``: the certificate authority of nodes, and Mosquitto's configuration."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from heatward_collector.config import Config
from heatward_collector.enrolment import Authority, Certificate
from heatward_collector.enrolment.authority import utc
from heatward_collector.enrolment.broker import write_broker
from heatward_collector.enrolment.checkpoints import Outcome, verify_checkpoints
from heatward_collector.enrolment.one_port import write_one_port
from heatward_collector.enrolment.roll_call import call_roll
from heatward_collector.enrolment.service import districts_of, open_office, refresh_access
from heatward_collector.ledger import LedgerReader
from heatward_collector.registry import open_registry
from heatward_node.errors import ConfigurationError
from heatward_node.remote_settings import LOG_LEVELS

from .configuration import config_option, load_config


@click.group()
def enrolment() -> None:
    """节点的证书：建立机构、列出、吊销 / certificates of nodes: found, list, revoke."""


@enrolment.command()
@config_option
def init(config_file: Path | None) -> None:
    """建立证书机构，写出 Mosquitto 配置 / found the authority, write Mosquitto's configuration.

    可以重复运行 / may be run again: what is there stays.
    """
    config = load_config(config_file)
    folder, name = config.enrolment.directory, named(config)
    now = utc(time.time())
    Authority.found(folder, now).keep_own(name, now)
    write_broker_files(config)
    click.echo(f"证书机构 / authority: {folder}")
    click.echo(
        "私钥 ca.key 请备份到离线介质 / back up its key, ca.key, to a place off this machine"
    )
    click.echo("让 Mosquitto 能读它的配置 / let Mosquitto read its configuration:")
    click.echo(f"  chgrp -R mosquitto {config.enrolment.broker.resolve()}")
    click.echo("在 mosquitto.conf 加一行 / add to mosquitto.conf:")
    click.echo(f"  include_dir {(config.enrolment.broker / 'conf.d').resolve()}")
    if config.enrolment.public_port:
        click.echo("用 nginx 分流节点的一个端口 / let nginx part the one port of nodes:")
        click.echo("  firmware-config/broker/heatward-nodes.service")
    click.echo("在汇集端配置里写 / write into the collector's configuration:")
    client = (folder / "collector.pem").resolve()
    click.echo(
        f'  [mqtt]\n  url = "mqtts://{name}:{config.enrolment.nodes_mqtt_port}"\n'
        f'  ca_file = "{(folder / "ca.pem").resolve()}"\n'
        f'  certificate_file = "{client}"\n  key_file = "{client}"'
    )


@enrolment.command()
@config_option
def broker(config_file: Path | None) -> None:
    """重写 Mosquitto 配置（新增区或节点之后）/ write Mosquitto's configuration again."""
    config = load_config(config_file)
    now = utc(time.time())
    for one in Authority(config.enrolment.directory).keep_own(named(config), now):
        click.echo(f"新证书 / new certificate: {one}")
    click.echo(str(write_broker_files(config)))


@enrolment.command("list")
@click.option("--all", "shows_all", is_flag=True, help="连同已吊销的 / revoked ones too")
@config_option
def list_(config_file: Path | None, shows_all: bool) -> None:
    """列出证书，先到期的在前 / list certificates, those that run out first at the top."""
    office = open_office(load_config(config_file))
    shown = [one for one in office.book.certificates() if shows_all or one.revoked_s is None]
    for one in sorted(shown, key=lambda certificate: certificate.ends_s):
        click.echo(_line(one))
    for one in office.expiring():
        days = (one.ends_s - time.time()) / 86_400
        click.echo(f"! {one.node}: 还有 {days:.0f} 天到期 / runs out in {days:.0f} days")


@enrolment.command()
@click.argument("node")
@click.option("--reason", default="withdrawn", show_default=True)
@config_option
def revoke(config_file: Path | None, node: str, reason: str) -> None:
    """吊销一个节点的证书和启用码 / shut a node out: its certificates and its codes."""
    config = load_config(config_file)
    office = open_office(config)
    count = office.revoke(node, reason)
    refresh_access(config, office)
    click.echo(f"{node}: 已吊销 / revoked {count}")
    click.echo("请运行 / now run: systemctl reload mosquitto")


@enrolment.command("logging")
@click.argument("node")
@click.argument("level", type=click.Choice(sorted(LOG_LEVELS)))
@config_option
def log_level(config_file: Path | None, node: str, level: str) -> None:
    """让一个节点多记或少记日志，一天内生效 / let a node log more or less, within a day."""
    open_office(load_config(config_file)).book.set_log_level(node, level)
    click.echo(f"{node}: {level}")


@enrolment.command("roll")
@config_option
def roll_call(config_file: Path | None) -> None:
    """供热期前点名：每个登记的节点是否就绪 / is every registered node ready for the season?

    有没就绪的返回 1 / 1 where one is not.
    """
    config = load_config(config_file)
    answers = call_roll(config, open_office(config), time.time())
    for one in answers:
        version = f"  [{one.version}]" if one.version else ""
        click.echo(f"{'✓' if one.is_ready else '✗'} {one.node}{version}  {one.zh} / {one.en}")
    ready = sum(one.is_ready for one in answers)
    click.echo(f"就绪 / ready: {ready} / {len(answers)}")
    raise SystemExit(int(ready < len(answers)))


@enrolment.command()
@config_option
def checkpoints(config_file: Path | None) -> None:
    """通读账本，核对节点签名的检查点 / hold what nodes signed against the whole ledger.

    有不符返回 1 / 1 where something does not fit.
    """
    config = load_config(config_file)
    office = open_office(config)
    reader = LedgerReader(config.state.ledger)
    report = verify_checkpoints(reader, office.book.certificates())
    for outcome in Outcome:
        click.echo(f"{outcome.value}: {report.outcomes[outcome]}")
    for problem in report.problems:
        click.echo(f"! {problem}")
    raise SystemExit(int(bool(report.problems)))


def named(config: Config) -> str:
    """Return the name under which nodes reach the collector. Raises ConfigurationError."""
    name = config.enrolment.name
    if name is None:
        problem = "enrolment.name 没有设置：节点连接的域名 / is not set: the name nodes connect to"
        raise ConfigurationError("configuration", [problem])
    return name


def write_broker_files(config: Config) -> Path:
    """Write Mosquitto's configuration for the nodes that are registered now."""
    settings = config.enrolment
    nodes = len(open_registry(config).nodes())
    office = open_office(config)
    districts = districts_of(config)
    mosquitto = write_broker(
        office, settings.broker, districts, nodes, settings.host, settings.mqtt_port
    )
    inside = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host
    broker_at, door_at = f"{inside}:{settings.mqtt_port}", f"{inside}:{settings.port}"
    write_one_port(settings.broker, settings.public_port, broker_at, door_at, nodes)
    return mosquitto


def _line(one: Certificate) -> str:
    ends = datetime.fromtimestamp(one.ends_s, UTC).date()
    state = "" if one.revoked_s is None else f"  已吊销 / revoked: {one.reason}"
    return f"{one.node}  {ends}  {one.serial}{state}"
