"""Results are kept by what they are about, and the page shows each run."""

from __future__ import annotations

from pathlib import Path

import pytest

from heatward_collector.torture import campaign, report
from heatward_collector.torture.campaign import Plan, Results, totals
from heatward_collector.torture.runs import Outcome

RIGHT = Outcome("F1", 0, 5.0, {"readings": 7, "lost": 0})
WRONG = Outcome("F3", 0, 6.0, {"readings": 3, "lost": 1}, ("1 x of a journal <b>",))


def test_results_are_known_again_only_of_the_same_sources(tmp_path: Path, monkeypatch) -> None:
    Results(tmp_path).add(RIGHT)
    Results(tmp_path).add(WRONG)
    assert Results(tmp_path).known() == {("F1", 0): RIGHT, ("F3", 0): WRONG}
    monkeypatch.setattr(campaign, "sources_hash", lambda: "other")
    assert Results(tmp_path).known() == {}


def test_a_resumed_campaign_runs_only_what_is_missing(tmp_path: Path, monkeypatch) -> None:
    played = []

    def run(fault: str, seed: int, keep: Path, patience: float) -> Outcome:
        played.append((fault, seed))
        return Outcome(fault, seed, 1.0)

    monkeypatch.setattr(campaign, "run", run)
    monkeypatch.setattr(campaign, "preload", lambda: None)
    results, told = Results(tmp_path), []
    results.add(RIGHT)
    plan = Plan(["F1", "F3"], range(2), lines=2)
    outcomes = campaign.play(plan, results, True, told.append)
    assert sorted(played) == [("F1", 1), ("F3", 0), ("F3", 1)]
    assert [(one.fault, one.seed) for one in outcomes] == plan.runs()
    assert outcomes[0] == RIGHT
    assert len(told) == 4
    campaign.play(plan, results, True, told.append)
    assert len(played) == 3
    campaign.play(plan, results, False, told.append)
    assert len(played) == 7


def test_what_ends_a_line_is_told_and_the_outcomes_before_it_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(fault: str, seed: int, *_: object) -> Outcome:
        if seed == 1:
            raise MemoryError("no room left")
        return Outcome(fault, seed, 1.0, {}, ())

    monkeypatch.setattr(campaign, "run", run)
    monkeypatch.setattr(campaign, "preload", lambda: None)
    results = Results(tmp_path)
    with pytest.raises(MemoryError, match="no room left"):
        campaign.play(Plan(["F1"], range(3), 1), results, False, lambda _: None)
    assert list(results.known()) == [("F1", 0)]


def test_a_fault_may_end_before_the_others() -> None:
    plan = Plan(["K1", "K2"], range(2, 5), ends={"K2": 3})
    assert plan.runs() == [("K1", 2), ("K2", 2), ("K1", 3), ("K1", 4)]


def test_kills_are_told_by_process_most_often_first() -> None:
    outcomes = [
        Outcome("K1", 0, 1.0, {"killed_view": 4, "killed_ingest": 20}),
        Outcome("K1", 1, 1.0, {"killed_view": 4, "killed_ingest": 1_020, "readings": 3}),
    ]
    assert report.kills(totals(outcomes)) == "ingest 1,040, view 8"
    assert "<th>kill -9<td>ingest 1,040, view 8" in report.page(outcomes, "abc", 1.0, 0.0)
    assert "kill -9" not in report.page([RIGHT], "abc", 1.0, 0.0).partition("<h2>")[0]


def test_the_page_names_commit_counts_and_what_is_wrong() -> None:
    page = report.page([RIGHT, WRONG], "abc123+", 90.0, 1_790_000_000)
    assert "1 of 2 wrong" in page
    assert "abc123+" in page
    assert "1.5 min" in page
    assert "<td>10" in page
    assert "heatward torture --faults F3 --seeds 0:1" in page
    assert "&lt;b&gt;" in page
    assert page.count("<rect") == 2
    assert totals([RIGHT, WRONG]) == {"readings": 10, "lost": 1}
