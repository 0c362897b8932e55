"""The text of a message about a case: place, since when, how cold, how many homes, whom to call.

Short, in Chinese and English, and without a word that leads to one home. The link shows; it
changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from heatward_collector.alerts.message import Text
from heatward_collector.alerts.words import DUTIES, NEWS, kind_word
from heatward_collector.core.cases import Case, CaseKind, What
from heatward_collector.core.cases.deadlines import DeadlineRule, Duty
from heatward_collector.core.cases.telling import Audience, News
from heatward_collector.core.suppression import Level
from heatward_collector.explain.measures import clock, measure
from heatward_collector.explain.names import Names, listed
from heatward_collector.locale import CHINESE, ENGLISH, Texts, message, texts

HOMES_FOR_FIGURES = 5
"""Below so many homes no temperature is told: it would be that of a family. (invariant 10)"""
MOST_BUILDINGS = 3
ASKS = {
    Audience.SUPPLIER: message(
        "Please go there, measure, restore the heat and report back. It is closed only when the"
        " rooms themselves are measured warm."
    ),
    Audience.OFFICER: message("Please call the supplier, then acknowledge the case."),
    Audience.NEXT_OFFICER: message(
        "The officer on duty has not answered. Please call the supplier and acknowledge the case."
    ),
    Audience.STREET: message("Please see that somebody measures in the rooms."),
    Audience.DEPARTMENT: message("Please see that the supplier acts."),
    Audience.CITY: message("The district has not answered. Please see that somebody acts."),
    Audience.ENFORCEMENT: message("Late start, early stop or stop-start heating: please examine."),
}
_DONE = (News.RECOVERED, News.CLOSED)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text needs beside the case."""

    names: Names
    zone: ZoneInfo
    minimum_celsius: float | None
    """What the standard asks for; None where nobody knows. [degC]"""
    suppliers: Sequence[tuple[str, str]] = ()
    """Id and duty phone."""
    address: str = ""
    """Where the pages are."""
    deadlines: Sequence[DeadlineRule] = field(default=())


def compose(case: Case, news: News, audience: Audience, facts: Facts, key: str) -> Text:
    """Return the text of one message; ``key`` is its id."""
    chinese, english = texts(CHINESE), texts(ENGLISH)
    return Text(
        heading(case, news, facts, chinese),
        heading(case, news, facts, english),
        "\n".join(_lines(case, news, audience, facts, key, chinese)),
        "\n".join(_lines(case, news, audience, facts, key, english)),
    )


def heading(case: Case, news: News, facts: Facts, say: Texts) -> str:
    """Return where and what, after a word of what is new."""
    return say(NEWS[news], title=title(case, facts.names, say))


def title(case: Case, names: Names, say: Texts) -> str:
    """Return where and what."""
    where, what = place_name(case, names, say), kind_word(case.kind, say)
    text = say("%(where)s, %(what)s", where=where, what=what)
    return text[:1].upper() + text[1:]


def place_name(case: Case, names: Names, say: Texts) -> str:
    """Return the name of a case's place with what it is."""
    return names.titled(case.where.level, case.where.id, say)


def situation(case: Case, zone: ZoneInfo, say: Texts) -> str:
    """Return since when heat is missing, or from when to when it was."""
    start = clock(case.begun_s, zone, say)
    if case.heat_back_s is None:
        return say("since %(start)s, still going on", start=start)
    return say("from %(start)s to %(end)s", start=start, end=clock(case.heat_back_s, zone, say))


def _lines(
    case: Case, news: News, audience: Audience, facts: Facts, key: str, say: Texts
) -> list[str]:
    lines = [say("Heat is missing %(when)s.", when=situation(case, facts.zone, say))]
    if case.heat_back_s is not None:
        lines = [say("Heat was missing %(when)s.", when=situation(case, facts.zone, say))]
    lines.append(_homes(case, facts, say))
    if any("declared_afterwards" in one.facts for one in case.round):
        lines.append(say("It was declared only afterwards: that explains nothing."))
    if news is News.OVERDUE:
        lines.append(say("Overdue: %(what)s.", what=_overdue(case, say)))
    if news is News.CLOSED and case.closing is not None and case.closing.reason:
        lines.append(say("%(who)s: %(reason)s", who=case.closing.by, reason=case.closing.reason))
    if news not in _DONE:
        lines += _whom_to_call(audience, facts, say)
        lines.append(say(ASKS[audience]))
    if audience is Audience.SUPPLIER and news in (News.OPENED, News.RELAPSED):
        lines += _deadlines(case, facts.deadlines, say)
    lines.append(say("Case %(number)d: %(link)s", number=case.number, link=_link(case, facts)))
    lines.append(say("Message %(key)s", key=key))
    return lines


def _homes(case: Case, facts: Facts, say: Texts) -> str:
    text = say.plural("%(n)d home affected", "%(n)d homes affected", len(case.homes))
    if case.where.level is not Level.BUILDING and case.buildings:
        text += say(", ") + say("in %(buildings)s", buildings=_buildings(case, facts.names, say))
    text += and_median(case, facts.zone, say)
    if facts.minimum_celsius is not None:
        value = measure("minimum_celsius", facts.minimum_celsius, facts.zone, say)
        text += say(", ") + say("the standard is %(value)s", value=value)
    return text + say(".")


def and_median(case: Case, zone: ZoneInfo, say: Texts) -> str:
    """Return the newest median of a case as a further clause; nothing of few homes."""
    found = (one.facts.get("median_celsius") for one in reversed(case.round))
    celsius = next((one for one in found if one is not None), None)
    if celsius is None or len(case.homes) < HOMES_FOR_FIGURES:
        return ""
    value = measure("median_celsius", celsius, zone, say)
    return say(", ") + say("median room %(value)s", value=value)


def _buildings(case: Case, names: Names, say: Texts) -> str:
    english = say.language == ENGLISH
    some = [names.place(Level.BUILDING, one, english) for one in case.buildings[:MOST_BUILDINGS]]
    rest = len(case.buildings) - len(some)
    if rest:
        some.append(say.plural("%(n)d more building", "%(n)d more buildings", rest))
    return listed(some, say)


def _whom_to_call(audience: Audience, facts: Facts, say: Texts) -> list[str]:
    if audience is Audience.SUPPLIER:
        return []
    return [_desk(facts.names.supplier(one, say), phone, say) for one, phone in facts.suppliers]


def _desk(name: str, phone: str, say: Texts) -> str:
    if not phone:
        return say("Supplier: %(name)s; no duty phone is registered.", name=name)
    return say("Supplier: %(name)s, duty phone %(phone)s.", name=name, phone=phone)


def _deadlines(case: Case, rules: Sequence[DeadlineRule], say: Texts) -> list[str]:
    """Return the deadlines in hours from delivery: they begin when this message arrives."""
    is_outage = case.kind is CaseKind.OUTAGE
    due = [
        say("%(what)s within %(hours)d h", what=say(DUTIES[rule.duty]), hours=rule.hours)
        for rule in rules
        if rule.duty is Duty.ON_SITE or rule.outages_only == is_outage
    ]
    if not due:
        return []
    return [say("From the arrival of this message: %(due)s.", due=say(", ").join(due))]


def _overdue(case: Case, say: Texts) -> str:
    last = case.last(What.OVERDUE)
    return say(DUTIES[Duty(last.reason)]) if last is not None else ""


def _link(case: Case, facts: Facts) -> str:
    return f"{facts.address}/case/{case.number}"
