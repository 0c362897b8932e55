"""Grafana beside our pages: who may look at it, and where a building stands there.

The proxy in front of Grafana asks us with ``auth_request`` and hands the name on, so that people
sign in once; there everybody is a Viewer. The dashboards show buildings of all streets, so roles
that see only their own do not get in.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Response

from heatward_dashboards.language import language

from ..accounts import Role, Viewer
from ..config import Config
from .access import may

VIEWER_HEADER = "X-Heatward-Viewer"
GRAFANA_LOOKERS = (Role.OPERATOR, Role.CITY, Role.DISTRICT, Role.STREET, Role.DEMO)
Looks = Annotated[Viewer, Depends(may(*GRAFANA_LOOKERS))]


def routes() -> APIRouter:
    """Return the route that a proxy asks."""
    router = APIRouter(include_in_schema=False)

    @router.get("/grafana-viewer")
    def grafana_viewer(viewer: Looks) -> Response:
        name = f"{viewer.role.value}-{viewer.account}" if viewer.account else viewer.role.value
        return Response(status_code=204, headers={VIEWER_HEADER: name})

    return router


def building_in_grafana(
    config: Config, viewer: Viewer, building: str, days: int, code: str
) -> str | None:
    """Return where the same building and days stand in Grafana; None where nobody may look."""
    base = config.display.grafana_url
    if base is None or viewer.role not in GRAFANA_LOOKERS:
        return None
    query = urlencode({"var-building": building, "from": f"now-{days}d", "to": "now"})
    return f"{base.rstrip('/')}/d/{language(code).uid('building')}?{query}"
