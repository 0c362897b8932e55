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
    "all_sources_fall": message("the homes of all heat sources cooled at the same time"),
}
"""What each rule of the core looks for; one without a text is shown by its name."""
