"""One cell of a spreadsheet as a value, and back; every refusal says what is allowed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column

from heatward_node.errors import RecordError
from heatward_node.rom import kernel_name, rom_from_kernel_name, rom_from_urn
from heatward_node.topics import IDENTIFIER

LONGEST_CELL = 500
"""Longest cell that is looked at; a text may have :data:`LONGEST_TEXT`. [characters]"""
LONGEST_TEXT = 200
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,35}")
"""Ids of other systems, UUIDs too, that need no escape in a URL, a tag of a series, a file name.

Districts and nodes stand in MQTT topics and access lists besides: see :data:`IDENTIFIER`.
"""
NUMBERED = (
    "其他记录仪请编号为 28-000000000001 等，登记表和读数一致",
    "number other loggers 28-000000000001 and so on, the same in registry and readings",
)
"""What to do with sensors of another kind."""
_YES = {"true", "yes", "1", "是", "y"}
_NO = {"false", "no", "0", "否", "n", ""}
_GUARD = "'"
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What makes a spreadsheet run a cell; the wide forms do so in Chinese and Japanese ones."""
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
FIRST_YEAR, LAST_YEAR = 1970, 2999
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{0,25})?([eE][+-]?[0-9]{1,3})?")
_COUNT = re.compile(r"[0-9]+(\.[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
COUNTED_TIME = (
    "；请把该列设为日期格式再保存，UNIX 秒请换成 2026-10-20T00:00:00Z",
    ": format the column as dates before you save it; write UNIX seconds as 2026-10-20T00:00:00Z",
)
"""What to do where a time is a bare number, as spreadsheets and programs count."""
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_TIME = re.compile(
    _DAY.pattern + r"(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_SPAN = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-4]):[0-5][0-9]")


class CellError(ValueError):
    """A cell that cannot be taken, in Chinese and English."""


def read_cell(column: Column[Any], text: str, zone: ZoneInfo) -> Any:
    """Return the value of a cell. Raises CellError."""
    info = column.info
    text = _without_formula_guard(text.strip())
    if len(text) > LONGEST_CELL:
        raise CellError(f"超过 {LONGEST_CELL} 字 / longer than {LONGEST_CELL} characters")
    if text == "" and info["kind"] != "yes":
        if info.get("optional"):
            return None
        raise CellError("不能为空 / must not be empty")
    reader = _READERS[info["kind"]]
    return reader(info, text, zone)


def write_cell(column: Column[Any], value: Any, zone: ZoneInfo) -> str:
    """Return the text of a value, safe to open in a spreadsheet."""
    if value is None:
        return ""
    kind = column.info["kind"]
    if kind == "time":
        return datetime.fromtimestamp(value, zone).isoformat()
    if kind == "yes":
        return "是" if value else "否"
    if kind == "number":
        return repr(float(value))
    text = value.isoformat() if kind == "day" else str(value)
    return guarded(text)


def guarded(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    return _GUARD + text if text.startswith((*_FORMULA, _GUARD)) else text


def _without_formula_guard(text: str) -> str:
    is_guarded = text.startswith(_GUARD) and text[1:].startswith((*_FORMULA, _GUARD))
    return text[1:] if is_guarded else text


def _id(info: dict[str, Any], text: str, _zone: ZoneInfo) -> str:
    if not info["in_topics"]:
        return _place_id(text)
    if not IDENTIFIER.fullmatch(text):
        raise CellError(
            f"{text!r} 不是区或节点的编号：它们进入 MQTT 主题，只用小写字母、数字和连字符，"
            f"最多 32 位；请在所有表里改名 / is no id of a district or node: these stand in MQTT "
            f"topics and have small letters, digits and hyphens only, at most 32; rename it in "
            f"every table"
        )
    return text


def _place_id(text: str) -> str:
    if not ID.fullmatch(text):
        raise CellError(
            f"{text!r} 不是编号：只用英文字母、数字、连字符和下划线，最多 36 位；"
            f"请在所有表里改名，原名可写在名称列 / is no id: letters a to z, digits, hyphens and "
            f"underscores only, at most 36; rename it in every table and keep the old one as a name"
        )
    return text


def _text(info: dict[str, Any], text: str, _zone: ZoneInfo) -> str:
    choices = info.get("choices")
    if choices:
        return _choice(choices, text)
    if any(unicodedata.category(character) in _INVISIBLE for character in text):
        raise CellError("含控制字符 / holds control characters")
    if len(text) > LONGEST_TEXT:
        raise CellError(f"超过 {LONGEST_TEXT} 字 / longer than {LONGEST_TEXT} characters")
    return text


def _choice(choices: Mapping[str, str], text: str) -> str:
    for word, zh in choices.items():
        if text.lower() == word or text == zh:
            return word
    allowed = ", ".join(f"{word} ({zh})" for word, zh in choices.items())
    raise CellError(f"{text!r} 不在可选值中 / is none of: {allowed}")


def _number(info: dict[str, Any], text: str, _zone: ZoneInfo) -> float:
    low, high = info["range"]
    value = parse_number(text)
    if not low <= value <= high:
        raise CellError(f"{text!r} 应为 {low} 至 {high} 的数 / must be a number, {low} to {high}")
    # Minus zero would come back from a database as zero.
    return value + 0.0


def parse_number(text: str) -> float:
    """Return a decimal number; NaN where a text is none."""
    return float(text) if _NUMBER.fullmatch(text) else float("nan")


def _whole(info: dict[str, Any], text: str, _zone: ZoneInfo) -> int:
    low, high = info["range"]
    value = int(text) if _WHOLE.fullmatch(text) else low - 1
    if not low <= value <= high:
        raise CellError(f"{text!r} 应为 {low} 至 {high} 的整数 / a whole number, {low} to {high}")
    return value


def _is_yes(_info: dict[str, Any], text: str, _zone: ZoneInfo) -> bool:
    if text.lower() not in _YES | _NO:
        raise CellError(f"{text!r} 应为 是 或 否 / must be yes or no")
    return text.lower() in _YES


def _time(_info: dict[str, Any], text: str, zone: ZoneInfo) -> int:
    return read_time(text, zone)


def read_time(text: str, zone: ZoneInfo) -> int:
    """Return a time as people and spreadsheets write it; local where no offset is given."""
    match = _TIME.fullmatch(text)
    try:
        if match is None:
            raise ValueError("no such form")
        *parts, offset = match.groups()
        year, month, day, hour, minute, second = (int(part or 0) for part in parts)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError("no such year")
        where = datetime.strptime(offset, "%z").tzinfo if offset else zone
        moment = datetime(year, month, day, hour, minute, second, tzinfo=where)
        return int(moment.timestamp())
    except ValueError as error:
        zh, en = COUNTED_TIME if _COUNT.fullmatch(text) else ("", "")
        raise CellError(
            f"{text!r} 不是时间，例：2026-10-20 08:00{zh} / is no time such as 2026-10-20 08:00{en}"
        ) from error


def _day(_info: dict[str, Any], text: str, _zone: ZoneInfo) -> date:
    match = _DAY.fullmatch(text)
    try:
        if match is None:
            raise ValueError("no such form")
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise CellError(f"{text!r} 不是日期，例：2026-10-20 / is no date") from error


def _hours(_info: dict[str, Any], text: str, _zone: ZoneInfo) -> str:
    spans = [span.strip() for span in text.replace("，", ",").split(",")]
    for span in spans:
        if not _SPAN.fullmatch(span) or span[6:] > "24:00" or span[:5] == span[6:]:
            raise CellError(
                f"{span!r} 不是时段，例：05:00-09:00,16:00-22:00 / is no span of hours such as that"
            )
    return ",".join(spans)


def _sensor(_info: dict[str, Any], text: str, _zone: ZoneInfo) -> str:
    """Take a sensor as the kernel names it, or as a URN; keep the kernel's name."""
    try:
        rom = rom_from_urn(text) if text.startswith("urn:") else rom_from_kernel_name(text.lower())
    except RecordError as error:
        raise CellError(
            f"{text!r} 不是传感器编号，例：28-000006b67845；{NUMBERED[0]} / "
            f"is no sensor such as 28-000006b67845; {NUMBERED[1]}"
        ) from error
    return kernel_name(rom)


_READERS = {
    "id": _id,
    "text": _text,
    "number": _number,
    "whole": _whole,
    "yes": _is_yes,
    "time": _time,
    "day": _day,
    "sensor": _sensor,
    "hours": _hours,
}
