"""A round on paper: the doors with the reason for each, and room for what is measured there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from heatward_collector.core.rounds import Door
from heatward_collector.locale import CHINESE, ENGLISH, Texts, message
from heatward_collector.papers.printing import print_pages
from heatward_collector.refund import Books
from heatward_collector.rounds.planner import Round, hours_of_round

COLUMNS = (
    message("No."), message("Building"), message("Door"), message("Why"), message("Time"),
    message("On site, °C"), message("Point, height"), message("Resident"), message("Supplier"),
    message("Street office"),
)  # fmt: skip
WIDTHS = ("auto", "1.4", "auto", "2.2", "0.8", "0.8", "1.2", "1", "1", "1")
STEPS = (
    message("Shut doors and windows 30 minutes before, no heater, no sun on the thermometer."),
    message("Half the depth of the room or 1.5 m from the outer wall or window, 1.4 m high."),
    message("A certified thermometer; write down its number. All three parties sign."),
    message("Bedrooms and living rooms count; hang nothing, move nothing at the sensor."),
)


def reasons(door: Door, say: Texts) -> str:
    """Return why a door is to be visited."""
    found = []
    if door.has_case:
        found.append(say("case waits for a measurement"))
    if door.below_days:
        found.append(
            say.plural("below on %(n)d day", "below on %(n)d of the last days", door.below_days)
        )
    if round(door.lack_kelvin, 1):  # what is written as 0.0 is no reason
        found.append(say("%(kelvin).1f degrees too cold", kelvin=door.lack_kelvin))
    if door.complaints:
        found.append(
            say.plural(
                "%(n)d open complaint in the building",
                "%(n)d open complaints in the building",
                door.complaints,
            )
        )
    if door.is_silent:
        found.append(say("sensor is silent"))
    if door.checked_days_ago is not None:
        found.append(say("measured officially %(days)d days ago", days=door.checked_days_ago))
    return say(", ").join(found)


def door_word(door: Door, say: Texts) -> str:
    """Return which door it is."""
    return door.home or say("any home, top floor or end wall first")


def spans_of(books: Books, say: Texts) -> str:
    """Return the hours of a round."""
    spans = [f"{first:02d}:00–{last:02d}:00" for first, last in hours_of_round(books.standard)]
    return say("list separator").join(spans)


def printed(planned: Round, books: Books, made_s: int, say: Texts) -> bytes:
    """Return a round as PDF, landscape, to be taken along."""
    is_chinese = say.language == CHINESE
    made = datetime.fromtimestamp(made_s, books.zone)
    english = say.language == ENGLISH
    place = (
        "" if planned.street is None else books.directory.name("street", planned.street, english)
    )
    rows = [
        [
            str(number),
            books.directory.name("building", door.building, english),
            door_word(door, say),
            reasons(door, say),
            *[""] * 6,
        ]
        for number, door in enumerate(planned.doors, start=1)
    ]
    data: dict[str, Any] = {
        "title": say("Round of measurements on site"),
        "subtitle": say(", ").join(one for one in (planned.day.isoformat(), place) if one),
        "hours": say("Official hours of rounds: %(spans)s", spans=spans_of(books, say)),
        "footer": say("Made by Heatward on %(when)s", when=f"{made:%Y-%m-%d %H:%M}"),
        "lang": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "gb",
        "landscape": True,
        "steps": [say(step) for step in STEPS],
        "table": {
            "columns": [say(column) for column in COLUMNS],
            "rows": rows,
            "right": [],
            "widths": list(WIDTHS),
            "high": 9,
        },
        "nothing": say("Nothing asks for a visit today."),
    }
    return print_pages("round", data, made_s)
