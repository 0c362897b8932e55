"""The timestamp process: has the ledger's head stamped at its interval, where that is set up."""

from __future__ import annotations

import logging
import threading

from heatward_collector.config import Config
from heatward_collector.errors import TimestampRefused
from heatward_collector.locale import CHINESE, ENGLISH, message, texts
from heatward_collector.running.status import StatusWriter
from heatward_collector.timestamps.stamp import stamp

RETRY_S = 600.0
"""After a refusal, or where the ledger is still empty, it is tried so much later. [s]"""

log = logging.getLogger(__name__)


def run(config: Config, stop: threading.Event) -> None:
    """Stamp the ledger's head until told to stop."""
    status = StatusWriter(config.state.status, "timestamp")
    while not stop.is_set():
        wait_s = 3600.0 * config.timestamp.interval_hours
        try:
            is_stamped = report(config, status)
        except TimestampRefused as error:
            _report_fault(status, str(error).splitlines()[0])
            is_stamped = False
        if not is_stamped:
            wait_s = min(wait_s, RETRY_S)
        status.wait(stop, wait_s)
    status.flush(force=True)


def report(config: Config, status: StatusWriter) -> bool:
    """Stamp the head once, and say which one it is; False where there is none yet.

    Raises TimestampRefused.
    """
    made = stamp(config)
    head = "batch 0" if made is None else f"batch {made.head.batch} {made.head.digest[:12]}"
    status.stage("stamped", detail=head)
    status.clear_fault("timestamp_away")
    return made is not None


def _report_fault(status: StatusWriter, detail: str) -> None:
    log.warning("event=timestamp_away detail=%s", detail)
    text = message("No outside timestamp of the ledger: %(detail)s")
    remedy = message("Check [timestamp] url, ca_file and the network; evidence goes without it.")
    zh, en = texts(CHINESE), texts(ENGLISH)
    status.fault(
        "timestamp_away", zh(text, detail=detail), en(text, detail=detail), zh(remedy), en(remedy)
    )
