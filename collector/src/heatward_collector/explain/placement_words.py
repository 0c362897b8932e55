"""Doubts about where a sensor hangs, in words that blame nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

from heatward_collector.core.placement import DoubtKind
from heatward_collector.explain.measures import clock, measure, number
from heatward_collector.locale import Texts, message

SIGNS = {
    DoubtKind.RADIATOR: message(
        "it may hang at a radiator: %(above_others_kelvin)s warmer than the other rooms, of which "
        "%(excess_lost_kelvin)s go within two hours when the whole building cools"
    ),
    DoubtKind.REFRIGERATOR: message(
        "it may hang near a refrigerator: it warms and cools every %(period_minutes)s minutes, "
        "round the clock"
    ),
    DoubtKind.SILL: message(
        "it may lie on a window sill: %(above_others_kelvin)s against the other rooms at night, "
        "and %(slope_kelvin_per_kelvin)s K at once for each kelvin outdoors"
    ),
    DoubtKind.LAMP: message(
        "it may hang near a lamp or screen: %(rise_kelvin)s warmer at the same hour of "
        "%(evenings)s evenings, for %(burns_hours)s"
    ),
    DoubtKind.INNER_WALL: message(
        "it may hang on or behind something heavy: it follows the other rooms about "
        "%(lag_hours)s late, and smoothed"
    ),
    DoubtKind.HAND_WARMED: message(
        "it may have been warmed: %(rise_kelvin)s within minutes, for %(minutes)s minutes, once"
    ),
    DoubtKind.MOVED: message(
        "it may have been moved: %(lasting_kelvin)s from one hour to the next, which stayed, "
        "while the other rooms did not change"
    ),
    DoubtKind.EXCHANGED: message(
        "it may have been exchanged with another sensor: %(lasting_kelvin)s within the hour, to "
        "the level that the other had until then, and the other took its own"
    ),
}


class SeenDoubt(Protocol):
    """A doubt, just found or read back from where it was kept."""

    @property
    def kind(self) -> DoubtKind:
        """What the sensor seems to feel."""

    @property
    def start_s(self) -> int:
        """From when it was seen. [s UTC]"""

    @property
    def end_s(self) -> int:
        """Until when it was seen. [s UTC]"""

    @property
    def evidence(self) -> Mapping[str, float]:
        """Numbers with their units in their names."""


def doubt_sentence(doubt: SeenDoubt, room: str, zone: ZoneInfo, say: Texts) -> str:
    """Return what is doubted of the sensor of a room, from when to when, and why."""
    values = {
        name: measure(name, value, zone, say)
        if name.endswith(("_kelvin", "_hours")) and not name.endswith("_per_kelvin")
        else number(value, 2 if abs(value) < 1 else 0)
        for name, value in doubt.evidence.items()
    }
    return say(
        "Sensor of room %(room)s, %(start)s to %(end)s: %(sign)s. A reason to look, which changes "
        "no verdict.",
        room=room,
        start=clock(doubt.start_s, zone, say),
        end=clock(doubt.end_s, zone, say),
        sign=say(SIGNS[doubt.kind], **values),
    )
