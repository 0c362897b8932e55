"""Many kills at once on a real line: the books are right, and each kill is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatward_collector.torture.kills import kill_rounds, outward_kills, side_kills
from heatward_collector.torture.kills.kill_rounds import (
    KILL_RUNS,
    LINE_KILLS,
    OFFICE_KILLS,
    OUTWARD_KILLS,
    SIDE_KILLS,
)
from heatward_collector.torture.line.processes import preload
from heatward_collector.torture.runs import run

pytestmark = pytest.mark.broker
PATIENCE = 12.0
"""Other work may share this machine."""
FEW = {"ingest": 3, "view": 1, "evaluate": 1, "node": 1, "broker": 1, "store": 1}


def test_all_runs_make_a_thousand_kills_of_ingest_and_200_of_each_other() -> None:
    assert KILL_RUNS["K1"] * LINE_KILLS["ingest"] == 1_000
    others = {name: KILL_RUNS["K1"] * n for name, n in LINE_KILLS.items() if name != "ingest"}
    office = {name: KILL_RUNS["K2"] * n for name, n in OFFICE_KILLS.items()}
    beside = {name: KILL_RUNS["K3"] * n for name, n in SIDE_KILLS.items()}
    outward = {name: KILL_RUNS["K4"] * n for name, n in OUTWARD_KILLS.items()}
    assert set((others | office | beside | outward).values()) == {200}


def test_kills_of_everything_at_once_leave_even_books(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(kill_rounds, "LINE_KILLS", FEW)
    preload()
    outcome = run("K1", 1, tmp_path / "failed", PATIENCE)
    assert outcome.problems == ()
    assert outcome.counts["readings"] > 0
    assert outcome.counts["points"] == outcome.counts["readings"]
    assert {name: outcome.counts[f"killed_{name}"] for name in FEW} == FEW


def test_kills_of_cases_and_notifier_leave_nobody_untold(tmp_path: Path, monkeypatch) -> None:
    few = {"cases": 2, "notify": 2}
    monkeypatch.setattr(kill_rounds, "OFFICE_KILLS", few)
    preload()
    outcome = run("K2", 1, tmp_path / "failed", PATIENCE)
    assert outcome.problems == ()
    assert {name: outcome.counts[f"killed_{name}"] for name in few} == few


def test_kills_of_sealing_watch_pages_and_display_leave_even_books(
    tmp_path: Path, monkeypatch
) -> None:
    few = {"seal": 2, "watch": 2, "web": 1, "display": 1}
    monkeypatch.setattr(side_kills, "KILLS", few)
    preload()
    outcome = run("K3", 1, tmp_path / "failed", PATIENCE)
    assert outcome.problems == ()
    assert all(outcome.counts[f"killed_{name}"] >= count for name, count in few.items())


def test_kills_of_what_speaks_with_others_leave_nothing_half_done(
    tmp_path: Path, monkeypatch
) -> None:
    few = {"outdoor": 2, "timestamp": 2, "enrolment": 3}
    monkeypatch.setattr(outward_kills, "KILLS", few)
    preload()
    outcome = run("K4", 1, tmp_path / "failed", PATIENCE)
    assert outcome.problems == ()
    assert all(outcome.counts[f"killed_{name}"] >= count for name, count in few.items())
