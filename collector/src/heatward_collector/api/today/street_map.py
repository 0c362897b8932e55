"""A small map of buildings as SVG, drawn on the server: no tiles, no script, nothing from outside.

North is up, one scale for both directions. Every building is a link with its name, and a sign
beside its colour. A map of very many buildings shows estates instead, and of very many estates
streets.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from ...registry import Directory
from ..city.facts import Building, Name
from ..city.standing import Standing
from ..words.formats import Formats


@dataclass(frozen=True, slots=True)
class Sheet:
    """The size of a drawing: a phone gets one of its own, so that its letters keep their size."""

    kind: str
    width: int
    lowest: int
    highest: int
    radius: float


WIDE = Sheet("wide", 960, 220, 480, 12.0)
NARROW = Sheet("narrow", 358, 180, 400, 11.0)
MARGIN = 40
LETTER_PX, LINE_PX = 13.5, 15.0
"""Of a Chinese letter; a Latin one is about half as wide. [px]"""
MOST_BUILDINGS = 150
"""More could not be told apart, nor be clicked; then estates are drawn, then streets."""
LONGEST_LABEL = 24
SMALLEST_SPAN_M = 150.0
METRES_A_DEGREE = 111_320.0
SCALES_M = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
_Placed = tuple[Building, Standing, float, float]
"""With its latitude and longitude. [degrees]"""
_Box = tuple[float, float, float, float]
"""Left, top, right, bottom. [px]"""
_ORDER = {standing: place for place, standing in enumerate(Standing)}


@dataclass(frozen=True, slots=True)
class Spot:
    """Something with a place on the map. [degrees]"""

    latitude: float
    longitude: float
    standing: Standing
    label: str
    title: str
    address: str


def spots_of(
    buildings: Sequence[tuple[Building, Standing]], directory: Directory, write: Formats
) -> list[Spot]:
    """Return buildings that have coordinates; where there are too many, estates or streets."""
    places = directory.tables["building"]
    placed: list[_Placed] = []
    for building, standing in buildings:
        known: Mapping[str, object] = places.get(building.id, {})
        latitude, longitude = known.get("latitude"), known.get("longitude")
        if isinstance(latitude, float) and isinstance(longitude, float):
            placed.append((building, standing, latitude, longitude))
    if len(placed) <= MOST_BUILDINGS:
        return [_spot(*one, write) for one in placed]
    estates = _grouped([one] for one in placed)
    if len(estates) <= MOST_BUILDINGS:
        return [_spot_of(of[0][0].estate, of, write) for of in estates]
    streets = _grouped(estates, by_street=True)
    return [_spot_of(of[0][0].street, of, write) for of in streets]


def draw(spots: Sequence[Spot], write: Formats, title: str) -> Markup:
    """Return the map as SVG elements, a wide and a narrow one, and what its signs mean.

    Empty where nothing has a place.
    """
    if not spots:
        return Markup("")
    drawings = (_draw(spots, write, title, sheet) for sheet in (WIDE, NARROW))
    return Markup("").join((*drawings, _signs({one.standing for one in spots}, write)))


def _signs(standings: Collection[Standing], write: Formats) -> Markup:
    """Return the legend: each standing that is on the map, the worst first."""
    entry = Markup(
        '<span class="entry badge small {}">'
        '<span class="mark" aria-hidden="true">{}</span>{}</span>'
    )
    shown = (
        entry.format(one.value, write.mark(one), write.standing(one))
        for one in Standing
        if one in standings
    )
    return Markup("<figcaption>{}</figcaption>").format(Markup(" ").join(shown))


@dataclass(frozen=True, slots=True)
class _Frame:
    """From degrees to the drawing: a plane at the middle latitude is true enough for a city."""

    west: float
    south: float
    metres_east: float
    """Of one degree of longitude at this latitude. [m]"""
    per_metre: float
    height: float
    shift: float

    def at(self, spot: Spot) -> tuple[float, float]:
        """Return x and y. [px]"""
        x = (spot.longitude - self.west) * self.metres_east * self.per_metre
        y = (spot.latitude - self.south) * METRES_A_DEGREE * self.per_metre
        return MARGIN + self.shift + x, self.height - MARGIN - y


def _frame_of(spots: Sequence[Spot], sheet: Sheet) -> _Frame:
    west, east = (pick(one.longitude for one in spots) for pick in (min, max))
    south, north = (pick(one.latitude for one in spots) for pick in (min, max))
    metres_east = METRES_A_DEGREE * math.cos(math.radians((south + north) / 2))
    wide = max((east - west) * metres_east, SMALLEST_SPAN_M)
    tall = max((north - south) * METRES_A_DEGREE, SMALLEST_SPAN_M / 4)
    inner_width, inner_height = sheet.width - 2 * MARGIN, sheet.highest - 2 * MARGIN
    per_metre = min(inner_width / wide, inner_height / tall)
    height = max(tall * per_metre + 2 * MARGIN, sheet.lowest)
    shift = (inner_width - (east - west) * metres_east * per_metre) / 2
    return _Frame(west, south, metres_east, per_metre, height, shift)


def _draw(spots: Sequence[Spot], write: Formats, title: str, sheet: Sheet) -> Markup:
    frame = _frame_of(spots, sheet)
    worst_first = sorted(spots, key=lambda one: _ORDER[one.standing])
    at = [frame.at(spot) for spot in worst_first]
    labels = _labels(worst_first, at, sheet)
    drawn = [
        _drawn(spot, where, label, sheet.radius, write)
        for spot, where, label in zip(worst_first, at, labels, strict=True)
    ]
    inside = "".join(reversed(drawn))  # the worst on top
    return Markup(
        f'<svg class="map {sheet.kind}" viewBox="0 0 {sheet.width} {frame.height:.0f}" '
        f'role="group" aria-label="{escape(title)}">{_scale(frame, sheet, write)}{inside}</svg>'
    )


def _labels(
    spots: Sequence[Spot], at: Sequence[tuple[float, float]], sheet: Sheet
) -> list[float | None]:
    """Return how far below its place each label stands, above where negative; None: no room."""
    radius = sheet.radius
    taken = [(x - radius, y - radius, x + radius, y + radius) for x, y in at]
    found: list[float | None] = []
    for index, (spot, (x, y)) in enumerate(zip(spots, at, strict=True)):
        half = sum(LETTER_PX if ord(one) > 0x2E7F else LETTER_PX * 0.55 for one in spot.label) / 2
        offset: float | None = None
        for below in (radius + LINE_PX - 2, -radius - 4):
            box = (x - half, y + below - LINE_PX + 3, x + half, y + below + 2)
            others = taken[:index] + taken[index + 1 :]
            if box[0] > 0 and box[2] < sheet.width and not any(_meet(box, one) for one in others):
                taken.append(box)
                offset = below
                break
        found.append(offset)
    return found


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _drawn(
    spot: Spot, at: tuple[float, float], label: float | None, radius: float, write: Formats
) -> str:
    kind, (x, y) = spot.standing.value, at
    text = (
        ""
        if label is None
        else f'<text class="label" x="{x:.1f}" y="{y + label:.1f}">{escape(spot.label)}</text>'
    )
    return (
        f'<a href="{escape(spot.address)}" aria-label="{escape(spot.title)}">'
        f"<title>{escape(spot.title)}</title>"
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.0f}"/>'
        f'<text class="sign {kind}" x="{x:.1f}" y="{y + 5:.1f}">{write.mark(spot.standing)}</text>'
        f"{text}</a>"
    )


def _scale(frame: _Frame, sheet: Sheet, write: Formats) -> str:
    """Draw a bar of a round length, about a sixth of the width, and where north is."""
    length = min(SCALES_M, key=lambda metres: abs(metres * frame.per_metre - sheet.width / 6))
    text = f"{length} m" if length < 1000 else f"{length // 1000} km"
    x, y, north = 12, frame.height - 8, write.say("N ↑")
    return (
        f'<path class="scale" d="M{x} {y - 5:.0f}v5h{length * frame.per_metre:.0f}v-5"/>'
        f'<text class="scale-name" x="{x + 4}" y="{y - 7:.0f}">{text}</text>'
        f'<text class="north" x="{sheet.width - 8}" y="18">{escape(north)}</text>'
    )


def _spot(
    building: Building, standing: Standing, latitude: float, longitude: float, write: Formats
) -> Spot:
    return Spot(
        latitude,
        longitude,
        standing,
        _short(write.name(building.name)),
        f"{write.building(building)}: {write.standing(standing)}",
        f"/building/{building.id}",
    )


def _grouped(parts: Iterable[Sequence[_Placed]], by_street: bool = False) -> list[list[_Placed]]:
    """Put buildings of the same estate, or street, together, in the order in which they come."""
    groups: dict[tuple[str, ...], list[_Placed]] = {}
    for part in parts:
        one = part[0][0]
        # Texts, not names: to hash ten thousand names is most of the time that a map takes.
        key: tuple[str, ...] = (one.street.zh, one.street.en)
        if not by_street:
            key = (*key, one.estate.zh, one.estate.en)
        groups.setdefault(key, []).extend(part)
    return list(groups.values())


def _spot_of(place: Name, of: Sequence[_Placed], write: Formats) -> Spot:
    """Return one spot for a place, as its worst building stands."""
    worst = min((standing for _, standing, *_ in of), key=_ORDER.__getitem__)
    those = [building for building, standing, *_ in of if standing is worst]
    name = write.name(place)
    title = write.say(
        "%(name)s: %(count)d of %(n)d buildings %(standing)s",
        name=name,
        count=len(those),
        n=len(of),
        standing=write.standing(worst),
    )
    return Spot(
        sum(one[2] for one in of) / len(of),
        sum(one[3] for one in of) / len(of),
        worst,
        _short(name),
        title,
        f"/building/{those[0].id}",
    )


def _short(name: str) -> str:
    """Return a name for the map; of a long one the end, which tells neighbours apart."""
    return (
        name
        if len(name) <= LONGEST_LABEL
        else "\N{HORIZONTAL ELLIPSIS}" + name[1 - LONGEST_LABEL :]
    )
