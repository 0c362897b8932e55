"""The words of cases for people: kinds, states, news, duties, what was done."""

from __future__ import annotations

from heatward_collector.core.cases import CaseKind, State, What
from heatward_collector.core.cases.deadlines import Duty
from heatward_collector.core.cases.ladder import Rung
from heatward_collector.core.cases.telling import Audience, News
from heatward_collector.core.suppression import Kind
from heatward_collector.explain.words import KINDS
from heatward_collector.locale import Texts, message

BELOW = message("rooms below the standard")
STATES = {
    State.OPEN: message("open, nobody told yet"),
    State.NOTIFIED: message("told, no answer yet"),
    State.ACKNOWLEDGED: message("acknowledged"),
    State.DISPATCHED: message("dispatched to the supplier"),
    State.CLAIMED_FIXED: message("said to be fixed, not yet measured"),
    State.CLOSED: message("closed"),
    State.RELAPSED: message("open again"),
    State.MERGED: message("part of another case"),
}
NEWS = {
    News.OPENED: message("%(title)s"),
    News.GREW: message("Update: %(title)s"),
    News.RELAPSED: message("Missing again: %(title)s"),
    News.RECOVERED: message("Measured warm again: %(title)s"),
    News.CLOSED: message("Closed: %(title)s"),
    News.NOT_JUDGEABLE: message("Recovery not judgeable: %(title)s"),
    News.UNANSWERED: message("Nobody has answered: %(title)s"),
    News.OVERDUE: message("Overdue: %(title)s"),
}
DUTIES = {
    Duty.ON_SITE: message("measure on site"),
    Duty.IMPROVED: message("make it warm again"),
    Duty.DEPARTMENT_MEASURES: message("the department measures, for it is disputed"),
    Duty.REPAIRED: message("mend the outage"),
}
AUDIENCES = {
    Audience.OFFICER: message("responsible officer"),
    Audience.NEXT_OFFICER: message("next officer on duty"),
    Audience.SUPPLIER: message("supplier's duty phone"),
    Audience.STREET: message("street office"),
    Audience.DEPARTMENT: message("district heating department"),
    Audience.ENFORCEMENT: message("heating enforcement"),
    Audience.CITY: message("city heating department"),
}
EVENTS = {
    What.OPENED: message("opened"),
    What.SIGN: message("measurements changed"),
    What.RAISED: message("concerns a larger place now"),
    What.TOOK_OVER: message("took over another case"),
    What.NOTIFIED: message("told to those in charge"),
    What.REACHED_SUPPLIER: message("reached the supplier; deadlines run from here"),
    What.ACKNOWLEDGED: message("acknowledged"),
    What.CLIMBED: message("nobody answered: told to the next one"),
    What.DISPATCHED: message("dispatched to the supplier"),
    What.MEASURED_ON_SITE: message("measured on site"),
    What.DISPUTED: message("disputed by the supplier"),
    What.CLAIMED_FIXED: message("said to be fixed"),
    What.CLAIM_REFUTED: message("measurements refute that it is fixed"),
    What.NOT_JUDGEABLE: message("recovery not judgeable: too few sensors report"),
    What.JUDGEABLE_AGAIN: message("enough sensors report again"),
    What.RECOVERED: message("measured warm again"),
    What.SEASON_OVER: message("season over, not remedied"),
    What.CLOSED_BY_PERSON: message("closed by a person"),
    What.MERGED: message("merged into another case"),
    What.RELAPSED: message("heat is missing again"),
    What.OVERDUE: message("a deadline has passed"),
    What.CONSENT: message("a resident lets the supplier know the address"),
    What.NOTE: message("note"),
}


def kind_word(kind: CaseKind, say: Texts) -> str:
    """Return what a case says, in the words of the notice."""
    if kind is CaseKind.BELOW_STANDARD:
        return say(BELOW)
    return say(KINDS[Kind(kind.value)])


TOLD = frozenset({What.NOTIFIED, What.REACHED_SUPPLIER, What.CLIMBED})
"""What names in its reason who was told: ``audience: name``."""


def told_words(reason: str, say: Texts) -> str:
    """Return who was told, from the reason of an event in ``TOLD``."""
    audience, _, name = reason.partition(": ")
    if audience == Rung.DISTRICT.value:
        audience = Audience.DEPARTMENT.value
    known = next((say(word) for one, word in AUDIENCES.items() if one.value == audience), audience)
    return say("%(role)s: %(name)s", role=known, name=name) if name else known
