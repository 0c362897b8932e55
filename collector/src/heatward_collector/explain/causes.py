"""Other causes that were considered: what each is called, and what is said of it either way."""

from __future__ import annotations

from dataclasses import dataclass

from heatward_collector.locale import message


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause in words: its name, and a sentence for each answer."""

    name: str
    excluded: str
    possible: str


CAUSES = {
    "airing": Cause(
        message("open windows"),
        message("it lasted longer than windows stay open"),
        message("open windows cannot be ruled out"),
    ),
    "sun": Cause(
        message("sunshine"),
        message(
            "rooms fell below their own lowest of the day before, or every home far faster than"
            " when the sun goes"
        ),
        message("the end of a sunny day cannot be ruled out"),
    ),
    "cold_front": Cause(
        message("a cold front"),
        message("a cold front would have cooled homes of other heat sources too"),
        message("with no other heat source to compare, a cold front cannot be ruled out"),
    ),
    "weather": Cause(
        message("the weather"),
        message(
            "homes fell far faster than at such hours of their earlier days, and than the change"
            " outdoors explains"
        ),
        message("the weather cannot be ruled out"),
    ),
    "wind": Cause(
        message("wind"),
        message("homes on the lee side fell as well"),
        message("strong wind cannot be ruled out"),
    ),
    "absence": Cause(
        message("people away"),
        message("homes fell together and at once, which empty homes do not"),
        message("people being away cannot be ruled out"),
    ),
    "empty_homes": Cause(
        message("homes whose families are away"),
        message("room temperatures went on stirring as they do where people live"),
        message(
            "room temperatures were as still as in empty homes, and who leaves may turn the heat"
            " down"
        ),
    ),
    "valves": Cause(
        message("closed valves"),
        message("neighbours who cannot reach each other's valves fell at the same time"),
        message("valves closed by residents cannot be ruled out"),
    ),
    "thermostats": Cause(
        message("thermostats set lower for the night"),
        message("it did not come and go at the same hours every night"),
        message("thermostats set lower for the night cannot be ruled out"),
    ),
    "sensors": Cause(
        message("faulty sensors"),
        message("sensors of different homes do not fail together in this way"),
        message("faulty sensors cannot be ruled out"),
    ),
    "drift": Cause(
        message("drifting sensors"),
        message("sensors of different homes do not drift together"),
        message("drifting sensors cannot be ruled out"),
    ),
    "placement": Cause(
        message("moved or badly placed sensors"),
        message("the sensors hang where they hung before"),
        message("a sensor may have been moved, warmed or badly placed"),
    ),
    "few_homes": Cause(
        message("too few homes"),
        message("enough homes were measured"),
        message("fewer than 4 homes were measured, too few to tell supplier and household apart"),
    ),
    "low_lift": Cause(
        message("mild weather"),
        message("it was cold enough outdoors to see a stop"),
        message("it was too mild outdoors to tell a stop from what households do"),
    ),
    "daytime": Cause(
        message("the hour of day"),
        message("it happened at an hour when rooms are quiet"),
        message("by day, sun and people move rooms too"),
    ),
    "no_outdoor": Cause(
        message("unknown weather"),
        message("the outdoor temperature is known"),
        message("the outdoor temperature is not known"),
    ),
    "no_control": Cause(
        message("no other heat source to compare with"),
        message("there are other heat sources to compare with"),
        message("there is no other heat source to compare with"),
    ),
    "other_sources": Cause(
        message("something that all heat sources share"),
        message("homes of other heat sources did not fall"),
        message("homes of other heat sources fell as well"),
    ),
    "network_wide": Cause(
        message("something that all heat sources share"),
        message("not all heat sources fell together"),
        message("all heat sources fell together, so that none is left to compare with"),
    ),
    "peers": Cause(
        message("something that all buildings of the heat source share"),
        message("other buildings of the same heat source did not fall"),
        message("other buildings of the same heat source fell as well"),
    ),
    "suspended_neighbour": Cause(
        message("a neighbour with suspended service"),
        message("no neighbour has suspended service"),
        message("a neighbour with suspended service cools these homes"),
    ),
    "declared_regime": Cause(
        message("a declared heating regime"),
        message("no declared heating regime covers it"),
        message("a declared heating regime covers it"),
    ),
    "reported_stop": Cause(
        message("a reported stop"),
        message("no stop was reported beforehand"),
        message("a stop was reported beforehand"),
    ),
    "reported_repair": Cause(
        message("a reported repair"),
        message("no repair was reported beforehand"),
        message("a repair was reported beforehand"),
    ),
    "pollution_staggering": Cause(
        message("staggered firing against pollution"),
        message("no staggered firing was announced"),
        message("staggered firing against pollution was announced"),
    ),
    "power_cut": Cause(
        message("a power cut"),
        message("the nodes had power"),
        message("nodes fell silent as in a power cut"),
    ),
    "boiler_limit": Cause(
        message("a boiler at its limit"),
        message("the boiler had delivered more in weather as cold as this"),
        message("a boiler at its limit looks the same"),
    ),
    "heaters": Cause(
        message("heaters of people's own"),
        message("cold homes that stayed as they were may have heaters, and were left aside"),
        message("heaters of people's own cannot be ruled out"),
    ),
    "heating_curve": Cause(
        message("a heating curve that is a little off"),
        message("it came within days, or took more heat than a heating curve may be off"),
        message("it took so little of the heat that a heating curve may have been off"),
    ),
    "standard_met": Cause(
        message("rooms that stay warm enough"),
        message("rooms fell below the standard"),
        message("rooms stayed at the standard or above"),
    ),
    "turned_down": Cause(
        message("a supply turned down a little"),
        message("rooms lost as much as where at least half of the heat is missing"),
        message("rooms lost less than where half of the heat is missing"),
    ),
    "warm_spell": Cause(
        message("a warm spell"),
        message("it was too cold outdoors to do without heating"),
        message("in a warm spell heating may rest"),
    ),
}
"""By the word that the core uses."""
LIMITS = frozenset({"few_homes", "low_lift", "daytime", "no_outdoor", "no_control", "network_wide"})
"""What is no cause of anything, but makes a finding less sure."""
DECLARATIONS = frozenset(
    {"declared_regime", "reported_stop", "reported_repair", "pollution_staggering"}
)
"""What was said beforehand: it explains a finding where it is not excluded."""


def cause_of(word: str) -> Cause:
    """Return a cause in words; one without a text is shown by its own word."""
    plain = word.replace("_", " ")
    return CAUSES.get(word) or Cause(plain, plain, plain)
