"""Who gets a red card, and why: by limits that are data, never on a sample that proves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from heatward_collector.assessment.figures import Assessed
from heatward_collector.core.cases.kinds import ENFORCED
from heatward_collector.locale import Texts, message
from heatward_collector.rules.assessment import Limit


class Card(StrEnum):
    """What the figures of a supplier come to."""

    RED = "red"
    WATCH = "watch"
    """Perhaps beyond a limit: the bounds reach over it."""
    NONE = "none"
    UNKNOWN = "unknown"
    """Too little was measured."""


CARDS = {
    Card.RED: message("red card"),
    Card.WATCH: message("watch"),
    Card.NONE: message("no red card"),
    Card.UNKNOWN: message("not representative"),
}


def card_of(one: Assessed, limits: Mapping[str, Limit]) -> Card:
    """Return what a supplier gets."""
    if reasons(one, limits):
        return Card.RED
    passing = limits.get("pass_rate")
    if not one.is_representative or not one.passed.judged:
        return Card.UNKNOWN
    # Also true of bounds that nobody could draw.
    if passing is not None and not one.passed.low >= passing.value:
        return Card.WATCH
    return Card.NONE


def reasons(one: Assessed, limits: Mapping[str, Limit], say: Texts | None = None) -> list[str]:
    """Return why a supplier gets a red card, as texts; none where it gets none."""
    found: list[str] = []
    passing, closing, answer = (
        limits.get(key) for key in ("pass_rate", "closure_rate", "response_hours")
    )
    if passing is not None and one.is_representative and one.passed.high < passing.value:
        found.append(_say(say, "pass rate certainly below %(limit)g %%", limit=100 * passing.value))
    share = one.complaints.share
    if closing is not None and share is not None and share < closing.value:
        found.append(
            _say(
                say,
                "complaints not closed: %(open)d",
                open=one.complaints.received - one.complaints.closed,
            )
        )
    if answer is not None and one.response_hours is not None and one.response_hours > answer.value:
        found.append(
            _say(
                say,
                "answers take %(hours).1f h (limit %(limit)g h)",
                hours=one.response_hours,
                limit=answer.value,
            )
        )
    enforced = {kind.value for kind in ENFORCED}
    count = sum(number for kind, number in one.findings.items() if kind.value in enforced)
    if count:
        found.append(_say(say, "late start, early stop or stop-start: %(count)d", count=count))
    return found


MESSAGES = (
    message("pass rate certainly below %(limit)g %%"),
    message("complaints not closed: %(open)d"),
    message("answers take %(hours).1f h (limit %(limit)g h)"),
    message("late start, early stop or stop-start: %(count)d"),
)


def _say(say: Texts | None, pattern: str, **values: object) -> str:
    return pattern % values if say is None else say(pattern, **values)
