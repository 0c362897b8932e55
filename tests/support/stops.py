"""Stops of a source and of a building alone, as they were watched."""

from heatward_collector.core.suppression import Level
from heatward_collector.core.suppression.stops.episode import Episode
from support.heated_town import MIDNIGHT, homes_of

HOUR, DAY = 3600, 86_400


def episode(day=60, hour=1.0, hours=5.0, **changes):
    """Return a stop of a source on the first of March."""
    start_s = MIDNIGHT + round((day + hour / 24) * DAY)
    end_s = start_s + round(hours * HOUR)
    facts = {
        "level": Level.SOURCE,
        "place": "s1",
        "homes": tuple(homes_of(2, 3)),
        "affected": tuple(homes_of(2, 3)),
        "judged": 10,
        "silent": 0,
        "start_s": start_s,
        "detected_s": start_s + 2 * HOUR,
        "rule": "homes_fall_together",
        "gain": 20.0,
        "delta": 30.0,
        "hour": hour,
        "drop": 1.5,
        "reference": (21.0,) * 10,
        "elsewhere": (21.0,) * 3,
        "lowest": -1.5,
        "lowest_s": end_s,
        "heard_s": end_s + HOUR,
        "end_s": end_s,
        "control_share": 0.1,
        "control_homes": 20,
        "past_days": 14,
    }
    return Episode(**(facts | changes))


LONE = {"level": Level.BUILDING, "place": "b2", "homes": tuple(homes_of(2))}
LONE["affected"], LONE["judged"] = LONE["homes"], 5
