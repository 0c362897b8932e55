"""One cell of a spreadsheet as a value, and back; every refusal says what is allowed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column

from heatward_node.errors import RecordError
from heatward_node.rom import kernel_name, rom_from_kernel_name, rom_from_urn
from heatward_node.topics import IDENTIFIER

LONGEST_CELL = 500
_YES = {"true", "yes", "1", "是", "y"}
_NO = {"false", "no", "0", "否", "n", ""}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    # A spreadsheet would run such a text as a formula.
    return "'" + text if text.startswith(_FORMULA) else text


def _without_formula_guard(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text


def _id(_info: dict[str, Any], text: str, _zone: ZoneInfo) -> str:
    if not IDENTIFIER.fullmatch(text):
        raise CellError(
            f"{text!r} 不是编号：只用小写字母、数字和连字符，最多 32 位 / an id has small letters, "
            f"digits and hyphens, at most 32"
        )
    return text


def _text(info: dict[str, Any], text: str, _zone: ZoneInfo) -> str:
    choices = info.get("choices")
    if choices and text not in choices:
        raise CellError(f"{text!r} 不在可选值中 / is none of: {', '.join(choices)}")
    if any(ord(character) < 32 for character in text):
        raise CellError("含控制字符 / holds control characters")
    if len(text) > 200:
        raise CellError("超过 200 字 / longer than 200 characters")
    return text


def _number(info: dict[str, Any], text: str, _zone: ZoneInfo) -> float:
    low, high = info["range"]
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise CellError(f"{text!r} 应为 {low} 至 {high} 的数 / must be a number, {low} to {high}")
    return value


def _whole(info: dict[str, Any], text: str, _zone: ZoneInfo) -> int:
    low, high = info["range"]
    try:
        value = int(text)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise CellError(f"{text!r} 应为 {low} 至 {high} 的整数 / a whole number, {low} to {high}")
    return value


def _is_yes(_info: dict[str, Any], text: str, _zone: ZoneInfo) -> bool:
    if text.lower() not in _YES | _NO:
        raise CellError(f"{text!r} 应为 是 或 否 / must be yes or no")
    return text.lower() in _YES


def _time(_info: dict[str, Any], text: str, zone: ZoneInfo) -> int:
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise CellError(
            f"{text!r} 不是时间，例：2026-10-20 08:00 / is no time such as 2026-10-20 08:00"
        ) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return int(moment.astimezone(UTC).timestamp())


def _day(_info: dict[str, Any], text: str, _zone: ZoneInfo) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise CellError(f"{text!r} 不是日期，例：2026-10-20 / is no date") from error


def _sensor(_info: dict[str, Any], text: str, _zone: ZoneInfo) -> str:
    """Take a sensor as the kernel names it, or as a URN; keep the kernel's name."""
    try:
        rom = rom_from_urn(text) if text.startswith("urn:") else rom_from_kernel_name(text.lower())
    except RecordError as error:
        raise CellError(f"{text!r} 不是传感器编号，例：28-000006b67845 / {error}") from error
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
}
