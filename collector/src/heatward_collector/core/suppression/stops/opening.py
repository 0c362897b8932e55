"""From a suspicion to an episode: when it began, how far homes fell, and whether it is a stop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatward_collector.core import Celsius, Indices, Mask
from heatward_collector.core.suppression.falling.falls import (
    CONTEXT_SLOTS,
    DAY_SLOTS,
    SLOTS_AN_HOUR,
    Falls,
)
from heatward_collector.core.suppression.falling.holding import FAINT_AGAIN
from heatward_collector.core.suppression.falling.scan import Places, Suspect
from heatward_collector.core.suppression.falling.suspicion import (
    CLEAR_SPARE,
    LEAST_SHARE,
)
from heatward_collector.core.suppression.falling.usual import Past, class_of
from heatward_collector.core.suppression.findings.finding import LEAST_HOMES
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.stops.begin import (
    APART_SLOTS,
    BEFORE_SLOTS,
    DEEP_APART_SHARE,
    OWN_SLOTS,
    WITNESS_SLOTS,
    are_colder,
    began_apart,
    begin_of_losing,
    fell_before,
    go_on_sinking,
    had_sunk,
    is_rest_of,
    is_too_late,
    was_said,
)
from heatward_collector.core.suppression.stops.doubts import came_before, stopped_lately
from heatward_collector.core.suppression.stops.elsewhere import Elsewhere
from heatward_collector.core.suppression.stops.episode import (
    LONG_RULE,
    ONSET_SLOTS,
    SLOT_S,
    WATERMARK_S,
    Episode,
)
from heatward_collector.core.suppression.stops.faint_evenings import are_faint
from heatward_collector.core.suppression.stops.fall import (
    MOST_CUT_RATE,
    RECENT_SLOTS,
    Standing,
    begin_of,
    deep_begin,
    is_deep,
    likely_begin,
    rate_of,
)
from heatward_collector.core.suppression.stops.habit import is_habit, is_program
from heatward_collector.core.suppression.stops.least_rates import LeastRates
from heatward_collector.core.suppression.stops.long_look import (
    BACK_SLOTS,
    Losing,
    usual_loss,
)
from heatward_collector.core.suppression.stops.memory import Block
from heatward_collector.core.suppression.stops.now import Now
from heatward_collector.core.suppression.stops.windows import have_shut
from heatward_collector.core.suppression.stops.witnesses import with_witnesses


class Opening:
    """Opens episodes in a block of slots."""

    def __init__(
        self,
        block: Block,
        scored: Falls,
        places: Places,
        past: Past,
        elsewhere: Elsewhere,
        wander: Celsius,
    ) -> None:
        self._block, self._falls, self._places = block, scored, places
        self._past, self._elsewhere = past, elsewhere
        self._source = places.network.of_home[Level.SOURCE]
        self._is_night = class_of(block.hour) == 0
        self._least_rates = LeastRates(self._source, self._is_night, wander)
        self._is_heard = past.was_heard() & ~places.network.is_floor_heated

    def of(
        self, now: Now, suspect: Suspect, rule: str, silent: Mask, older: Episode | None = None
    ) -> Episode | None:
        """Return a new episode, or an older one as it is now; None where it is no stop.

        Parameters
        ----------
        now : Now
            What is known beside the suspicion.
        suspect : Suspect
            A place whose homes fall together.
        rule : str
            The rule that fired.
        silent : bool (homes,)
            Homes that fell silent.
        older : Episode or None
            What was said of the place before.
        """
        block, affected, at = self._block, suspect.falling, now.at
        # Of those that fall only now the air may just have come back.
        fell = affected if older is None else np.array(older.affected, np.int32)
        ago = 0 if older is None else (int(block.time_s[at]) - older.start_s) // SLOT_S
        curve = self._elsewhere.contrast(fell, at, now.busy)
        delta = float(block.delta[at])
        if older is None:
            bend, rate = self._begin(now, suspect, curve)
        else:
            bend = ONSET_SLOTS - ago
            rate = rate_of(curve, bend, delta, self._standing(now, replace(suspect, falling=fell)))
        begin = at - ONSET_SLOTS + bend
        if rate is None or not are_colder(block.homes[[begin, at]][:, fell]):
            return None
        if rate < self._least_rates.of(now, suspect, fell):
            return None  # so its supply wanders every other day, or the weather does
        suspect = self._with_witnesses(suspect, begin, at)
        of_fell = replace(suspect, falling=fell)
        deep = is_deep(curve, bend, delta) and not self._is_apart(now, fell, bend)
        if not self._is_stop(now, begin, of_fell, rate, deep):
            return None
        if older is None:
            bend = likely_begin(curve, bend)
            begin = at - ONSET_SLOTS + bend
        episode = self.episode(now, begin, suspect, rule)
        count = int(silent[suspect.place.homes].sum())
        return episode.fallen(self._block.homes[at], curve, bend, count)

    def _standing(self, now: Now, suspect: Suspect) -> Standing:
        fell, last = suspect.falling, slice(now.at - RECENT_SLOTS, now.at + 1)
        was_told = bool(self._block.told[last, fell].any())
        is_again = suspect.is_repeated and suspect.spare >= FAINT_AGAIN and not was_told
        is_lone = self._is_alone(fell) and bool(self._is_heard[fell].any())
        return Standing(len(fell), suspect.spare >= CLEAR_SPARE, is_again, suspect.stood, is_lone)

    def _begin(self, now: Now, suspect: Suspect, curve: Celsius) -> tuple[int, float | None]:
        """Return at which index of a curve homes began to fall, and how fast; None for no stop."""
        delta = float(self._block.delta[now.at])
        bend, rate = begin_of(curve, delta, self._standing(now, suspect))
        if rate is not None:
            return bend, rate
        bend, rate = deep_begin(curve, delta)
        return bend, None if self._is_apart(now, suspect.falling, bend) else rate

    def of_long(self, now: Now, losing: Losing, course: Celsius) -> Episode | None:
        """Return the episode of homes that have been losing for hours; None where it is no stop.

        Parameters
        ----------
        now : Now
            What is known beside it.
        losing : Losing
            The place.
        course : float64 (24, homes)
            What homes usually lose at each local hour, as a share of the distance to the
            outdoors. [1/h]
        """
        block, fell, at = self._block, losing.falling, now.at
        if not now.asked[self._source[losing.place.homes[0]]]:
            return None  # without other sources nobody knows the weather
        curve = self._elsewhere.contrast(fell, at, now.busy, BACK_SLOTS)

        def _rows_at(bend: int) -> Celsius:
            begin = at - BACK_SLOTS + bend
            slots = [begin - APART_SLOTS, begin, begin + APART_SLOTS, at]
            return self._elsewhere.without_others(fell, slots, at, now.busy)

        bend = begin_of_losing(curve + usual_loss(block, at, fell, course), _rows_at)
        if bend is None:
            return None
        begin = at - BACK_SLOTS + bend
        drop = float(curve[bend] - curve[-1])
        most = MOST_CUT_RATE * (at - begin) / SLOTS_AN_HOUR * float(block.delta[at])
        if not 0 < drop <= most or not are_colder(block.homes[[begin, at]][:, fell]):
            return None
        if was_said(now.ended, fell, int(block.time_s[begin])):
            return None
        suspect = Suspect(losing.place, 0.0, fell, losing.judged)
        lately = stopped_lately(now.ended, int(block.time_s[at]))
        is_again = (losing.place.level, losing.place.id) in lately
        if not self._is_begun_by_enough(now, begin, replace(suspect, is_repeated=is_again)):
            return None
        start = int(block.time_s[begin]), float(block.hour[begin])
        rate = drop * SLOTS_AN_HOUR / ((at - begin) * float(block.delta[at]))
        if self._is_alone(fell):
            if not is_again and not have_shut(block, begin, at, fell):
                return None
            if is_program(self._past, (*now.open, *now.ended), fell, start, rate):
                return None
        episode = self.episode(now, begin, suspect, LONG_RULE)
        return episode.fallen(block.homes[at], curve, bend, losing.silent)

    def _is_alone(self, homes: Indices) -> bool:
        return len(self._places.buildings(homes)) == 1

    def _past_days(self, homes: Indices) -> int:
        """Return for how many days homes were watched; those of one building since heat has come.

        Before, its thermostats had nothing to turn down.
        """
        past = self._past
        days = past.warm_days(homes) if self._is_alone(homes) else past.days(homes)
        return int(np.median(days))

    def episode(self, now: Now, begin: int, suspect: Suspect, rule: str) -> Episode:
        """Return an episode of which is not said yet how far it fell."""
        block, at = self._block, now.at
        # Further back nobody knows how far rooms were from the outdoors.
        weather = max(begin, at - ONSET_SLOTS)
        now_s = int(block.time_s[at]) + SLOT_S
        homes, affected = suspect.place.homes, suspect.falling
        share, asked = self._control(now, suspect)
        start = int(block.time_s[begin]), float(block.hour[begin])
        return Episode(
            level=suspect.place.level,
            place=suspect.place.id,
            homes=tuple(homes.tolist()),
            affected=tuple(affected.tolist()),
            judged=suspect.judged,
            silent=0,
            start_s=start[0],
            detected_s=now_s + WATERMARK_S,
            rule=rule,
            gain=suspect.gain,
            delta=float(block.delta[weather]) if block.has_outdoor[weather] else float("nan"),
            hour=start[1],
            drop=0.0,
            reference=(),
            elsewhere=tuple(self._elsewhere.medians(begin, now.busy).tolist()),
            lowest=0.0,
            lowest_s=now_s,
            heard_s=now_s,
            control_share=share,
            control_homes=asked,
            past_days=self._past_days(affected),
            spare=suspect.spare,
            is_repeated=suspect.is_repeated,
            came_before=came_before(now.ended, homes.tolist(), start[0]),
            aired=int(self._falls.steep[at - CONTEXT_SLOTS, homes].sum()),
            is_faint=are_faint(now.ended, homes, start),
        )

    def _control(self, now: Now, suspect: Suspect) -> tuple[float, int]:
        """Return the share of homes of other sources that fall, and how many were asked."""
        source = int(self._source[suspect.place.homes[0]])
        asked = int(now.asked[source]) if source >= 0 else 0
        return (float(now.share[source]) if asked else float("nan")), asked

    def _with_witnesses(self, suspect: Suspect, begin: int, at: int) -> Suspect:
        homes = suspect.place.homes
        aired = homes[self._falls.steep[at - CONTEXT_SLOTS, homes]]
        rows = self._block.homes[[begin, at - WITNESS_SLOTS, at]]
        return with_witnesses(suspect, aired, rows, float(self._block.delta[at]))

    def _is_apart(self, now: Now, homes: Indices, bend: int) -> bool:
        """Say whether some homes of a fall of hours began earlier or later than the others."""
        slots = ONSET_SLOTS - bend
        if slots < APART_SLOTS:
            return False
        begin = now.at - slots
        rows = [begin - APART_SLOTS, begin, begin + APART_SLOTS, now.at]
        celsius = self._elsewhere.without_others(homes, rows, now.at, now.busy)
        return began_apart(celsius, slots, DEEP_APART_SHARE)

    def _is_stop(self, now: Now, begin: int, suspect: Suspect, rate: float, is_deep: bool) -> bool:
        """Say whether a fall is no habit, no rest of another, and known well enough."""
        block, affected, at = self._block, suspect.falling, now.at
        share, _ = self._control(now, suspect)
        is_plain = suspect.is_repeated or is_deep
        if not self._is_night[at] and is_too_late(at - begin, suspect.spare, share, is_plain):
            return False
        start = int(block.time_s[begin]), float(block.hour[begin])
        slots = [begin - DAY_SLOTS, begin - OWN_SLOTS, begin - BEFORE_SLOTS, begin, at]
        rows = self._elsewhere.without_others(affected, slots, at, now.busy)
        if fell_before(rows[2:], at - begin):
            return False
        is_new = not suspect.is_repeated and suspect.spare < CLEAR_SPARE
        if is_new and had_sunk(rows[[0, 1, 3]]):
            return False
        if not self._is_begun_by_enough(now, begin, suspect):
            return False
        if is_rest_of(now.ended, affected, start[0], suspect.spare):
            return False
        known = (*now.open, *now.ended)
        if is_habit(self._past, known, affected, start, rate, self._is_alone(affected)):
            return False
        heard = int(self._is_heard[suspect.place.homes].sum())
        return not suspect.judged < LEAST_HOMES <= heard  # others will have a say soon

    def _is_begun_by_enough(self, now: Now, begin: int, suspect: Suspect) -> bool:
        """Say whether enough homes are left without those that were sinking for a day already.

        Whose valves are closed saw nothing begin, and cools the homes beside it. Where heat was
        held back in the days before, all are lower by that.
        """
        fell = suspect.falling
        if suspect.is_repeated or not self._is_alone(fell):
            return True
        slots = [begin - DAY_SLOTS, begin - OWN_SLOTS, begin, now.at]
        rows = self._elsewhere.without_others(fell, slots, now.at, now.busy)
        own = int(go_on_sinking(rows, now.at - begin).sum())
        judged = max(suspect.judged, len(fell)) - own
        return not own or (judged >= LEAST_HOMES and len(fell) - own >= LEAST_SHARE * judged)
