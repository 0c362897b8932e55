"""What the registry lacks: sources without an officer, estates without volunteer or sensor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...accounts import Reach, Viewer
from ...locale import ENGLISH, message
from ...registry import Directory
from ..city.whom_to_call import OFFICER, duty_desk
from ..words.formats import Formats

VOLUNTEER = "volunteer_supervisor"
NO_OFFICER = message("Heat sources without a responsible officer")
NO_PHONE = message("Heat suppliers without a duty phone")
NO_VOLUNTEER = message("Estates without a volunteer supervisor")
NO_SENSOR = message("Estates without a sensor")
NOBODY_TO_CALL = message("When it is cold, the list can name nobody to call.")
NOBODY_TO_VISIT = message("Nobody hangs sensors there, or looks why one is silent.")
NOTHING_KNOWN = message("Nobody knows how warm it is there.")


@dataclass(frozen=True, slots=True)
class Gap:
    """Places of one kind that lack the same."""

    title: str
    why: str
    """What cannot be done because of it."""
    places: tuple[str, ...]
    checked: int
    """How many places were looked at."""


def gaps_of(
    directory: Directory, reach: Reach, viewer: Viewer, write: Formats, now_s: int
) -> list[Gap]:
    """Return what is missing within a viewer's scope; a gap without places is closed."""
    today = datetime.fromtimestamp(now_s, write.zone).date()
    held: dict[str, set[str]] = {}
    for row in directory.tables["person"].values():
        if row["from_day"] is None or row["from_day"] <= today:
            held.setdefault(str(row["role"]), set()).add(str(row["subject"]))
    measured = {directory.points[point].estate for point in directory.sensors_at(now_s)}
    persons = directory.tables["person"].values()
    phones = {
        key
        for key, row in directory.tables["supplier"].items()
        if row["duty_phone"] or duty_desk(persons, key, today)
    }
    english = write.say.language == ENGLISH

    return [
        Gap(
            write.say(title),
            write.say(why),
            tuple(directory.name(table, key, english) for key in seen if key not in closed),
            len(seen),
        )
        for title, why, table, closed in (
            (NO_OFFICER, NOBODY_TO_CALL, "source", held.get(OFFICER, set())),
            (NO_PHONE, NOBODY_TO_CALL, "supplier", phones),
            (NO_VOLUNTEER, NOBODY_TO_VISIT, "estate", held.get(VOLUNTEER, set())),
            (NO_SENSOR, NOTHING_KNOWN, "estate", measured),
        )
        for seen in [list(filter(reach.chooser(viewer, table), sorted(directory.tables[table])))]
    ]
