"""What the operator looks at: the status page, and the health and metrics for machines."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from heatward_collector.running.health import examine, written_bytes
from heatward_collector.running.metrics import exposition

from ...accounts import Role, Viewer
from ...accounts.roles import OFFICES
from ..frame.grafana_viewer import in_grafana
from ..frame.page_frame import PageFrame
from ..frame.refusals import REFUSALS
from ..rights.access import may
from .stage_words import detail_of, process_name, put_aside, stage_name

REFRESH_SECONDS = 30

Anybody = Annotated[Viewer, Depends(may(Role.ANYBODY))]
StatusLooker = Annotated[Viewer, Depends(may(*OFFICES, Role.OPERATOR, Role.VISITOR, Role.DEMO))]
Machine = Annotated[Viewer, Depends(may(Role.OPERATOR, Role.VISITOR, Role.DEMO))]
"""Of Prometheus: a token of an operator, unless it is a trial."""


def routes(frame: PageFrame) -> APIRouter:
    """Return the routes about the collector itself."""
    router = APIRouter()

    @router.get("/status", include_in_schema=False)
    def status(request: Request, viewer: StatusLooker) -> HTMLResponse:
        now_s = frame.now()
        health = examine(frame.config, now_s)
        write = frame.write(request)
        return frame.page(
            request,
            "system/status.html",
            refresh_seconds=REFRESH_SECONDS,
            here="status",
            health=health,
            disk_free=written_bytes(health.disk_free_bytes),
            disk_total=written_bytes(health.disk_total_bytes),
            process_name=process_name,
            stage_name=stage_name,
            detail_of=detail_of,
            put_aside=put_aside(health, write.say),
            in_grafana=in_grafana(frame.config, viewer, write.say.language, "pipeline", "now-24h"),
        )

    @router.get("/healthz", responses={503: {"description": "A fault is present."}})
    def healthz(viewer: Anybody) -> JSONResponse:
        """Answer 200 while no fault is present, else 503; the codes of faults not to strangers."""
        health = examine(frame.config, frame.now())
        faults = (
            []
            if viewer.role is Role.ANYBODY
            else [{"process": fault.process, "code": fault.code} for fault in health.faults]
        )
        answer = {"healthy": health.healthy, "faults": faults}
        return JSONResponse(answer, status_code=200 if health.healthy else 503)

    @router.get("/metrics", response_class=PlainTextResponse, responses=REFUSALS)
    def metrics(viewer: Machine) -> Response:
        """Answer in the text format of Prometheus."""
        return Response(exposition(frame.config, frame.now), media_type=CONTENT_TYPE_LATEST)

    @router.get("/api/v1/openapi.json", include_in_schema=False)
    def description(request: Request, viewer: StatusLooker) -> JSONResponse:
        return JSONResponse(request.app.openapi())

    return router
