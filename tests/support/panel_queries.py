"""The queries of a dashboard as Grafana would send them: variables and macros filled in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

DAY_S = 86_400


def queries(dashboard: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Yield what each query is for, the query, and how far it looks back [s]."""
    for variable in dashboard["templating"]["list"]:
        yield f"variable {variable['name']}", variable["query"], 0
    for annotation in dashboard["annotations"]["list"]:
        yield f"annotation {annotation['name']}", annotation["target"]["query"], 7 * DAY_S
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            span = panel.get("timeFrom", "30d")
            seconds = int(span[:-1]) * {"h": 3600, "d": DAY_S}[span[-1]]
            yield f"panel {panel['title']} {target['refId']}", target["query"], seconds


def filled_in(query: str, now_s: int, span_s: int, values: Mapping[str, str]) -> str:
    """Return a query with a range of time, an interval, and values for the pickers."""
    since_s = now_s - span_s
    macros = {
        "$timeFilter": f"time >= {since_s}s AND time <= {now_s}s",
        "${__from}": f"{1000 * since_s}",
        "${__to}": f"{1000 * now_s}",
        "$__interval": "1h",
    }
    for macro, text in macros.items():
        query = query.replace(macro, text)
    query = re.sub(r"\$(\w+)", lambda match: values.get(match[1], ".*"), query)
    assert "$" not in query.replace("$/", ""), query
    return query
