"""Single dated edits of the registry: from the fields of a form to the rows that they change.

An edit holds from a date: what was measured before it stays with what was true then.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ...errors import ImportRefused
from ...locale import message
from ...registry import Directory, tables
from ...registry.cells import CellError, read_cell
from ...registry.spreadsheets import Content
from ..city.whom_to_call import DUTY_PHONE, OFFICER, duty_desk

BENCH = "bench"
Typed = Mapping[str, str]
Row = dict[str, Any]
NOT_HUNG = message("This sensor was registered nowhere at that time.")
LATER = message("A later assignment is known already; correct it by importing a CSV file.")
NO_ROOM = message("There is no such room.")
NO_SUPPLIER = message("There is no such supplier.")
NO_NUMBER = message("This is no telephone number.")
FEWEST_DIGITS = 3
"""The shortest number that can be called, as 110. [digits]"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    name: str
    label: str
    table: str
    column: str
    kind: str = "text"
    """As an input of HTML knows it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One kind of edit."""

    name: str
    title: str
    note: str
    fields: tuple[Field, ...]
    rows: Callable[[Row, Directory], Content]
    """From the values of the fields to the rows. Raises ImportRefused."""

    def read(self, typed: Typed, directory: Directory, zone: ZoneInfo) -> Content:
        """Return the rows that what was typed makes. Raises ImportRefused naming every field."""
        values, problems = {}, []
        for field in self.fields:
            column = tables.METADATA.tables[field.table].columns[field.column]
            try:
                values[field.name] = read_cell(column, typed.get(field.name, ""), zone)
            except CellError as error:
                problems.append(f"{column.info['zh']} / {field.column}: {error}")
        if problems:
            raise ImportRefused(problems)
        return self.rows(values, directory)


def _moved(values: Row, directory: Directory) -> Content:
    """End where the sensor hung, and what hung in its new room; begin there."""
    sensor, from_s, room = values["sensor"], values["from_s"], values["room"]
    is_bench = room == BENCH
    if not is_bench and room not in directory.tables["room"]:
        raise ImportRefused([NO_ROOM])
    concerned = [
        row
        for row in directory.assignments()
        if row["sensor"] == sensor or (not is_bench and row["target"] == room)
    ]
    if any(row["from_s"] >= from_s for row in concerned):
        raise ImportRefused([LATER])
    ending = [row for row in concerned if row["to_s"] is None or row["to_s"] > from_s]
    before = next((row for row in ending if row["sensor"] == sensor), None)
    if before is None:
        raise ImportRefused([NOT_HUNG])
    content = Content()
    content["assignment"] = [{**row, "to_s": from_s} for row in ending]
    content["assignment"].append(
        {
            "sensor": sensor,
            "from_s": from_s,
            "to_s": None,
            "node": before["node"],
            "target_kind": BENCH if is_bench else "room",
            "target": None if is_bench else room,
        }
    )
    return content


def _calibrated(values: Row, _directory: Directory) -> Content:
    content = Content()
    content["calibration"] = [values]
    return content


def _officer(values: Row, _directory: Directory) -> Content:
    """Add an appointment; the newest that has begun holds, and older ones stay as they were."""
    content = Content()
    key = _person_key(values["subject"], values["from_day"])
    content["person"] = [{"id": key, "role": OFFICER, **values}]
    return content


def _duty_phone(values: Row, directory: Directory) -> Content:
    """Add a number of the same desk; the newest that has begun holds, and older ones stay."""
    supplier, phone, from_day = values["subject"], values["phone"], values["from_day"]
    if supplier not in directory.tables["supplier"]:
        raise ImportRefused([NO_SUPPLIER])
    if len(re.findall(r"\d", phone or "")) < FEWEST_DIGITS:
        raise ImportRefused([NO_NUMBER])
    before = duty_desk(directory.tables["person"].values(), supplier, from_day)
    content = Content()
    content["person"] = [
        {
            "id": _person_key(DUTY_PHONE, supplier, from_day),
            "role": DUTY_PHONE,
            "subject": supplier,
            "name": before["name"] if before else directory.name("supplier", supplier),
            "phone": phone,
            "from_day": from_day,
        }
    ]
    return content


def _person_key(*named: object) -> str:
    """Return the id of whoever is named so: the same words a second time change the same row."""
    words = " ".join(str(one) for one in named)
    return f"p-{hashlib.sha256(words.encode()).hexdigest()[:12]}"


_SENSOR = Field(
    "sensor", message("Number of the sensor, such as 28-000006b67845"), "assignment", "sensor"
)
EDITS = (
    Edit(
        "sensor",
        message("Move a sensor"),
        message(
            "It ends where it hung and begins in the other room; write “bench” where it hangs in"
            " no home. Readings since then are assigned and judged again."
        ),
        (
            _SENSOR,
            Field("room", message("Id of the room, or “bench”"), "room", "id"),
            Field("from_s", message("Since"), "assignment", "from_s", "datetime-local"),
        ),
        _moved,
    ),
    Edit(
        "calibration",
        message("Calibrate a sensor"),
        message("The correction is added to its readings from that time on."),
        (
            _SENSOR,
            Field("from_s", message("Since"), "calibration", "from_s", "datetime-local"),
            Field(
                "offset_kelvin",
                message("Correction in degrees, such as -0.25"),
                "calibration",
                "offset_kelvin",
            ),
            Field(
                "uncertainty_kelvin",
                message("Standard uncertainty in degrees, such as 0.1"),
                "calibration",
                "uncertainty_kelvin",
            ),
            Field("certificate", message("Certificate"), "calibration", "certificate"),
        ),
        _calibrated,
    ),
    Edit(
        "officer",
        message("Responsible officer of a heat source"),
        message(
            "Whoever was named before stays in the record until that day. For a new phone enter the"
            " same name with the new number."
        ),
        (
            Field("subject", message("Heat source"), "source", "id", "source"),
            Field("name", message("Name of the person"), "person", "name"),
            Field("phone", message("Phone"), "person", "phone", "tel"),
            Field("from_day", message("Since (day)"), "person", "from_day", "date"),
        ),
        _officer,
    ),
    Edit(
        "phone",
        message("Duty phone of a supplier"),
        message(
            "From that day it stands on every page and board, and messages name it. The number"
            " before stays in the record."
        ),
        (
            Field("subject", message("Heat supplier"), "supplier", "id", "supplier"),
            Field("phone", message("Phone"), "person", "phone", "tel"),
            Field("from_day", message("Since (day)"), "person", "from_day", "date"),
        ),
        _duty_phone,
    ),
)
EDIT_BY_NAME = {one.name: one for one in EDITS}
