"""Numbers, times and spans of a finding in a language: units come from the names of facts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from heatward_collector.locale import CHINESE, Texts, message

MINUS = "\N{MINUS SIGN}"
LABELS = {
    "drop_kelvin": message("median fall %(value)s"),
    "depth_kelvin": message("depth %(value)s"),
    "shortfall_kelvin": message("heat held back %(value)s"),
    "lift_kelvin": message("indoors %(value)s above outdoors"),
    "median_celsius": message("median room %(value)s"),
    "minimum_celsius": message("minimum required %(value)s"),
    "outdoor_celsius": message("outdoors %(value)s"),
    "outdoor_change_kelvin": message("outdoor change %(value)s"),
    "outdoor_fall_kelvin": message("outdoor fall %(value)s"),
    "heat_ratio": message("heat still coming %(value)s"),
    "control_share": message("of homes of other sources %(value)s fell"),
    "control_fall_kelvin": message("homes of other sources fell by %(value)s"),
    "peer_share": message("of buildings of the same source %(value)s fell"),
    "homes_falling_share": message("%(value)s of homes fell"),
    "lively_days_share": message("people noticed on %(value)s of days"),
    "lively_elsewhere_share": message("in other homes on %(value)s of days"),
    "falling_homes": message("homes that fell: %(value)s"),
    "aired_homes": message("homes with windows open: %(value)s"),
    "judged_homes": message("homes with data: %(value)s"),
    "silent_homes": message("silent homes: %(value)s"),
    "left_aside_homes": message("homes left aside: %(value)s"),
    "declared_share": message("the declaration covers %(value)s of it"),
    "p_value": message("chance of a coincidence %(value)s"),
}
"""Facts that are shown in sentences; others stand in the evidence only."""


def clock(time_s: float, zone: ZoneInfo, say: Texts) -> str:
    """Write a moment in the rule's zone, to the minute."""
    moment = datetime.fromtimestamp(time_s, zone)
    return f"{format_skeleton('MMMd', moment, locale=say.locale)} {moment:%H:%M}"


def day(time_s: float, zone: ZoneInfo, say: Texts) -> str:
    """Write the local day of a moment."""
    return format_skeleton("MMMd", datetime.fromtimestamp(time_s, zone), locale=say.locale)


def length(seconds: float, say: Texts) -> str:
    """Write how long something lasted, in the one or two units that matter."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return say("%(minutes)d min", minutes=minutes)
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        if rest == 0:
            return say("%(hours)d h", hours=hours)
        return say("%(hours)d h %(minutes)d min", hours=hours, minutes=rest)
    return say("%(days)s days", days=number(minutes / 1440, 1))


def number(value: float, decimals: int = 1) -> str:
    """Write a number with a real minus sign, without a useless zero behind the point."""
    text = f"{value:.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", MINUS) if text not in ("-0", "0") else "0"


def degree(say: Texts) -> str:
    """Return the sign for degrees Celsius: one letter in Chinese, two elsewhere."""
    return say.pick("\N{DEGREE CELSIUS}", "\N{DEGREE SIGN}C")


def percent(say: Texts) -> str:
    """Return the sign for hundredths, with the space that English has before it here."""
    return say.pick("%", " %")


def measure(name: str, value: float | str, zone: ZoneInfo, say: Texts) -> str:
    """Write the value of a fact with the unit that its name ends in."""
    if isinstance(value, str):
        return value
    is_share = name.endswith(("_share", "_ratio"))
    if not math.isfinite(100 * value if is_share else value):
        return say("unknown")
    if is_share:
        return f"{100 * value:.0f}{percent(say)}"
    if name.endswith("_celsius"):
        return f"{number(value)} {degree(say)}"
    if name.endswith("_kelvin"):
        unit = degree(say) if say.language == CHINESE else "K"
        return f"{number(value, 2 if abs(value) < 1 else 1)} {unit}"
    if name.endswith("_hours"):
        return length(3600 * value, say)
    if name.endswith("_days"):
        return length(86_400 * value, say)
    if name.endswith("_s"):
        return clock(value, zone, say)
    if name == "p_value":
        return (
            f"< 10{_raised(math.ceil(math.log10(value)))}" if 0 < value < 1e-3 else number(value, 3)
        )
    return number(value, 2)


def facts(values: Mapping[str, float | str], zone: ZoneInfo, say: Texts) -> list[str]:
    """Write the facts that have a label, each with its value; what is not known is left out."""
    return [
        say(LABELS[name], value=measure(name, value, zone, say))
        for name, value in values.items()
        if name in LABELS and (isinstance(value, str) or math.isfinite(value))
    ]


def _raised(exponent: int) -> str:
    digits = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return str(exponent).translate(digits)
