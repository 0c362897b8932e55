"""Panels as the Classic model of Grafana holds them, one function a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heatward_dashboards.queries import SOURCE, Target

Panel = dict[str, Any]
Override = dict[str, Any]
Steps = list[dict[str, Any]]
"""Thresholds with their colours, the first without a value."""
NOW = "2h"
"""Panels about now look so far back: what is older says nothing about now."""


def panel(
    kind: str,
    title: str,
    targets: Sequence[Target],
    *,
    description: str = "",
    no_value: str = "",
    span: str = "",
    transformations: Sequence[Mapping[str, Any]] = (),
    defaults: Mapping[str, Any] | None = None,
    overrides: Sequence[Override] = (),
    options: Mapping[str, Any] | None = None,
) -> Panel:
    """Return a panel of any kind. ``span`` shows its own last hours or days instead."""
    made: Panel = {
        "type": kind,
        "title": title,
        "description": description,
        "datasource": SOURCE,
        "targets": list(targets),
        "transformations": list(transformations),
        "fieldConfig": {
            "defaults": {"custom": {}, "noValue": no_value, **(defaults or {})},
            "overrides": list(overrides),
        },
        "options": dict(options or {}),
        "transparent": False,
    }
    if span:
        made |= {"timeFrom": span, "hideTimeOverride": True}
    return made


def stat(
    title: str,
    query: Target,
    steps: Sequence[Mapping[str, Any]],
    no_value: str,
    *,
    unit: str = "none",
    span: str = NOW,
    decimals: int | None = None,
    description: str = "",
    mappings: Sequence[Mapping[str, Any]] = (),
    fields: str = "",
    background: bool = False,
) -> Panel:
    """Return one large number or word, with thresholds always: none may be green by default."""
    defaults: dict[str, Any] = {
        "unit": unit,
        "color": {"mode": "thresholds"},
        "thresholds": {"mode": "absolute", "steps": list(steps)},
        "mappings": list(mappings),
    }
    if decimals is not None:
        defaults["decimals"] = decimals
    return panel(
        "stat",
        title,
        [query],
        description=description,
        no_value=no_value,
        span=span,
        defaults=defaults,
        options={
            "reduceOptions": {"values": False, "calcs": ["lastNotNull"], "fields": fields},
            "colorMode": "background" if background else "value",
            "graphMode": "none",
            "justifyMode": "auto",
            "textMode": "value",
            "orientation": "auto",
        },
    )


def rows(
    title: str,
    targets: Sequence[Target],
    columns: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    names: Mapping[str, str],
    no_value: str,
    span: str = "",
    by: str = "",
    hidden: Sequence[str] = (),
    sort: tuple[str, bool] | None = None,
    description: str = "",
) -> Panel:
    """Return a table: ``columns`` in their order with properties, ``names`` their headings.

    Two queries are joined by ``by``; hidden columns stay for sorting and links.
    """
    joined = [{"id": "joinByField", "options": {"byField": by, "mode": "outer"}}] if by else []
    order = {name: place for place, name in enumerate([*columns, *hidden])}
    organized = {
        "id": "organize",
        "options": {
            "excludeByName": {name: True for name in ("Time", "Time 1", "Time 2")},
            "indexByName": order,
            "renameByName": {name: names[name] for name in columns if name in names},
        },
    }
    sorting = []
    if sort is not None:
        field, down = sort
        sorting = [{"id": "sortBy", "options": {"sort": [{"field": field, "desc": down}]}}]
    overrides = [
        {
            "matcher": {"id": "byName", "options": names.get(name, name)},
            "properties": list(properties),
        }
        for name, properties in columns.items()
        if properties
    ]
    overrides += [
        {
            "matcher": {"id": "byName", "options": name},
            "properties": [{"id": "custom.hidden", "value": True}],
        }
        for name in hidden
    ]
    return panel(
        "table",
        title,
        targets,
        description=description,
        no_value=no_value,
        span=span,
        transformations=[*joined, *sorting, organized],
        defaults={"custom": {"align": "left", "filterable": False, **cell("auto")}},
        overrides=overrides,
        options={"showHeader": True, "footer": {"show": False, "reducer": ["sum"], "fields": ""}},
    )


def curves(
    title: str,
    targets: Sequence[Target],
    *,
    no_value: str,
    unit: str = "none",
    overrides: Sequence[Override] = (),
    custom: Mapping[str, Any] | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    decimals: int | None = None,
    description: str = "",
    interval: str = "1h",
) -> Panel:
    """Return curves over time; gaps stay gaps."""
    defaults: dict[str, Any] = {
        "unit": unit,
        "color": {"mode": "palette-classic"},
        "thresholds": {"mode": "absolute", "steps": [{"value": None, "color": "#1f4e5f"}]},
        "custom": {
            "drawStyle": "line",
            "lineInterpolation": "linear",
            "lineWidth": 2,
            "fillOpacity": 0,
            "showPoints": "never",
            "spanNulls": False,
            "axisPlacement": "auto",
            **(custom or {}),
        },
    }
    limits = {"min": minimum, "max": maximum, "decimals": decimals}
    defaults |= {key: value for key, value in limits.items() if value is not None}
    made = panel(
        "timeseries",
        title,
        targets,
        description=description,
        no_value=no_value,
        defaults=defaults,
        overrides=overrides,
        options={
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "none"},
        },
    )
    return made | {"interval": interval}


def text(content: str) -> Panel:
    """Return a panel of plain words."""
    return {
        "type": "text",
        "title": "",
        "transparent": True,
        "options": {"mode": "markdown", "content": content},
    }


def named(name: str, *properties: tuple[str, Any]) -> Override:
    """Return properties of the field of one name."""
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": key, "value": value} for key, value in properties],
    }


def cell(mode: str) -> dict[str, Any]:
    """Return how cells look: ``auto``, or ``solid`` for a background of their colour.

    Until 9.4 Grafana reads one key, from 9.5 the other.
    """
    if mode == "solid":
        newer = {"type": "color-background", "mode": "basic"}
        return {"displayMode": "color-background-solid", "cellOptions": newer}
    return {"displayMode": "auto", "cellOptions": {"type": "auto"}}


def cells(mode: str) -> list[dict[str, Any]]:
    """Return the same as properties of a column."""
    return [{"id": f"custom.{key}", "value": value} for key, value in cell(mode).items()]


def coloured(mappings: Sequence[Mapping[str, Any]], width: int = 0) -> list[dict[str, Any]]:
    """Return the properties of a column whose cells are coloured by what they say."""
    properties: list[dict[str, Any]] = [
        {"id": "mappings", "value": list(mappings)},
        {"id": "color", "value": {"mode": "thresholds"}},
        *cells("solid"),
    ]
    return properties + sized(width)


def sized(width: int) -> list[dict[str, Any]]:
    """Return the properties of a column of a width; 0 leaves it to Grafana. [px]"""
    return [{"id": "custom.width", "value": width}] if width else []


def wrapped() -> list[dict[str, Any]]:
    """Return the properties of a column of sentences: whole, where Grafana can (from 10 on)."""
    return [
        {"id": "custom.displayMode", "value": "auto"},
        {"id": "custom.cellOptions", "value": {"type": "auto", "wrapText": True}},
    ]


def linked(title: str, url: str, width: int = 0) -> list[dict[str, Any]]:
    """Return the properties of a column whose cells lead somewhere."""
    return [{"id": "links", "value": [{"title": title, "url": url}]}, *sized(width)]


def with_unit(unit: str, decimals: int, width: int = 0) -> list[dict[str, Any]]:
    """Return the properties of a column of numbers."""
    return [
        {"id": "unit", "value": unit},
        {"id": "decimals", "value": decimals},
        *sized(width),
    ]
