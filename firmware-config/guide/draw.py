"""Draws the pictures of the volunteer's guide and of the wiring faults: run it after a change.

Everything is drawn here, in both languages; a test holds the files against it.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FAULTS = ROOT / "collector/src/heatward_collector/api/static/wiring"
"""The pages show these too, beside the words of ``heatward-node check``."""
RED, YELLOW, BLACK = "#d02a1e", "#e0a400", "#222222"
INK, SOFT, WRONG, RIGHT = "#1d2733", "#8a94a0", "#d02a1e", "#1c7c3a"
FONT = "Noto Sans CJK SC, Noto Sans, Microsoft YaHei, sans-serif"
RED_PATH = "C260,105 260,110 330,110 L420,110 C470,110 460,203 500,203"
YELLOW_PATH = "C260,255 260,212 330,212 L500,212"
BLACK_PATH = "C260,305 260,310 330,310 L420,310 C470,310 460,221 500,221"


class Picture:
    """An SVG that grows by shapes; ``zh`` chooses the language of its words."""

    def __init__(self, zh: bool, width: int = 640, height: int = 420) -> None:
        self.zh = zh
        self._size = (width, height)
        self._shapes: list[str] = []

    def add(self, shape: str) -> None:
        """Add one SVG element."""
        self._shapes.append(shape)

    def box(self, x: int, y: int, w: int, h: int, fill: str, line: str = INK, r: int = 6) -> None:
        """Add a rectangle with round corners."""
        self.add(
            f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{fill}" '
            f'stroke="{line}" stroke-width="2"/>'
        )

    def line(self, path: str, colour: str, width: int = 6, dash: str = "") -> None:
        """Add a path."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.add(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}" '
            f'stroke-linecap="round"{dashed}/>'
        )

    def dot(self, x: int, y: int, r: int, fill: str) -> None:
        """Add a disc."""
        self.add(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}"/>')

    def say(
        self,
        x: int,
        y: int,
        zh: str,
        en: str,
        size: int = 20,
        colour: str = INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Add words in the picture's language."""
        weight = ' font-weight="bold"' if bold else ""
        self.add(
            f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" '
            f'text-anchor="{anchor}"{weight}>{escape(zh if self.zh else en)}</text>'
        )

    def cross(self, x: int, y: int, r: int = 16) -> None:
        """Mark something that is wrong."""
        self.line(f"M{x - r},{y - r} L{x + r},{y + r} M{x + r},{y - r} L{x - r},{y + r}", WRONG, 7)

    def ring(self, x: int, y: int, r: int) -> None:
        """Draw attention to a place."""
        self.add(
            f'<circle cx="{x}" cy="{y}" r="{r}" fill="none" stroke="{WRONG}" stroke-width="5" '
            f'stroke-dasharray="10 7"/>'
        )

    def tick(self, x: int, y: int) -> None:
        """Mark something that is right."""
        self.line(f"M{x - 14},{y} L{x - 3},{y + 12} L{x + 16},{y - 14}", RIGHT, 7)

    def text(self) -> str:
        """Return the whole file."""
        width, height = self._size
        body = "\n".join(self._shapes)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'font-family="{FONT}">\n<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
            f"{body}\n</svg>\n"
        )


def board(p: Picture) -> None:
    """Draw the Pi from above, its header at the right edge, with the five pins that matter.

    Pins of odd numbers are in the inner row; the outer one, at the edge, begins with 5 V.
    """
    p.box(20, 40, 200, 320, "#dcefe0", RIGHT, 14)
    p.say(36, 344, "树莓派", "Raspberry Pi", 20, RIGHT, bold=True)
    p.box(128, 56, 76, 264, "#f4f4f4", SOFT)
    p.say(185, 52, "5 V", "5 V", 14, SOFT, "middle")
    for row, y in enumerate(range(80, 281, 50)):
        pin = 2 * row + 1
        p.dot(185, y, 9, "#c9cfd6")
        colour = {1: RED, 7: YELLOW, 9: BLACK}.get(pin, "#c9cfd6")
        p.dot(150, y, 11 if colour != "#c9cfd6" else 9, colour)
        if colour != "#c9cfd6":
            p.say(118, y + 7, f"第{pin}针", f"pin {pin}", 20, INK, "end", bold=True)
    p.say(118, 107, "3.3 V", "3.3 V", 16, SOFT, "end")
    p.say(118, 257, "GPIO4", "GPIO4", 16, SOFT, "end")
    p.say(118, 307, "地", "ground", 16, SOFT, "end")


