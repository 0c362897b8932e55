"""What people do to a case: each deed by name, checked, told to whom it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from heatward_collector.cases.secretary import Secretary
from heatward_collector.cases.store import CaseStore
from heatward_collector.core.cases import Case, Event, Refused, What
from heatward_collector.errors import CaseRefused

DEEDS: Mapping[str, What] = {
    "acknowledge": What.ACKNOWLEDGED,
    "dispatch": What.DISPATCHED,
    "measured": What.MEASURED_ON_SITE,
    "dispute": What.DISPUTED,
    "claim": What.CLAIMED_FIXED,
    "close": What.CLOSED_BY_PERSON,
    "consent": What.CONSENT,
    "note": What.NOTE,
}
"""The words of commands and forms."""


class Desk:
    """Where people act on cases."""

    def __init__(self, store: CaseStore, secretary: Secretary, clock: Callable[[], float]) -> None:
        self._store, self._secretary, self._clock = store, secretary, clock

    def do(
        self, number: int, deed: str, by: str, reason: str = "", homes: tuple[str, ...] = ()
    ) -> Case:
        """Let a person do something to a case; return the case after it.

        A dispatch tells the supplier in person, so that deadlines run from it where nothing
        reached the supplier before. Raises CaseRefused, with the reason in both languages.
        """
        now_s = int(self._clock())
        what = DEEDS[deed]
        _check_person(by)
        with self._store.change() as change:
            before = change.case(number)
            if before is None:
                raise CaseRefused(f"没有 {number} 号案件 / there is no case {number}")
            if what is What.CONSENT and not set(homes) & set(before.homes):
                raise CaseRefused(
                    f"{', '.join(homes) or '-'} 不是本案的户 / is no home of this case"
                )
            try:
                case = change.record(
                    number, Event(what, now_s, by.strip(), reason.strip(), homes=homes)
                )
                self._secretary.tell(change, before, case, case.history[-1], now_s)
                if what is What.DISPATCHED and case.first(What.REACHED_SUPPLIER) is None:
                    case = change.record(
                        number, Event(What.REACHED_SUPPLIER, now_s, by.strip(), reason.strip())
                    )
            except Refused as error:
                raise CaseRefused(
                    f"{number} 号案件现在不能这样办 / this cannot be done to case {number}: {error}"
                ) from error
        return case


def _check_person(by: str) -> None:
    if not by.strip():
        raise CaseRefused("须写明办理人 / say who does it: --by NAME")
