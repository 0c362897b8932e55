"""From episodes to findings: what kind of suppression it is, how sure, and what else it may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from heatward_collector.core.suppression.declared import Declaration
from heatward_collector.core.suppression.episode import Episode
from heatward_collector.core.suppression.finding import Certainty, Exclusion, Finding, Kind
from heatward_collector.core.suppression.network import Level, Network

DAY_S, HOUR_S = 86_400, 3600
NIGHT_START = (21.0, 5.0)
"""An interruption that begins between these local hours is one of the night. [h]"""
NIGHTS, NIGHTS_OF_S = 3, 7 * DAY_S
"""On so many nights of a week it is a practice."""
PERIODS, PERIODS_OF_S = 3, 36 * HOUR_S
"""So many interruptions within a day and a half, not only by night, are stop-start heating."""
SAME_SHARE = 0.5
"""Episodes are of one place if they share this part of the smaller one's homes."""
LEAST_HOMES = 4
"""With fewer judged homes a closed valve and a supplier's cut look the same. (measured: recall
0.32 with 3 homes, 0.97 with 4)"""
LEAST_LIFT = 20.0
"""Nearer to the outdoors than this nobody is accused: 14 of 38 stops were seen at 12 K, all but one
at 20 K. [K]"""
SURE_HOMES, SURE_LIFT = 8, 25.0
DECLARED_SHARE = 0.8
"""A declaration explains an episode of which it covers this part."""
GRACE_S = 3600
"""After promised heat should flow, rooms need this long to show it. [s]"""


def kind_of(episode: Episode, all_of_them: Iterable[Episode]) -> Kind:
    """Return the kind of an episode by what else happened at the same place."""
    near = [other for other in all_of_them if _is_same_place(episode, other)]
    if _is_in_cluster(episode, near, PERIODS, PERIODS_OF_S) and any(
        not _is_night(other) for other in _around(episode, near, PERIODS_OF_S)
    ):
        return Kind.STOP_START
    nights = [other for other in near if _is_night(other)]
    if _is_night(episode) and _is_in_cluster(episode, nights, NIGHTS, NIGHTS_OF_S):
        return Kind.NIGHT_INTERRUPTION
    return Kind.OUTAGE


def _is_same_place(one: Episode, other: Episode) -> bool:
    shared = len(frozenset(one.homes) & frozenset(other.homes))
    return shared >= SAME_SHARE * min(len(one.homes), len(other.homes))


def _is_night(episode: Episode) -> bool:
    first, last = NIGHT_START
    return (episode.hour - first) % 24 < (last - first) % 24


def _around(episode: Episode, others: Sequence[Episode], span_s: int) -> list[Episode]:
    return [other for other in others if abs(other.start_s - episode.start_s) < span_s]


def _is_in_cluster(episode: Episode, others: Sequence[Episode], count: int, span_s: int) -> bool:
    """Say whether some span of time with this episode holds so many of them."""
    starts = sorted({other.start_s for other in others} | {episode.start_s})
    for index, start in enumerate(starts):
        inside = [one for one in starts[index:] if one < start + span_s]
        if len(inside) >= count and episode.start_s in inside:
            return True
    return False


def finding_of(
    episode: Episode,
    all_of_them: Sequence[Episode],
    network: Network,
    declarations: Sequence[Declaration],
    hour_of: dict[int, float],
    now_s: int,
) -> Finding:
    """Return what is said of an episode.

    Parameters
    ----------
    episode : Episode
        What was watched.
    all_of_them : sequence of Episode
        Every episode that is known now.
    network, declarations
        Places, and what was declared.
    hour_of : dict of int to float
        Local hour of every slot's begin. [s UTC] to [h]
    now_s : int
        Until when it was watched. [s UTC]
    """
    explaining, share = declared_share(episode, network, declarations, hour_of, now_s)
    affected = np.array(episode.affected, np.int32)
    buildings = network.of_home[Level.BUILDING][affected]
    names = network.places[Level.BUILDING]
    return Finding(
        kind=kind_of(episode, all_of_them),
        level=episode.level,
        place=episode.place,
        start_s=episode.start_s,
        end_s=episode.end_s,
        detected_s=episode.detected_s,
        certainty=_certainty(episode, share, len(set(buildings.tolist()))),
        buildings=tuple(names[i] for i in np.unique(buildings[buildings >= 0])),
        affected=tuple(network.homes[i] for i in episode.affected),
        homes_judged=episode.judged,
        homes_silent=episode.silent,
        rule=episode.rule,
        excluded=_exclusions(episode, explaining, share),
        evidence=_evidence(episode),
    )


