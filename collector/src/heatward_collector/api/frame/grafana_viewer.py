"""Grafana beside our pages: who may look at it, and where a page's place and time stand there.

The proxy in front of Grafana asks us with ``auth_request`` and hands the name on, so that people
sign in once; there everybody is a Viewer. The dashboards show buildings of all streets, so roles
that see only their own do not get in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Response

from heatward_dashboards.language import language

from ...accounts import Role, Viewer
from ...config import Config
from ..rights.access import may

VIEWER_HEADER = "X-Heatward-Viewer"
GRAFANA_LOOKERS = (Role.OPERATOR, Role.CITY, Role.DISTRICT, Role.STREET, Role.DEMO)
_DAY_S = 86_400
_BACK = re.compile(
    r"now(?:-(?P<count>\d{1,6})(?P<unit>[mhdwMy]))?(?:/(?P<whole>[hdwMy]|fy|fQ))?", re.ASCII
)
"""``now-7d``, ``now/d``, ``now-1d/d``: how Grafana writes a beginning that moves along."""
_DAYS_OF = {"m": 1 / 1440, "h": 1 / 24, "d": 1, "w": 7, "M": 31, "y": 366, "fy": 366, "fQ": 92}
Looks = Annotated[Viewer, Depends(may(*GRAFANA_LOOKERS))]


def routes() -> APIRouter:
    """Return the route that a proxy asks."""
    router = APIRouter(include_in_schema=False)

    @router.get("/grafana-viewer")
    def grafana_viewer(viewer: Looks) -> Response:
        name = f"{viewer.role.value}-{viewer.account}" if viewer.account else viewer.role.value
        return Response(status_code=204, headers={VIEWER_HEADER: name})

    return router


def in_grafana(
    config: Config,
    viewer: Viewer,
    code: str,
    dashboard: str,
    since: str,
    until: str = "now",
    **places: str,
) -> str | None:
    """Return where the same place and time stand in Grafana; None where nobody may look.

    ``since`` and ``until`` are such as ``now-7d``, or what :func:`moment` returns; ``places`` are
    ids by the name of the dashboard's picker.
    """
    base = config.display.grafana_url
    if base is None or viewer.role not in GRAFANA_LOOKERS:
        return None
    chosen = {f"var-{name}": place for name, place in places.items() if place}
    query = urlencode({**chosen, "from": since, "to": until})
    return f"{base.rstrip('/')}/d/{language(code).uid(dashboard)}?{query}"


def moment(time_s: float) -> str:
    """Return an instant as Grafana writes it into an address. [ms UTC]"""
    return str(round(1000 * time_s))


def own_area(viewer: Viewer) -> dict[str, str]:
    """Return the picker and the id of the area that somebody is confined to, if any."""
    levels = {Role.DISTRICT: "district", Role.STREET: "street"}
    level = levels.get(viewer.role)
    return {level: viewer.scope} if level and viewer.scope else {}


def days_since(since: str, spans: Sequence[int], now_s: float) -> int | None:
    """Return the shortest of ``spans`` that reaches back to where Grafana's range begins. [d]

    None where ``since`` is no beginning that Grafana writes; the longest where none reaches so far.
    """
    if since.startswith("now"):
        found = _BACK.fullmatch(since)
        if found is None:
            return None
        days = int(found["count"] or 0) * _DAYS_OF[found["unit"] or found["whole"] or "m"]
        days += _DAYS_OF[found["whole"]] if found["whole"] else 0
    else:
        begun_s = _instant(since)
        if begun_s is None or begun_s > now_s:
            return None
        days = (now_s - begun_s) / _DAY_S
    return next((span for span in sorted(spans) if span >= days), max(spans))


def _instant(text: str) -> float | None:
    try:
        if text.isascii() and text.isdigit():
            return int(text) / 1000
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
