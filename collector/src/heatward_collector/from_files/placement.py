"""Where sensors of recorded readings may hang badly."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from heatward_collector.core.placement import Doubt
from heatward_collector.core.standard import Standard
from heatward_collector.evaluation.placement_days import doubts_of_days
from heatward_collector.from_files.outdoors import Outdoors
from heatward_collector.from_files.recording import Recording
from heatward_collector.local_days import span


def doubts_of(
    recording: Recording, outdoors: Outdoors, standard: Standard, first: date, last: date
) -> list[Doubt]:
    """Return doubts that touch the days from first to last; ``room`` is the index of the point."""
    zone = ZoneInfo(standard.timezone)
    begin, end = span(first, last, zone)
    found = doubts_of_days(
        recording.directory, standard, recording.days(), recording.cut, outdoors.known_at
    )
    return [one for one in found if one.start_s < end and one.end_s > begin]
