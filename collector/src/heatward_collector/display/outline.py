"""Our own map: outlines of estates as GeoJSON, so that Grafana asks nobody outside for tiles."""

from __future__ import annotations

from typing import Any

from ..registry import Directory

MARGIN_DEG = 0.0006
"""How far an estate reaches beyond its outermost buildings: about 65 m. [degrees]"""


def outline(directory: Directory) -> dict[str, Any]:
    """Return one polygon for each estate whose buildings have a position. [WGS 84]"""
    features = []
    for estate in sorted(directory.tables["estate"]):
        spots = [
            (float(row["longitude"]), float(row["latitude"]))
            for row in directory.tables["building"].values()
            if row["estate"] == estate
            and row["longitude"] is not None
            and row["latitude"] is not None
        ]
        if spots:
            features.append(_feature(directory, estate, spots))
    return {"type": "FeatureCollection", "features": features}


def _feature(directory: Directory, estate: str, spots: list[tuple[float, float]]) -> dict[str, Any]:
    west, south = (min(spot[axis] for spot in spots) - MARGIN_DEG for axis in (0, 1))
    east, north = (max(spot[axis] for spot in spots) + MARGIN_DEG for axis in (0, 1))
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return {
        "type": "Feature",
        "id": estate,
        "properties": {
            "name": directory.name("estate", estate),
            "name_en": directory.name("estate", estate, english=True),
        },
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[round(x, 6), round(y, 6)] for x, y in ring]],
        },
    }
