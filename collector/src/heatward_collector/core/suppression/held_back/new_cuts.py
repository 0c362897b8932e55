"""Looking for places that have begun to fall: where others did not, or all sources together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatward_collector.core import Celsius, Mask
from heatward_collector.core.suppression.by_day.fallen_homes import (
    Explanation,
    best_explanation,
    falls_since,
    reaches_beyond,
)
from heatward_collector.core.suppression.by_day.onset import RESPONSE_DAYS
from heatward_collector.core.suppression.by_day.place_days import LEVELS
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.held_back.cut import DAY_S, LEAST_KELVIN, Cut, View
from heatward_collector.core.suppression.held_back.cut_evidence import (
    Signal,
    buildings_of,
    considered,
    measured,
)
from heatward_collector.core.suppression.held_back.learning_days import QUIET_DAYS
from heatward_collector.core.suppression.held_back.looks import Alone, Look, Verdict
from heatward_collector.core.suppression.held_back.thresholds import (
    SUPPORT,
    own_threshold,
    threshold_of,
)
from heatward_collector.core.suppression.homes.network import Level

SEEN_KELVIN = 1.25
"""And from such a fall on: at first it is seen smaller than it is. [K] (simulated)"""
OWN_KELVIN = 1.2
"""Of a fall of all sources nothing is said before it is seen so deep. [K] (simulated)"""
OWN_LEAST = 2.0
"""A source takes part in a fall of all from this on. [standard deviations]"""
MOST_SOURCES = 0.6
"""A fall of all takes this part of all sources, and lasts as long as half of that. [1]"""
OWN_JOINS = 3.5
"""While half of the sources are down, another one joins from this on. [standard deviations]"""
AGREES_SHARE = 0.35
"""A source that fell against others must have fallen by this part in itself: else others rose."""
TAKES_PART_SHARE = 0.5
"""A source takes part in a fall of all if it fell by this part of it."""
LOCAL_LEAST_DAYS = 4
"""A fall of one building is looked at for so long before it is said. [d] (simulated: families that
air after a leak, and leave for a feast, come back before)"""
BACK_SHARE = 0.45
"""A supply that has come back by more than the rest of this is no cut any more. [1]"""
LEAST_JUDGED = 3
COLDER_SHARE = 0.25
"""A part of a source has become colder itself by this part of its fall against the others, else
these have only become warmer: in a season's first weeks they do, beside a heavy house. [1] (seen
seasons: 0.38 and more where heat was held back, less than 0.2 where it was not)"""


@dataclass(slots=True)
class Search:
    """Looking for places that have begun to fall."""

    today: Today
    looks: Mapping[Level, Look]
    verdicts: Mapping[Level, Verdict]
    alone: Alone
    own: Verdict
    of_all: Verdict
    scales: Mapping[str, Celsius]
    cuts: list[Cut]

    def of_all_sources(self) -> None:
        """Find a fall of all sources together: nothing stands beside them but their past."""
        verdict, own = self.of_all, self.own
        keeps_hours = self.today.keeps_hours(Level.SOURCE)
        threshold = own_threshold(len(own.statistic))
        if verdict.statistic[0] >= threshold and verdict.fall[0] >= OWN_KELVIN:
            falls = own.falls[:, int(verdict.shape[0])]
            takes_part = (own.statistic >= OWN_LEAST) & ~keeps_hours
            takes_part &= falls >= TAKES_PART_SHARE * float(verdict.fall[0])
            if (takes_part & (falls >= OWN_KELVIN)).sum() >= MOST_SOURCES * len(takes_part):
                self._open_own(takes_part, falls, np.full(len(falls), int(verdict.onset[0])))
        fallen = [cut for cut in self.cuts if cut.view is View.OWN_HISTORY and cut.end_s is None]
        if 2 * len(fallen) >= len(own.statistic):
            joins = (own.statistic >= OWN_JOINS) & (own.fall >= OWN_KELVIN)
            self._open_own(joins & ~keeps_hours, own.fall, own.onset)

    def _open_own(self, which: Mask, falls: Celsius, onsets: npt.NDArray[np.int64]) -> None:
        for source in np.flatnonzero(which).tolist():
            onset, fall = int(onsets[source]), float(falls[source])
            one = self.alone.each.of(source)
            off = one.departure(self.scales["own"][source : source + 1], before=onset)
            beside = (one.raw - off)[:, 0]
            explained = self._explained(source, beside, onset, fall, among=self._only(source))
            if explained is not None:
                signal = Signal(
                    max(float(self.of_all.statistic[0]), float(self.own.statistic[source])),
                    own_threshold(len(self.own.statistic)),
                    fall,
                    onset,
                    onset,
                    View.OWN_HISTORY,
                    beside,
                )
                self._open(explained, signal)

    def _only(self, source: int) -> dict[Level, Mask]:
        """Return one source as the only place to be named: where all fell, none of its parts is."""
        places = self.today.places
        among = {level: np.zeros(places.count(level), bool) for level in LEVELS}
        among[Level.SOURCE][source] = True
        return among

    def against_others(self) -> None:
        """Find places that fell while others did not, the clearest first."""
        alarms = []
        for level in LEVELS:
            verdict = self.verdicts[level]
            threshold = threshold_of(level, len(verdict.statistic))
            hit = (verdict.statistic >= threshold) & (verdict.fall >= SEEN_KELVIN)
            alarms += [
                (float(verdict.statistic[place]) - threshold, level, place)
                for place in np.flatnonzero(hit).tolist()
            ]
        for margin, level, place in sorted(alarms, key=lambda one: -one[0]):
            verdict = self.verdicts[level]
            source = int(self.today.places.source[level][place])
            if source < 0 or self._is_covered(level, place) or not self._agrees(level, place):
                continue
            onset, fall = int(verdict.onset[place]), float(verdict.fall[place])
            beside = self.looks[Level.SOURCE].beside[:, source]
            if np.isnan(beside[-1]):
                beside = self.looks[level].beside[:, place]
            explained = self._explained(source, beside, onset, fall, level)
            if explained is None or not self._became_colder(explained, onset, fall):
                continue
            if not self._may_pass(explained, onset):
                statistic = float(verdict.statistic[place])
                begin = int(verdict.begin[place])
                signal = Signal(
                    statistic, statistic - margin, fall, onset, begin, View.OTHERS, beside
                )
                self._open(explained, signal)

    def falls_of(self, cut: Cut) -> Celsius:
        """Return how far each home fell beside other sources since a source's cut began. [K]"""
        source = self.today.network.places[Level.SOURCE].index(cut.place)
        beside = self.looks[Level.SOURCE].beside[:, source]
        start_s = self.today.history.start_s
        days = len(start_s) - int(np.searchsorted(start_s, cut.start_s))
        return self._falls(source, beside, len(beside) - days)

    def _agrees(self, level: Level, place: int) -> bool:
        """Say whether a place fell by itself, too: else others have only become warmer."""
        verdict = self.verdicts[level]
        own = self.alone.fell(level, place, int(verdict.shape[place]), self.scales)
        return own >= AGREES_SHARE * float(verdict.fall[place])

    def _explained(
        self,
        source: int,
        beside: Celsius,
        onset: int,
        fall: float,
        alarmed: Level = Level.SOURCE,
        among: Mapping[Level, Mask] | None = None,
    ) -> Explanation | None:
        falls = self._falls(source, beside, onset)
        places, floor = self.today.places, self.today.network.is_floor_heated
        held = self._self_heated(len(beside) - onset)
        found = best_explanation(
            falls, source, places, floor, fall, LEAST_JUDGED, alarmed, among, held
        )
        if found is None or not self._reaches_beyond(found, source, beside, onset):
            return None
        if found.level in (alarmed, Level.SOURCE):
            return found
        has_support = self.verdicts[found.level].statistic[found.place] >= SUPPORT
        return found if has_support else None

    def _self_heated(self, days: int) -> Mask | None:
        """Return whose people may have heated for themselves on the last days, (homes,).

        None where all sources fell together: beside what heaters hold the others seem to fall.
        """
        if self.of_all.statistic[0] >= own_threshold(len(self.own.statistic)):
            return None
        return self.today.self_heated(int(self.today.history.start_s[-days]))

    def _falls(self, source: int, beside: Celsius, onset: int) -> Celsius:
        """Return how far each home fell since an onset, (homes,). [K]"""
        homes = self.today.history.homes
        rows = min(len(homes), len(beside))
        begin = max(rows - (len(beside) - onset), 0)
        counts = self.looks[Level.SOURCE].learns[-rows:, source]
        return falls_since(homes[-rows:], beside[-rows:], begin, counts)

    def _reaches_beyond(self, found: Explanation, source: int, beside: Celsius, onset: int) -> bool:
        """Say whether a place fell beyond those of its parts that fell lately, as is known.

        A part pulls its source down with it: since it fell the other homes must have, too.
        """
        today, inside = self.today, self.today.places.place[found.level] == found.place
        quiet_s, depth = today.start_s - QUIET_DAYS * DAY_S, LEVELS.index(found.level)
        parts = [
            cut
            for cut in self.cuts
            if cut.until_s > quiet_s
            and LEVELS.index(cut.level) > depth
            and (today.members(cut.level, cut.place) & inside).any()
        ]
        if not parts:
            return True
        days = today.history.start_s[-len(beside) :]
        since = int(np.searchsorted(days, min(cut.start_s for cut in parts)))
        falls = self._falls(source, beside, max(onset, since))
        known = np.any([today.members(cut.level, cut.place) for cut in parts], axis=0)
        return reaches_beyond(falls, inside, known)

    def _became_colder(self, found: Explanation, onset: int, fall: float) -> bool:
        """Say whether a part of a source is known to be colder than before its fall, and not only
        others to be warmer."""
        if found.level is Level.SOURCE:
            return True
        look = self.looks[found.level]
        value = self.today.history.series[found.level].value[-len(look.raw) :, [found.place]]
        counts = look.learns[:, found.place]
        fell = float(falls_since(value, np.zeros(len(value)), onset, counts)[0])
        return fell >= COLDER_SHARE * fall

    def _may_pass(self, found: Explanation, onset: int) -> bool:
        """Say whether a fall may be over soon: one of one building, or with a supply coming back.

        A leak, or a feast, lets the homes of one building fall together for two or three days, and
        half of them may drift apart from the rest of their source without having fallen.
        """
        members = self.today.places.place[found.level] == found.place
        buildings = np.unique(self.today.places.place[Level.BUILDING][members])
        is_young = len(self.alone.each.raw) - onset < LOCAL_LEAST_DAYS
        if len(buildings) == 1 and (is_young or found.kelvin < LEAST_KELVIN):
            return True
        look, scale = self.looks[found.level], self.scales[found.level.value]
        one = slice(found.place, found.place + 1)
        off = look.of(found.place).departure(scale[one], before=onset)[-2:, 0]
        supply = float(off[-1] + RESPONSE_DAYS * (off[-1] - off[-2]))
        return supply > -BACK_SHARE * found.kelvin

    def _is_covered(self, level: Level, place: int) -> bool:
        """Say whether a place lies in one whose cut is known."""
        homes = self.today.places.place[level] == place
        return any(
            cut.end_s is None
            and bool(self.today.members(cut.level, cut.place)[homes].all())
            and not self._fell_alone(cut, homes)
            for cut in self.cuts
        )

    def _fell_alone(self, cut: Cut, part: Mask) -> bool:
        """Say whether several buildings of a source fell, (homes,), and not the rest of it.

        On the first day a source may seem to fall with them. Only what is possible yet is told
        anew, and no single building: its families may have left.
        """
        is_open = cut.level is Level.SOURCE and cut.view is View.OTHERS and cut.firm_s is None
        inside = self.today.members(cut.level, cut.place)
        buildings = np.unique(self.today.places.place[Level.BUILDING][part])
        if not is_open or len(buildings) < 2 or not inside[part].all():
            return False
        return not reaches_beyond(self.falls_of(cut), inside, part)

    def _is_open(self, level: Level, place: int, view: View) -> bool:
        """Say whether a place's cut is known; one that is only possible hides no fall of all."""
        name = self.today.network.places[level][place]
        quiet_s = self.today.start_s - QUIET_DAYS * DAY_S
        return any(
            cut.level is level
            and cut.place == name
            and cut.until_s > quiet_s
            and (cut.firm_s is not None or cut.view is view)
            for cut in self.cuts
        )

    def _open(self, found: Explanation, signal: Signal) -> None:
        """Open a cut, in the place of smaller ones within it."""
        if self._is_open(found.level, found.place, signal.view):
            return
        today, network = self.today, self.today.network
        group = today.places.place[found.level]
        inside = np.flatnonzero(group == found.place)
        first = len(today.history.start_s) - len(self.alone.each.raw)
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
            buildings_of(network, found.fallen),
            found.judged,
            int(np.isnan(today.history.heat[-1, inside]).sum()),
            left_aside=found.left_aside,
            considered=considered(today, found, signal),
            evidence=measured(today, found, signal),
        )
        names = {network.homes[home] for home in inside.tolist()}
        self.cuts = [
            one
            for one in self.cuts
            if one.end_s is not None
            or not (set(one.affected) <= names or self._fell_alone(one, group == found.place))
        ]
        self.cuts.append(cut)
