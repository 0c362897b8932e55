"""One case: what is known of it, as the fold over its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from heatward_collector.core.cases.event import OURSELVES, Event, What
from heatward_collector.core.cases.kinds import CaseKind, Family, HeatPlace, family_of
from heatward_collector.core.cases.state import LIVE, Refused, State, next_state
from heatward_collector.core.suppression import Level

_Value = TypeVar("_Value")
_BY_PERSONS = frozenset(
    {
        What.ACKNOWLEDGED,
        What.DISPATCHED,
        What.MEASURED_ON_SITE,
        What.DISPUTED,
        What.CLAIMED_FIXED,
        What.CLOSED_BY_PERSON,
        What.CONSENT,
        What.NOTE,
    }
)
"""What only a named person can do."""
_WITH_REASON = frozenset({What.CLOSED_BY_PERSON, What.DISPUTED, What.NOTE})
_SIZES = (Level.STAIRWELL, Level.BUILDING, Level.ZONE, Level.SUBSTATION, Level.SOURCE)


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason why a case exists, by its newest revision."""

    id: str
    revision: int
    kind: CaseKind
    begun_s: int
    ended_s: int | None
    is_withdrawn: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the heat is still missing by it."""
        return self.ended_s is None and not self.is_withdrawn


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands. It is made by :func:`opened`, and changed by :func:`after` alone."""

    number: int
    family: Family
    kind: CaseKind
    where: HeatPlace
    state: State
    begun_s: int
    """Since when the heat was missing, by the earliest sign since it was (re)opened. [s UTC]"""
    signs: tuple[Sign, ...]
    homes: tuple[str, ...]
    """Every home that was affected."""
    buildings: tuple[str, ...]
    history: tuple[Event, ...]
    is_judgeable: bool = True
    """False while too few sensors report to say whether it is warm again."""
    merged_into: int = 0

    @property
    def is_live(self) -> bool:
        """Whether somebody must still answer it."""
        return self.state in LIVE

    @property
    def opened_s(self) -> int:
        """When it was opened first. [s UTC]"""
        return self.history[0].at_s

    @property
    def changed_s(self) -> int:
        """When something last happened to it. [s UTC]"""
        return self.history[-1].at_s

    @property
    def round(self) -> tuple[Event, ...]:
        """What happened since it was opened, or reopened for the last time."""
        starts = [i for i, one in enumerate(self.history) if one.what is What.RELAPSED]
        return self.history[starts[-1] if starts else 0 :]

    @property
    def relapses(self) -> int:
        """How often it was reopened."""
        return sum(one.what is What.RELAPSED for one in self.history)

    @property
    def consents(self) -> Mapping[str, int]:
        """Homes whose residents let the supplier know the address, each since when. [s UTC]

        A consent is for one case; what was merged or reopened goes on under its number.
        """
        given: dict[str, int] = {}
        for one in self.history:
            if one.what is What.CONSENT:
                for home in one.homes:
                    given.setdefault(home, one.at_s)
        return given

    @property
    def kinds(self) -> tuple[tuple[int, CaseKind], ...]:
        """Every kind it had, each with since when. [s UTC]"""
        return _changes((one.at_s, one.kind) for one in self.history if one.kind is not None)

    @property
    def places(self) -> tuple[tuple[int, HeatPlace], ...]:
        """Every place it had, each with since when. [s UTC]"""
        return _changes((one.at_s, one.where) for one in self.history if one.where is not None)

    @property
    def lasts(self) -> bool:
        """Whether heat is missing by some sign."""
        return any(sign.is_open for sign in self.signs)

    @property
    def heat_back_s(self) -> int | None:
        """When the heat came back by all signs that hold; None while it is missing. [s UTC]"""
        ends = [sign.ended_s for sign in self.signs if not sign.is_withdrawn]
        if self.lasts:
            return None
        return max((end for end in ends if end is not None), default=self.begun_s)

    def first(self, what: What) -> Event | None:
        """Return when something first happened in this round."""
        return next((one for one in self.round if one.what is what), None)

    def last(self, what: What) -> Event | None:
        """Return when something last happened in this round."""
        return next((one for one in reversed(self.round) if one.what is what), None)

    @property
    def closing(self) -> Event | None:
        """The event that closed it; None while it is live or where it was merged."""
        if self.state is not State.CLOSED:
            return None
        ends = (What.RECOVERED, What.SEASON_OVER, What.CLOSED_BY_PERSON)
        return next((one for one in reversed(self.history) if one.what in ends), None)

    @property
    def ended_s(self) -> int | None:
        """When it was closed or merged; None while it is live. [s UTC]"""
        end = self.last(What.MERGED) if self.state is State.MERGED else self.closing
        return None if end is None else end.at_s


