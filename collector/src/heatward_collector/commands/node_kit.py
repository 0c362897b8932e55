"""``heatward node-kit``: cards for nodes, their labels, and a check of both."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import click

from heatward_collector.config import Config
from heatward_collector.enrolment.releases import Releases
from heatward_collector.enrolment.service import open_office
from heatward_collector.errors import EnrolmentError
from heatward_collector.locale import CHINESE, LANGUAGES
from heatward_collector.node_kit import (
    Card,
    KitSettings,
    inspect_bundle,
    write_bundle,
    write_labels,
)
from heatward_collector.node_kit.bundle import SYSTEMS, hotspot_password
from heatward_collector.node_kit.label import write_consent
from heatward_collector.node_kit.wheels import write_wheels
from heatward_collector.registry import open_registry
from heatward_collector.rules import load_standard

from .configuration import config_option, load_config
from .enrolment import named


@click.group()
def node_kit() -> None:
    """节点的存储卡：制作、检查 / cards for nodes: make, check."""


@node_kit.command()
@click.option("--node", "nodes", multiple=True, help="节点编号，可多次 / a node's id, repeatable")
@click.option("--all-new", is_flag=True, help="所有还没做过卡的 / all without a card yet")
@click.option("--output", required=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--system", type=click.Choice(SYSTEMS), default=SYSTEMS[0], show_default=True)
@click.option(
    "--ssh-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="维护用公钥；不给就没有人能登录 / a public key; without it nobody signs in",
)
@config_option
def make(
    config_file: Path | None,
    nodes: tuple[str, ...],
    all_new: bool,
    output: Path,
    system: str,
    ssh_key: Path | None,
) -> None:
    """写出卡的内容和标签 / write cards and their labels.

    一个节点直接写进文件夹（可以就是卡的分区）；多个各一个子文件夹。
    One node goes right into the folder, which may be the card's partition; several get one each.
    """
    config = load_config(config_file)
    kit = _kit(config, system, ssh_key)
    office = open_office(config)
    registered = {row["id"]: row for row in open_registry(config).rows("node")}
    if all_new:
        enrolled = {one.node for one in office.book.certificates() if one.revoked_s is None}
        waiting = office.book.waiting() - enrolled
        if waiting:
            click.echo(
                f"{len(waiting)} 张做好还没用的卡不动（重做用 --node）/ cards that wait to be used "
                f"are left alone (--node makes one anew): {', '.join(sorted(waiting)[:10])}"
            )
        nodes = tuple(dict.fromkeys([*nodes, *sorted(registered.keys() - enrolled - waiting)]))
    _refuse_unknown(nodes, registered)
    cards = []
    with tempfile.TemporaryDirectory() as temporary:
        wheels = Path(temporary)
        write_wheels(wheels)
        for count, node in enumerate(nodes, 1):
            if len(nodes) > 1:
                click.echo(f"{count}/{len(nodes)} {node}")
            row = registered[node]
            code = office.issue_code(node)
            card = Card(node, row["district"], row["interval_seconds"], code, hotspot_password())
            folder = output if len(nodes) == 1 else output / node
            write_bundle(folder, card, kit, office.authority.pem, int(time.time()), wheels)
            cards.append(card)
    label = output.parent / f"{output.name}-label.pdf"
    if len(nodes) > 1:
        label = output / "labels.pdf"
    write_labels(cards, config.web.public_url or "", label)
    click.echo(f"{len(cards)} 张卡 / cards: {output}")
    click.echo(f"标签 / labels (A6): {label}")


@node_kit.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(folders: tuple[Path, ...]) -> None:
    """检查拷好的卡 / check what was copied; 1 where something is wrong."""
    faulty = 0
    for folder in folders:
        problems = inspect_bundle(folder)
        faulty += bool(problems)
        click.echo(f"{'✗' if problems else '✓'} {folder}")
        for problem in problems:
            click.echo(f"    {problem}")
    raise SystemExit(int(faulty > 0))


@node_kit.command()
@click.option("--share", type=click.IntRange(0, 100), default=1, show_default=True)
@click.option("--widen", is_flag=True, help="已发布的扩大范围 / offer what is there to more nodes")
@config_option
def release(config_file: Path | None, share: int, widen: bool) -> None:
    """签名并发布节点程序的新版本 / sign this version of the node's program and offer it.

    先给百分之一，没问题再扩大 / first to one in a hundred, then to more.
    """
    releases = Releases(load_config(config_file).enrolment.directory)
    if widen:
        offered = releases.widen(share)
    else:
        releases.keep_key()
        with tempfile.TemporaryDirectory() as temporary:
            offered = releases.offer(write_wheels(Path(temporary)), int(time.time()), share)
    click.echo(f"{offered.number}: {offered.share} %")


@node_kit.command()
@click.option("--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--lang", type=click.Choice(LANGUAGES), default=CHINESE, show_default=True)
def consent(output: Path, lang: str) -> None:
    """写出住户签字的告知书，一页 / write the sheet that residents read and sign, one page."""
    write_consent(output, lang)
    click.echo(str(output))


def _kit(config: Config, system: str, ssh_key: Path | None) -> KitSettings:
    card = config.node_kit
    return KitSettings(
        name=named(config),
        port=config.enrolment.nodes_port,
        mqtt_port=config.enrolment.nodes_mqtt_port,
        timezone=load_standard(config.rules.city, config.rules.file).timezone,
        country=card.wifi_country,
        time_servers=card.time_servers,
        package_mirror=card.package_mirror or "",
        update_key=Releases(config.enrolment.directory).keep_key(),
        ssh_key=ssh_key.read_text().strip() if ssh_key else "",
        system=system,
    )


def _refuse_unknown(nodes: Iterable[str], registered: Iterable[str]) -> None:
    unknown = sorted(set(nodes) - set(registered))
    if unknown:
        raise EnrolmentError(
            f"登记表里没有 / not in the registry: {', '.join(unknown)}; "
            f"请先导入 / import them first: heatward registry import"
        )
    if not list(nodes):
        raise EnrolmentError("没有要做的节点 / no node to make: --node ID, --all-new")
