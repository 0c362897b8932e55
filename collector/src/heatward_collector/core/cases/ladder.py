"""The ladder: who is told when nobody answers. It is for silence only.

Department, responsible officer and supplier hear of a case at once; the ladder climbs while no
person has acknowledged it: the next person on the roster, then the street office, the district
department (or the authority over a unit that heats itself), and the city.
"""

from __future__ import annotations

from enum import StrEnum

from heatward_collector.core.cases.case import Case
from heatward_collector.core.cases.event import What
from heatward_collector.core.cases.state import State

MINUTE_S, DAY_S = 60, 86_400


class Rung(StrEnum):
    """Whom the ladder reaches, from the lowest to the highest."""

    OFFICER = "officer"
    NEXT_OFFICER = "next_officer"
    STREET = "street"
    DISTRICT = "district"
    CITY = "city"


URGENT_S = {
    Rung.NEXT_OFFICER: 15 * MINUTE_S,
    Rung.STREET: 30 * MINUTE_S,
    Rung.DISTRICT: 60 * MINUTE_S,
    Rung.CITY: 120 * MINUTE_S,
}
"""After so much silence since somebody was reached, for what is told at once. [s] (project rule; a
supplier's own outage is to be known within two hours)"""
CALM_S = {
    Rung.STREET: DAY_S,
    Rung.DISTRICT: 2 * DAY_S,
    Rung.CITY: 4 * DAY_S,
}
"""The same for what is told in digests: nobody is to be called at night for it. [s]"""


def rung_due(case: Case, urgent: bool, now_s: float) -> Rung | None:
    """Return the next rung that must be told now, None where nobody must.

    Silence counts from the first message that reached anybody in this round. One rung a call: the
    caller tells it, writes it down as CLIMBED with the rung as its reason, and asks again.
    """
    told = case.first(What.NOTIFIED)
    if told is None or case.state is not State.NOTIFIED or not case.lasts:
        return None
    climbed = {one.reason for one in case.round if one.what is What.CLIMBED}
    for rung, silence_s in (URGENT_S if urgent else CALM_S).items():
        if rung.value not in climbed:
            return rung if now_s - told.at_s >= silence_s else None
    return None
