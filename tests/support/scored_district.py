"""A hand-made district and short ways to write periods and findings in it."""

from __future__ import annotations

import numpy as np

from heatward_collector.core.suppression import Certainty, Finding, Kind, Level, Network
from heatward_collector.score.truth import LongCut, OffPeriod

HOUR = 3600
DAY = 86_400
T0 = 1_609_459_200 + 15 * HOUR
"""23:00 on 1 January 2021 in Harbin."""
HOMES = tuple(f"h{number}" for number in range(12))


def network() -> Network:
    """Return two sources: so1 heats b1 and b2 through zones z1 and z2, so2 heats b3 alone.

    Zone z1 has half of the homes of both buildings.
    """
    building = np.repeat(np.arange(3), 4).astype(np.int32)
    zone = np.array([0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 2], np.int32)
    source = np.array([0] * 8 + [1] * 4, np.int32)
    return Network(
        HOMES,
        {
            Level.BUILDING: ("b1", "b2", "b3"),
            Level.ZONE: ("z1", "z2", "z3"),
            Level.SUBSTATION: ("ss1", "ss2"),
            Level.SOURCE: ("so1", "so2"),
        },
        {
            Level.BUILDING: building,
            Level.ZONE: zone,
            Level.SUBSTATION: source,
            Level.SOURCE: source,
        },
        np.zeros(12, bool),
    )


def period(
    on_h: float = 0.0,
    hours: float = 5.5,
    buildings: str = "b1 b2",
    place: tuple[Level, str] = (Level.SOURCE, "so1"),
    kind: Kind = Kind.NIGHT_INTERRUPTION,
    **changes,
) -> OffPeriod:
    """Return a period ``on_h`` hours after T0."""
    on_s = T0 + int(on_h * HOUR)
    facts = {
        "series": 0,
        "local_hour": (23.0 + on_h) % 24,
        "residual": 0.0,
        "lift_kelvin": 30.0,
        "valid_homes": 8,
    } | changes
    level, name = place
    named = frozenset(buildings.split())
    return OffPeriod(
        kind=kind,
        level=level,
        place=name,
        buildings=named,
        on_s=on_s,
        off_s=on_s + int(hours * HOUR),
        **facts,
    )


def cut(
    buildings: str,
    from_h: float,
    to_h: float,
    place: tuple[Level, str] = (Level.SOURCE, "so1"),
    kind: Kind = Kind.THROTTLING,
    residual: float = 0.8,
) -> LongCut:
    """Return a long cut, its hours counted from T0."""
    span = T0 + int(from_h * HOUR), T0 + int(to_h * HOUR)
    return LongCut(kind, *place, frozenset(buildings.split()), *span, residual)


def finding(
    start_h: float = 0.25,
    detected_h: float = 1.5,
    end_h: float | None = 5.5,
    buildings: str = "b1 b2",
    place: tuple[Level, str] = (Level.SOURCE, "so1"),
    kind: Kind = Kind.OUTAGE,
    certainty: Certainty = Certainty.HIGH,
    **changes,
) -> Finding:
    """Return a finding, its hours counted from T0."""
    level, name = place
    facts = {"affected": HOMES[:8], "homes_judged": 8, "homes_silent": 0, "rule": "test"} | changes
    return Finding(
        kind=kind,
        level=level,
        place=name,
        start_s=T0 + int(start_h * HOUR),
        end_s=None if end_h is None else T0 + int(end_h * HOUR),
        detected_s=T0 + int(detected_h * HOUR),
        certainty=certainty,
        buildings=tuple(buildings.split()),
        **facts,
    )