def probe(p: Picture) -> None:
    """Draw the sensor."""
    p.box(500, 188, 118, 48, "#d7dbe0", SOFT, 20)
    p.say(559, 264, "传感器", "sensor", 20, INK, "middle")


def resistor(p: Picture, is_there: bool = True) -> None:
    """Draw the resistor between red and yellow, or the place where it is missing."""
    if not is_there:
        p.ring(330, 161, 40)
        p.say(374, 167, "没有电阻", "no resistor", 16, WRONG, bold=True)
        return
    p.line("M330,110 L330,136 M330,186 L330,212", INK, 4)
    p.box(319, 136, 22, 50, "#e8c79a", INK, 5)
    p.say(312, 168, "4.7 kΩ", "4.7 kΩ", 20, INK, "end")


def wires(p: Picture, loose: str = "", swapped: bool = False) -> None:
    """Draw the three wires; one may hang beside its pin, or red and black may be exchanged."""
    for name, colour, y, path in (
        ("red", RED, 80, RED_PATH),
        ("yellow", YELLOW, 230, YELLOW_PATH),
        ("black", BLACK, 280, BLACK_PATH),
    ):
        if name == loose:
            p.line(f"M238,{y + 22} {path}", colour)
            p.cross(212, y)
            continue
        start = {80: 280, 280: 80}.get(y, y) if swapped else y
        # Between the pins of the outer row, so that no wire seems to end at one of them.
        p.line(f"M150,{start} C168,{start} 160,{start + 25} 185,{start + 25} {path}", colour)
    p.say(256, 90, "红", "red", 20, RED, bold=True)
    p.say(256, 202, "黄", "yellow", 20, YELLOW, bold=True)
    p.say(256, 336, "黑", "black", 20, BLACK, bold=True)


def whole(p: Picture, loose: str = "", has_resistor: bool = True, swapped: bool = False) -> None:
    """Draw board, wires, resistor and sensor."""
    board(p)
    wires(p, loose, swapped)
    resistor(p, has_resistor)
    probe(p)


def wiring(p: Picture) -> None:
    """Draw how everything belongs together."""
    whole(p)
    p.say(
        20, 400, "红接第 1 针，黄接第 7 针，黑接第 9 针；电阻接在红黄之间。",
        "Red to pin 1, yellow to pin 7, black to pin 9; resistor from red to yellow.", 18,
    )  # fmt: skip


def caption(p: Picture, zh: str, en: str) -> None:
    """Say below the picture what to do."""
    p.say(20, 400, zh, en, 20, WRONG, bold=True)


def no_sensor(p: Picture) -> None:
    whole(p, loose="yellow", has_resistor=False)
    caption(p, "插好黄线（第 7 针），接上电阻", "Plug yellow into pin 7, add the resistor")


def ghosts(p: Picture) -> None:
    whole(p, has_resistor=False)
    caption(p, "红黄之间接 4.7 kΩ 电阻", "Put 4.7 kΩ between red and yellow")


def all_zero(p: Picture) -> None:
    whole(p)
    p.line("M330,212 L330,310", WRONG, 7)
    p.ring(330, 262, 36)
    p.say(372, 274, "碰在一起", "they touch", 16, WRONG, bold=True)
    caption(p, "先断电，把黄线和黑线分开", "Switch off, separate yellow and black")


def all_ones(p: Picture) -> None:
    whole(p, loose="yellow")
    caption(p, "插好黄线（第 7 针）", "Plug yellow into pin 7")


def no_supply(p: Picture) -> None:
    whole(p, loose="red")
    caption(p, "插好红线（第 1 针）", "Plug red into pin 1")


