"""From when on a cold day is refundable: the resident's notice, and the 48 hours after it.

The rule: where a home is still below 48 hours after the resident told the supplier, refundable
days run from the day of the notice; days before it are measured, but not notified. Verdicts are
of whole days, so what the rule says of one moment is decided twice: *certainly*, where the day in
which the 48 hours end and the first whole day after them are both certainly below, and *possibly*,
where the first day that could be judged from then on is possibly below. A notice has done its work
once the home was mended: after that the supplier must be told again.

The 48 hours: Harbin Urban Heating Measures (a repost). That a notice ends with the mending: the
usual wording "from the day of notice until the standard is met".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatward_collector.core import Indices, Mask

NOTICE_HOURS = 48
"""How long a supplier has before days count, from the notice on. [h] (Harbin, a repost)"""
MENDED_DAYS = 3
"""Judged days on end without a possible shortfall after which a home is mended. (project rule)"""
CONFIRM_DAYS = 3
"""How long after the 48 hours a judged day may still confirm a notice. [d] (project rule)"""


@dataclass(frozen=True, slots=True)
class Notices:
    """Residents' notices; all arrays (notices,), days counted from the first of the season."""

    home: Indices
    day: Indices
    """In which it was given; negative before the season."""
    due_day: Indices
    """In which the 48 hours end."""
    whole_day: Indices
    """The first one that begins when they are over."""

    @classmethod
    def none(cls) -> Notices:
        """Return no notices."""
        return cls(*(np.zeros(0, np.int32) for _ in range(4)))


def notified_days(
    certain: Mask,
    possible: Mask,
    judged: Mask,
    notices: Notices,
    mended_days: int = MENDED_DAYS,
    confirm_days: int = CONFIRM_DAYS,
) -> tuple[Mask, Mask]:
    """Return which days lie behind a notice, certainly and possibly.

    Parameters
    ----------
    certain, possible, judged : bool (homes, days)
        Days certainly and possibly under a refund tier, and days that could be judged.
    notices : Notices
        Those that are before the season or whose 48 hours end outside it confirm nothing.
    mended_days : int
        Judged days on end, none possibly below, after which a notice has done its work. [d]
    confirm_days : int
        How many days the first judged one may lie behind the 48 hours. [d]

    Returns
    -------
    tuple of bool (homes, days)
        Certainly notified days are possibly notified ones too.
    """
    starts_certain, starts_possible = _starts(certain, possible, judged, notices, confirm_days)
    met = judged & ~possible
    homes, days = judged.shape
    notified = np.zeros((2, homes, days), bool)
    open_now = np.zeros((2, homes), bool)
    streak = np.zeros(homes, np.int32)
    for day in range(days):
        open_now[0] |= starts_certain[:, day]
        open_now[1] |= starts_possible[:, day]
        notified[:, :, day] = open_now
        streak = np.where(met[:, day], streak + 1, np.where(judged[:, day], 0, streak))
        streak[starts_possible[:, day]] = 0
        open_now[:, streak >= mended_days] = False
    return notified[0], notified[1]


def _starts(
    certain: Mask, possible: Mask, judged: Mask, notices: Notices, confirm_days: int
) -> tuple[Mask, Mask]:
    """Return the days of the notices that were not heeded, (homes, days) each."""
    homes, days = judged.shape
    inside = (notices.due_day >= 0) & (notices.due_day < days)
    home, day = notices.home[inside], np.maximum(notices.day[inside], 0)
    due, whole = notices.due_day[inside], notices.whole_day[inside]
    has_whole = whole < days
    is_certain = certain[home, due] & has_whole & certain[home, np.minimum(whole, days - 1)]
    first_judged = _next_judged(judged)[home, due]
    answered = first_judged <= due + confirm_days
    is_possible = is_certain | (answered & possible[home, np.minimum(first_judged, days - 1)])
    starts = np.zeros((2, homes, days), bool)
    starts[0, home[is_certain], day[is_certain]] = True
    starts[1, home[is_possible], day[is_possible]] = True
    return starts[0], starts[1]


def _next_judged(judged: Mask) -> Indices:
    """Return the first judged day from each day on, far behind the season where none is left."""
    homes, days = judged.shape
    far = np.iinfo(np.int32).max
    index = np.where(judged, np.arange(days, dtype=np.int32), far)
    return np.asarray(np.minimum.accumulate(index[:, ::-1], axis=1)[:, ::-1])
