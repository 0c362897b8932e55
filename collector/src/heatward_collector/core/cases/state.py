"""The states of a case, and which event leads from which to which."""

from __future__ import annotations

from enum import StrEnum

from heatward_collector.core.cases.event import What


class State(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    DISPATCHED = "dispatched"
    CLAIMED_FIXED = "claimed_fixed"
    CLOSED = "closed"
    RELAPSED = "relapsed"
    """Open again: the heat was missing anew soon after it was closed."""
    MERGED = "merged"
    """Part of another case, which goes on in its stead."""


class Refused(ValueError):
    """An event that cannot happen to a case in its state."""


LIVE = frozenset(State) - {State.CLOSED, State.MERGED}
_BEFORE_ANSWER = frozenset({State.OPEN, State.NOTIFIED, State.RELAPSED})
_MOVES: dict[What, tuple[frozenset[State], State]] = {
    What.NOTIFIED: (frozenset({State.OPEN, State.RELAPSED}), State.NOTIFIED),
    What.ACKNOWLEDGED: (_BEFORE_ANSWER, State.ACKNOWLEDGED),
    What.DISPATCHED: (LIVE, State.DISPATCHED),
    What.CLAIMED_FIXED: (LIVE, State.CLAIMED_FIXED),
    What.CLAIM_REFUTED: (frozenset({State.CLAIMED_FIXED}), State.DISPATCHED),
    What.RECOVERED: (LIVE, State.CLOSED),
    What.SEASON_OVER: (LIVE, State.CLOSED),
    What.CLOSED_BY_PERSON: (LIVE, State.CLOSED),
    What.MERGED: (LIVE, State.MERGED),
    What.RELAPSED: (frozenset({State.CLOSED}), State.RELAPSED),
}
_STRICT = frozenset({What.CLAIM_REFUTED, What.RELAPSED, What.MERGED})
_OUT_OF_LIFE = frozenset({What.NOTIFIED, What.REACHED_SUPPLIER, What.SIGN, What.NOTE})
"""What may come late to a case that is closed or merged: it is written down and moves nothing."""


def next_state(state: State, what: What) -> State:
    """Return the state after an event.

    Raises
    ------
    Refused
        If the event cannot happen in that state.
    """
    if state not in LIVE and what not in _OUT_OF_LIFE | {What.RELAPSED}:
        raise Refused(f"{what} cannot happen to a case that is {state}")
    if what not in _MOVES:
        return state
    sources, target = _MOVES[what]
    if state in sources:
        return target
    if what in _STRICT:
        raise Refused(f"{what} cannot happen to a case that is {state}")
    return state
