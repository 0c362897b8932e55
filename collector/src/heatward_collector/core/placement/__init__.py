"""Whether a sensor hangs where it measures the air of its room: doubts, with their numbers.

A doubt is a reason to go and look. It judges nobody: it takes no vote from a home and changes no
verdict. What no other room can be compared with, and what was hardly measured, gives none, and the
thresholds are set to be silent rather than wrong.
"""

from __future__ import annotations

from heatward_collector.core.placement.doubt import Doubt, DoubtKind, Rooms
from heatward_collector.core.placement.exchanged import exchanged
from heatward_collector.core.placement.hand_warmed import hands
from heatward_collector.core.placement.inner_wall import inner_walls
from heatward_collector.core.placement.lamp import lamps
from heatward_collector.core.placement.moved import moves
from heatward_collector.core.placement.quarters import quarters_of
from heatward_collector.core.placement.radiator import radiators
from heatward_collector.core.placement.refrigerator import refrigerators
from heatward_collector.core.placement.sill import sills

EXPLAINED_BY = {
    DoubtKind.HAND_WARMED: (DoubtKind.LAMP, DoubtKind.REFRIGERATOR),
    DoubtKind.RADIATOR: (DoubtKind.LAMP, DoubtKind.REFRIGERATOR),
    DoubtKind.MOVED: (DoubtKind.LAMP, DoubtKind.REFRIGERATOR, DoubtKind.EXCHANGED),
}
"""What a lamp or a compressor does looks like these too: only the better reason is said."""

__all__ = ["Doubt", "DoubtKind", "Rooms", "doubts"]


def doubts(rooms: Rooms) -> list[Doubt]:
    """Return all doubts about the sensors of some rooms, in order of room and time.

    Refrigerators and warm hands need readings of every 5 min; everything else needs five rooms in
    a group, and a sill the outdoor temperature too. Faulty values (85.0, lone spikes) are to be
    taken out before.
    """
    quarters = quarters_of(rooms)
    moved = list(moves(quarters))
    found = [
        *radiators(quarters),
        *refrigerators(rooms),
        *sills(quarters),
        *lamps(quarters),
        *inner_walls(quarters),
        *hands(rooms),
        *moved,
        *exchanged(quarters, moved),
    ]
    known = {(one.room, one.kind) for one in found}
    left = [
        one
        for one in found
        if not any((one.room, other) in known for other in EXPLAINED_BY.get(one.kind, ()))
    ]
    return sorted(left, key=lambda one: (one.room, one.start_s, one.kind))
