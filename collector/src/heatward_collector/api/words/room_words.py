"""The verdict on a room and how sure it is, in sentences."""

from __future__ import annotations

from ...locale import message
from ..city.facts import Judgement, Room, Rule
from ..city.standing import Standing, is_stale
from .formats import Formats

_NOT_JUDGED = {
    "room_use": message("The standard does not cover a room of this use."),
    "suspended_service": message("Not judged: the heating service of this home is suspended."),
    "unsuitable_placement": message("Not judged: the sensor does not hang where it should."),
    "": message("This room is not judged."),
}


_CALM = (Judgement.MET, Judgement.MARGINAL_PLUS)


def standing_of_room(room: Room, rule: Rule, now_s: float) -> Standing:
    """Return the verdict of the last full day, unless the room has gone silent or cold since."""
    if is_stale(room.heard_at, now_s):
        return Standing.INTERRUPTED
    if room.last_day is None:
        return Standing.NOT_JUDGEABLE
    is_cold = room.celsius_now is not None and room.celsius_now < rule.minimum_celsius
    if is_cold and rule.in_season and room.last_day.judgement in _CALM:
        return Standing.COLD_NOW
    return Standing(room.last_day.judgement.value)


def sentences_of(room: Room, rule: Rule, write: Formats) -> list[str]:
    """Say what was measured, how far it can be trusted, and what follows."""
    say, day = write.say, room.last_day
    if day is None:
        return [say("No full day has been measured yet.")]
    limit = write.celsius(rule.minimum_celsius)
    sentences = [
        say(
            "%(day)s: mean %(mean)s, lowest %(lowest)s;"
            " %(hours)s h below %(limit)s; coverage %(share)s.",
            day=write.day(day.day),
            mean=write.celsius(day.mean_celsius),
            lowest=write.celsius(day.minimum_celsius),
            hours=write.number(day.hours_below),
            limit=limit,
            share=write.percent(day.coverage),
        )
    ]
    if day.not_judged is not None:
        sentences.append(say(_NOT_JUDGED.get(day.not_judged, _NOT_JUDGED[""])))
    elif day.judgement is Judgement.NOT_JUDGEABLE:
        sentences.append(say("That is not enough for a verdict."))
    elif day.guard_kelvin is not None:
        sentences.append(_certainty(day.judgement, write))
        sentences.append(
            say(
                "Uncertainty: an hour counts as below only when it is at least %(guard)s under the"
                " standard (95 %% one-sided, sensor %(calibrated)s).",
                guard=write.kelvin(day.guard_kelvin),
                calibrated=say("calibrated") if day.calibrated else say("not calibrated"),
            )
        )
    return sentences


def _certainty(judgement: Judgement, write: Formats) -> str:
    say = write.say
    if judgement is Judgement.BELOW:
        return say("It was too cold by more than the uncertainty of the measurement.")
    if judgement is Judgement.MET:
        return say("It was warm enough by more than the uncertainty of the measurement.")
    return say("It is too close to the standard for this sensor to decide.")
