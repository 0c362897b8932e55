"""Points as lines of InfluxDB's line protocol, times in seconds."""

from __future__ import annotations

from collections.abc import Iterator

from heatward_collector.timeseries.protocol import Points, Series

MOST_BUILDINGS = 65_536
"""Of so many buildings the beginning of a line is held ready: of a city's series it would be
gigabytes, and of some of them none is there when it is wanted."""
MOST_TEXTS = 65_536
"""Of so many temperatures, of all calibrations, what is written of each is held ready: 9 MB."""
OF_BUILDING = Series._fields.index("home")
"""So many fields of a series are those of its building."""


class _Texts(dict[float, str]):
    """Temperatures as they are written, which is the dearest part of a line: most come again."""

    def __missing__(self, celsius: float) -> str:
        if len(self) >= MOST_TEXTS:
            self.clear()
        text = self[celsius] = repr(celsius)
        return text


class Lines:
    """Makes lines, and holds ready what comes again in them."""

    def __init__(self) -> None:
        self._of_building: dict[tuple[str, ...], tuple[str, str]] = {}
        """What its lines begin with, and its street, which comes later."""
        self._texts = _Texts()

    def of(self, points: Points, most: int) -> Iterator[list[str]]:
        """Yield the lines of points in their order, at most ``most`` at a time."""
        prefixes = [self._prefix(series) for series in points.series]
        texts = self._texts
        for start in range(0, len(points), most):
            some = slice(start, start + most)
            columns = points.index[some], points.celsius[some], points.time_s[some]
            yield [
                f"{prefixes[index]}{texts[celsius]} {time_s}"
                for index, celsius, time_s in zip(*(c.tolist() for c in columns), strict=True)
            ]

    def _prefix(self, series: Series) -> str:
        """Return a line up to its value, its tags by their names: InfluxDB sorts any others."""
        above, home, room, sensor = series[:OF_BUILDING], *series[OF_BUILDING:]
        parts = self._of_building.get(above)
        if parts is None:
            if len(self._of_building) >= MOST_BUILDINGS:
                self._of_building.clear()
            tags = zip(Series._fields[1:], above[1:], strict=False)
            said = {name: f",{name}={_escaped(value)}" if value else "" for name, value in tags}
            begin = f"{series.measurement}{said['building']}{said['district']}"
            self._of_building[above] = parts = begin, said["street"]
        begin, street = parts
        # Written out, unlike those above: a call for each tag doubles what a series costs here.
        at_home = f",home={_escaped(home)}" if home else ""
        of_room = f",room={_escaped(room)}" if room else ""
        return f"{begin}{at_home}{of_room},sensor={_escaped(sensor)}{street} celsius="


def _escaped(value: str) -> str:
    # Line protocol has no escape for a backslash itself: doubled, it would come back doubled.
    if value.isalnum():
        return value
    return value.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")
