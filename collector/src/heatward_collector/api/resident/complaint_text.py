"""What a resident can say to 12345: measured facts in plain words, ready to be read or copied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from ...locale import message
from ..city.building_curve import hourly_mean
from ..city.facts import Celsius, Curve, Judgement, Name, RoomFile, Rule, Times
from ..words.formats import Formats

HOUR_S = 3600
COLD = (Judgement.BELOW, Judgement.MARGINAL_MINUS)
IS_COLD = message(
    "Hello. My home at (address) is too cold. I ask that somebody measures it and heats."
)
FEELS_COLD = message(
    "Hello. I feel cold in my home at (address). The volunteers' sensors have not shown less than"
    " the standard; I ask that somebody measures on site."
)
NOT_MEASURED = message(
    "Hello. I feel cold in my home at (address). The volunteers' sensors have not given a verdict"
    " yet; I ask that somebody measures on site."
)
EVERY_HOURS = 3
"""Of today's curve every third hour is read out: a whole day in one breath."""


def complaint(
    files: Sequence[RoomFile],
    curves: Sequence[Curve],
    rule: Rule,
    supplier: Name | None,
    write: Formats,
    now_s: float,
) -> str:
    """Return the text: where, since when, how cold, by which standard; the reader adds the address.

    ``curves`` are the readings of each room in the order of ``files``.
    """
    say = write.say
    lines = [
        say(_opening(files, rule)),
        say(
            "The standard: at least %(limit)s in bedrooms and living rooms.",
            limit=write.celsius(rule.minimum_celsius),
        ),
    ]
    if supplier is not None:
        lines.append(say("The heat supplier is %(name)s.", name=write.name(supplier)))
    for file, curve in zip(files, curves, strict=True):
        lines += _room_lines(file, curve, write, now_s)
    if files:
        lines.append(
            say(
                "Measured by a sensor of the volunteers for heating, home number %(home)s.",
                home=files[0].room.home,
            )
        )
    return "\n".join(lines)


def _opening(files: Sequence[RoomFile], rule: Rule) -> str:
    """Return how the text begins: what was measured is not made colder than it is.

    Whoever feels cold may say so, whatever a sensor shows: an official measurement decides.
    """
    days = [file.room.last_day for file in files if file.room.last_day is not None]
    now = [file.room.celsius_now for file in files if file.room.celsius_now is not None]
    if any(day.judgement in COLD for day in days) or any(
        celsius < rule.minimum_celsius for celsius in now
    ):
        return IS_COLD
    judged = any(day.judgement is not Judgement.NOT_JUDGEABLE for day in days)
    return FEELS_COLD if judged or now else NOT_MEASURED


def hours_of_today(curve: Curve, write: Formats, now_s: float) -> list[tuple[int, float]]:
    """Return local hour and mean of every hour of the local day that has readings. [degC]"""
    local = datetime.fromtimestamp(now_s, write.zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    first_s = int(midnight.timestamp())
    count = int(now_s - first_s) // HOUR_S + 1
    hours: Times = first_s + HOUR_S * np.arange(count, dtype=np.int64)
    means: Celsius = hourly_mean((curve.time_s, curve.celsius), hours)
    return [
        (datetime.fromtimestamp(int(hour), write.zone).hour, float(mean))
        for hour, mean in zip(hours, means, strict=True)
        if np.isfinite(mean)
    ]


def _room_lines(file: RoomFile, curve: Curve, write: Formats, now_s: float) -> list[str]:
    say, room = write.say, file.room
    lines = []
    if room.last_day is not None and room.last_day.mean_celsius is not None:
        day = room.last_day
        lines.append(
            say(
                "%(use)s on %(day)s: mean %(mean)s, lowest %(lowest)s,"
                " %(hours)s hours below the standard.",
                use=write.room(room),
                day=write.day(day.day),
                mean=write.celsius(day.mean_celsius),
                lowest=write.celsius(day.minimum_celsius),
                hours=write.number(day.hours_below),
            )
        )
    today = hours_of_today(curve, write, now_s)
    told = [(hour, mean) for hour, mean in today if hour % EVERY_HOURS == 0] or today[-1:]
    if told:
        values = write.say(", ").join(f"{hour}:00 {write.celsius(mean)}" for hour, mean in told)
        date, use = datetime.fromtimestamp(now_s, write.zone).date(), write.room(room)
        today_is = write.day(date)
        lines.append(
            say("%(use)s today, %(day)s: %(values)s.", use=use, day=today_is, values=values)
        )
    return lines or [say("%(use)s: no readings.", use=write.room(room))]
