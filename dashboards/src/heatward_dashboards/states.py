"""How states look: the same words, colours and order as on Heatward's own pages."""

from __future__ import annotations

from typing import Any

from heatward_dashboards.language import Say

RED, ORANGE, YELLOW, GREEN = "#a02a1c", "#c77700", "#b89a2e", "#1d6339"
GREY, DARK_GREY, BLUE, INK = "#8b949a", "#4a545b", "#2f7f9e", "text"
STATES = (
    ("met", GREEN),
    ("marginal (high)", YELLOW),
    ("not judgeable", GREY),
    ("data interrupted", DARK_GREY),
    ("met yesterday, cold now", ORANGE),
    ("marginal (low)", ORANGE),
    ("below", RED),
)
"""By the number of the state in the database, the calmest first."""
MARKS = ("✓", "~", "?", "–", "!", "!", "✗")
"""The same by a sign, where there is no room for a word."""
SEVERITIES = (
    ("withdrawn", GREY),
    ("as declared", GREY),
    ("cause unknown", DARK_GREY),
    ("confidence: low", YELLOW),
    ("confidence: medium", ORANGE),
    ("confidence: high", RED),
)


def mappings(texts: list[tuple[str, str]], missing: tuple[str, str] | None) -> list[dict[str, Any]]:
    """Return value mappings of 0, 1, 2 ... to texts and colours, and of no value at all."""
    options = {
        str(number): {"text": text, "color": colour, "index": number}
        for number, (text, colour) in enumerate(texts)
    }
    found: list[dict[str, Any]] = [{"type": "value", "options": options}]
    if missing is not None:
        text, colour = missing
        result = {"text": text, "color": colour, "index": len(texts)}
        found.append({"type": "special", "options": {"match": "null+nan", "result": result}})
    return found


def state_mappings(say: Say) -> list[dict[str, Any]]:
    """Return the words of the states; no row at all is said to be one."""
    words = [(say(text), colour) for text, colour in STATES]
    return mappings(words, (say("no new data"), DARK_GREY))


def mark_mappings() -> list[dict[str, Any]]:
    """Return the signs of the states."""
    marks = [(mark, colour) for mark, (_, colour) in zip(MARKS, STATES, strict=True)]
    return mappings(marks, None)  # "no value" would also match the names of the buildings


def state_steps() -> list[dict[str, Any]]:
    """Return thresholds that colour states; what is not known is grey, never green."""
    known = [{"value": number, "color": colour} for number, (_, colour) in enumerate(STATES)]
    return [{"value": None, "color": DARK_GREY}, *known]


def alarm_steps(colour: str = RED) -> list[dict[str, Any]]:
    """Return thresholds of a count that should be zero; zero is said without a colour."""
    return [{"value": None, "color": INK}, {"value": 1e-9, "color": colour}]
