"""The map of buildings, and the rows of buildings that it shares with the tables beside it."""

from __future__ import annotations

from typing import Any

from heatward_dashboards.language import Language
from heatward_dashboards.panels import NOW, Panel, named, panel
from heatward_dashboards.queries import AREA, newest, places, table
from heatward_dashboards.states import DARK_GREY, state_mappings, state_steps

MAP_FILE = "public/maps/heatward.geojson"
"""Our own outlines; Grafana serves files there itself, so nothing is asked for outside.
Relative, for a Grafana below a path."""
_STATE = ("state", "attention", "median", "homes", "homes_below", "homes_judged", "coverage")


def building_rows(words: Language, *more: str) -> list[dict[str, Any]]:
    """Return state and name of every building, to be joined by ``building``."""
    names = (f"name{words.suffix}=name", f"estate_name{words.suffix}=estate_name", *more)
    return [
        table(newest("building_state", "building", AREA, *_STATE, "sensors_silent")),
        table(places("building", AREA, *names), "B"),
    ]


def building_link(words: Language) -> str:
    """Return the address of a row's building, with the areas and the time that are chosen."""
    return (
        f"/d/{words.uid('building')}?var-building=${{__data.fields.building}}"
        "&${district:queryparam}&${street:queryparam}&${estate:queryparam}&${__url_time_range}"
    )


def building_map(words: Language) -> Panel:
    """Return the map on which every building stands in the colour of its state."""
    say = words.say
    hide = ("custom.hideFrom", {"tooltip": True, "viz": False, "legend": False})
    technical = ("building", "attention", "lat", "lon", "homes_below", "name_on_map")
    shown = {
        "state": say("State"),
        "median": say("Median now"),
        "homes": say("Homes measured"),
        "name": say("Building"),
        "estate_name": say("Estate"),
    }
    overrides = [named(name, hide) for name in technical]
    overrides += [named(name, hide) for name in ("Time", "Time 1", "Time 2")]
    overrides += [named(name, hide) for name in ("homes_judged", "coverage", "sensors_silent")]
    overrides += [
        named(
            shown["state"],
            ("mappings", state_mappings(say)),
            ("color", {"mode": "thresholds"}),
            ("thresholds", {"mode": "absolute", "steps": state_steps()}),
        ),
        named(shown["median"], ("unit", "celsius"), ("decimals", 1)),
        named(
            shown["name"],
            ("links", [{"title": say("Open the building"), "url": building_link(words)}]),
        ),
    ]
    layer = {
        "type": "markers",
        "name": say("Buildings"),
        "tooltip": True,
        "location": {"mode": "coords", "latitude": "lat", "longitude": "lon"},
        "config": {
            "showLegend": False,
            "style": {
                "size": {"fixed": 9, "min": 4, "max": 14},
                "color": {"field": shown["state"], "fixed": DARK_GREY},
                "opacity": 0.95,
                "symbol": {"mode": "fixed", "fixed": "img/icons/marker/circle.svg"},
                "text": {"mode": "field", "field": "name_on_map", "fixed": ""},
                "textConfig": {
                    "fontSize": 12,
                    "textAlign": "left",
                    "textBaseline": "middle",
                    "offsetX": 12,
                    "offsetY": 0,
                },
            },
        },
    }
    outline = {"rule": [], "style": {"color": {"fixed": "#b9b2a2"}, "opacity": 0.25}}
    return panel(
        "geomap",
        say("Where it is cold now"),
        building_rows(words, "lat", "lon", f"name_on_map{words.suffix}=name_on_map"),
        no_value=say("no new data"),
        description=say("Point at a building for its name and temperature; a click opens it."),
        span=NOW,
        transformations=[
            {"id": "joinByField", "options": {"byField": "building", "mode": "outer"}},
            {"id": "organize", "options": {"renameByName": shown}},
        ],
        defaults={"color": {"mode": "thresholds"}, "thresholds": state_thresholds()},
        overrides=overrides,
        options={
            "basemap": {
                "type": "geojson",
                "name": "heatward",
                "config": {"src": MAP_FILE, "rules": [], "style": outline["style"]},
            },
            "layers": [layer],
            "view": {
                "id": "fit",
                "lat": 0,
                "lon": 0,
                "zoom": 15,
                "allLayers": True,
                "padding": 20,
            },
            "controls": {
                "showZoom": True,
                "mouseWheelZoom": False,
                "showAttribution": False,
                "showScale": False,
                "showDebug": False,
                "showMeasure": False,
            },
            "tooltip": {"mode": "details"},
        },
    )


def state_thresholds() -> dict[str, Any]:
    """Return the colours of states as thresholds of a panel."""
    return {"mode": "absolute", "steps": state_steps()}
