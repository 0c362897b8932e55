"""``heatward spot-checks``: measurements on site, beside the sensor that hangs there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import click

from heatward_collector.running.event_clock import clock_of

from ..config import Config
from ..errors import HeatwardError, RegistryError
from ..explain.measures import clock, number
from ..locale import LANGUAGES, Texts, terminal_texts, texts
from ..refund import Books, open_books
from ..registry import open_registry
from ..registry.cells import CellError, read_time
from ..spot_checks import Compared, compare, offer
from ..spot_checks.official import doubts
from .configuration import config_option, load_config

DAY = click.DateTime(["%Y-%m-%d"])
lang_option = click.option(
    "--lang", type=click.Choice(LANGUAGES), help="zh or en; else the terminal's own."
)


@click.group(name="spot-checks")
def spot_checks() -> None:
    """现场测温：登记、比对、修正 / measurements on site: add, compare, correct."""


@spot_checks.command("add")
@click.option("--id", "key", required=True, help="编号 / id: a-z, 0-9, -")
@click.option("--room", required=True, metavar="ID", help="房间 / the room")
@click.option("--celsius", required=True, type=click.FloatRange(-30, 50), help="室温 / degC")
@click.option("--at", help="测温时间，默认现在 / when; else now")
@click.option("--height", type=click.FloatRange(0, 5), help="高度（米）/ metres")
@click.option("--to-outer-wall", type=click.FloatRange(0, 20), help="距外墙（米）/ metres")
@click.option("--shut-minutes", type=click.IntRange(0, 1440), help="关门窗（分钟）/ minutes")
@click.option("--instrument", required=True, help="仪器 / the thermometer")
@click.option("--certificate", help="检定证书 / its certificate")
@click.option("--certificate-until", type=DAY, help="证书有效至 / valid until")
@click.option("--resident", help="住户 / who signed for the home")
@click.option("--supplier-person", help="供热单位 / for the supplier")
@click.option("--office-person", help="街道办 / for the street office")
@click.option("--photo", help="照片 / name of the photo")
@lang_option
@config_option
def add(
    config_file: Path | None,
    key: str,
    room: str,
    celsius: float,
    at: str | None,
    height: float | None,
    to_outer_wall: float | None,
    shut_minutes: int | None,
    instrument: str,
    certificate: str | None,
    certificate_until: datetime | None,
    resident: str | None,
    supplier_person: str | None,
    office_person: str | None,
    photo: str | None,
    lang: str | None,
) -> None:
    """登记一次测温，并说明是否属官方测温 / put one down; says whether it is official."""
    config = load_config(config_file)
    books, say = open_books(config), _say(lang)
    _known(room, books)
    now_s = int(clock_of(config)())
    until: date | None = None if certificate_until is None else certificate_until.date()
    row = {
        "id": key,
        "room": room,
        "measured_s": now_s if at is None else _time(at, books),
        "celsius": celsius,
        "height_m": height,
        "to_outer_wall_m": to_outer_wall,
        "shut_minutes": shut_minutes,
        "instrument": instrument,
        "certificate": certificate,
        "certificate_until": until,
        "resident": resident,
        "supplier_person": supplier_person,
        "office_person": office_person,
        "photo": photo,
        "recorded_s": now_s,
    }
    if any(one["id"] == key for one in books.tables["spot_check"]):
        raise RegistryError(
            f"编号 {key} 已有 / there is one with the id {key}: it is not overwritten"
        )
    registry = open_registry(config)
    registry.put({"spot_check": [row]})
    registry.close()
    reasons = doubts(row, books.directory.tables["room"][room]["use"], books.standard)
    click.echo(_official(reasons, say))
    books.close()


@spot_checks.command("compare")
@click.option("--room", metavar="ID", help="只看一个房间 / one room only")
@lang_option
@config_option
def compare_(config_file: Path | None, room: str | None, lang: str | None) -> None:
    """与传感器比对（±15 分钟）/ each beside its sensor within a quarter of an hour."""
    config = load_config(config_file)
    books, say = open_books(config), _say(lang)
    for one in _compared(config, books, room):
        click.echo(_line(one, books, say))
    books.close()


@spot_checks.command("correct")
@click.argument("room")
@click.option("--yes", is_flag=True, help="写入登记表 / put it into the registry")
@lang_option
@config_option
def correct(config_file: Path | None, room: str, yes: bool, lang: str | None) -> None:
    """按现场比对修正，自今起生效 / correct a sensor from now on, never for the past."""
    config = load_config(config_file)
    books, say = open_books(config), _say(lang)
    _known(room, books)
    now_s = int(clock_of(config)())
    compared = _compared(config, books, room)
    found = offer(compared, books.directory, books.tables["calibration"], room, now_s)
    books.close()
    if found is None:
        raise HeatwardError(
            "没有可用的比对，或比对相互矛盾，或证书更准 / no usable checks, or they contradict "
            "each other, or the sensor's certificate knows better"
        )
    click.echo(
        say(
            "Sensor %(sensor)s: %(change)s K by %(checks)d checks, from now on %(offset)s K, "
            "u %(u)s K",
            sensor=found.sensor,
            change=number(found.correction.kelvin, 2),
            checks=found.correction.checks,
            offset=number(found.row["offset_kelvin"], 2),
            u=number(found.row["uncertainty_kelvin"], 2),
        )
    )
    if not yes:
        click.echo("预览，加 --yes 写入 / a preview; --yes puts it into the registry")
        return
    registry = open_registry(config)
    registry.put({"calibration": [found.row]})
    registry.close()
    click.echo("已写入，自现在起生效 / done, in force from now on")


def _compared(config: Config, books: Books, room: str | None) -> list[Compared]:
    rows = [row for row in books.tables["spot_check"] if room in (None, row["room"])]
    rows.sort(key=lambda row: (row["measured_s"], row["id"]))
    return compare(rows, config.state.directory, books.directory, books.standard)


def _line(one: Compared, books: Books, say: Texts) -> str:
    sensor = say("no reading")
    if one.readings:
        sensor = say(
            "sensor %(celsius)s °C, difference %(difference)s K",
            celsius=number(one.sensor_celsius, 1),
            difference=number(one.difference, 2),
        )
    return say(
        "%(id)s, %(room)s, %(when)s: on site %(celsius)s °C, %(sensor)s; %(official)s",
        id=one.row["id"],
        room=one.row["room"],
        when=clock(one.row["measured_s"], books.zone, say),
        celsius=number(one.row["celsius"], 1),
        sensor=sensor,
        official=_official(one.doubts, say),
    )


def _official(reasons: Sequence[str], say: Texts) -> str:
    if not reasons:
        return say("official")
    why = say("list separator").join(say(reason) for reason in reasons)
    return say("not official: %(why)s", why=why)


def _known(room: str, books: Books) -> None:
    if room not in books.directory.tables["room"]:
        raise RegistryError(f"room {room!r} 不在登记表中 / is not in the registry")


def _time(text: str, books: Books) -> int:
    try:
        return read_time(text, books.zone)
    except CellError as error:
        raise HeatwardError(str(error)) from error


def _say(lang: str | None) -> Texts:
    return texts(lang) if lang else terminal_texts()
