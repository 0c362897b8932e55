"""What else may explain an episode, and so how sure it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from heatward_collector.core.suppression.falling.leads import is_same_hour
from heatward_collector.core.suppression.findings.festival import is_festival
from heatward_collector.core.suppression.findings.finding import (
    LEAST_HOMES,
    SURE_HOMES,
    Certainty,
    Exclusion,
)
from heatward_collector.core.suppression.homes.network import Level
from heatward_collector.core.suppression.stops.episode import (
    LONG_RULE,
    SERIES_RULE,
    TOGETHER_RULE,
    WATERMARK_S,
    Episode,
)
from heatward_collector.core.suppression.stops.long_look import SUN_HOURS

REPEATED_S = 4 * 86_400
"""So long after a stop a further one at the same place is believed sooner. [s]"""
LEAST_LIFT = 20.0
"""Nearer to the outdoors than this nobody is accused: 14 of 38 stops were seen at 12 K, all but one
at 20 K. [K]"""
SURE_LIFT = 25.0
"""From so much warmer than the outdoors on a finding of many homes is sure. [K]"""
AT_ONCE_GAIN = 3.0
"""From here on, for each judged home, all homes of a building have begun to fall at once. [nat]"""
WIDE = (Level.ZONE, Level.SUBSTATION, Level.SOURCE)
"""Places with several buildings, whose thermostats nobody sets together."""
LEAST_PAST_DAYS, WIDE_PAST_DAYS = 5, 3
"""A building, and a place of several, is watched for so long before what happens there is held
against anybody: until then nobody knows what is usual. [d]"""
SHORT_PASTS = ((7, 3.0), (14, 1.2))
"""Until then [d] homes must fall so much more clearly than is needed [nat]: what is usual is known
from a few days only. Not where heat was held back in the days before."""
MOST_AIRED = 1.0
"""Where for each home that has a say more homes than this have their windows open, families air at
this hour, and what the others lose may go out by theirs. [1] (project rule)"""
ACQUITTING = frozenset(
    {
        "airing",
        "valves",
        "thermostats",
        "absence",
        "few_homes",
        "low_lift",
        "no_outdoor",
        "other_sources",
        "sun",
        "weather",
    }
)
"""What leaves the cause open, unless it can be excluded; weather that nobody measured at another
source lowers the certainty only."""

NO_HABIT = frozenset({"thermostats"})
"""What forbids to accuse, but makes no habit of what many homes of a larger place do: of a building
alone it may be its program, which nobody knows at first."""


PASSING = frozenset({"airing", "absence", "sun", "weather"})
"""What can be excluded by and by while a fall goes on: windows are closed, families that leave do
so one after the other, and without heat rooms become colder than the sun leaves them. Where nobody
knows yet what is usual of a building, it stays so."""


def stopped_lately(recent: Iterable[Episode], now_s: int) -> Counter[tuple[Level, str]]:
    """Return how often heat was held back in the last days, by level and id of the place.

    What was only seen because it was due is no reason to expect still more.
    """
    return Counter(
        (one.level, one.place)
        for one in recent
        if now_s - one.start_s < REPEATED_S and one.rule != SERIES_RULE and is_stop(one)
    )


def may_pass(episode: Episode) -> bool:
    """Say whether an episode is doubtful, and only by what later slots can exclude."""
    open_causes = {one.cause for one in exclusions(episode) if not one.is_excluded} & ACQUITTING
    passing = PASSING | _unknown_of_many(episode)
    if episode.level in WIDE and episode.past_days >= WIDE_PAST_DAYS:
        passing |= NO_HABIT  # only not clear enough yet for what is known of them
    return bool(open_causes) and open_causes <= passing


def is_sure(episode: Episode) -> bool:
    """Say whether nothing else explains an episode, declarations left aside.

    A whole source without another one to compare with needs many homes: a handful may follow the
    clock of their own boiler, or the weather.
    """
    is_alone = episode.control_homes == 0 and episode.rule != TOGETHER_RULE
    if is_alone and episode.level in WIDE and episode.judged < SURE_HOMES:
        return False
    return _is_free_of(episode, ACQUITTING)


def is_stop(episode: Episode) -> bool:
    """Say whether heat was held back for all that is seen, though nobody may be accused of it.

    Whoever was watched for too short a time, or in weather too mild, is accused of nothing; but
    such a night makes no habit. Of a building alone it may.
    """
    return _is_free_of(episode, ACQUITTING - _unknown_of_many(episode))


def makes_no_habit(episode: Episode) -> bool:
    """Say whether an episode is a stop, or families that left once: neither is a habit."""
    return _is_free_of(episode, ACQUITTING - _unknown_of_many(episode) - {"absence"})


def came_before(ended: Iterable[Episode], homes: Iterable[int], start_s: int) -> bool:
    """Say whether homes fell at the same hour of a day before, and warmed up again.

    Families that leave do so once, and nobody is there to turn valves up and down again.

    Parameters
    ----------
    ended : iterable of Episode
        Those that are over, of the last weeks.
    homes : iterable of int
        Homes of the place that falls now.
    start_s : int
        When it began to. [s UTC]
    """
    mine = frozenset(homes)
    return any(
        one.is_warm_again
        and is_same_hour(one.start_s, start_s)
        and one.covers_half_of(mine)
        and makes_no_habit(one)
        for one in ended
    )


def certainty(episode: Episode, buildings: int) -> Certainty:
    """Say how sure an episode is whose homes lie in so many buildings."""
    if episode.is_faint or not is_sure(episode):
        return Certainty.UNDETERMINED
    if episode.control_homes == 0:
        return Certainty.LOW
    is_many = buildings > 1 and episode.judged >= SURE_HOMES
    if episode.rule == LONG_RULE:
        return Certainty.MEDIUM if is_many else Certainty.LOW
    if is_many and episode.delta >= SURE_LIFT:
        return Certainty.HIGH
    return Certainty.MEDIUM if buildings > 1 or episode.judged > LEAST_HOMES else Certainty.LOW


def exclusions(episode: Episode) -> tuple[Exclusion, ...]:
    """Return what else was considered, each with whether it could be excluded."""
    found = [
        Exclusion(
            "airing",
            episode.level is not Level.STAIRWELL and not _is_airing_time(episode),
            {"falling_homes": len(episode.affected)}
            | ({"aired_homes": episode.aired} if episode.aired else {}),
        ),
        _weather(episode),
        Exclusion("valves", episode.judged >= LEAST_HOMES, {"judged_homes": episode.judged}),
        Exclusion(
            "thermostats",
            _is_known(episode),
            {"past_days": episode.past_days},
        ),
    ]
    if _is_held_against_the_sun(episode):
        found.append(Exclusion("sun", True))
    if episode.own_doubt:
        found.append(Exclusion(episode.own_doubt, False))
    if is_festival(episode.start_s):
        # Families of one building leave within hours, and turn their valves down; but not all of
        # them in one and the same, nor a second time. A handful of homes of two buildings may, too.
        is_clear = episode.gain >= AT_ONCE_GAIN * episode.judged
        is_at_once = is_clear and len(episode.affected) == episode.judged
        is_again = episode.is_repeated or episode.came_before
        is_supply = _is_of_many(episode) or is_at_once or is_again
        found.append(Exclusion("absence", is_supply))
    if episode.control_homes == 0:
        is_of_all = episode.rule == TOGETHER_RULE and len(episode.elsewhere) > 1
        found.append(Exclusion("network_wide" if is_of_all else "no_control", False))
    if episode.rule == "all_sources_fall":
        found.append(Exclusion("other_sources", False))
    if not episode.delta >= LEAST_LIFT:
        known = episode.delta == episode.delta
        facts = {"lift_kelvin": round(episode.delta, 1)} if known else {}
        found.append(Exclusion("low_lift" if known else "no_outdoor", False, facts))
    if episode.judged < LEAST_HOMES:
        found.append(Exclusion("few_homes", False, {"judged_homes": episode.judged}))
    if episode.is_faint:
        # It stays a stop for what is learned of the homes, and for those that may follow.
        found.append(Exclusion("turned_down", False))
    if episode.silent:
        found.append(Exclusion("sensors", True, {"silent_homes": episode.silent}))
    return tuple(found)


def _weather(episode: Episode) -> Exclusion:
    if episode.rule == TOGETHER_RULE:
        return Exclusion("weather", True, {"past_days": episode.past_days})
    share = {"control_share": round(episode.control_share, 3)} if episode.control_homes else {}
    return Exclusion("cold_front", episode.control_homes > 0, share)


def _is_held_against_the_sun(episode: Episode) -> bool:
    """Say whether homes had to be colder than on the whole day before."""
    first, last = SUN_HOURS
    looked_at = episode.hour + (episode.detected_s - WATERMARK_S - episode.start_s) / 3600
    is_compared = episode.rule in (LONG_RULE, TOGETHER_RULE)
    return is_compared and first < looked_at % 24 <= last


def _is_free_of(episode: Episode, doubts: frozenset[str]) -> bool:
    return all(one.is_excluded or one.cause not in doubts for one in exclusions(episode))


def _unknown_of_many(episode: Episode) -> frozenset[str]:
    """Return what is no doubt, or none for long, of many homes in several buildings."""
    return NO_HABIT if _is_of_many(episode) else frozenset()


def _is_of_many(episode: Episode) -> bool:
    """Say whether it is of many homes in several buildings."""
    return episode.level in WIDE and episode.judged >= SURE_HOMES


def _is_airing_time(episode: Episode) -> bool:
    """Say whether so many homes of the place air that the rest may, by a narrower gap."""
    return episode.aired > MOST_AIRED * episode.judged


def _is_known(episode: Episode) -> bool:
    """Say whether homes were watched long enough to know what is usual."""
    least = WIDE_PAST_DAYS if episode.level in WIDE else LEAST_PAST_DAYS
    wanted = next((spare for days, spare in SHORT_PASTS if episode.past_days < days), 0.0)
    is_clear = episode.is_repeated or episode.spare >= wanted or episode.rule == TOGETHER_RULE
    return episode.past_days >= least and is_clear
