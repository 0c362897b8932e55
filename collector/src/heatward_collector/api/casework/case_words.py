"""Cases in the words of pages: what stands, what is next, by when, and what has happened."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...alerts.texts import and_median, situation, title
from ...alerts.words import DUTIES, EVENTS, STATES, TOLD, kind_word, told_words
from ...cases.desk import DEEDS
from ...core.cases import Case, Event, State, What
from ...core.cases.deadlines import Deadline
from ...core.cases.telling import is_urgent
from ...explain.names import Names
from ...locale import ENGLISH, Texts, message
from ...spot_checks.photos import NAME
from ..words.formats import Formats

_TONES = {
    State.CLOSED: ("met", "\N{CHECK MARK}"),
    State.MERGED: ("not_judgeable", "+"),
    State.CLAIMED_FIXED: ("marginal_minus", "?"),
    State.DISPATCHED: ("marginal_minus", "\N{RIGHTWARDS ARROW}"),
    State.ACKNOWLEDGED: ("marginal_minus", "\N{BULLET}"),
}
_NEXT = {
    State.OPEN: message("Nobody has been told yet; the messages go out by themselves."),
    State.NOTIFIED: message("Somebody must answer: call the supplier, then acknowledge."),
    State.RELAPSED: message("It came back: call the supplier again, then acknowledge."),
    State.ACKNOWLEDGED: message("Dispatch it to the supplier, and see that somebody measures."),
    State.DISPATCHED: message("Wait for the supplier's report, and measure on site."),
    State.CLAIMED_FIXED: message("Do nothing: the rooms themselves must be measured warm."),
    State.CLOSED: message("Nothing is to be done."),
    State.MERGED: message("Go on in the case that took it over."),
}
_BACK = message("The heat is back; it is closed once the rooms stay warm.")
_SILENT = message("Too few sensors report: have somebody measure on site, and mend the sensors.")
DEED_WORDS = {
    "acknowledge": message("Acknowledge"),
    "dispatch": message("Dispatch to the supplier"),
    "measured": message("Measured on site"),
    "dispute": message("Dispute"),
    "claim": message("Say that it is fixed"),
    "close": message("Close by hand"),
    "note": message("Write a note"),
}


ATTACHED = re.compile(rf"\s*\[({NAME.pattern})\]$")
"""How the reason of an event names a file that was handed in with it."""


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    """One duty in words."""

    what: str
    due_s: int
    tone: str
    mark: str
    state: str
    source: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """What a list shows of a case."""

    case: Case
    title: str
    when: str
    homes: str
    tone: str
    mark: str
    state: str
    next: str
    deadlines: tuple[DeadlineRow, ...]
    is_overdue: bool
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One line of a history."""

    at_s: int
    what: str
    by: str
    detail: str
    file: str = ""
    """The name of a file that was handed in with it."""


def row_of(
    case: Case, deadlines: Sequence[Deadline], names: Names, write: Formats, now_s: float
) -> CaseRow:
    """Return what a list shows of a case."""
    say = write.say
    tone, mark = _TONES.get(case.state, ("below", "\N{BLACK DOWN-POINTING TRIANGLE}"))
    rows = tuple(_deadline(one, write, now_s) for one in deadlines)
    return CaseRow(
        case,
        title(case, names, say),
        say("Heat is missing %(when)s.", when=situation(case, write.zone, say))
        if case.heat_back_s is None
        else say("Heat was missing %(when)s.", when=situation(case, write.zone, say)),
        _homes(case, write),
        tone,
        mark,
        say(STATES[case.state]),
        say(_next(case)),
        rows,
        any(one.is_pending() and one.is_missed(now_s) for one in deadlines),
        is_urgent(case, now_s) and case.is_live,
    )


def order(row: CaseRow) -> tuple[bool, bool, int]:
    """Return the key by which cases are listed: overdue, urgent, the oldest."""
    return not row.is_overdue, not row.is_urgent, row.case.opened_s


