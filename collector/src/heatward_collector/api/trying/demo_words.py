"""What ``/demo`` says of its buttons, and of what came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heatward_collector.conclusions.findings import SaidFinding
from heatward_collector.conclusions.placements import SaidDoubt

from ...core.suppression import Kind, Level
from ...demo_desk import Deed, Done
from ...explain import Names
from ...explain.placement_words import doubt_sentence
from ...local_days import day_of
from ...locale import ENGLISH, message
from ..city.facts import RoomFile
from ..findings.finding_words import FindingRow, row_of
from ..words.formats import Formats

ABOUT_S = 3600
"""A finding that begins within an hour of a deed is about it. [s]"""

NAMES = {
    Deed.STOP_AT_NIGHT: message("Shut the heat source for a night"),
    Deed.CAP_SUPPLY: message("Hold back the supply for six days"),
    Deed.OPEN_WINDOWS: message("Open all windows at once"),
    Deed.PROBE_AT_RADIATOR: message("Carry a sensor to the radiator"),
    Deed.UNPLUG_NODE: message("Unplug a node"),
    Deed.STOP_SERIES: message("Halt the time series"),
}
HAPPENS = {
    Deed.STOP_AT_NIGHT: message("No heat from 23:00 to 04:30, everything else as usual."),
    Deed.CAP_SUPPLY: message("Pipes are warm, but rooms end up 3 K colder. Nobody declared it."),
    Deed.OPEN_WINDOWS: message("From 8:00 to 8:30 all households of the district air together."),
    Deed.PROBE_AT_RADIATOR: message("Somebody wants a warm number: one sensor, twelve hours."),
    Deed.UNPLUG_NODE: message("One home's node has no power for eight hours."),
    Deed.STOP_SERIES: message("The process that writes the series hangs for three hours."),
}
SILENCE = {
    Deed.STOP_AT_NIGHT: message(
        "Nothing was said. A place must have been heard for three days before anybody is accused."
    ),
    Deed.CAP_SUPPLY: message(
        "Nobody is said to hold back heat: that is judged against how the place did in the two"
        " weeks before, which a demo of three days does not know; with “heatward demo --days 14” it"
        " is said. The verdicts on the buildings say how cold it is."
    ),
    Deed.OPEN_WINDOWS: message(
        "Nothing was said: no stop of heating cools a room as fast as an open window. Homes that"
        " fell so fast have no say until their air is back."
    ),
    Deed.PROBE_AT_RADIATOR: message(
        "Nobody is accused, and nobody is proved right: the home is doubted once its sensor has"
        " stood apart from its neighbours for days, or kept warm while the whole house cooled."
    ),
    Deed.UNPLUG_NODE: message(
        "Nobody was accused: missing readings are missing, neither cold nor warm. The node keeps"
        " nothing it did not measure, and the day's coverage says what is missing."
    ),
    Deed.STOP_SERIES: message("No finding: a machine of ours says nothing about anybody's heat."),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One deed as the page shows it."""

    done: Done
    name: str
    where: str
    when: str
    percent: int
    rows: tuple[FindingRow, ...]
    """What was found of it."""
    lines: tuple[str, ...]
    """What else there is to say, or why nothing was found."""
    links: tuple[tuple[str, str], ...]
    """Address and name of pages where it shows."""


def answer_of(
    done: Done,
    findings: Sequence[SaidFinding],
    names: Names,
    write: Formats,
    room: RoomFile | None = None,
    doubts: Sequence[SaidDoubt] = (),
) -> Answer:
    """Put a deed into words; ``room`` is where one was done to a room or its node."""
    about = [one for one in findings if is_about(one, done)]
    rows = tuple(row_of(one, names, write, sees_homes=True) for one in about)
    say = write.say
    lines = [] if not done.is_finished or is_answered(about, done) else [say(SILENCE[done.deed])]
    if done.is_finished:
        lines += _measured(done, write)
        lines += _of_room(done, room, write)
        lines += [doubt_sentence(one, one.point, write.zone, say) for one in doubts]
    return Answer(
        done,
        say(NAMES[done.deed]),
        _where(done, names, write),
        say(
            "%(start)s to %(end)s",
            start=write.clock(done.from_s),
            end=write.clock(done.to_s),
        ),
        int(100 * done.share),
        rows,
        tuple(lines),
        tuple(_links(done, room, write)),
    )


def is_about(said: SaidFinding, done: Done) -> bool:
    """Say whether a finding may come from a deed: it was begun with it, at any place."""
    inside = done.from_s - ABOUT_S <= said.finding.start_s < done.to_s + ABOUT_S
    return inside and not said.is_withdrawn


def is_answered(about: Sequence[SaidFinding], done: Done) -> bool:
    """Say whether what was found speaks of the deed: days of a held back supply see much else."""
    kinds = {one.finding.kind for one in about}
    return Kind.THROTTLING in kinds if done.deed is Deed.CAP_SUPPLY else bool(kinds)


def _where(done: Done, names: Names, write: Formats) -> str:
    english = write.say.language == ENGLISH
    match done.deed:
        case Deed.STOP_AT_NIGHT | Deed.CAP_SUPPLY:
            return names.place(Level.SOURCE, done.place, english)
        case Deed.PROBE_AT_RADIATOR:
            return write.say("Room %(room)s", room=done.place)
        case Deed.UNPLUG_NODE:
            return write.say("Node %(node)s", node=done.place)
        case _:
            return write.say("whole district")


def _measured(done: Done, write: Formats) -> list[str]:
    """Return what was counted while the series stood still."""
    if "missing_before" not in done.facts:
        return []
    return [
        write.say(
            "While it hung the ledger went on to %(ledger)s readings; %(missing)s of them were not"
            " in the series. Afterwards %(left)s are missing there.",
            ledger=f"{done.facts['ledger_before']:,.0f}",
            missing=f"{done.facts['missing_before']:,.0f}",
            left=f"{done.facts['missing_after']:,.0f}",
        )
    ]


def _of_room(done: Done, room: RoomFile | None, write: Formats) -> list[str]:
    if room is None:
        return []
    say, last = write.say, day_of(done.to_s, write.zone)
    shown = []
    if "shown_celsius" in done.facts:
        celsius = write.celsius(done.facts["shown_celsius"])
        shown.append(say("The sensor showed %(celsius)s in the end.", celsius=celsius))
    return shown + [
        say(
            "Verdict on this room for %(day)s: %(verdict)s, coverage %(coverage)s.",
            day=write.day(day.day),
            verdict=write.standing(day.judgement),
            coverage=write.percent(day.coverage),
        )
        for day in room.days
        if day.day == last
    ]


def _links(done: Done, room: RoomFile | None, write: Formats) -> list[tuple[str, str]]:
    say = write.say
    if room is not None:
        return [(f"/room/{room.room.id}", say("The room"))]
    if done.deed is Deed.STOP_SERIES:
        return [("/status", say("System"))]
    return [("/findings", say("Findings")), ("/", say("Buildings"))]
