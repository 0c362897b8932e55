"""``heatward registry``: places, heat network, people and sensors as CSV."""

from __future__ import annotations

import shutil
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from heatward_collector.commands.configuration import config_option, load_config
from heatward_collector.config import Config
from heatward_collector.errors import RegistryError
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.rules import load_standard

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
MOST_DIFFERENCES = 200
"""Differences that a preview lists."""
exact_option = click.option(
    "--exact",
    is_flag=True,
    help="文件里没有的行从登记表删除 / remove rows of these tables that the files do not have",
)


@click.group()
def registry() -> None:
    """登记表：导入、导出、检查、样例 / the registry: import, export, check, sample."""


@registry.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="只预览差异 / only show what would change")
@exact_option
@config_option
def import_(config_file: Path | None, folder: Path, dry_run: bool, exact: bool) -> None:
    """导入一个文件夹的 CSV，全部成功或全部不动 / import a folder of CSV, all or nothing."""
    config = load_config(config_file)
    store, zone = open_registry(config), _zone(config)
    content = spreadsheets.read_folder(folder, zone)
    version = spreadsheets.check(content, store, exact)
    lines = spreadsheets.differences(store, content, zone, exact)
    total = 0
    for line in islice(lines, MOST_DIFFERENCES):
        total += 1
        click.echo(line)
    more = sum(1 for _ in lines)
    if more:
        click.echo(f"…… 另有 / and {more} 处 / more")
    if not total:
        click.echo("没有变化 / nothing changes")
    elif dry_run:
        click.echo("预览，未导入 / a preview, nothing was imported")
    else:
        counts = store.put(content, exact=exact, based_on=version).values()
        new, changed, removed = (sum(column) for column in zip(*counts, strict=True))
        click.echo(
            f"已导入 / imported: 新增 / new {new}, 修改 / changed {changed}, "
            f"删除 / removed {removed}"
        )


@registry.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--gbk", is_flag=True, help="GBK 编码，默认 UTF-8 / in GBK instead of UTF-8")
@click.option("--chinese", is_flag=True, help="表头用中文 / headers in Chinese")
@config_option
def export(config_file: Path | None, folder: Path, gbk: bool, chinese: bool) -> None:
    """导出为 CSV（Excel 可直接打开）/ export as CSV that a spreadsheet opens right."""
    config = load_config(config_file)
    spreadsheets.export_folder(
        open_registry(config), folder, _zone(config), in_gbk=gbk, chinese_headers=chinese
    )
    click.echo(str(folder))


@registry.command("check")
@click.argument("folder", type=click.Path(path_type=Path))
@exact_option
@config_option
def check(config_file: Path | None, folder: Path, exact: bool) -> None:
    """只检查，不导入 / check a folder without importing it."""
    config = load_config(config_file)
    content = spreadsheets.read_folder(folder, _zone(config))
    spreadsheets.check(content, open_registry(config), exact)
    rows = sum(map(len, content.values()))
    click.echo(f"正确 / right: {len(content)} 张表 / tables, {rows} 行 / rows")


@registry.command("sample")
@click.argument("folder", type=click.Path(path_type=Path))
def sample(folder: Path) -> None:
    """写出一份可修改的样例 / write a worked sample to edit."""
    if folder.exists():
        raise RegistryError(f"{folder} 已存在，换一个文件夹 / exists; name another folder")
    shutil.copytree(SAMPLE, folder)
    click.echo(str(folder))


def _zone(config: Config) -> ZoneInfo:
    return ZoneInfo(load_standard(config.rules.city, config.rules.file).timezone)