def history_of(case: Case, names: Names, write: Formats) -> list[HistoryRow]:
    """Return the life of a case, oldest first."""
    found = []
    for one in case.history:
        words = write.say(EVENTS[one.what])
        by = write.say("the system") if one.by == "heatward" else one.by
        detail = _detail(one, names, write)
        file = ATTACHED.search(detail)
        row = HistoryRow(one.at_s, words, by, ATTACHED.sub("", detail), file[1] if file else "")
        found.append(row)
    return found


def deeds_of(case: Case, wanted: Sequence[str]) -> list[str]:
    """Return which of some deeds can be done to a case now."""
    if not case.is_live:
        return []
    done = {"acknowledge": case.state not in (State.OPEN, State.NOTIFIED, State.RELAPSED)}
    return [one for one in wanted if one in DEEDS and not done.get(one, False)]


def _next(case: Case) -> str:
    if case.is_live and not case.is_judgeable:
        return _SILENT
    if case.is_live and not case.lasts:
        return _BACK
    return _NEXT[case.state]


def _homes(case: Case, write: Formats) -> str:
    text = write.say.plural("%(n)d home affected", "%(n)d homes affected", len(case.homes))
    return text + and_median(case, write.zone, write.say)


def _deadline(one: Deadline, write: Formats, now_s: float) -> DeadlineRow:
    say = write.say
    if one.done_s is not None and not one.is_missed(now_s):
        tone, mark, state = "met", "\N{CHECK MARK}", say("done in time")
    elif one.done_s is not None:
        tone, mark, state = "marginal_minus", "!", say("done too late")
    elif one.is_missed(now_s):
        tone, mark, state = "below", "!", say("overdue since %(when)s", when=write.clock(one.due_s))
    elif not one.is_pending():
        tone, mark, state = "not_judgeable", "\N{EN DASH}", say("the case ended before")
    else:
        hours = (one.due_s - now_s) / 3600
        state = say.plural("%(n)d hour left", "%(n)d hours left", max(int(hours), 0))
        tone, mark = "not_judgeable", "\N{HORIZONTAL ELLIPSIS}"
    source = say(
        "%(hours)d h from the delivery; %(source)s",
        hours=one.rule.hours,
        source=say.half(one.rule.source),
    )
    return DeadlineRow(say(DUTIES[one.duty]), one.due_s, tone, mark, state, source)


def _detail(event: Event, names: Names, write: Formats) -> str:
    say = write.say
    if event.what is What.OVERDUE:
        return _duty_word(event.reason, say)
    if event.what in TOLD:
        return told_words(event.reason, say)
    words = _facts_of(event, names, write)
    if event.reason and event.what is not What.SIGN:
        words.append(event.reason)
    return say(", ").join(words)


def _facts_of(event: Event, names: Names, write: Formats) -> list[str]:
    """Return what was measured: kind, place, when heat was back, how many homes are warm."""
    say = write.say
    words: list[str] = []
    if event.kind is not None and event.what in (What.OPENED, What.SIGN, What.RELAPSED):
        words.append(kind_word(event.kind, say))
    if event.where is not None:
        words.append(names.place(event.where.level, event.where.id, say.language == ENGLISH))
    if event.what is What.SIGN and event.is_withdrawn:
        words.append(say("no longer held"))
    elif event.what is What.SIGN and event.ended_s is not None:
        words.append(say("heat back on %(when)s", when=write.clock(event.ended_s)))
    if event.other:
        words.append(say("case %(number)d", number=event.other))
    if event.what is What.RECOVERED:
        words.append(
            say(
                "%(warm)d of %(reporting)d reporting homes warm, %(homes)d affected",
                **{key: int(float(event.facts[key])) for key in ("warm", "reporting", "homes")},
            )
        )
    return words


def _duty_word(duty: str, say: Texts) -> str:
    return next((say(word) for one, word in DUTIES.items() if one.value == duty), duty)
