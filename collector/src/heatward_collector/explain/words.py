"""The words of suppressed heating for people, by the names that the core uses."""

from __future__ import annotations

from heatward_collector.core.suppression import Certainty, Kind, Level
from heatward_collector.locale import message

KINDS = {
    Kind.OUTAGE: message("outage"),
    Kind.NIGHT_INTERRUPTION: message("night interruption"),
    Kind.STOP_START: message("stop-start (strip) heating"),
    Kind.THROTTLING: message("throttling (limited heat)"),
    Kind.LATE_START: message("late start"),
    Kind.EARLY_STOP: message("early stop"),
}
SIGNS = {
    Kind.OUTAGE: message("rooms cooling together"),
    Kind.NIGHT_INTERRUPTION: message("rooms cooling together at night"),
    Kind.STOP_START: message("rooms cooling again and again"),
    Kind.THROTTLING: message("less heat than the weather asks for"),
    Kind.LATE_START: message("rooms not yet heated"),
    Kind.EARLY_STOP: message("rooms no longer heated"),
}
"""What is seen, where nothing is said of who did it."""
LEVELS = {
    Level.ROOM: message("room"),
    Level.HOME: message("home"),
    Level.STAIRWELL: message("stairwell"),
    Level.BUILDING: message("building"),
    Level.ZONE: message("hydraulic zone"),
    Level.SUBSTATION: message("substation"),
    Level.SOURCE: message("heat source"),
}
CERTAINTIES = {
    Certainty.HIGH: message("confidence: high"),
    Certainty.MEDIUM: message("confidence: medium"),
    Certainty.LOW: message("confidence: low"),
    Certainty.UNDETERMINED: message("the cause cannot be determined, and nobody is accused"),
    Certainty.DECLARED: message("it was declared beforehand, and nobody is accused"),
}
RULES = {
    "homes_fall_together": message("most homes of one place cooled at the same time"),
    "homes_keep_losing": message(
        "for hours most homes of one place cooled more than homes elsewhere, and more than usual"
        " at these hours"
    ),
    "all_sources_fall": message("the homes of all heat sources cooled at the same time"),
    "all_homes_fall_at_once": message(
        "the homes of all heat sources began to cool within the same hour, far faster than on"
        " their other days"
    ),
    "homes_fall_when_due": message(
        "homes of one place cooled together when the next of several evenly spaced stops was due"
    ),
    "throttling_against_others": message(
        "a place lost warmth over days, which neither the weather nor other places explain"
    ),
    "throttling_against_own_history": message(
        "all heat sources give less than the same weather brought before"
    ),
    "throttling_possible": message(
        "a place lost warmth over days, not clearly more than by chance and weather"
    ),
    "throttling_few_homes": message("a place lost warmth over days, with few homes measured"),
    "throttling_or_closed_valves": message(
        "a place lost warmth over days, with many cold homes in it"
    ),
    "throttling_or_empty_homes": message(
        "a place lost warmth over days in which nobody seemed to live in its homes"
    ),
    "throttling_declared": message("less heat came for days, as declared beforehand"),
    "supply_reduced_standard_met": message(
        "less heat came for days, and rooms still met the standard"
    ),
    "supply_limited_intent_unknown": message(
        "the heat no longer rises when it gets colder, as with a boiler at its limit"
    ),
    "heat_late": message("no heat reached the rooms when it was due"),
    "heat_lukewarm": message("some heat reached the rooms, but too little at first"),
    "heat_gone_early": message("heat left the rooms before the last day on which it was due"),
}
"""What each rule of the core looks for; one without a text is shown by its name."""
