"""The dashboard around the panels: pickers, links, places on the grid, ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heatward_dashboards.language import Language
from heatward_dashboards.panels import Panel
from heatward_dashboards.queries import SOURCE

SCHEMA_VERSION = 41
COLUMNS = 24
ZONE = "Asia/Shanghai"
SEASON_BEGINS = 9
"""October, as Grafana counts the first month of a fiscal year: ``now/fy`` is this season."""
LABELLED = "/(?<value>[^|]+)\\|(?<text>.+)/"
Row = tuple[int, Sequence[tuple[int, Panel]]]
"""A height and, from left to right, panels with their widths."""
Json = dict[str, Any]


def dashboard(
    words: Language,
    name: str,
    title: str,
    rows: Sequence[Row],
    variables: Sequence[Json],
    *,
    annotations: Sequence[Json] = (),
    links: Sequence[Json] = (),
    since: str = "now-7d",
    refresh: str = "5m",
) -> Json:
    """Return a whole dashboard."""
    say = words.say
    others = [link(say("Streets"), f"/d/{words.uid('street')}")] if name != "street" else []
    spans = (
        (say("Today"), "now/d", "now/d"),
        (say("7 days"), "now-7d", "now"),
        (say("30 days"), "now-30d", "now"),
        (say("This season"), "now/fy", "now"),
    )
    times = [
        {
            **link(text, f"/d/{words.uid(name)}?from={first}&to={last}"),
            "includeVars": True,
            "icon": "clock-nine",
        }
        for text, first, last in spans
    ]
    return {
        "uid": words.uid(name),
        "title": title,
        "tags": ["heatward", words.code],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "timezone": ZONE,
        "fiscalYearStartMonth": SEASON_BEGINS,
        "weekStart": "monday",
        "time": {"from": since, "to": "now"},
        "timepicker": {"hidden": True},
        "refresh": refresh,
        "templating": {"list": list(variables)},
        "annotations": {"list": list(annotations)},
        "links": [*others, *links, *times],
        "panels": placed(rows),
    }


def placed(rows: Sequence[Row]) -> list[Panel]:
    """Return the panels with ids and places on the grid of 24 columns."""
    panels: list[Panel] = []
    top = 0
    for height, row in rows:
        left = 0
        for width, one in row:
            place = {"x": left, "y": top, "w": width, "h": height}
            panels.append({"id": len(panels) + 1, "gridPos": place, **one})
            left += width
        if left > COLUMNS:
            raise ValueError(f"{left} columns in the row of {row[0][1]['title']!r}")
        top += height
    return panels


def link(title: str, url: str, tooltip: str = "") -> Json:
    """Return a link of the dashboard's top."""
    return {
        "type": "link",
        "title": title,
        "url": url,
        "tooltip": tooltip,
        "icon": "external link",
        "targetBlank": False,
        "keepTime": False,
        "includeVars": False,
        "asDropdown": False,
        "tags": [],
    }


def picker(name: str, label: str, query: str, every: bool = True) -> Json:
    """Return a variable that shows public names over opaque ids; ``every`` offers all of them."""
    variable: Json = {
        "type": "query",
        "name": name,
        "label": label,
        "datasource": SOURCE,
        "query": query,
        "definition": query,
        "regex": LABELLED,
        "refresh": 1,
        "sort": 1,
        "multi": False,
        "includeAll": every,
        "hide": 0,
        "skipUrlSync": False,
        "options": [],
        "current": {},
    }
    return variable | ({"allValue": ".*"} if every else {})


def hidden(name: str, query: str, regex: str = "") -> Json:
    """Return a variable that nobody sees: a name or an address for titles and links."""
    return picker(name, name, query, every=False) | {"hide": 2, "regex": regex}


def area_pickers(words: Language, *, every: bool = True) -> list[Json]:
    """Return district, street and estate, each within the one before."""
    say, label = words.say, f"label{words.suffix}"
    chain = (
        ("district", say("District"), ""),
        ("street", say("Street office"), ' AND "district" =~ /^$district$/'),
        (
            "estate",
            say("Estate"),
            ' AND "district" =~ /^$district$/ AND "street" =~ /^$street$/',
        ),
    )
    return [picker(name, title, labels(name, label, within)) for name, title, within in chain]


def labels(level: str, label: str, within: str) -> str:
    """Return the query that fills a picker."""
    return (
        f'SELECT last("{label}") FROM "place" WHERE "level" = \'{level}\'{within} '
        f'GROUP BY "{level}"'
    )


def page_link(words: Language, title: str, path: str) -> Json:
    """Return a link to one of Heatward's own pages, in the same language and range of time."""
    address = f"${{pages:raw}}{path}" + ("" if words.code == "zh" else "?lang=en")
    return link(title, address) | {"keepTime": True}


def line_page(words: Language) -> Json:
    """Return the link to the page that says how every step of the line does."""
    return page_link(words, words.say("How the line does"), "/status")


def pages_address() -> Json:
    """Return the hidden variable that holds where Heatward's own pages are."""
    return hidden("pages", 'SELECT last("pages_url") FROM "site"')