def opened(number: int, event: Event) -> Case:
    """Return a new case. Its first event names kind, place and sign.

    Raises
    ------
    Refused
        If it does not.
    """
    if event.what is not What.OPENED or event.kind is None or event.where is None:
        raise Refused("a case begins with its kind and its place")
    if not event.sign:
        raise Refused("a case begins with a sign")
    case = Case(
        number,
        family_of(event.kind),
        event.kind,
        event.where,
        State.OPEN,
        event.begun_s,
        (),
        (),
        (),
        (),
    )
    return _recorded(_with_sign(case, event), event)


def after(case: Case, event: Event) -> Case:
    """Return a case after one more event.

    Raises
    ------
    Refused
        If it cannot happen now: out of its state, before what already happened, of another family,
        by nobody where a person must answer for it, or without a reason where one is due.
    """
    if event.what is What.OPENED:
        raise Refused("a case is opened once")
    _check(case, event)
    state = next_state(case.state, event.what)
    changed = replace(case, state=state)
    if event.what in (What.SIGN, What.RELAPSED, What.TOOK_OVER):
        changed = _with_sign(changed, event)
    elif event.what is What.RAISED and event.where is not None:
        changed = replace(
            changed, where=event.where, buildings=_joined(case.buildings, event.buildings)
        )
    elif event.what in (What.NOT_JUDGEABLE, What.JUDGEABLE_AGAIN):
        changed = replace(changed, is_judgeable=event.what is What.JUDGEABLE_AGAIN)
    elif event.what is What.MERGED:
        changed = replace(changed, merged_into=event.other)
    return _recorded(changed, event)


def of_history(number: int, history: Sequence[Event]) -> Case:
    """Return the case that a whole history makes. Raises Refused where it cannot be one."""
    if not history:
        raise Refused("a case without a history")
    case = opened(number, history[0])
    for event in history[1:]:
        case = after(case, event)
    return case


def size(level: Level) -> int:
    """Return the rank of a level: the larger the place, the higher."""
    return _SIZES.index(level) if level in _SIZES else -1


def _check(case: Case, event: Event) -> None:
    if event.at_s < case.changed_s:
        raise Refused(f"{event.what} at {event.at_s}, before the last event at {case.changed_s}")
    if event.what in _BY_PERSONS and event.by in ("", OURSELVES):
        raise Refused(f"{event.what} needs the name of a person")
    if event.what in _WITH_REASON and not event.reason.strip():
        raise Refused(f"{event.what} needs a reason")
    if event.kind is not None and family_of(event.kind) is not case.family:
        raise Refused(f"a case of {case.family} cannot become {event.kind}")
    if event.what is What.SEASON_OVER and case.kind is not CaseKind.EARLY_STOP:
        raise Refused("only an early stop ends with the season")
    if event.what is What.RECOVERED and case.lasts:
        raise Refused("heat is still missing by a sign of this case")
    if event.what is What.MERGED and event.other in (0, case.number):
        raise Refused("a case is merged into another one")
    if event.what is What.RAISED and not _is_larger(case.where, event.where):
        raise Refused(f"{event.where} is no larger place than {case.where}")


def _is_larger(before: HeatPlace, now: HeatPlace | None) -> bool:
    return now is not None and now != before and size(now.level) >= size(before.level)


def _with_sign(case: Case, event: Event) -> Case:
    """Return a case that knows one more sign, or a newer revision of one."""
    if not event.sign:
        return replace(
            case,
            homes=_joined(case.homes, event.homes),
            buildings=_joined(case.buildings, event.buildings),
        )
    kind = event.kind or case.kind
    sign = Sign(event.sign, event.revision, kind, event.begun_s, event.ended_s, event.is_withdrawn)
    # A relapse starts anew: what was remedied before says nothing of what is missing now.
    kept = () if event.what is What.RELAPSED else case.signs
    signs = (*(one for one in kept if one.id != sign.id), sign)
    if sign.is_withdrawn:
        return replace(case, signs=signs)
    held = [one.begun_s for one in signs if not one.is_withdrawn]
    return replace(
        case,
        kind=kind,
        signs=signs,
        begun_s=min(held),
        homes=_joined(case.homes, event.homes),
        buildings=_joined(case.buildings, event.buildings),
    )


def _recorded(case: Case, event: Event) -> Case:
    return replace(case, history=(*case.history, event))


def _joined(some: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*some, *more}))


def _changes(dated: Iterable[tuple[int, _Value]]) -> tuple[tuple[int, _Value], ...]:
    found: list[tuple[int, _Value]] = []
    for at_s, value in dated:
        if not found or found[-1][1] != value:
            found.append((at_s, value))
    return tuple(found)
