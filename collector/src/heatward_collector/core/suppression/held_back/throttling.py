"""Throttling: a supply held below the due for days, found by comparison and by own history.

A place that fell by more than its weather, its neighbours and chance explain is watched until its
supply is back. What others know better is named: a whole source, a zone, or one building.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from heatward_collector.core import Celsius
from heatward_collector.core.suppression.by_day.onset import RESPONSE_DAYS
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.findings.festival import is_festival
from heatward_collector.core.suppression.held_back.cut import (
    COLD_DAYS,
    DAY_S,
    Cut,
    View,
)
from heatward_collector.core.suppression.held_back.cut_evidence import COLD_SHARE, with_fallen
from heatward_collector.core.suppression.held_back.firm import (
    SETTLED_DAYS,
    is_deep_fall,
    is_firm,
)
from heatward_collector.core.suppression.held_back.learning_days import LEAST_VOTES
from heatward_collector.core.suppression.held_back.looks import (
    Alone,
    Look,
    can_judge,
    looks,
    own_looks,
)
from heatward_collector.core.suppression.held_back.new_cuts import BACK_SHARE, Search
from heatward_collector.core.suppression.held_back.thresholds import threshold_of, with_both
from heatward_collector.core.suppression.homes.network import Level

LIMIT_DAYS, LIMIT_KELVIN = 5, 3.0
"""So many days, and so much colder ones, show whether heat still follows the weather. [d] [K]"""
LIMIT_SLOPE = -0.35
"""Heat that rises by less for a kelvin of cold does not follow it: compensated supply is near -1.
[K/K]"""
COLD_BUILDINGS = 0.5
"""The standard is missed where so many of the buildings are below it. [1] (project rule)"""
YOUNG_DAYS = 8
"""So long a fall that is only possible goes on to be judged. [d]"""
OWN_BACK_DAYS, OWN_BACK_SHARE = 3, 0.25
"""It is also back when a place by itself has for so many days been no lower than this part of the
deepest fall: others have then become warmer. [d] [1]"""
FESTIVAL_EMPTY_SHARE = 0.65
"""About the Spring Festival, when whole houses leave, homes of a part of a source look empty with
at most this share of the lively days that homes elsewhere have. [1] (53 simulated seasons: of eight
true cuts of parts begun then the stillest but one had 0.74, three falls without a cut 0.62 and
less)"""
UNSEEN_DAYS = 7
"""A cut is held against nobody any longer where for so many days too few homes could be compared:
what nobody sees may be over. [d] (project rule)"""
NEARLY_SHARE = 0.6
"""The supply is back when on two days its fall is less than ``BACK_SHARE`` of the deepest one on
average, and less than this on both. (detection.md: 45 %)"""


def judge_day(
    today: Today, cuts: tuple[Cut, ...], scales: Mapping[str, Celsius]
) -> tuple[tuple[Cut, ...], dict[str, Celsius]]:
    """Judge one day: follow the cuts that are known, and look for new ones.

    Returns
    -------
    tuple of Cut, dict
        All cuts so far, and how much more places wander than is usual.
    """
    if not can_judge(today.history):
        return cuts, dict(scales)
    # A fall that is only possible yet goes on to be judged: nothing is hidden from it.
    settled = tuple(cut for cut in cuts if not _is_young(today, cut))
    against_others = looks(today.history, settled, today.network, today.places)
    each, middle = own_looks(today.history, settled, today.network)
    verdicts = {level: look.evidence(scales[level.value]) for level, look in against_others.items()}
    verdicts = with_both(verdicts, today.places)
    own, of_all = each.evidence(scales["own"]), middle.evidence(scales["all"])
    alone = Alone(today, settled, each)
    views = _Views(against_others, alone, scales)
    watched = tuple(_followed(today, cut, views) if cut.end_s is None else cut for cut in cuts)
    search = Search(today, against_others, verdicts, alone, own, of_all, scales, list(watched))
    search.of_all_sources()
    search.against_others()
    found = [
        _with_standard(today, cut) if cut.said_s == today.now_s else cut for cut in search.cuts
    ]
    found = [_growing(search, cut) for cut in found]
    new = {level.value: verdict.scale for level, verdict in verdicts.items()}
    return tuple(_consistent(today, found)), new | {"own": own.scale, "all": of_all.scale}


def _is_young(today: Today, cut: Cut) -> bool:
    """Say whether a fall is only possible, and has not been so for long."""
    days = (today.now_s - cut.said_s) // DAY_S
    return cut.end_s is None and cut.firm_s is None and days <= YOUNG_DAYS


def _growing(search: Search, cut: Cut) -> Cut:
    """Return a fall with today's evidence where that is clearer than what opened it."""
    today = search.today
    is_possible = cut.end_s is None and cut.firm_s is None
    if not is_possible or not (is_deep_fall(cut) or _is_young(today, cut)):
        return cut
    place = today.network.places[cut.level].index(cut.place)
    if cut.view is View.OWN_HISTORY:
        threshold = cut.threshold
        statistic = max(float(search.of_all.statistic[0]), float(search.own.statistic[place]))
    else:
        verdict = search.verdicts[cut.level]
        threshold = threshold_of(cut.level, len(verdict.statistic))
        statistic = float(verdict.statistic[place])
    if statistic - threshold > cut.statistic - cut.threshold:
        cut = replace(cut, statistic=statistic, threshold=threshold)
    is_settling = today.start_s <= cut.start_s + SETTLED_DAYS * DAY_S
    if cut.level is Level.SOURCE and cut.view is View.OTHERS and is_settling:
        cut = with_fallen(today, cut, search.falls_of(cut))
    return replace(cut, firm_s=today.now_s) if is_firm(today, cut) else cut


