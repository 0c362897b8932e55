"""Taking a file of complaints into the registry, all or nothing; a second time updates them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from heatward_collector.complaints.addresses import Addresses
from heatward_collector.complaints.remembered import (
    FIELDS,
    IGNORED,
    NEEDED,
    RememberedColumns,
    guessed,
)
from heatward_collector.complaints.table_cells import read_rows
from heatward_collector.errors import ImportRefused
from heatward_collector.problems import Problems
from heatward_collector.registry import Counts, Directory, Registry
from heatward_collector.registry.cells import LONGEST_TEXT, CellError, read_time
from heatward_node.topics import IDENTIFIER

_CLOSED = ("办结", "完成", "已处理", "已回复", "关闭", "closed", "done")
_NOT_CLOSED = ("未", "待", "not ")
_PHONE = re.compile(r"(?<!\d)\d{7,}(?!\d)")
"""Numbers of telephones and of identity cards: nobody needs them here."""
MASK = "***"


@dataclass(frozen=True, slots=True)
class Intake:
    """What a file came to."""

    mapping: Mapping[str, str]
    was_remembered: bool
    rows: tuple[Mapping[str, Any], ...]
    matched: int
    """Of the rows, those whose building is known."""
    counts: Counts
    left_out: int = 0
    """Rows about buildings that the person who brings the file is not in charge of."""


def take_in(
    registry: Registry,
    path: Path,
    zone: ZoneInfo,
    now_s: int,
    corrections: Mapping[str, str] | None = None,
    only_look: bool = False,
    within: Callable[[str | None], bool] | None = None,
) -> Intake:
    """Read a file and put its complaints into the registry.

    ``corrections`` say of fields which heading holds them, or ``-`` for none; the whole mapping
    serves the next file with the same header. ``within`` says which buildings somebody is in
    charge of: complaints about others are neither taken nor changed. Raises ImportRefused with
    every faulty row.
    """
    header, rows = read_rows(path)
    columns = RememberedColumns(registry.database)
    remembered = columns.of(header)
    mapping = _mapping(header, remembered, corrections or {}, path.name)
    directory = registry.directory()
    every = _rows(path.name, header, rows, mapping, directory, zone, now_s)
    held = {row["id"]: row for row in registry.rows("complaint")}
    taken = [row for row in every if _is_own(row, held.get(row["id"]), within)]
    counts = Counts()
    if not only_look:
        kept = [_as_first_recorded(row, held.get(row["id"])) for row in taken]
        counts = registry.put({"complaint": kept})["complaint"]
        columns.remember(header, mapping)
    matched = sum(row["building"] is not None for row in taken)
    left_out = len(every) - len(taken)
    return Intake(mapping, remembered is not None, tuple(taken), matched, counts, left_out)


def proposed(
    registry: Registry, header: Sequence[str], corrections: Mapping[str, str] | None = None
) -> tuple[dict[str, str], bool]:
    """Return which heading of a file means which field, and whether people have confirmed it.

    Headings of ``corrections`` that the file does not have are left out.
    """
    remembered = RememberedColumns(registry.database).of(header)
    found = {**(guessed(header) if remembered is None else remembered), **(corrections or {})}
    known = {field: heading for field, heading in found.items() if heading in header}
    return known, remembered is not None


def complaint_id(number: str) -> str:
    """Return the id of a complaint by the number that the hotline gave it."""
    plain = re.sub(r"[^a-z0-9-]+", "-", number.strip().lower()).strip("-")
    if IDENTIFIER.fullmatch(plain):
        return plain
    return f"c-{hashlib.sha256(number.encode()).hexdigest()[:20]}"


def _mapping(
    header: Sequence[str],
    remembered: Mapping[str, str] | None,
    corrections: Mapping[str, str],
    file: str,
) -> dict[str, str]:
    mapping = {**(guessed(header) if remembered is None else remembered), **corrections}
    mapping = {field: heading for field, heading in mapping.items() if heading != IGNORED}
    problems = [
        f"{field}: 不认识 / is not known; 可用 / allowed: {', '.join(FIELDS)}"
        for field in mapping.keys() - FIELDS.keys()
    ]
    problems += [
        f"{file}: 没有这一列 / no such column: {heading!r}; 有 / there are: "
        f"{', '.join(filter(None, header))}"
        for heading in mapping.values()
        if heading not in header
    ]
    problems += [
        f"{file}: 请指明哪一列是 {field} / say which column is {field}: --map {field}=表头"
        for field in NEEDED
        if field not in mapping
    ]
    if problems:
        raise ImportRefused(problems)
    return mapping


def _rows(
    file: str,
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[str]]],
    mapping: Mapping[str, str],
    directory: Directory,
    zone: ZoneInfo,
    now_s: int,
) -> list[dict[str, Any]]:
    place = {field: header.index(heading) for field, heading in mapping.items()}
    addresses, problems = Addresses(directory), Problems()
    found: dict[str, dict[str, Any]] = {}
    for line, cells in rows:
        given = {field: cells[index] for field, index in place.items()}
        try:
            row = _row(given, directory, addresses, zone, now_s)
        except CellError as error:
            problems.append(f"{file}:{line}: {error}")
            if problems.full:
                break
            continue
        found[row["id"]] = row
    problems.refuse()
    return list(found.values())


def _row(
    given: Mapping[str, str],
    directory: Directory,
    addresses: Addresses,
    zone: ZoneInfo,
    now_s: int,
) -> dict[str, Any]:
    if not given["number"]:
        raise CellError("没有工单号 / no number")
    received_s = read_time(given["received"], zone)
    closed_s = read_time(given["closed"], zone) if given.get("closed") else None
    if closed_s is not None and closed_s < received_s:
        raise CellError("办结早于受理 / closed before it was received")
    home = _known(given.get("home", ""), "home", directory)
    building = _known(given.get("building", ""), "building", directory)
    if home is not None:
        building = directory.buildings[directory.home_building[directory.home_index[home]]]
    is_closed = closed_s is not None or _is_closed(given.get("state", ""))
    return {
        "id": complaint_id(given["number"]),
        "received_s": received_s,
        "home": home,
        "building": building or addresses.building(given.get("address", "")),
        "address": without_numbers(given.get("address", "")),
        "text": without_numbers(given.get("text", "")),
        "channel": without_numbers(given.get("channel", "")),
        "state": "closed" if is_closed else "open",
        "closed_s": closed_s,
        "recorded_s": now_s,
    }


def _known(key: str, table: str, directory: Directory) -> str | None:
    if not key:
        return None
    if key not in directory.tables[table]:
        raise CellError(f"{table} {key!r} 不在登记表中 / is not in the registry")
    return key


def _is_closed(state: str) -> bool:
    word = state.lower()
    return any(one in word for one in _CLOSED) and not any(one in word for one in _NOT_CLOSED)


def without_numbers(text: str) -> str | None:
    """Return a text as the registry can hold it, without numbers that lead to a person."""
    words = "".join(one if one.isprintable() else " " for one in _PHONE.sub(MASK, text)).strip()
    return (words[: LONGEST_TEXT - 1] + "…" if len(words) > LONGEST_TEXT else words) or None


def _is_own(
    row: Mapping[str, Any],
    held: Mapping[str, Any] | None,
    within: Callable[[str | None], bool] | None,
) -> bool:
    """Say whether somebody may put down a row; one without a building belongs to nobody yet."""
    if within is None:
        return True
    places = [row["building"], *([] if held is None else [held["building"]])]
    return all(place is None or within(place) for place in places)


def _as_first_recorded(row: dict[str, Any], held: Mapping[str, Any] | None) -> dict[str, Any]:
    return row if held is None else {**row, "recorded_s": held["recorded_s"]}
