"""InfluxQL, the one language that InfluxDB 1.x, 2.x and 3.x all speak."""

from __future__ import annotations

from typing import Any

SOURCE = {"type": "influxdb", "uid": "heatward-influxdb"}
NOW = "ORDER BY time DESC LIMIT 1"
AREA = '"district" =~ /^$district$/ AND "street" =~ /^$street$/ AND "estate" =~ /^$estate$/'
"""What the pickers of a dashboard choose."""
OVERLAPPING = 'time <= ${__to}ms AND "end" >= ${__from} AND "severity" > 0'
"""Findings that lasted within the range shown, however long ago they began."""
Target = dict[str, Any]


def table(query: str, ref: str = "A") -> Target:
    """Return a query whose rows are shown as they are."""
    return _target(query, ref, "table")


def series(query: str, alias: str, ref: str = "A") -> Target:
    """Return a query that gives curves; ``alias`` names them, ``$tag_x`` by a tag."""
    return {**_target(query, ref, "time_series"), "alias": alias}


def fields(*names: str) -> str:
    """Return a list of fields as InfluxQL quotes them; ``name=other`` renames one."""
    return ", ".join(
        f'"{one}"' if "=" not in one else '"{}" AS "{}"'.format(*one.split("=")) for one in names
    )


def newest(measurement: str, by: str, where: str, *names: str) -> str:
    """Return the newest whole row of each ``by``: never values of different instants."""
    return (
        f'SELECT {fields(*names)} FROM "{measurement}" WHERE $timeFilter AND {where} '
        f'GROUP BY "{by}" {NOW}'
    )


def places(level: str, where: str, *names: str) -> str:
    """Return the newest name and position of each place of a level, whenever it was written."""
    return (
        f'SELECT {fields(*names)} FROM "place" WHERE "level" = \'{level}\' AND {where} '
        f'GROUP BY "{level}" {NOW}'
    )


def sum_of(field: str, measurement: str, by: str, where: str) -> str:
    """Return the sum over the newest value of each ``by``; no row where nothing is known.

    So a count of zero is only said of places that were heard.
    """
    return (
        f'SELECT sum("x") FROM (SELECT last("{field}") AS "x" FROM "{measurement}" '
        f'WHERE $timeFilter AND {where} GROUP BY "{by}")'
    )


def _target(query: str, ref: str, form: str) -> Target:
    return {
        "refId": ref,
        "datasource": SOURCE,
        "query": query,
        "rawQuery": True,
        "resultFormat": form,
    }