def _consistent(today: Today, cuts: list[Cut]) -> list[Cut]:
    """End a fall of all sources when most of them are back: the rest fell for themselves."""
    own = [cut for cut in cuts if cut.view is View.OWN_HISTORY and cut.end_s is None]
    if not own or 2 * len(own) >= len(today.network.places[Level.SOURCE]):
        return cuts
    lasting = [cut for cut in cuts if cut not in own or cut.said_s < today.now_s]
    return [replace(cut, end_s=today.start_s) if cut in own else cut for cut in lasting]


@dataclass(frozen=True, slots=True)
class _Views:
    """Places against others, and by themselves."""

    against_others: Mapping[Level, Look]
    alone: Alone
    scales: Mapping[str, Celsius]

    def off(self, today: Today, cut: Cut, view: View) -> Celsius:
        """Return how far a cut's place is from what is expected of it, (days,). [K]"""
        place = today.network.places[cut.level].index(cut.place)
        if view is View.OWN_HISTORY:
            look, scale = self.alone.look(cut.level), self.alone.scale(cut.level, self.scales)
        else:
            look, scale = self.against_others[cut.level], self.scales[cut.level.value]
        first = None
        if _is_young(today, cut):
            days = today.history.start_s[-len(look.raw) :]
            first = int(np.searchsorted(days, cut.start_s - DAY_S))
        return look.of(place).departure(scale[place : place + 1], first)[:, 0]


