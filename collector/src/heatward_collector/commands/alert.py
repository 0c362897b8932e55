"""``heatward alert``: whether messages arrive."""

from __future__ import annotations

import time
from pathlib import Path

import click

from heatward_collector.alerts.addresses import read_addresses
from heatward_collector.alerts.channels import open_channels
from heatward_collector.alerts.message import INBOX, Message, Text
from heatward_collector.alerts.outbox import Outbox, put
from heatward_collector.commands.configuration import config_option, load_config
from heatward_collector.core.cases.telling import Policy
from heatward_collector.locale import CHINESE
from heatward_collector.registry import open_registry

TEXT = Text(
    "Heatward 测试消息",
    "Heatward test message",
    "这是一条测试消息，无需处理。",
    "This is a test; nothing needs to be done.",
)


@click.group()
def alert() -> None:
    """通知 / alerts."""


@alert.command()
@click.option("--channel", "names", multiple=True, help="渠道名，可多个 / names of channels")
@click.option("--phone", default="", help="网关用的电话 / the phone that a gateway calls")
@config_option
def test(config_file: Path | None, names: tuple[str, ...], phone: str) -> None:
    """向每个渠道发一条测试消息 / send a test message to every channel, and say what came back."""
    config = load_config(config_file)
    channels = open_channels(read_addresses(config.alerts.channels_file))
    unknown = [name for name in names if name not in channels]
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}; {', '.join(channels) or '-'}")
    now_s = int(time.time())
    if not channels:
        outbox = Outbox(open_registry(config).database)
        with outbox.database.edit() as connection:
            put(connection, [_message(INBOX, phone, now_s)])
        click.echo("没有配置渠道：测试消息写入消息页 / no channel is configured: see /inbox")
        return
    failed = 0
    for name in names or channels:
        answer = channels[name].send(_message(name, phone, now_s))
        failed += not answer.arrived
        result = "已送达 / arrived" if answer.arrived else "失败 / failed"
        click.echo(f"{name}: {result} {answer.words}".rstrip())
    raise SystemExit(1 if failed else 0)


def _message(name: str, phone: str, now_s: int) -> Message:
    return Message(
        f"test-{name}-{now_s}",
        f"test:{name}",
        name,
        phone,
        CHINESE,
        "test",
        Policy.AT_ONCE,
        now_s,
        TEXT,
        created_s=now_s,
    )
