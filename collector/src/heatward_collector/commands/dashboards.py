"""``heatward dashboards``: give them to a Grafana, write them as files, draw the map below them."""

from __future__ import annotations

import json
from pathlib import Path

import click

from heatward_collector.display.grafana import GrafanaPublisher, Pushed, Reader
from heatward_dashboards.build import all_dashboards, folder_title
from heatward_dashboards.build import write as write_files
from heatward_dashboards.language import LANGUAGES, language

from ..config import Config, read_secret
from ..display.outline import outline
from ..errors import HeatwardError
from ..registry import open_registry
from .configuration import config_option, load_config

_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
_CHANGES = {"created": "新建 / created", "changed": "更新 / changed", "same": "未变 / same"}


@click.group()
def dashboards() -> None:
    """Grafana 仪表板 / the dashboards for Grafana."""


@dashboards.command()
@click.argument("url")
@click.option("--token-file", type=_FILE, help="服务账号令牌 / token of a service account")
@click.option("--user", help="没有令牌时的用户 / user, where there is no token")
@click.option("--password-file", type=_FILE)
@click.option(
    "--language",
    "codes",
    type=click.Choice(LANGUAGES),
    multiple=True,
    default=LANGUAGES,
    help="只要一种语言 / one language only",
)
@click.option("--influxdb", help="Grafana 自己访问 InfluxDB 的网址 / where Grafana finds InfluxDB")
@click.option("--reader", default="", help="只读用户 (1.x) / user that may only read")
@click.option("--reader-password-file", type=_FILE)
@click.option("--reader-token-file", type=_FILE, help="只读令牌 (2.x, 3.x) / read-only token")
@config_option
def push(
    url: str,
    token_file: Path | None,
    user: str | None,
    password_file: Path | None,
    codes: tuple[str, ...],
    influxdb: str | None,
    reader: str,
    reader_password_file: Path | None,
    reader_token_file: Path | None,
    config_file: Path | None,
) -> None:
    """推送到已有的 Grafana，可重复 / give them to a Grafana that stands, as often as wanted."""
    publisher = GrafanaPublisher(url, _auth(token_file, user, password_file))
    click.echo(f"Grafana {publisher.version()}")
    if reader or reader_token_file:
        config = load_config(config_file)
        _say(publisher.push_source(_reader(config, influxdb, reader, reader_password_file,
                                           reader_token_file)))  # fmt: skip
    for code in codes:
        words = language(code)
        made = {one["uid"]: one for one in all_dashboards(words).values()}
        for pushed in publisher.push(words.uid("folder"), folder_title(words), made):
            _say(pushed)


@dashboards.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def write(folder: Path) -> None:
    """写成文件，供 Grafana 的配置文件读取 / write them as files, for Grafana's provisioning."""
    click.echo(f"{write_files(folder)} 个文件 / files: {folder / 'json'}")


@dashboards.command("map")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@config_option
def draw_map(file: Path, config_file: Path | None) -> None:
    """画底图：小区轮廓 / draw the map below: outlines of the estates, from the registry."""
    registry = open_registry(load_config(config_file))
    drawn = outline(registry.directory())
    registry.close()
    file.write_text(json.dumps(drawn, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    click.echo(f"{len(drawn['features'])} 个小区 / estates: {file}")


def _auth(
    token_file: Path | None, user: str | None, password_file: Path | None
) -> str | tuple[str, str]:
    if token_file is not None:
        return (read_secret(token_file) or "").strip()
    if user and password_file is not None:
        return user, read_secret(password_file) or ""
    raise HeatwardError(
        "请给出 --token-file，或 --user 和 --password-file / "
        "give --token-file, or --user and --password-file"
    )


def _reader(
    config: Config,
    influxdb: str | None,
    reader: str,
    password_file: Path | None,
    token_file: Path | None,
) -> Reader:
    url = influxdb or config.display.url
    if url is None:
        raise HeatwardError(
            "不知道 InfluxDB 在哪里：请给出 --influxdb，或设置 [display] url / "
            "where is InfluxDB? Give --influxdb, or set [display] url"
        )
    return Reader(
        url=url,
        database=config.display.database,
        username=reader,
        password=read_secret(password_file) or "",
        token=(read_secret(token_file) or "").strip(),
    )


def _say(pushed: Pushed) -> None:
    click.echo(f"  {_CHANGES[pushed.change]}: {pushed.what}")
