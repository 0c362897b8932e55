"""The watch process: disks that fill, a test reading that must come through, the operator told."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from heatward_collector.config import Config
from heatward_collector.locale import message
from heatward_collector.operations.alarms import Alarms, composed
from heatward_collector.operations.canary_trace import CanaryTrace, Step
from heatward_collector.operations.disks import DiskWatch, folders_of
from heatward_collector.registry import Registry, open_registry
from heatward_collector.running.status import StatusWriter

DISK_SECONDS = 30.0
LOOK_SECONDS = 5.0
POLL_SECONDS = 0.5
ALARM_AFTER_S = 540.0
"""A step behind which no test reading was for so long has stopped. [s] The operator is to know
within ten minutes of its stop; one reading every 4 minutes, and the judging of a minute, fit in."""

STOPPED = {
    Step.BROKER: (
        message("the broker"),
        message("Check that the broker runs, and that it lets the test reading's node in."),
    ),
    Step.LEDGER: (
        message("reception into the ledger"),
        message("See reception on the status page; check the disk, then the log of ingest."),
    ),
    Step.ACK: (
        message("the answer to nodes"),
        message("Readings are kept; nodes send them again. Check what the broker lets through."),
    ),
    Step.VIEW: (
        message("the time series"),
        message("Check InfluxDB; the evidence is complete, and is written there afterwards."),
    ),
    Step.EVALUATE: (
        message("the judging"),
        message("See judging on the status page, and the log of evaluate. Nothing is lost."),
    ),
}
"""What each step is called, and what to do where it stops."""
_TITLE = message("The line has stopped: %(step)s")
_BODY = message(
    "The test reading has not come through %(step)s for %(minutes)d minutes. So readings of homes"
    " do not come through either."
)

log = logging.getLogger(__name__)


class LineWatch:
    """Sends test readings and raises an alarm where they stop."""

    def __init__(
        self,
        trace: CanaryTrace,
        alarms: Alarms,
        status: StatusWriter,
        every_s: float,
        alarm_after_s: float = ALARM_AFTER_S,
    ) -> None:
        self._trace, self._alarms, self._status = trace, alarms, status
        self._every_s, self._alarm_after_s = every_s, alarm_after_s
        self._sent_s = self._looked_s = float("-inf")

    def step(self, now_s: float) -> Step | None:
        """Send and look where it is time; return the step that has stopped."""
        if now_s - self._sent_s >= self._every_s:
            self._trace.send()
            self._sent_s = now_s
        self._trace.pump()
        if now_s - self._looked_s >= LOOK_SECONDS:
            self._trace.look()
            self._looked_s = now_s
        stopped = self._trace.stopped(now_s, self._alarm_after_s)
        self._tell(stopped, now_s)
        return stopped

    def _tell(self, stopped: Step | None, now_s: float) -> None:
        for one in Step:
            if one is not stopped:
                self._alarms.end(_code(one))
        if stopped is None:
            oldest = min(self._trace.passed_s.values())
            self._status.stage("canary", max(0.0, now_s - oldest))
            self._status.clear_fault("line_stopped")
            return
        name, remedy = STOPPED[stopped]
        minutes = int((now_s - self._trace.passed_s[stopped]) / 60)
        told = composed(_TITLE, _BODY, remedy, {"step": name}, minutes=minutes)
        zh, en = (body.split("\n") for body in (told.body_zh, told.body_en))
        self._status.fault("line_stopped", zh[0], en[0], zh[1], en[1])
        self._alarms.begin(_code(stopped), told, now_s)


def run(config: Config, stop: threading.Event) -> None:
    """Watch until told to stop."""
    status = StatusWriter(config.state.status, "watch")
    registry = open_registry(config)
    alarms = Alarms(config.state.directory / "alarms.json", registry)
    disks = DiskWatch(folders_of(config), alarms)
    line: LineWatch | None = None
    trace: CanaryTrace | None = None
    looked = float("-inf")
    while not stop.is_set():
        now_s = time.time()
        if time.monotonic() - looked >= DISK_SECONDS:
            looked = time.monotonic()
            share = disks.look(now_s)
            status.stage("disks", detail=f"{int(100 * share)} % used")
            if trace is None and config.watch.canary_seconds:
                trace = _begun(config, registry, time.time)
                if trace is not None:
                    line = LineWatch(trace, alarms, status, config.watch.canary_seconds)
        if line is not None:
            line.step(now_s)
        status.flush()
        stop.wait(POLL_SECONDS)
    if trace is not None:
        trace.close()
    status.flush(force=True)
    registry.close()


def _begun(config: Config, registry: Registry, now: Callable[[], float]) -> CanaryTrace | None:
    """Begin to send test readings once there is a district in which to send them."""
    districts = sorted({district for district, _ in registry.nodes()})
    district = config.mqtt.district or next(iter(districts), None)
    if district is None:
        return None
    return CanaryTrace(config, district, config.state.directory / "watch", now)


def _code(step: Step) -> str:
    return f"line-{step.value}"
