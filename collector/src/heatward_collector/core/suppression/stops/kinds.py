"""From episodes to findings: what kind of suppression it is, how sure, and what else it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from heatward_collector.core import Celsius, Seconds
from heatward_collector.core.suppression.findings.declared import Declaration, lately
from heatward_collector.core.suppression.findings.finding import Certainty, Exclusion, Finding, Kind
from heatward_collector.core.suppression.homes.network import Level, Network
from heatward_collector.core.suppression.stops.doubts import certainty as certainty_of
from heatward_collector.core.suppression.stops.doubts import exclusions
from heatward_collector.core.suppression.stops.episode import (
    LONG_RULE,
    SERIES_RULE,
    SLOT_S,
    TOGETHER_RULE,
    WATERMARK_S,
    Episode,
)

DAY_S, HOUR_S = 86_400, 3600
NIGHT_START = (21.0, 5.0)
"""An interruption that begins between these local hours is one of the night. [h]"""
NIGHTS, NIGHTS_OF_S = 3, 7 * DAY_S
"""On so many nights of a week it is a practice."""
PERIODS, PERIODS_OF_S = 3, 36 * HOUR_S
"""So many interruptions within a day and a half, not only by night, are stop-start heating."""
SAME_SHARE = 0.5
"""Episodes are of one place if they share this part of the smaller one's homes."""
OVERRUN_S = 2 * HOUR_S
"""What lies so long outside the declared hours is no part of them: heat needs some of it to show
itself in rooms again. [s]"""
FLOOR_FOLLOWS_S = 6 * HOUR_S
"""Heated floors follow the supply so late: what was declared explains for so long afterwards that
their homes fall. [s] (simulated floors take 6 to 12 h; in a town whose source had declared its
hours, floors accused it 16 times at the end of them)"""
WORDS = {"regime": "declared_regime"}
"""Kinds of declarations under another name among the causes."""


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


def findings_of(
    episode: Episode,
    all_of_them: Sequence[Episode],
    network: Network,
    declarations: Sequence[Declaration],
    hour_of: Callable[[Seconds], Celsius],
) -> list[Finding]:
    """Return what is said of an episode: one finding, or one for each part that is declared or not.

    Parameters
    ----------
    episode : Episode
        What was watched.
    all_of_them : sequence of Episode
        Every episode that is known now.
    network, declarations
        Places, and what was declared.
    hour_of : callable
        Gives the local hours of times. [s UTC] to [h]
    """
    affected = np.array(episode.affected, np.int32)
    buildings = network.of_home[Level.BUILDING][affected]
    names = network.places[Level.BUILDING]
    said = Finding(
        kind=kind_of(episode, all_of_them),
        level=episode.level,
        place=episode.place,
        start_s=episode.start_s,
        end_s=episode.end_s,
        detected_s=episode.detected_s,
        certainty=certainty_of(episode, len(set(buildings.tolist()))),
        buildings=tuple(names[i] for i in np.unique(buildings[buildings >= 0])),
        affected=tuple(network.homes[i] for i in episode.affected),
        homes_judged=episode.judged,
        homes_silent=episode.silent,
        rule=episode.rule,
        excluded=exclusions(episode),
        evidence=_evidence(episode),
    )
    parts = declared_parts(episode, network, declarations, hour_of)
    return [_part(said, part) for part in parts]


def _part(said: Finding, part: Part) -> Finding:
    """Return the finding of a part of what was said."""
    detected_s = said.detected_s
    if part.start_s > said.start_s and not part.declared:
        detected_s = max(detected_s, part.start_s + OVERRUN_S + WATERMARK_S)
    elif part.start_s > said.start_s:
        detected_s = max(detected_s, part.start_s + WATERMARK_S)
    excluded = said.excluded
    if part.word:
        excluded = (*excluded, Exclusion(part.word, not part.declared))
    return replace(
        said,
        start_s=part.start_s,
        end_s=said.end_s if part.end_s is None else part.end_s,
        detected_s=detected_s,
        certainty=Certainty.DECLARED if part.declared else said.certainty,
        excluded=excluded,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an episode that is declared, or that is not."""

    start_s: int
    end_s: int | None
    """None for the end of the episode. [s UTC]"""
    declared: bool
    word: str
    """The declaration that touches the episode, empty for none."""


def declared_parts(
    episode: Episode,
    network: Network,
    declarations: Sequence[Declaration],
    hour_of: Callable[[Seconds], Celsius],
) -> list[Part]:
    """Cut an episode into what was declared and what was not; what is short is not cut off."""
    # Homes were heard for longer; but until then they fell.
    fallen_s = episode.lowest_s if episode.end_s is None else episode.end_s
    until_s = max(fallen_s, episode.start_s + SLOT_S)
    time_s = np.arange(episode.start_s, until_s, SLOT_S, dtype=np.int64)
    is_slow = bool(network.is_floor_heated[list(episode.affected)].all())
    late = FLOOR_FOLLOWS_S // SLOT_S if is_slow else 0
    since_s = np.arange(episode.start_s - late * SLOT_S, until_s, SLOT_S, dtype=np.int64)
    explained, word = np.zeros(len(time_s), bool), ""
    for declaration in declarations:
        if not _concerns(declaration, episode, network, int(since_s[0]), until_s):
            continue
        off = declaration.explains(since_s, hour_of(since_s))
        now = lately(off[:, None], late)[late:, 0]
        word = word or (WORDS.get(declaration.kind, declaration.kind) if now.any() else "")
        explained |= now
    if not explained.any():
        return [Part(episode.start_s, None, False, "")]
    parts: list[Part] = []
    edges = [0, *(np.flatnonzero(np.diff(explained)) + 1).tolist(), len(time_s)]
    for first, last in pairwise(edges):
        if explained[first] or (last - first) * SLOT_S >= OVERRUN_S:
            parts.append(Part(int(time_s[first]), None, bool(explained[first]), word))
    if parts[0].start_s != episode.start_s:
        parts[0] = replace(parts[0], start_s=episode.start_s)
    merged = [parts[0]]
    for part in parts[1:]:
        if part.declared != merged[-1].declared:
            merged[-1] = replace(merged[-1], end_s=part.start_s)
            merged.append(part)
    return merged


def _concerns(
    declaration: Declaration, episode: Episode, network: Network, since_s: int, until_s: int
) -> bool:
    """Say whether a declaration is of this time, and of all homes of the episode."""
    places = network.places.get(declaration.level, ())
    if declaration.to_s <= since_s or declaration.from_s >= until_s:
        return False
    if declaration.place not in places:
        return False
    members = network.of_home[declaration.level] == places.index(declaration.place)
    return bool(members[list(episode.homes)].all())


def _evidence(episode: Episode) -> dict[str, float | str]:
    until = episode.lowest_s
    hours = max(until - episode.start_s, 900) / HOUR_S
    evidence: dict[str, float | str] = {
        "drop_kelvin": round(episode.drop, 3),
        "falling_hours": round(hours, 2),
        "local_hour": round(episode.hour, 2),
    }
    if episode.rule not in (LONG_RULE, TOGETHER_RULE, SERIES_RULE):
        evidence["gain_nat"] = round(episode.gain, 2)
    if episode.delta == episode.delta:
        evidence["lift_kelvin"] = round(episode.delta, 2)
        evidence["cut_rate_per_hour"] = round(episode.drop / hours / episode.delta, 5)
    if episode.control_homes:
        evidence["control_share"] = round(episode.control_share, 3)
        evidence["control_homes"] = episode.control_homes
    return evidence
