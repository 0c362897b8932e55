"""Who may look at Grafana: asked by the proxy in front of it, so that people sign in once.

nginx asks with ``auth_request`` and hands the name on to Grafana, where everybody is a Viewer. The
dashboards show buildings of all streets, so roles that see only their own do not get in.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from ..accounts import Role, Viewer
from .access import may

VIEWER_HEADER = "X-Heatward-Viewer"
Looks = Annotated[
    Viewer, Depends(may(Role.OPERATOR, Role.CITY, Role.DISTRICT, Role.STREET, Role.DEMO))
]


def routes() -> APIRouter:
    """Return the route that a proxy asks."""
    router = APIRouter(include_in_schema=False)

    @router.get("/grafana-viewer")
    def grafana_viewer(viewer: Looks) -> Response:
        name = f"{viewer.role.value}-{viewer.account}" if viewer.account else viewer.role.value
        return Response(status_code=204, headers={VIEWER_HEADER: name})

    return router