def _followed(today: Today, cut: Cut, views: _Views) -> Cut:
    """Return a cut after one more day."""
    off = views.off(today, cut, cut.view)
    cut = _with_standard(today, cut)
    if cut.view is View.OWN_HISTORY:
        place = today.network.places[cut.level].index(cut.place)
        cut = replace(cut, is_limited=_is_limited(today, cut, place))
    if _is_unseen(today, cut):
        return replace(cut, end_s=today.start_s - (UNSEEN_DAYS - 1) * DAY_S)
    if len(off) < 2 or np.isnan(off[-2:]).any():
        return cut
    peak = max(cut.peak_kelvin, -float(off[-2:].mean()))
    ending = (*cut.ending, _supply(off))[-2:]
    is_back = len(ending) == 2 and (
        sum(ending) / 2 > -BACK_SHARE * peak and min(ending) > -NEARLY_SHARE * peak
    )
    if not is_back and cut.view is View.OTHERS and cut.firm_s is not None:
        alone = views.off(today, cut, View.OWN_HISTORY)[-OWN_BACK_DAYS - 1 :]
        both = [_supply(alone[: day + 1]) for day in range(1, len(alone))]
        is_back = len(both) == OWN_BACK_DAYS and min(both) > -OWN_BACK_SHARE * peak
    end_s = today.start_s - DAY_S if is_back else None
    return replace(cut, peak_kelvin=peak, ending=ending, end_s=end_s)


def _is_unseen(today: Today, cut: Cut) -> bool:
    """Say whether for days too few homes of a cut's place could be compared."""
    place = today.network.places[cut.level].index(cut.place)
    votes = today.history.series[cut.level].homes[-UNSEEN_DAYS:, place]
    return len(votes) == UNSEEN_DAYS and bool((votes < LEAST_VOTES).all())


def _supply(off: Celsius) -> float:
    """Return how far the supply is from what is expected, by rooms that follow it. [K]"""
    return float(off[-1] + RESPONSE_DAYS * (off[-1] - off[-2]))


def _is_limited(today: Today, cut: Cut, place: int) -> bool:
    """Say whether a source gives the same while it gets colder, like a boiler at its limit.

    A supply that is cut but still follows the weather gives more with every colder day.
    """
    history = today.history
    rows = history.start_s >= cut.start_s
    outdoor, heat = history.outdoor[rows], history.series[cut.level].heat[rows, place]
    known = ~np.isnan(heat) & ~np.isnan(outdoor)
    if known.sum() < LIMIT_DAYS or outdoor[known][0] - outdoor[known].min() < LIMIT_KELVIN:
        return False
    slope = np.polyfit(outdoor[known], heat[known], 1)[0]
    return bool(slope > LIMIT_SLOPE)


def _with_standard(today: Today, cut: Cut) -> Cut:
    """Count the days below the standard in half of its buildings, and doubt what explains it."""
    names = today.network.places[Level.BUILDING]
    median = today.history.series[Level.BUILDING].coldest
    columns = np.array([names.index(one) for one in cut.buildings], np.int64)
    rows = today.history.start_s >= max(cut.start_s, today.duty.minimum_from_s)
    with np.errstate(invalid="ignore"):
        is_cold = (median[rows][:, columns] < today.duty.minimum).mean(axis=1) >= COLD_BUILDINGS
    days = int(is_cold.sum())
    accused_s = cut.accused_s
    if accused_s is None and days >= COLD_DAYS:
        accused_s = today.now_s
    place = today.network.places[cut.level].index(cut.place)
    share = today.history.series[cut.level].cold_share[:, place]
    first = np.flatnonzero(today.history.start_s >= cut.start_s - DAY_S)[0]
    is_doubtful = bool(share[first : first + SETTLED_DAYS + 1].max() > COLD_SHARE)
    cut = replace(cut, below_days=days, accused_s=accused_s, is_doubtful=is_doubtful)
    if today.start_s > cut.start_s + SETTLED_DAYS * DAY_S:
        return cut
    lived = today.presence(today.members(cut.level, cut.place), cut.start_s + DAY_S)
    looks_empty = lived.looks_empty
    if cut.level is not Level.SOURCE and is_festival(cut.start_s + DAY_S):
        # Days later other houses have emptied, too: what was seen at first counts.
        looks_empty |= cut.looks_empty or lived.is_stiller(FESTIVAL_EMPTY_SHARE)
    return replace(cut, looks_empty=looks_empty)
