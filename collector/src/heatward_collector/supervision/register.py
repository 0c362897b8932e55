"""The register of cases as a spreadsheet, in the columns that an office is used to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from heatward_collector.alerts.texts import place_name
from heatward_collector.alerts.words import EVENTS, STATES, kind_word
from heatward_collector.core.cases import What
from heatward_collector.core.cases.telling import Audience
from heatward_collector.errors import HeatwardError
from heatward_collector.locale import Texts, message
from heatward_collector.papers.sheets import Cell, Sheet
from heatward_collector.supervision.case_file import CaseFile

Field = Callable[[CaseFile, Texts], Cell]


def _when(time_s: int | None, file: CaseFile) -> datetime | None:
    return None if time_s is None else datetime.fromtimestamp(time_s, file.zone)


def _at(what: What) -> Field:
    return lambda file, _say: _when(file.at(what), file)


def _closed(file: CaseFile, _say: Texts) -> Cell:
    closing = file.case.closing
    return None if closing is None else _when(closing.at_s, file)


def _how_closed(file: CaseFile, say: Texts) -> Cell:
    closing = file.case.closing
    if closing is None:
        return ""
    words = [say(EVENTS[closing.what]), closing.reason]
    return say(": ").join(word for word in words if word)


def _late(file: CaseFile, say: Texts) -> Cell:
    deadlines = file.deadlines()
    if not deadlines:
        return ""
    return say("yes") if any(one.is_missed(file.now_s) for one in deadlines) else say("no")


def _due(file: CaseFile, _say: Texts) -> Cell:
    pending = [one.due_s for one in file.deadlines() if one.is_pending()]
    return _when(min(pending, default=None), file)


def _officer(file: CaseFile, say: Texts) -> Cell:
    names = [one.name for one in file.people(Audience.OFFICER) if one.name]
    return say("list separator").join(names)


FIELDS: Mapping[str, tuple[str, Field]] = {
    "number": (message("Case"), lambda file, _say: file.case.number),
    "opened": (message("Opened"), lambda file, _say: _when(file.case.opened_s, file)),
    "district": (message("District"), lambda file, say: file.places("district", say)),
    "street": (message("Street office"), lambda file, say: file.places("street", say)),
    "place": (message("Where"), lambda file, say: place_name(file.case, file.names, say)),
    "buildings": (message("Buildings"), lambda file, say: file.buildings(say)),
    "source": (message("Heat source"), lambda file, say: file.places("source", say)),
    "supplier": (message("Supplier"), lambda file, say: file.places("supplier", say)),
    "kind": (message("What"), lambda file, say: kind_word(file.case.kind, say)),
    "begun": (message("Heat missing since"), lambda file, _say: _when(file.case.begun_s, file)),
    "heat_back": (message("Heat back"), lambda file, _say: _when(file.case.heat_back_s, file)),
    "homes": (message("Homes affected"), lambda file, _say: len(file.case.homes)),
    "median": (message("Median room, °C"), lambda file, _say: file.median_celsius()),
    "officer": (message("Responsible officer"), _officer),
    "notified": (message("Department told"), _at(What.NOTIFIED)),
    "reached": (message("Supplier reached"), _at(What.REACHED_SUPPLIER)),
    "acknowledged": (message("Acknowledged"), _at(What.ACKNOWLEDGED)),
    "measured": (message("Measured on site"), _at(What.MEASURED_ON_SITE)),
    "claimed": (message("Said to be fixed"), _at(What.CLAIMED_FIXED)),
    "due": (message("Next deadline"), _due),
    "late": (message("Deadline missed"), _late),
    "closed": (message("Closed"), _closed),
    "how_closed": (message("How it was closed"), _how_closed),
    "state": (message("State"), lambda file, say: say(STATES[file.case.state])),
    "relapses": (message("Relapses"), lambda file, _say: file.case.relapses),
    "empty": (message("Note"), lambda _file, _say: ""),
}
"""What a column may hold, with its usual heading; ``empty`` is left for the pen."""
USUAL = (
    "number", "opened", "street", "place", "buildings", "supplier", "kind", "begun", "heat_back",
    "homes", "median", "officer", "reached", "due", "late", "closed", "how_closed", "state",
    "empty",
)  # fmt: skip
Column = tuple[str, str]
"""A heading and a field."""


def usual_columns(say: Texts) -> list[Column]:
    """Return what fits a sheet of paper, each under its usual heading."""
    return [(say(FIELDS[field][0]), field) for field in USUAL]


def read_columns(text: str) -> list[Column]:
    """Read an office's own columns, one a line: ``heading = field``. Raises HeatwardError."""
    found, problems = [], []
    for line, words in enumerate(text.splitlines(), start=1):
        if not words.strip() or words.lstrip().startswith("#"):
            continue
        heading, sign, field = (word.strip() for word in words.rpartition("="))
        if not sign or not heading or field not in FIELDS:
            problems.append(
                f"{line}: {words.strip()!r}: 应为 表头 = 字段 / must be: heading = field; "
                f"可用 / allowed: {', '.join(FIELDS)}"
            )
        else:
            found.append((heading, field))
    if problems or not found:
        raise HeatwardError("\n".join(problems or ["没有列 / no columns"]))
    return found


def register(files: Sequence[CaseFile], columns: Sequence[Column], say: Texts) -> Sheet:
    """Return one row a case."""
    rows = [[FIELDS[field][1](file, say) for _, field in columns] for file in files]
    wide = frozenset(heading for heading, field in columns if field in ("buildings", "how_closed"))
    headings = tuple(heading for heading, _ in columns)
    return Sheet(say("Register of cases"), headings, rows, decimals=1, wide=wide)