def swapped(p: Picture) -> None:
    whole(p, swapped=True)
    for x in (520, 556, 592):
        p.line(f"M{x},176 q-8,-12 0,-24 q8,-12 0,-24", WRONG, 5)
    p.say(560, 112, "发烫", "hot", 22, WRONG, "middle", bold=True)
    caption(p, "马上断电！红黑接反了", "Switch off at once: red and black are exchanged")


def crc_error(p: Picture) -> None:
    board(p)
    wires(p)
    resistor(p)
    probe(p)
    for x in (352, 372, 392, 412):
        p.add(
            f'<ellipse cx="{x}" cy="212" rx="18" ry="30" fill="none" stroke="{YELLOW}" '
            f'stroke-width="5"/>'
        )
    p.ring(382, 212, 62)
    caption(
        p, "线缩短，接头拧紧；超过 10 米用 2.2 kΩ", "Shorter cable, tight joints; 2.2 kΩ above 10 m"
    )


def sensor_gone(p: Picture) -> None:
    board(p)
    wires(p)
    resistor(p)
    p.add('<g transform="translate(18,40) rotate(12 560 212)">')
    probe(p)
    p.add("</g>")
    p.cross(500, 212)
    caption(p, "把传感器的插头插好", "Plug the sensor in again")


def bus_stalled(p: Picture) -> None:
    whole(p)
    p.line("M330,212 L330,310 M420,110 L420,310", WRONG, 7)
    p.ring(374, 212, 120)
    caption(p, "断电，一只一只拔下，找出短路的", "Switch off, unplug one by one, find the short")


def no_bus(p: Picture) -> None:
    p.add(
        '<path d="M70,70 h190 l40,40 v220 a10,10 0 0 1 -10,10 h-220 a10,10 0 0 1 -10,-10 '
        f'v-250 a10,10 0 0 1 10,-10 z" fill="#dfe5ec" stroke="{INK}" stroke-width="3"/>'
    )
    p.say(180, 160, "存储卡", "memory card", 24, INK, "middle", bold=True)
    p.say(180, 200, "config.txt", "config.txt", 22, INK, "middle")
    p.cross(180, 260, 26)
    p.box(330, 130, 290, 110, "#fff7e0", SOFT)
    p.say(346, 168, "config.txt 末尾要有这行：", "config.txt must end with:", 19)
    p.say(
        346, 206, "dtoverlay=w1-gpio,gpiopin=4", "dtoverlay=w1-gpio,gpiopin=4", 18, INK, bold=True
    )
    caption(
        p, "把卡插回电脑加上这行，或重新做卡", "Put the card into a PC and add it, or make it anew"
    )


def replace_sensor(p: Picture) -> None:
    probe(p)
    p.cross(559, 212, 34)
    p.box(60, 188, 118, 48, "#d7dbe0", RIGHT, 20)
    p.tick(119, 212)
    p.line("M200,212 L470,212 M440,194 L470,212 L440,230", SOFT, 6)
    p.say(119, 164, "新的", "new", 22, RIGHT, "middle", bold=True)
    p.say(559, 164, "坏的或仿冒的", "broken or fake", 22, WRONG, "middle", bold=True)
    caption(p, "换一只，记下在哪里买的", "Replace it, and note where it was bought")


def wait(p: Picture) -> None:
    whole(p)
    p.add(f'<circle cx="559" cy="90" r="40" fill="#ffffff" stroke="{INK}" stroke-width="5"/>')
    p.line("M559,90 L559,62 M559,90 L580,98", INK, 5)
    caption(p, "等一分钟再看；不行就拔下重插", "Wait a minute; then unplug it and plug it in again")


