"""One complaint that a person puts down, beside those that files bring."""

from __future__ import annotations

from typing import Any

from heatward_collector.complaints.intake import complaint_id, without_numbers


def complaint_row(
    number: str,
    received_s: int,
    building: str,
    now_s: int,
    *,
    home: str | None = None,
    text: str = "",
    channel: str = "",
    closed_s: int | None = None,
) -> dict[str, Any]:
    """Return the row of a complaint; phone numbers in its text are left out."""
    return {
        "id": complaint_id(number),
        "received_s": received_s,
        "home": home,
        "building": building,
        "address": None,
        "text": without_numbers(text),
        "channel": without_numbers(channel),
        "state": "open" if closed_s is None else "closed",
        "closed_s": closed_s,
        "recorded_s": now_s,
    }
