"""What a new cut rests on, and what else was considered."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatward_collector.core import Celsius, Indices
from heatward_collector.core.suppression.by_day.fallen_homes import Explanation, fallen_of
from heatward_collector.core.suppression.by_day.today import Today
from heatward_collector.core.suppression.findings.festival import is_festival
from heatward_collector.core.suppression.findings.finding import LEAST_HOMES, Exclusion
from heatward_collector.core.suppression.held_back.cut import DAY_S, Cut, View
from heatward_collector.core.suppression.homes.network import Level, Network

COLD_SHARE = 0.35
"""With so many cold homes in a place closed valves explain the fall of the others, too."""
WARMER_KELVIN = 3.0
"""After so much milder weather a lower supply may be lawful. [K]"""


@dataclass(frozen=True, slots=True)
class Signal:
    """Why a cut is opened."""

    statistic: float
    threshold: float
    fall: float
    onset: int
    begin: int
    view: View
    beside: Celsius
    """(days of the window,) what stands beside the place. [degC]"""


def measured(today: Today, found: Explanation, signal: Signal) -> dict[str, float | str]:
    """Return the numbers of a new cut, with their unit in the name."""
    history = today.history
    outdoor = float(history.outdoor[-1])
    warm = float(np.nanmedian(history.series[found.level].coldest[-2:, found.place]))
    lift = warm - outdoor
    return {
        "homes_falling_share": round(found.share, 2),
        "depth_kelvin": round(found.kelvin, 2),
        "median_celsius": round(warm, 1),
        "outdoor_celsius": round(outdoor, 1),
        "lift_kelvin": round(lift, 1),
        "minimum_celsius": today.duty.minimum,
        "against": signal.view.value,
    }


def considered(today: Today, found: Explanation, signal: Signal) -> tuple[Exclusion, ...]:
    """Return the other causes that were considered, with their numbers.

    What a cut itself doubts on later days, closed valves and empty homes, is added by it.
    """
    history, days = today.history, len(signal.beside) - signal.onset
    outdoor = history.outdoor[-days - 1 :]
    change = {"outdoor_change_kelvin": round(float(outdoor[-1] - outdoor[0]), 1)}
    is_alone = signal.view is View.OTHERS
    control = signal.beside[signal.onset :]
    fell = float(control[0] - control[-1]) if len(control) else np.nan
    cold = float(history.series[found.level].cold_share[-days - 1 :, found.place].max())
    start_s = int(history.start_s[-days])
    # Healthy days as cold as this one show that the boiler can give more.
    before = history.outdoor[: -days - 1]
    gave_more = bool((before <= outdoor[-1]).any())
    share = {"homes_falling_share": round(found.share, 2)}
    begin_s = int(history.start_s[len(history.start_s) - len(signal.beside) + signal.begin])
    inside = today.places.place[found.level] == found.place
    lived = today.presence(inside, begin_s + DAY_S)
    is_feast = not is_alone and is_festival(start_s)
    result = [
        Exclusion("cold_front", is_alone, change),
        Exclusion("valves", cold <= COLD_SHARE, {"cold_homes_share": round(cold, 2)}),
        Exclusion("empty_homes", not is_feast, lived.facts),
        Exclusion("sensors", found.judged >= LEAST_HOMES, share),
        Exclusion("drift", found.judged >= LEAST_HOMES, share),
        Exclusion("few_homes", found.judged >= LEAST_HOMES, {"judged_homes": found.judged}),
        Exclusion("boiler_limit", gave_more, change),
    ]
    if is_alone and fell == fell:
        other = {"control_fall_kelvin": round(fell, 2)}
        result.append(Exclusion("other_sources", fell < signal.fall / 2, other))
    elif len(today.network.places[Level.SOURCE]) < 2:
        result.append(Exclusion("no_control", False))
    else:
        result.append(Exclusion("network_wide", False, change))
    if found.level is not Level.SOURCE:
        peers = {"control_fall_kelvin": round(found.beside, 2)}
        result.append(Exclusion("peers", found.beside < signal.fall, peers))
    return tuple(result)


def with_fallen(today: Today, cut: Cut, falls: Celsius) -> Cut:
    """Return a cut with all of its place's homes that are seen to have fallen by now, if more have.

    On its first days a fall is so small that chance hides some of them.

    Parameters
    ----------
    today : Today
        The day that is judged.
    cut : Cut
        As it was so far.
    falls : float64 (homes,)
        How far each home has fallen since it began, NaN where it is not known. [K]
    """
    members, held = today.members(cut.level, cut.place), today.self_heated(cut.start_s)
    judged, fallen = fallen_of(falls, members, cut.peak_kelvin, held)
    if len(fallen) * cut.judged <= len(cut.affected) * len(judged):
        return cut
    network = today.network
    return replace(
        cut,
        affected=tuple(network.homes[home] for home in fallen.tolist()),
        buildings=buildings_of(network, fallen),
        judged=len(judged),
        left_aside=int((members & ~np.isnan(falls)).sum()) - len(judged),
    )


def buildings_of(network: Network, homes: Indices) -> tuple[str, ...]:
    """Return the ids of the buildings of some homes."""
    index = np.unique(network.of_home[Level.BUILDING][homes])
    return tuple(network.places[Level.BUILDING][one] for one in index.tolist() if one >= 0)