def placement(p: Picture) -> None:
    """Draw a room from the side: where the probe hangs, and where it must not."""
    p.box(30, 40, 580, 330, "#fbfaf6", INK, 2)
    p.line("M30,370 L610,370", INK, 8)
    p.box(22, 40, 26, 330, "#c9cfd6", INK, 0)  # outer wall
    p.box(22, 100, 26, 110, "#bfe3ff", INK, 0)  # window
    p.line("M48,210 L104,210", INK, 7)  # sill
    for x in range(60, 100, 12):
        p.box(x, 262, 9, 92, "#e7b7a5", INK, 3)
    p.line("M60,118 L250,330 M60,150 L200,330", "#f2c230", 3, "8 8")  # sunshine
    p.say(62, 64, "外墙和窗", "outer wall, window", 18, SOFT)
    p.line("M420,370 L420,200", SOFT, 3, "6 6")
    p.dot(420, 192, 13, RIGHT)
    p.tick(462, 186)
    p.say(432, 300, "高 1.4 米", "1.4 m high", 22, RIGHT, bold=True)
    p.line("M52,232 L408,232 M70,224 L52,232 L70,240 M390,224 L408,232 L390,240", SOFT, 3)
    p.add('<rect x="112" y="240" width="268" height="52" fill="#fbfaf6"/>')  # over the sunshine
    p.say(118, 258, "离外墙和窗 1.5 米以上", "1.5 m or more from wall", 18, RIGHT, bold=True)
    p.say(118, 284, "或房间进深的一半", "and window, or half the depth", 18, RIGHT)
    p.cross(78, 246, 14)
    p.cross(80, 194, 14)
    p.cross(222, 326, 14)
    p.say(
        20,
        400,
        "不挂：暖气上方、窗台、太阳晒到的地方",
        "Never above a heater, on a sill, in the sun",
        20,
        WRONG,
        bold=True,
    )


def outdoors(p: Picture) -> None:
    """Draw where an outdoor probe hangs: on a north wall, in the shade."""
    p.box(220, 60, 250, 300, "#e9e2d5", INK, 2)
    p.line("M20,360 L620,360", INK, 6)
    p.add(f'<circle cx="566" cy="84" r="36" fill="#f2c230" stroke="{INK}" stroke-width="2"/>')
    p.say(566, 150, "南", "south", 24, INK, "middle", bold=True)
    p.say(100, 100, "北", "north", 24, INK, "middle", bold=True)
    p.line("M212,190 L150,176 L150,214 L212,214", SOFT, 5)  # a roof over the probe
    p.dot(184, 204, 11, RIGHT)
    p.tick(120, 206)
    p.cross(492, 200, 18)
    p.line("M110,360 L110,222 M100,340 L110,360 L120,340 M100,242 L110,222 L120,242", SOFT, 3)
    p.say(100, 300, "2 米", "2 m", 22, RIGHT, "end", bold=True)
    p.say(
        20,
        400,
        "北墙、背阴、有遮挡，离窗和排风口 1 米以上",
        "North wall, shaded, under a roof, 1 m from windows and vents",
        18,
        INK,
    )


GUIDE: dict[str, Callable[[Picture], None]] = {
    "wiring": wiring,
    "placement": placement,
    "outdoors": outdoors,
}
FAULT_PICTURES: dict[str, Callable[[Picture], None]] = {
    "wiring": wiring,
    "placement": placement,
    "no_overlay": no_bus,
    "no_master": no_bus,
    "no_sensor": no_sensor,
    "ghosts": ghosts,
    "bus_stalled": bus_stalled,
    "all_zero": all_zero,
    "all_ones": all_ones,
    "power_on_reset": no_supply,
    "failed_conversion": no_supply,
    "parasite": no_supply,
    "swapped": swapped,
    "crc_error": crc_error,
    "sensor_gone": sensor_gone,
    "out_of_range": replace_sensor,
    "bad_configuration": replace_sensor,
    "counterfeit": replace_sensor,
    "counterfeit_unfit": replace_sensor,
    "not_ready": wait,
    "truncated": wait,
    "driver_error": wait,
}
"""The picture of every finding of ``heatward_node.wiring_words``, by its code."""


def drawn() -> dict[Path, str]:
    """Return every picture by the file it belongs into."""
    files = {}
    for folder, pictures in ((HERE / "drawings", GUIDE), (FAULTS, FAULT_PICTURES)):
        for name, draw in pictures.items():
            for language in ("zh", "en"):
                picture = Picture(language == "zh")
                draw(picture)
                files[folder / f"{name}.{language}.svg"] = picture.text()
    return files


def main() -> None:
    """Write every picture."""
    for path, text in drawn().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
