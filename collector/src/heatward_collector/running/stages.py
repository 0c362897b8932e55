"""The entry point of every process of the collector, by name."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import signal
import threading

from heatward_collector.config import Config
from heatward_collector.running.log import start_logging
from heatward_node.errors import EXIT_CONFIGURATION, ConfigurationError
from heatward_node.stopping import told_to_stop

log = logging.getLogger(__name__)

STAGES = {
    "broker": "heatward_collector.ingest.embedded_broker",
    "ingest": "heatward_collector.ingest.process",
    "view": "heatward_collector.timeseries.process",
    "seal": "heatward_collector.ledger.process",
    "outdoor": "heatward_collector.outdoor.process",
    "timestamp": "heatward_collector.timestamps.process",
    "evaluate": "heatward_collector.evaluation.process",
    "cases": "heatward_collector.cases.process",
    "notify": "heatward_collector.cases.notify",
    "enrolment": "heatward_collector.enrolment.service",
    "watch": "heatward_collector.operations.watch",
    "display": "heatward_collector.display.process",
    "web": "heatward_collector.api.server",
}
"""Module of each stage, in the order of the data; each has ``run(config, stop)``."""
FOLLOWING = frozenset({"view", "evaluate", "display"})
"""Stages that read the ledger and can do so later."""
NICENESS, FOLLOWING_NICENESS = 5, 10
"""Of our processes behind the broker, and of those that follow the ledger. Where processors are
short, the broker, which is one thread, sets the pace of everybody, then readings are taken and
acknowledged: five steps give three times the time (sched(7))."""


def stages_of(config: Config) -> tuple[str, ...]:
    """Return the processes that a configuration needs, in the order of the data."""
    needed = {
        "broker": config.mqtt.embedded,
        "outdoor": config.outdoor.url is not None,
        "timestamp": config.timestamp.url is not None,
        "watch": not config.demo,
        "enrolment": config.enrolment.name is not None,
    }
    needed["display"] = config.display.url is not None
    return tuple(stage for stage in STAGES if needed.get(stage, True))


def run_stage(stage: str, config: Config) -> None:
    """Run one stage in this process until it is told to stop or its supervisor is gone."""
    stop = told_to_stop(signal.SIGTERM)
    # Ctrl-C reaches the whole terminal group; the supervisor turns it into an orderly stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start_logging(config.log)
    if stage != "broker":
        os.nice(FOLLOWING_NICENESS if stage in FOLLOWING else NICENESS)
    _stop_with_parent(stop)
    try:
        importlib.import_module(STAGES[stage]).run(config, stop)
    except ConfigurationError as error:
        log.error("event=configuration_refused stage=%s %s", stage, error)
        raise SystemExit(EXIT_CONFIGURATION) from error
    except Exception as error:
        # The last loop of a process: its end must stand in the log like everything else.
        log.critical("event=process_crashed stage=%s", stage, exc_info=True)
        raise SystemExit(1) from error


def _stop_with_parent(stop: threading.Event) -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        stop.set()

    threading.Thread(target=wait, name="parent-watch", daemon=True).start()
