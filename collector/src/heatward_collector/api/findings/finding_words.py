"""Findings in the words of a page: a badge, a sentence, what became of it, and how sure it is.

Below five homes nobody is told how warm anybody's rooms were; a finding on one home or room is for
those who may see homes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heatward_collector.conclusions.findings import Change, SaidFinding, Watched

from ...core.suppression import Certainty, Finding, Level
from ...explain.names import Names, listed
from ...explain.sentence import considered, sentence, title, what, when
from ...explain.words import CERTAINTIES
from ...locale import ENGLISH, Texts, message
from ..rights.need_to_know import shows_plot, told, visible
from ..words.formats import Formats
from .finding_room import Board

STALE_LOOK_S = 3600
"""A newest look longer ago than this says nothing about now: four slots were missed. [s]"""
HOMES_TO_TELL = 4
"""With fewer homes a supplier and a household cannot be told apart."""
BUILDINGS_NAMED = 4
KNOWN_WEATHER = 0.5
"""With less of the day's weather short stops accuse nobody."""
_CHANGES = {
    Change.SAID: message("first said"),
    Change.GREW: message("went on"),
    Change.ENDED: message("heat came back"),
    Change.REVISED: message("corrected by readings or records that came later"),
    Change.WITHDRAWN: message(
        "withdrawn: what is known now does not show it, or a larger place is named instead"
    ),
}


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as a list shows it."""

    said: SaidFinding
    tone: str
    mark: str
    label: str
    title: str
    when: str
    homes: str
    buildings: str
    """Where homes are affected, unless the place is itself the building."""
    certainty: str
    sentence: str
    causes: tuple[str, ...]
    corrections: str
    shows_plot: bool


@dataclass(frozen=True, slots=True)
class Lookout:
    """The top of the list of findings."""

    mood: str
    headline: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One or more revisions of a finding that brought the same."""

    judged_at: int
    text: str
    times: int


def row_of(said: SaidFinding, names: Names, write: Formats, sees_homes: bool) -> FindingRow:
    """Put a finding into words."""
    say, zone = write.say, write.zone
    finding = told(said.finding, sees_homes)
    tone, mark, label = _badge(said, say)
    return FindingRow(
        said=said,
        tone=tone,
        mark=mark,
        label=label,
        title=title(finding, names, say),
        when=when(finding, zone, say),
        homes=say(
            "%(affected)d of %(judged)d homes with data are affected",
            affected=len(finding.affected),
            judged=finding.homes_judged,
        ),
        buildings=_buildings(finding, names, say),
        certainty=say(CERTAINTIES[finding.certainty]),
        sentence=sentence(finding, names, zone, say),
        causes=tuple(considered(one, zone, say) for one in finding.excluded),
        corrections=say.plural("corrected once", "corrected %(n)d times", said.corrections)
        if said.corrections
        else "",
        shows_plot=shows_plot(finding, sees_homes),
    )


def _buildings(finding: Finding, names: Names, say: Texts) -> str:
    if finding.level is Level.BUILDING or not finding.buildings:
        return ""
    english = say.language == ENGLISH
    some = [
        names.place(Level.BUILDING, one, english) for one in finding.buildings[:BUILDINGS_NAMED]
    ]
    rest = len(finding.buildings) - len(some)
    if rest:
        some.append(say.plural("%(n)d more building", "%(n)d more buildings", rest))
    return say("Buildings: %(names)s", names=listed(some, say))


def rows_of_building(
    board: Board, building: str, write: Formats, sees_homes: bool
) -> list[FindingRow]:
    """Return what is found that touches a building, without what was withdrawn."""
    touching = [one for one in board.of_building(building) if not one.is_withdrawn]
    return [row_of(one, board.names, write, sees_homes) for one in visible(touching, sees_homes)]


def _badge(said: SaidFinding, say: Texts) -> tuple[str, str, str]:
    """Return colour, sign and word of a badge."""
    if said.is_withdrawn:
        return "withdrawn", "\N{MULTIPLICATION SIGN}", say("withdrawn")
    certainty = said.finding.certainty
    if certainty is Certainty.DECLARED:
        return "not_judgeable", "i", say("as declared")
    if certainty is Certainty.UNDETERMINED:
        return "not_judgeable", "?", say("cause unknown")
    if said.is_open:
        return "below", "\N{BLACK DOWN-POINTING TRIANGLE}", what(said.finding, say)
    return "marginal_minus", "\N{BLACK DOWN-POINTING TRIANGLE}", what(said.finding, say)


def lookout_of(
    board: Board, findings: Sequence[SaidFinding], write: Formats, now_s: float
) -> Lookout:
    """Sum up what is found; calm only where enough was looked at, and lately."""
    say, watched = write.say, board.watched
    open_now = [one.finding for one in findings if one.is_open]
    accusing = sum(finding.accuses for finding in open_now)
    unknown = sum(finding.certainty is Certainty.UNDETERMINED for finding in open_now)
    mood, headline = _headline(accusing, unknown, watched, say, now_s)
    return Lookout(mood, headline, tuple(_rests_on(watched, write, now_s)))


def _headline(
    accusing: int, unknown: int, watched: Watched | None, say: Texts, now_s: float
) -> tuple[str, str]:
    if accusing:
        return "alarm", say.plural(
            "Too little heat comes to %(n)d place now",
            "Too little heat comes to %(n)d places now",
            accusing,
        )
    if watched is None:
        return "quiet", say("Nobody has looked for suppressed heating yet")
    if now_s - watched.looked_at > STALE_LOOK_S:
        return "quiet", say("The watch for suppressed heating stands still")
    if unknown:
        return "watch", say.plural(
            "Rooms cool together at %(n)d place; the cause is not known",
            "Rooms cool together at %(n)d places; the cause is not known",
            unknown,
        )
    if watched.homes_heard < HOMES_TO_TELL:
        return "quiet", say("Too few homes report to say anything")
    return "calm", say("No suppressed heating is found at the moment")


def _rests_on(watched: Watched | None, write: Formats, now_s: float) -> list[str]:
    """Return on how much the headline rests, in plain sentences."""
    say = write.say
    if watched is None:
        return [say("The first look follows half an hour after the first readings.")]
    texts = [
        say(
            "It rests on readings of %(heard)d of %(homes)d homes in the last day.",
            heard=watched.homes_heard,
            homes=watched.homes,
        )
    ]
    if watched.homes_heard < HOMES_TO_TELL:
        texts.append(say("At least 4 homes are needed to tell supplier and household apart."))
    if watched.outdoor_known >= KNOWN_WEATHER:
        texts.append(say("The outdoor temperature is known."))
    else:
        texts.append(
            say(
                "The outdoor temperature is not known, so a short stop of the heating is shown as"
                " “cause unknown”."
            )
        )
    texts.append(
        say(
            "Readings until %(until)s were looked at, %(ago)s.",
            until=write.clock(watched.until_s),
            ago=write.ago(now_s - watched.looked_at),
        )
    )
    return texts


def steps_of(history: Sequence[SaidFinding], say: Texts) -> list[Step]:
    """Return the life of a finding; revisions in a row that brought the same are one step."""
    steps: list[Step] = []
    for one in history:
        text = say(_CHANGES[one.change])
        if steps and steps[-1].text == text:
            steps[-1] = Step(one.judged_at, text, steps[-1].times + 1)
        else:
            steps.append(Step(one.judged_at, text, 1))
    return steps
