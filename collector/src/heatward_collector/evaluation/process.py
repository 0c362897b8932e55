"""The evaluate process: the ledger followed, days judged, findings looked for, and what it says."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.conclusions.placements import PlacementStore
from heatward_collector.conclusions.verdicts import VerdictStore
from heatward_collector.config import Config
from heatward_collector.evaluation.evaluation import Evaluation
from heatward_collector.evaluation.midnights import Midnights
from heatward_collector.evaluation.paced_judging import PacedJudging
from heatward_collector.evaluation.paced_watch import PIECE_SECONDS
from heatward_collector.evaluation.placement_watch import PlacementWatch
from heatward_collector.evaluation.suppression_watch import SuppressionWatch
from heatward_collector.evaluation.window import Window
from heatward_collector.ledger import LedgerReader
from heatward_collector.readings.follow import Follower
from heatward_collector.registry import open_registry
from heatward_collector.rules import load_standard
from heatward_collector.running.event_clock import clock_of
from heatward_collector.running.status import StatusWriter

POLL_SECONDS = 0.2
TICK_SECONDS = 60.0
SAVE_SECONDS = 60.0
QUIET_SECONDS = 1.0
"""A backlog is judged once nothing new has come for this long, or at the next tick."""


@dataclass(slots=True)
class _Last:
    """When something new came, was judged, was saved. [s of the monotonic clock]"""

    busy_s: float = 0.0
    judged_s: float = 0.0
    saved_s: float = 0.0

    def wants_judgement(self, now_s: float, waiting: int) -> bool:
        """Say whether to judge: something waits and nothing new came for a while, or it is time."""
        is_quiet = now_s - self.busy_s >= QUIET_SECONDS and waiting > 0
        return is_quiet or now_s - self.judged_s >= TICK_SECONDS

    def wants_saving(self, now_s: float) -> bool:
        """Say whether it is time to save."""
        return now_s - self.saved_s >= SAVE_SECONDS


def run(config: Config, stop: threading.Event) -> None:
    """Follow the ledger and judge until told to stop."""
    status = StatusWriter(config.state.status, "evaluate")
    follower = Follower(
        config.state.directory / "evaluate.sqlite",
        LedgerReader(config.state.ledger),
        open_registry(config),
        config.mqtt.district,
    )
    window = Window(config.state.window, follower.directory.points.ids)
    verdicts = VerdictStore(config.state.verdicts)
    findings = FindingStore(config.state.findings)
    standard = load_standard(config.rules.city, config.rules.file)
    midnights = Midnights(config.state.midnights)
    watch = SuppressionWatch(follower, window, findings, midnights, standard, status.flush)
    clock = clock_of(config)
    evaluation = Evaluation(follower, window, verdicts, standard, clock, watch, PIECE_SECONDS)
    placements = PlacementWatch(follower, PlacementStore(config.state.placements), standard)
    judging, last = PacedJudging(evaluation.judging), _Last()
    while not stop.is_set():
        busy, now = evaluation.step(), time.monotonic()
        last.busy_s = now if busy else last.busy_s
        if last.wants_judgement(now, evaluation.waiting):
            judging.begin()
        if judging.go_on(busy) is not None:
            last.judged_s = time.monotonic()
            _report_judged(status, evaluation, findings)
            _look_at_placements(status, placements, clock())
        if last.wants_saving(now):
            evaluation.save()
            last.saved_s = now
        _report_window(status, evaluation, follower, clock())
        if not (evaluation.go_on_looking(busy) or judging.is_judging or busy):
            stop.wait(POLL_SECONDS)
    evaluation.save()
    status.flush(force=True)
    for one in (follower, verdicts, findings):
        one.close()


def _report_window(
    status: StatusWriter, evaluation: Evaluation, follower: Follower, now_s: float
) -> None:
    """Say how far the window is behind the ledger."""
    detail = f"batch {follower.batch}, {follower.lag} behind"
    status.stage("window", follower.lag_seconds(now_s), detail)
    behind = {"batches_behind": follower.lag, "days_waiting": evaluation.waiting}
    status.count({**evaluation.counters, **behind})
    status.flush()


def _look_at_placements(status: StatusWriter, watch: PlacementWatch, now_s: float) -> None:
    """Look where sensors hang, where a day is over, and say how many are doubted."""
    doubts = watch.look(now_s)
    if doubts is not None:
        status.count({"placement_doubts": doubts})
    status.count({"placement_rooms_left_out": watch.left_out})


def _report_judged(status: StatusWriter, evaluation: Evaluation, findings: FindingStore) -> None:
    """Say how many verdicts are new, how many findings last, and how long the newest look took."""
    status.stage("verdicts", detail=f"{evaluation.counters['verdicts']} new or changed")
    count, took_ms = findings.open_count(), evaluation.counters["findings_look_milliseconds"]
    evaluation.counters["findings_open"] = count
    status.stage("findings", detail=f"{count} open, {took_ms / 1000:.2f} s a look")
