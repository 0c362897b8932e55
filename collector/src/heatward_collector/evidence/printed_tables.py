"""The tables of a printed pack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from heatward_collector.alerts.words import EVENTS, TOLD, told_words
from heatward_collector.core.cases import Case
from heatward_collector.core.cases.event import OURSELVES
from heatward_collector.evidence.contents import Contents
from heatward_collector.explain.measures import clock, number, percent
from heatward_collector.locale import Texts, message
from heatward_collector.refund.season_sheets import VERDICTS
from heatward_collector.spot_checks.official import doubts

Table = dict[str, Any]
"""Columns, rows of texts, which columns go to the right, and how wide they are."""
DAY_COLUMNS = (
    message("Day"), message("Room"), message("Verdict"), message("Mean, °C"),
    message("Lowest hour, °C"), message("Hours below"), message("Guard band, K"),
    message("Coverage"), message("Outdoors, °C"), message("Others below"), message("Revision"),
)  # fmt: skip
CHECK_COLUMNS = (
    message("Time"), message("Room"), message("On site, °C"), message("Sensor then, °C"),
    message("Instrument"), message("Signed by"), message("Official"),
)  # fmt: skip
NOTICE_COLUMNS = (
    message("Time"), message("Home"), message("Who"), message("To whom"), message("How"),
)  # fmt: skip
HISTORY_COLUMNS = (message("Time"), message("Step"), message("By"), message("Note"))
SENSOR_COLUMNS = (
    message("Room"), message("Sensor"), message("Node"), message("Hangs since"),
    message("Calibration"), message("Placement"),
)  # fmt: skip
NEAR_S = 900
"""A measurement on site is compared with the sensor within so much. [s]"""
WORDS = {
    "bedroom": message("bedroom"),
    "living_room": message("living room"),
    "kitchen": message("kitchen"),
    "bathroom": message("bathroom"),
    "other": message("other room"),
    "middle": message("in the middle"),
    "top": message("top floor"),
    "bottom": message("bottom floor"),
    "end_wall": message("end wall"),
    "phone": message("by phone"),
    "hotline": message("by the hotline 12345"),
    "online": message("online"),
    "in_person": message("in person"),
    "letter": message("in writing"),
}
"""Uses of rooms, positions of homes and ways of telling, by the words of the registry."""


def sensors_table(contents: Contents, say: Texts) -> Table:
    """Return which sensor hangs in which room, how it is calibrated and placed."""
    calibrations = {row["sensor"]: row for row in contents.calibrations()}
    placements = {row["room"]: row for row in contents.placements()}
    zone = contents.books.zone
    rows = []
    for row in contents.assignments():
        calibration, placement = calibrations.get(row["sensor"]), placements.get(row["target"])
        rooms = contents.books.directory.tables["room"]
        rows.append(
            [
                f"{row['target']} ({say(WORDS[rooms[row['target']]['use']])})",
                row["sensor"],
                row["node"] or "",
                f"{datetime.fromtimestamp(row['from_s'], zone):%Y-%m-%d}",
                say("none: ±0.5 K")
                if calibration is None
                else say(
                    "%(offset)s K, u %(u)s K, %(certificate)s",
                    offset=number(calibration["offset_kelvin"], 2),
                    u=number(calibration["uncertainty_kelvin"], 2),
                    certificate=calibration["certificate"],
                ),
                _placement(placement, say),
            ]
        )
    return _table(SENSOR_COLUMNS, rows, say, widths=["auto"] * 4 + ["1", "1"])


def _placement(row: Any, say: Texts) -> str:
    if row is None or not row["documented"]:
        return say("not documented")
    facts = [
        say(pattern, metres=number(row[key], 2)) for key, pattern in PLACED if row[key] is not None
    ]
    facts += [row["note"]] if row["note"] else []
    if not row["suitable"]:
        facts.append(say("unsuitable"))
    return say(", ").join(facts) or say("documented")


PLACED = (
    ("height_m", message("%(metres)s m high")),
    ("to_outer_wall_m", message("%(metres)s m to the outer wall")),
    ("to_heater_m", message("%(metres)s m to the radiator")),
)


def days_table(contents: Contents, say: Texts) -> Table:
    """Return one row a room and day, with peers and weather beside it."""
    weather = {(one.place, one.day): one.facts.get("outdoor") for one in _building_days(contents)}
    others = {one.day: one for one in contents.peers if one.level == "building"}
    building = {point.id: point.building for point in contents.points}
    rows = []
    for (room, day), one in sorted(
        contents.newest().items(), key=lambda item: (item[0][1], item[0][0])
    ):
        peers = others.get(day)
        facts = one.facts
        rows.append(
            [
                day.isoformat(),
                room,
                say(VERDICTS[one.verdict]),
                _number(facts.get("mean"), 1),
                _number(facts.get("minimum"), 1),
                _number(facts.get("hours_below"), 0),
                _number(facts.get("guard"), 2),
                f"{100 * (facts.get('coverage') or 0):.0f}{percent(say)}",
                _number(weather.get((building[room], day)), 1),
                "" if peers is None or not peers.homes else f"{peers.below}/{peers.homes}",
                str(one.revision),
            ]
        )
    widths = ["auto", "auto", "1.6", *(["1"] * (len(DAY_COLUMNS) - 3))]
    return _table(DAY_COLUMNS, rows, say, range(3, len(DAY_COLUMNS)), widths)


def _building_days(contents: Contents) -> Iterator[Any]:
    days = contents.days
    for building in sorted({point.building for point in contents.points}):
        yield from contents.books.verdicts.of_place("building", building, days[0], days[-1])


def checks_table(contents: Contents, say: Texts) -> Table:
    """Return the measurements on site beside what the sensor said then."""
    rooms, standard = contents.books.directory.tables["room"], contents.books.standard
    rows = []
    for row in contents.checks:
        near = [
            one.celsius
            for one in contents.kept.readings
            if one.point == row["room"]
            and one.is_good
            and abs(one.time_s - row["measured_s"]) <= NEAR_S
        ]
        signed = (row["resident"], row["supplier_person"], row["office_person"])
        reasons = doubts(row, rooms[row["room"]]["use"], standard)
        rows.append(
            [
                clock(row["measured_s"], contents.books.zone, say),
                row["room"],
                number(row["celsius"], 1),
                number(float(np.median(near)), 1) if near else say("no reading"),
                say(", ").join(one for one in (row["instrument"], row["certificate"]) if one),
                say(", ").join(one for one in signed if one),
                say("list separator").join(say(one) for one in reasons) or say("yes"),
            ]
        )
    return _table(CHECK_COLUMNS, rows, say, (2, 3))


def notices_table(contents: Contents, say: Texts) -> Table:
    """Return what the residents told the supplier."""
    rows = []
    for row in contents.notices:
        how, given_at = WORDS[row["channel"]], clock(row["given_s"], contents.books.zone, say)
        rows.append([given_at, row["home"], row["given_by"], row["given_to"], say(how)])
    return _table(NOTICE_COLUMNS, rows, say)


def history_table(case: Case, contents: Contents, say: Texts) -> Table:
    """Return what happened to a case, line by line."""
    rows = []
    for event in case.history:
        word = EVENTS[event.what]
        when = clock(event.at_s, contents.books.zone, say)
        by = event.by if event.by != OURSELVES else say("the system")
        note = told_words(event.reason, say) if event.what in TOLD else event.reason
        rows.append([when, say(word), by, note])
    return _table(HISTORY_COLUMNS, rows, say, widths=["auto", "1.4", "auto", "1"])


def hours_table(contents: Contents, room: str, say: Texts) -> Table:
    """Return one row a day and one column an hour of the local clock."""
    zone = contents.books.zone
    time_s, values = contents.hourly(room)
    of_day: dict[str, list[str]] = {}
    for second, value in zip(time_s.tolist(), values.tolist(), strict=True):
        moment = datetime.fromtimestamp(second, zone)
        row = of_day.setdefault(f"{moment:%m-%d}", [""] * 24)
        row[moment.hour] = _number(value, 1) if np.isfinite(value) else ""
    rows = [[day, *hours] for day, hours in of_day.items() if any(hours)]
    columns = [say("Day"), *(f"{hour:02d}" for hour in range(24))]
    return {
        "columns": columns,
        "rows": rows,
        "right": list(range(1, 25)),
        "widths": ["auto", *(["1"] * 24)],
    }


def _table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    say: Texts,
    right: Sequence[int] = (),
    widths: Sequence[str] | None = None,
) -> Table:
    return {
        "columns": [say(column) for column in columns],
        "rows": [list(row) for row in rows],
        "right": list(right),
        "widths": list(widths or ["1"] * len(columns)),
    }


def _number(value: float | None, decimals: int) -> str:
    """Write a number for a column: always with its decimals, and a real minus sign."""
    return "" if value is None else f"{value:.{decimals}f}".replace("-", "\N{MINUS SIGN}")
