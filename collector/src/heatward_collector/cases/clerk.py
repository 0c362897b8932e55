"""The clerk of one look: brings signs to cases within one transaction, each change told at once."""

from __future__ import annotations

from collections.abc import Sequence

from heatward_collector.cases import basis
from heatward_collector.cases.secretary import Secretary
from heatward_collector.cases.signs import NewSign
from heatward_collector.cases.store import CaseChange
from heatward_collector.core.cases import Case, CaseKind, Event, HeatPlace, Sign, What, family_of
from heatward_collector.core.cases.placing import RELAPSE_S, Choice, Fate, choose
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Level
from heatward_collector.local_days import day_of
from heatward_collector.registry import Registry

CLOSED_LATELY_S = RELAPSE_S + 3 * 86_400
"""Cases that were closed within this time still take signs. [s]"""


class Clerk:
    """Everything that is done to cases in one transaction, at one time.

    With a ``district``, to the cases of its buildings: those of the others have a clerk of theirs.
    """

    def __init__(
        self,
        change: CaseChange,
        secretary: Secretary,
        registry: Registry,
        standard: Standard,
        now_s: int,
        district: str | None = None,
    ) -> None:
        self.change, self.now_s, self.district = change, now_s, district
        self._secretary, self._registry, self._standard = secretary, registry, standard
        self.zone = secretary.zone
        self.places = secretary.office().places
        self.cases = {
            case.number: case
            for case in change.current(now_s - CLOSED_LATELY_S)
            if self._is_own(case)
        }
        self._content: basis.Rows | None = None
        self.written = 0

    def live(self) -> list[Case]:
        """Return the live cases by number."""
        return [case for _, case in sorted(self.cases.items()) if case.is_live]

    def holders(self, signs: Sequence[str]) -> dict[str, int]:
        """Return the newest case of ours that knows each sign, however long it is closed."""
        return self.change.holders(signs, None if self.district is None else self._is_own)

    def place(self, sign: NewSign) -> None:
        """Give a sign that no case knows to the case that it belongs to."""
        choice = choose(
            family_of(sign.kind),
            sign.where,
            sign.begun_s,
            self.cases.values(),
            self.places.contains,
        )
        if choice.fate is Fate.NEW:
            self._open(sign)
        elif choice.fate is Fate.RAISE:
            case = self.merge(sign.where, choice)
            self.record(case, sign.event(What.SIGN, self.now_s, _kind(case, sign)))
        elif choice.fate is Fate.REOPEN:
            self._reopen(self.cases[choice.case], sign)
        else:
            case = self.cases[choice.case]
            self.record(case, sign.event(What.SIGN, self.now_s, _kind(case, sign)))

    def renew(self, number: int, sign: NewSign) -> None:
        """Write down what is new of a sign that a case knows."""
        case = self._heir(number)
        if case is None:
            return
        known = next((one for one in case.signs if one.id == sign.id), None)
        if known is None or not _says_more(case, known, sign):
            return
        if case.is_live:
            kind = known.kind if sign.is_withdrawn else _kind(case, sign)
            self.record(case, sign.event(What.SIGN, self.now_s, kind))
        elif sign.ended_s is None and not sign.is_withdrawn and not _by_person(case):
            self._keep_basis(self.record(case, sign.event(What.RELAPSED, self.now_s)), sign)
        else:
            self.record(case, sign.event(What.SIGN, self.now_s, case.kind))

    def merge(self, place: HeatPlace, choice: Choice) -> Case:
        """Let a case concern a larger place, and take over others of it."""
        case = self.cases[choice.case]
        if case.where != place:
            buildings = self.places.buildings(self.places.homes(place))
            heard = tuple(sorted({*case.buildings} & {*buildings})) or case.buildings
            event = Event(What.RAISED, self.now_s, where=place, buildings=heard)
            case = self.record(case, event)
        for number in choice.merged:
            other = self.cases[number]
            for sign in other.signs:
                case = self.record(case, _handed_over(sign, other, self.now_s))
            took = Event(
                What.TOOK_OVER,
                self.now_s,
                other=number,
                homes=other.homes,
                buildings=other.buildings,
            )
            case = self.record(case, took)
            self.record(other, Event(What.MERGED, self.now_s, other=case.number))
        return case

    def record(self, before: Case, event: Event) -> Case:
        """Let something happen to a case, and tell whom it concerns."""
        case = self.change.record(before.number, event)
        self._took_place(before, case)
        return case

    def _is_own(self, case: Case) -> bool:
        """Say whether we look after a case; what another collector measures we cannot judge."""
        if self.district is None:
            return True
        return self.places.district_of(case.buildings) in (None, self.district)

    def _open(self, sign: NewSign) -> None:
        case = self.change.open(sign.event(What.OPENED, self.now_s))
        self._keep_basis(case, sign)
        self._took_place(None, case)

    def _reopen(self, case: Case, sign: NewSign) -> None:
        closing = case.closing
        is_old = sign.ended_s is not None and closing is not None and sign.ended_s <= closing.at_s
        if is_old:  # It came to light only now, and is over as everything in this case.
            self.record(case, sign.event(What.SIGN, self.now_s, case.kind))
            return
        self._keep_basis(self.record(case, sign.event(What.RELAPSED, self.now_s)), sign)

    def _keep_basis(self, case: Case, sign: NewSign) -> None:
        if self._content is None:  # once a look, for however many cases
            _, self._content = self._registry.content()
        content = self._content
        sources = self.places.charge(case.where).sources
        homes = [
            home
            for source in sources
            for home in self.places.homes(HeatPlace(Level.SOURCE, source))
        ]
        rule = self._standard.rule_on(day_of(sign.begun_s, self.zone))
        self.change.keep_basis(case, basis.pack(content, case, homes, rule))

    def _heir(self, number: int) -> Case | None:
        """Return a case, or the one that it was merged into."""
        case = self.cases.get(number) or self.change.case(number)
        while case is not None and case.merged_into:
            case = self.cases.get(case.merged_into) or self.change.case(case.merged_into)
        return case

    def _took_place(self, before: Case | None, case: Case) -> None:
        self.cases[case.number] = case
        self.written += 1
        self._secretary.tell(self.change, before, case, case.history[-1], self.now_s)


def _kind(case: Case, sign: NewSign) -> CaseKind:
    """Return what a case says with one more sign: rooms below do not outweigh a finding."""
    return case.kind if sign.kind is CaseKind.BELOW_STANDARD else sign.kind


def _says_more(case: Case, known: Sign, sign: NewSign) -> bool:
    if sign.revision <= known.revision:
        return False
    now = (sign.begun_s, sign.ended_s, sign.is_withdrawn)
    is_other = now != (known.begun_s, known.ended_s, known.is_withdrawn)
    if sign.is_withdrawn:
        return is_other
    return is_other or sign.kind is not known.kind or not {*sign.homes} <= {*case.homes}


def _by_person(case: Case) -> bool:
    """Say whether a person has closed a case, who knew of its signs."""
    return case.closing is not None and case.closing.what is What.CLOSED_BY_PERSON


def _handed_over(sign: Sign, case: Case, now_s: int) -> Event:
    """Return the event that brings a sign of one case to the case that takes it over."""
    return Event(
        What.SIGN,
        now_s,
        kind=sign.kind,
        sign=sign.id,
        revision=sign.revision,
        begun_s=sign.begun_s,
        ended_s=sign.ended_s,
        is_withdrawn=sign.is_withdrawn,
        homes=case.homes,
        buildings=case.buildings,
    )
