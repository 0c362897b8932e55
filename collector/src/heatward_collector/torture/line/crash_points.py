"""Named points of the real code at which a process is killed: before or after some call of it."""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """A call, which time it is made, and on which side of it the process dies."""

    name: str
    module: str
    function: str
    """``Class.method``."""
    is_after: bool = False
    call: int = 1

    def at(self, call: int) -> CrashPoint:
        """Return the same point at a later call."""
        return replace(self, call=call)


_WRITER = "heatward_collector.ledger.write"
_SESSION = "heatward_collector.ingest.session"
_LINK = "heatward_collector.ingest.link"
_VERDICTS = "heatward_collector.conclusions.verdicts"
INGEST = (
    CrashPoint("before the insert", _WRITER, "LedgerWriter.commit"),
    CrashPoint("after the commit", _WRITER, "LedgerWriter.commit", True),
    CrashPoint("after the commit, before any answer", _SESSION, "Session.commit", True),
    CrashPoint("before the acks", _LINK, "Link.answer"),
    CrashPoint("after the acks", _LINK, "Link.answer", True),
    CrashPoint("before the PUBACKs", _LINK, "Link.pubacks"),
    CrashPoint("after the PUBACKs", _LINK, "Link.pubacks", True),
)
"""Of a message on its way into the ledger."""
VIEW = (
    CrashPoint("before the write", "heatward_collector.timeseries.process", "View._write"),
    CrashPoint("after the write", "heatward_collector.timeseries.process", "View._write", True),
    CrashPoint("after the cursor", "heatward_collector.readings.follow", "Follower.done", True),
)
EVALUATE = (
    CrashPoint("before the cursor", "heatward_collector.readings.follow", "Follower.done"),
    CrashPoint("after the cursor", "heatward_collector.readings.follow", "Follower.done", True),
    CrashPoint("before a verdict", _VERDICTS, "VerdictStore.record"),
    CrashPoint("after a verdict", _VERDICTS, "VerdictStore.record", True),
    CrashPoint("after a save", "heatward_collector.evaluation.window", "Window.save", True),
)
_SECRETARY = "heatward_collector.cases.secretary"
CASES = (
    CrashPoint("before a look", "heatward_collector.cases.watch", "CaseWatch.look"),
    CrashPoint("between case and message", _SECRETARY, "Secretary.tell"),
    CrashPoint("after a message, before the commit", _SECRETARY, "Secretary.tell", True),
    CrashPoint("after a look", "heatward_collector.cases.watch", "CaseWatch.look", True),
)
_GATEWAY = "heatward_collector.alerts.gateway"
_OUTBOX = "heatward_collector.alerts.outbox"
NOTIFY = (
    CrashPoint("before sending", _GATEWAY, "Gateway.send"),
    CrashPoint("after the answer", _GATEWAY, "Gateway.send", True),
    CrashPoint("before the mark", _OUTBOX, "Outbox.sent"),
    CrashPoint("after the mark", _OUTBOX, "Outbox.sent", True),
)
_TRACE = "heatward_collector.operations.canary_trace"
WATCH = (
    CrashPoint("before a test reading", _TRACE, "CanaryTrace.send"),
    CrashPoint("after a test reading", _TRACE, "CanaryTrace.send", True),
    CrashPoint(
        "after a look at the disks", "heatward_collector.operations.disks", "DiskWatch.look", True
    ),
)
_DISPLAY = "heatward_collector.display.process"
DISPLAY = (
    CrashPoint("before a write", _DISPLAY, "Display._write"),
    CrashPoint("after a write", _DISPLAY, "Display._write", True),
)
_TEMPERATURES = "heatward_collector.outdoor.temperatures"
OUTDOOR = (
    CrashPoint("before values are kept", _TEMPERATURES, "OutdoorStore.put"),
    CrashPoint("after values are kept", _TEMPERATURES, "OutdoorStore.put", True),
)
_STAMP = "heatward_collector.timestamps.stamp"
TIMESTAMP = (
    CrashPoint("before an answer is kept", _STAMP, "Timestamps.keep"),
    CrashPoint("after an answer is kept", _STAMP, "Timestamps.keep", True),
)
_OFFICE, _BOOK = "heatward_collector.enrolment.office", "heatward_collector.enrolment.book"
ENROLMENT = (
    CrashPoint("before a code is used up", _BOOK, "Book.use_code"),
    CrashPoint("before a certificate is noted", _BOOK, "Book.add_certificate"),
    CrashPoint("after a certificate is noted", _BOOK, "Book.add_certificate", True),
    CrashPoint("after the commit, before the answer", _OFFICE, "Office.enrol", True),
)
ALL = (
    *(*INGEST, *VIEW, *EVALUATE, *CASES, *NOTIFY, *WATCH, *DISPLAY),
    *(*OUTDOOR, *TIMESTAMP, *ENROLMENT),
)


def die_at(point: CrashPoint) -> None:
    """Let this process kill itself with SIGKILL at a point."""
    owner_name, _, method = point.function.partition(".")
    owner = getattr(importlib.import_module(point.module), owner_name)
    setattr(owner, method, _deadly(getattr(owner, method), point))


def _deadly(function: Callable[..., Any], point: CrashPoint) -> Callable[..., Any]:
    calls = 0

    @wraps(function)
    def deadly(*arguments: Any, **keywords: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == point.call and not point.is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*arguments, **keywords)
        if calls == point.call and point.is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return deadly
