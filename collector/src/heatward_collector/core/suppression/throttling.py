"""Throttling: a supply held below the due for days, found by comparison and by own history.

A place that fell by more than its weather, its neighbours and chance explain is watched until its
supply is back. What others know better is named: a whole source, a zone, or one building.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.cut import COLD_DAYS, DAY_S, LEAST_KELVIN, Cut, View
from heatward_collector.core.suppression.fallen_homes import (
    Explanation,
    best_explanation,
    falls_since,
)
from heatward_collector.core.suppression.history import History
from heatward_collector.core.suppression.looks import (
    QUIET_DAYS,
    Look,
    Verdict,
    can_judge,
    looks,
    own_looks,
)
from heatward_collector.core.suppression.network import Level, Network
from heatward_collector.core.suppression.onset import RESPONSE_DAYS
from heatward_collector.core.suppression.place_days import LEVELS, Hierarchy

THRESHOLDS: Mapping[Level, float] = {
    Level.SOURCE: 5.0,
    Level.SUBSTATION: 6.0,
    Level.ZONE: 6.0,
    Level.BUILDING: 6.0,
}
"""From these on a place against others has fallen. [standard deviations] (simulated seasons)"""
OWN_THRESHOLD = 5.5
"""The same for the median of all sources against their past."""
OWN_LEAST = 2.0
"""A source takes part in a fall of all from this on. [standard deviations]"""
MOST_SOURCES = 0.6
"""A fall of all takes this part of all sources, and lasts as long as half of that. [1]"""
OWN_JOINS = 3.5
"""While half of the sources are down, another one joins from this on. [standard deviations]"""
TESTED: Mapping[Level, int] = {
    Level.SOURCE: 6,
    Level.SUBSTATION: 12,
    Level.ZONE: 18,
    Level.BUILDING: 18,
}
"""For so many places the thresholds hold; with more of them they rise, so that as few are false."""
AGREES_SHARE = 0.35
"""A source that fell against others must have fallen by this part in itself: else others rose."""
TAKES_PART_SHARE = 0.5
"""A source takes part in a fall of all if it fell by this part of it."""
COLD_SHARE = 0.35
"""With so many cold homes in a place closed valves explain the fall of the others, too."""
SUPPORT = 3.0
"""A part of a source is named for it from this on. [standard deviations]"""
SETTLED_DAYS = 6
"""In the first days of a cut its place may still be told better. [d]"""
LEAST_JUDGED = 3
BACK_SHARE, NEARLY_SHARE = 0.45, 0.6
"""The supply is back when on two days its fall is less than the first on average, and less than
the second on both, of the deepest fall. (detection.md: 45 %)"""


@dataclass(frozen=True, slots=True)
class Today:
    """One day to be judged, and what surrounds it."""

    history: History
    network: Network
    places: Hierarchy
    now_s: int
    """When the day is judged: its end and the watermark. [s UTC]"""
    minimum: float
    """The standard. [degC]"""

    @property
    def start_s(self) -> int:
        """The local midnight that begins it. [s UTC]"""
        return int(self.history.start_s[-1])


def judge_day(
    today: Today, cuts: tuple[Cut, ...], deviations: Mapping[str, Celsius]
) -> tuple[tuple[Cut, ...], dict[str, Celsius]]:
    """Judge one day: follow the cuts that are known, and look for new ones.

    Returns
    -------
    tuple of Cut, dict
        All cuts so far, and what a day's surprise is.
    """
    if not can_judge(today.history):
        return cuts, dict(deviations)
    against_others = looks(today.history, cuts, today.network)
    each, middle = own_looks(today.history, cuts, today.network)
    verdicts = {
        level: look.evidence(deviations[level.value]) for level, look in against_others.items()
    }
    own, of_all = each.evidence(deviations["own"]), middle.evidence(deviations["all"])
    new = {level.value: verdict.deviation for level, verdict in verdicts.items()}
    new |= {"own": own.deviation, "all": of_all.deviation}
    watched = tuple(
        _followed(today, cut, against_others, each, deviations) if cut.end_s is None else cut
        for cut in cuts
    )
    search = _Search(today, against_others, verdicts, each, own, of_all, deviations, list(watched))
    search.of_all_sources()
    search.against_others()
    return tuple(_consistent(today, search.cuts)), new


def _consistent(today: Today, cuts: list[Cut]) -> list[Cut]:
    """End a fall of all sources when most of them are back: the rest fell for themselves."""
    own = [cut for cut in cuts if cut.view is View.OWN_HISTORY and cut.end_s is None]
    if not own or 2 * len(own) >= len(today.network.places[Level.SOURCE]):
        return cuts
    lasting = [cut for cut in cuts if cut not in own or cut.said_s < today.now_s]
    return [replace(cut, end_s=today.start_s) if cut in own else cut for cut in lasting]


def _followed(
    today: Today,
    cut: Cut,
    against_others: Mapping[Level, Look],
    each: Look,
    deviations: Mapping[str, Celsius],
) -> Cut:
    """Return a cut after one more day."""
    is_own = cut.view is View.OWN_HISTORY
    look = each if is_own else against_others[cut.level]
    place = today.network.places[cut.level].index(cut.place)
    off = look.departure(deviations["own" if is_own else cut.level.value])[:, place]
    cut = _with_standard(today, cut)
    if len(off) < 2 or np.isnan(off[-2:]).any():
        return cut
    supply = float(off[-1] + RESPONSE_DAYS * (off[-1] - off[-2]))
    peak = max(cut.peak_kelvin, -float(off[-2:].mean()))
    ending = (*cut.ending, supply)[-2:]
    is_back = len(ending) == 2 and (
        sum(ending) / 2 > -BACK_SHARE * peak and min(ending) > -NEARLY_SHARE * peak
    )
    end_s = today.start_s - DAY_S if is_back else None
    return replace(cut, peak_kelvin=peak, ending=ending, end_s=end_s)


def _with_standard(today: Today, cut: Cut) -> Cut:
    """Count the days on which a building of a cut was below the standard."""
    names = today.network.places[Level.BUILDING]
    median = today.history.series[Level.BUILDING].coldest
    columns = np.array([names.index(one) for one in cut.buildings], np.int64)
    rows = today.history.start_s >= cut.start_s
    with np.errstate(invalid="ignore"):
        days = int((median[rows][:, columns] < today.minimum).any(axis=1).sum())
    accused_s = cut.accused_s
    if accused_s is None and days >= COLD_DAYS:
        accused_s = today.now_s
    place = today.network.places[cut.level].index(cut.place)
    share = today.history.series[cut.level].cold_share[:, place]
    first = np.flatnonzero(today.history.start_s >= cut.start_s - DAY_S)[0]
    is_doubtful = bool(share[first : first + SETTLED_DAYS + 1].max() > COLD_SHARE)
    return replace(cut, below_days=days, accused_s=accused_s, is_doubtful=is_doubtful)


@dataclass(frozen=True, slots=True)
class _Signal:
    """Why a cut is opened."""

    statistic: float
    threshold: float
    fall: float
    onset: int
    begin: int
    view: View


@dataclass(slots=True)
class _Search:
    """Looking for places that have begun to fall."""

    today: Today
    looks: Mapping[Level, Look]
    verdicts: Mapping[Level, Verdict]
    each: Look
    own: Verdict
    of_all: Verdict
    deviations: Mapping[str, Celsius]
    cuts: list[Cut]

    def of_all_sources(self) -> None:
        """Find a fall of all sources together: nothing stands beside them but their past."""
        verdict, own = self.of_all, self.own
        if verdict.statistic[0] >= OWN_THRESHOLD and verdict.fall[0] >= LEAST_KELVIN:
            falls = own.falls[:, int(verdict.shape[0])]
            takes_part = (own.statistic >= OWN_LEAST) & (
                falls >= max(TAKES_PART_SHARE * float(verdict.fall[0]), LEAST_KELVIN)
            )
            if takes_part.sum() >= MOST_SOURCES * len(takes_part):
                self._open_own(takes_part, falls, np.full(len(falls), int(verdict.onset[0])))
        fallen = [cut for cut in self.cuts if cut.view is View.OWN_HISTORY and cut.end_s is None]
        if 2 * len(fallen) >= len(own.statistic):
            joins = (own.statistic >= OWN_JOINS) & (own.fall >= LEAST_KELVIN)
            self._open_own(joins, own.fall, own.onset)

    def _open_own(self, which: Mask, falls: Celsius, onsets: npt.NDArray[np.int64]) -> None:
        for source in np.flatnonzero(which).tolist():
            onset, fall = int(onsets[source]), float(falls[source])
            off = self.each.departure(self.deviations["own"], before=onset)
            beside = (self.each.raw - off)[:, source]
            explained = self._explained(source, beside, onset, fall)
            if explained is not None and explained.level is Level.SOURCE:
                signal = _Signal(
                    max(float(self.of_all.statistic[0]), float(self.own.statistic[source])),
                    OWN_THRESHOLD,
                    fall,
                    onset,
                    onset,
                    View.OWN_HISTORY,
                )
                self._open(explained, signal)

    def against_others(self) -> None:
        """Find places that fell while others did not, the clearest first."""
        alarms = []
        for level in LEVELS:
            verdict = self.verdicts[level]
            threshold = _threshold(level, len(verdict.statistic))
            hit = (verdict.statistic >= threshold) & (verdict.fall >= LEAST_KELVIN)
            if level is Level.SOURCE and hit.any():
                own = self.own.falls[np.arange(len(hit)), verdict.shape]
                hit &= own >= AGREES_SHARE * verdict.fall
            alarms += [
                (float(verdict.statistic[place]) - threshold, level, place)
                for place in np.flatnonzero(hit).tolist()
            ]
        for margin, level, place in sorted(alarms, key=lambda one: -one[0]):
            verdict = self.verdicts[level]
            source = int(self.today.places.source[level][place])
            if source < 0 or self._is_covered(level, place):
                continue
            onset, fall = int(verdict.onset[place]), float(verdict.fall[place])
            beside = self.looks[Level.SOURCE].beside[:, source]
            if np.isnan(beside[-1]):
                beside = self.looks[level].beside[:, place]
            explained = self._explained(source, beside, onset, fall, level)
            if explained is not None:
                statistic = float(verdict.statistic[place])
                begin = int(verdict.begin[place])
                signal = _Signal(statistic, statistic - margin, fall, onset, begin, View.OTHERS)
                self._open(explained, signal)

    def _explained(
        self,
        source: int,
        beside: Celsius,
        onset: int,
        fall: float,
        alarmed: Level = Level.SOURCE,
    ) -> Explanation | None:
        homes = self.today.history.homes
        rows = min(len(homes), len(beside))
        begin = max(rows - (len(beside) - onset), 0)
        falls = falls_since(homes[-rows:], beside[-rows:], begin)
        places, floor = self.today.places, self.today.network.is_floor_heated
        found = best_explanation(falls, source, places, floor, fall, LEAST_JUDGED, alarmed)
        if found is None or found.level in (alarmed, Level.SOURCE):
            return found
        has_support = self.verdicts[found.level].statistic[found.place] >= SUPPORT
        return found if has_support else None

    def _is_covered(self, level: Level, place: int) -> bool:
        """Say whether a place lies in one whose cut is known."""
        homes = self.today.places.place[level] == place
        return any(
            cut.end_s is None and bool(_members(self.today, cut)[homes].all()) for cut in self.cuts
        )

    def _is_open(self, level: Level, place: int) -> bool:
        name = self.today.network.places[level][place]
        quiet_s = self.today.start_s - QUIET_DAYS * DAY_S
        return any(
            cut.level is level and cut.place == name and cut.until_s > quiet_s for cut in self.cuts
        )

    def _open(self, found: Explanation, signal: _Signal) -> None:
        """Open a cut, in the place of smaller ones within it."""
        if self._is_open(found.level, found.place):
            return
        today, network = self.today, self.today.network
        group = today.places.place[found.level]
        inside = np.flatnonzero(group == found.place)
        first = len(today.history.start_s) - len(self.each.raw)
        start_s = int(today.history.start_s[first + signal.begin])
        cut = Cut(
            found.level,
            network.places[found.level][found.place],
            signal.view,
            start_s,
            today.now_s,
            signal.threshold,
            signal.statistic,
            signal.fall,
            tuple(network.homes[home] for home in found.fallen.tolist()),
            _buildings(network, found.fallen),
            found.judged,
            len(inside) - found.judged,
        )
        names = {network.homes[home] for home in inside.tolist()}
        self.cuts = [
            one for one in self.cuts if one.end_s is not None or not set(one.affected) <= names
        ]
        self.cuts.append(_with_standard(today, cut))


def _members(today: Today, cut: Cut) -> Mask:
    place = today.network.places[cut.level].index(cut.place)
    return np.asarray(today.places.place[cut.level] == place)


def _threshold(level: Level, places: int) -> float:
    """Return the threshold for so many places: false alarms are shared out among all of them."""
    more = max(places / TESTED[level], 1.0)
    return float(np.sqrt(THRESHOLDS[level] ** 2 + 2.0 * np.log(more)))


def _buildings(network: Network, homes: Indices) -> tuple[str, ...]:
    index = np.unique(network.of_home[Level.BUILDING][homes])
    return tuple(network.places[Level.BUILDING][one] for one in index.tolist() if one >= 0)
