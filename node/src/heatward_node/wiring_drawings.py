"""The wiring in a terminal, with the place of a fault marked: for who has no other picture at hand.

The volunteer's guide and the page behind the label's code have drawings under the same codes.
"""

from __future__ import annotations

PAGE = (
    "手机扫标签上的码，可以看到这一条的大图。",
    "Scan the code on the label with a phone: its page shows the picture.",
)
_LINE = "config.txt: dtoverlay=w1-gpio,gpiopin=4   {mark}"
_WIRES = """\
{sensor}             Raspberry Pi
{red} ─{r}──┬───────  1  3.3 V
             {resistor}
{yellow} ─{y}──┴───────  7  GPIO4{short}
{black} ─{b}──────────  9  GND{short}"""
_WHOLE = {"r": "───", "y": "───", "b": "───", "resistor": "▯ 4.7 kΩ", "short": ""}
_OPEN = "─✗─"
_MARKS: dict[str, dict[str, str]] = {
    "parasite": {"r": _OPEN},
    "failed_conversion": {"r": _OPEN},
    "power_on_reset": {"r": _OPEN},
    "all_ones": {"y": _OPEN},
    "no_sensor": {"y": _OPEN, "resistor": "✗ 4.7 kΩ ?"},
    "ghosts": {"resistor": "✗ 4.7 kΩ ?"},
    "all_zero": {"short": "  ← ✗"},
    "bus_stalled": {"short": "  ← ✗"},
    "crc_error": {"r": "~✗~", "y": "~✗~", "b": "~✗~"},
    "sensor_gone": {"r": " ✗ ", "y": " ✗ ", "b": " ✗ "},
    "not_ready": {"r": " ? ", "y": " ? ", "b": " ? "},
    "truncated": {"r": " ? ", "y": " ? ", "b": " ? "},
    "driver_error": {"r": " ? ", "y": " ? ", "b": " ? "},
}
"""What is drawn otherwise than in a sound wiring, by the code of the finding."""
_OF_THE_CARD = {"no_overlay", "no_master"}


def drawing(code: str, language: str) -> str:
    """Return a drawing of a fault, empty where the wiring is not at fault (the part itself is)."""
    if code in _OF_THE_CARD:
        return _LINE.format(mark="← ✗")
    if code not in _MARKS:
        return ""
    is_chinese = language == "zh"
    names = (
        {"sensor": "传感器", "red": "红", "yellow": "黄", "black": "黑"}
        if is_chinese
        else {"sensor": "sensor", "red": "red   ", "yellow": "yellow", "black": "black "}
    )
    text = _WIRES.format(**{**_WHOLE, **names, **_MARKS[code]})
    # A Chinese sign is two places wide: the resistor hangs under the joint of the red wire.
    return text.replace("\n" + " " * 13, "\n" + " " * (9 if is_chinese else 13))
