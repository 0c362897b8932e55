"""Complaints beside what was measured: closure, the rooms of that day, where sensors lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.local_days import day_of
from heatward_collector.locale import ENGLISH, Texts, message
from heatward_collector.papers.sheets import Cell, Sheet
from heatward_collector.refund import Books
from heatward_collector.refund.season_sheets import VERDICTS

Row = Mapping[str, Any]
COLUMNS = (
    message("Number"), message("Received"), message("Building"), message("Address"),
    message("Complaint"), message("State"), message("Closed"), message("Hours until closed"),
    message("Building that day"), message("Median that day, °C"), message("Homes judged"),
)  # fmt: skip
LACK_COLUMNS = (
    message("Building"), message("Complaints"), message("Homes measured"), message("Advice"),
)  # fmt: skip
FEW_HOMES = 3
"""Fewer measured homes cannot judge a building. (as in core/compliance.py)"""
STATES = {"open": message("being dealt with"), "closed": message("complaint closed")}


@dataclass(frozen=True, slots=True)
class Closure:
    """How complaints were answered."""

    received: int
    closed: int
    median_hours: float | None
    """Of those whose closing time is known."""

    @property
    def share(self) -> float | None:
        """Closed of received, None without any. [0 to 1]"""
        return self.closed / self.received if self.received else None


def closure(rows: Iterable[Row]) -> Closure:
    """Return how many complaints were closed, and how fast."""
    some = list(rows)
    closed = [row for row in some if row["state"] == "closed"]
    hours = sorted(
        (row["closed_s"] - row["received_s"]) / 3600
        for row in closed
        if row["closed_s"] is not None
    )
    middle = len(hours) // 2
    median = None
    if hours:
        median = hours[middle] if len(hours) % 2 else (hours[middle - 1] + hours[middle]) / 2
    return Closure(len(some), len(closed), median)


def complaints_sheet(books: Books, rows: Sequence[Row], say: Texts) -> Sheet:
    """Return one row a complaint, with what the rooms of the building said on that day."""
    directory, english = books.directory, say.language == ENGLISH
    judged: dict[date, dict[str, DayVerdict]] = {}
    lines: list[list[Cell]] = []
    for row in rows:
        day = day_of(row["received_s"], books.zone)
        if day not in judged:
            judged[day] = books.verdicts.of_day("building", day)
        verdict = judged[day].get(row["building"])
        name = (
            "" if row["building"] is None else directory.name("building", row["building"], english)
        )
        state, closed_s = STATES[row["state"]], row["closed_s"]
        lines.append(
            [
                row["id"],
                datetime.fromtimestamp(row["received_s"], books.zone),
                name,
                row["address"],
                row["text"],
                say(state),
                None if closed_s is None else datetime.fromtimestamp(closed_s, books.zone),
                None if closed_s is None else (closed_s - row["received_s"]) / 3600,
                say("not measured") if verdict is None else say(VERDICTS[verdict.verdict]),
                None if verdict is None else verdict.facts.get("median"),
                0 if verdict is None else verdict.facts.get("homes_judged", 0),
            ]
        )
    columns = tuple(say(column) for column in COLUMNS)
    wide = frozenset([say("Address"), say("Complaint")])
    return Sheet(say("Complaints"), columns, lines, _closure_notes(rows, say), 1, wide)


def lack_sheet(books: Books, rows: Sequence[Row], say: Texts) -> Sheet:
    """Return the buildings with complaints where sensors lack: where to hang the next ones."""
    directory = books.directory
    points = [directory.points[one] for one in _hanging(books)]
    homes_of = {(point.building, point.home) for point in points if not point.is_outdoor}
    measured = Counter(building for building, _ in homes_of)
    counts = Counter(row["building"] for row in rows if row["building"] is not None)
    lines: list[list[Cell]] = []
    for building, complaints in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        homes = measured[building]
        if homes >= FEW_HOMES:
            continue
        advice = message("hang a sensor in at least three homes: top, bottom and end wall first")
        if homes:
            advice = message("hang sensors in more homes, so that the building can be judged")
        name = directory.name("building", building, say.language == ENGLISH)
        lines.append([name, complaints, homes, say(advice)])
    columns = tuple(say(column) for column in LACK_COLUMNS)
    return Sheet(say("Complaints without sensors"), columns, lines, wide=frozenset([say("Advice")]))


def _hanging(books: Books) -> list[int]:
    """Return the points whose sensor still hangs."""
    index = books.directory.point_index
    return [
        index[row["target"]]
        for row in books.tables["assignment"]
        if row["to_s"] is None and row["target"] in index
    ]


def _closure_notes(rows: Sequence[Row], say: Texts) -> tuple[str, ...]:
    found = closure(rows)
    if found.share is None:
        return ()
    text = say(
        "%(closed)d of %(received)d closed (%(share).0f %%)",
        closed=found.closed,
        received=found.received,
        share=100 * found.share,
    )
    if found.median_hours is not None:
        text += say(", ") + say("median %(hours).1f h", hours=found.median_hours)
    return (text,)