def _certainty(episode: Episode, declared: float, buildings: int) -> Certainty:
    if declared >= DECLARED_SHARE:
        return Certainty.DECLARED
    if episode.judged < LEAST_HOMES or not episode.delta >= LEAST_LIFT:
        return Certainty.UNDETERMINED
    if episode.rule == "all_sources_fall":
        return Certainty.UNDETERMINED  # weather that nobody measured would look the same
    if episode.control_homes == 0:
        return Certainty.LOW
    if buildings > 1 and episode.judged >= SURE_HOMES and episode.delta >= SURE_LIFT:
        return Certainty.HIGH
    return Certainty.MEDIUM if buildings > 1 or episode.judged > LEAST_HOMES else Certainty.LOW


def declared_share(
    episode: Episode,
    network: Network,
    declarations: Sequence[Declaration],
    hour_of: dict[int, float],
    now_s: int,
) -> tuple[str, float]:
    """Return the kind of the declaration that explains most of an episode, and how much of it."""
    end = min(episode.end_s or now_s, now_s)
    time_s = np.arange(episode.start_s, max(end, episode.start_s + 1), 900, dtype=np.int64)
    hour = np.array([hour_of[int(one)] for one in time_s])
    best, most = "", 0.0
    for declaration in declarations:
        if declaration.to_s <= episode.start_s or declaration.from_s > end + GRACE_S:
            continue
        places = network.places.get(declaration.level, ())
        if declaration.place not in places:
            continue
        members = network.of_home[declaration.level] == places.index(declaration.place)
        if not members[list(episode.homes)].all():
            continue
        explained = declaration.explains(time_s, hour)
        # A stop that was seen some minutes early, and rooms that warm slowly, are no breach.
        explained |= declaration.explains(time_s + GRACE_S, (hour + 1.0) % 24)
        explained |= declaration.explains(time_s - GRACE_S, (hour - 1.0) % 24)
        share = float(explained.mean())
        if share > most:
            best, most = declaration.kind, share
    return best, most


def _exclusions(episode: Episode, declared: str, share: float) -> tuple[Exclusion, ...]:
    """Return what else was considered, each with whether it could be excluded."""
    others = episode.control_share
    found = [
        Exclusion("airing", True, {"falling_homes": len(episode.affected)}),
        Exclusion(
            "cold_front",
            episode.control_homes > 0,
            {"control_share": round(others, 3)} if episode.control_homes else {},
        ),
        Exclusion("valves", episode.judged >= LEAST_HOMES, {"judged_homes": episode.judged}),
    ]
    if episode.control_homes == 0:
        found.append(Exclusion("no_control", False))
    if episode.rule == "all_sources_fall":
        found.append(Exclusion("network_wide", False))
    if not episode.delta >= LEAST_LIFT:
        known = episode.delta == episode.delta
        facts = {"lift_kelvin": round(episode.delta, 1)} if known else {}
        found.append(Exclusion("low_lift" if known else "no_outdoor", False, facts))
    if episode.judged < LEAST_HOMES:
        found.append(Exclusion("few_homes", False, {"judged_homes": episode.judged}))
    if episode.silent:
        found.append(Exclusion("sensors", True, {"silent_homes": episode.silent}))
    if declared:
        word = "declared_regime" if declared == "regime" else declared
        found.append(Exclusion(word, share < DECLARED_SHARE, {"declared_share": round(share, 3)}))
    return tuple(found)


def _evidence(episode: Episode) -> dict[str, float | str]:
    until = episode.lowest_s
    hours = max(until - episode.start_s, 900) / HOUR_S
    evidence: dict[str, float | str] = {
        "drop_kelvin": round(episode.drop, 3),
        "falling_hours": round(hours, 2),
        "gain_nat": round(episode.gain, 2),
        "local_hour": round(episode.hour, 2),
    }
    if episode.delta == episode.delta:
        evidence["lift_kelvin"] = round(episode.delta, 2)
        evidence["cut_rate_per_hour"] = round(episode.drop / hours / episode.delta, 5)
    if episode.control_homes:
        evidence["control_share"] = round(episode.control_share, 3)
        evidence["control_homes"] = episode.control_homes
    return evidence
