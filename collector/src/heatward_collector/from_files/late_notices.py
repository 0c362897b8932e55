"""Notices that were recorded too late to explain anything: how many, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from heatward_collector.core.suppression import Declaration
from heatward_collector.local_days import span
from heatward_collector.locale import Texts


def late_notices(
    declarations: Iterable[Declaration], first: date, last: date, zone: ZoneInfo, say: Texts
) -> Iterator[str]:
    """Yield what to say where notices of the judged days were recorded after they began.

    Parameters
    ----------
    declarations : iterable of Declaration
        What suppliers have declared.
    first, last : date
        Judged local days, both included.
    zone : ZoneInfo
        Where they are local.
    say : Texts
        The language.
    """
    begin, end = span(first, last, zone)
    late = [
        one.from_s
        for one in declarations
        if one.from_s < end and one.to_s > begin and not one.was_recorded_before
    ]
    if not late:
        return
    since = datetime.fromtimestamp(min(late), zone)
    yield say(
        "Notices that were recorded after they began: %(count)d, the first of them from %(since)s; "
        "they explain nothing. Remedy: where a notice was given in time, put that time into "
        "recorded_s of notice.csv.",
        count=len(late),
        since=f"{since:%Y-%m-%d %H:%M}",
    )
