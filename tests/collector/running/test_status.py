"""The status file of a process: whole at every moment, with faults that come and go."""

from __future__ import annotations

from pathlib import Path

from heatward_collector.running.status import StatusWriter, read_status

FAULT = ("disk_full", "磁盘已满。", "The disk is full.", "请清理磁盘。", "Make room.")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_is_reported_can_be_read(tmp_path: Path):
    status = StatusWriter(tmp_path / "status", "ingest", Clock())
    status.stage("ledger", 1.5, "batch 7")
    status.count({"records": 12})
    status.count({"records": 15, "gaps": 1})
    status.fault(*FAULT)
    status.flush()
    told = read_status(tmp_path / "status", "ingest")
    assert told is not None
    assert told["process"] == "ingest"
    assert told["updated_at"] == 100.0
    assert told["stages"]["ledger"] == {
        "last_success": 100.0,
        "lag_seconds": 1.5,
        "detail": "batch 7",
    }
    assert told["counters"] == {"records": 15, "gaps": 1}
    assert [fault["code"] for fault in told["faults"]] == ["disk_full"]
    assert told["faults"][0]["remedy_zh"] == "请清理磁盘。"


def test_a_stage_that_is_expected_is_listed_until_it_succeeds(tmp_path):
    writer = StatusWriter(tmp_path, "ingest", lambda: 7.0)
    writer.expect("nodes")
    writer.flush(force=True)
    assert read_status(tmp_path, "ingest")["stages"]["nodes"]["last_success"] is None
    writer.stage("nodes", detail="1 of 2")
    writer.expect("nodes")
    writer.flush(force=True)
    assert read_status(tmp_path, "ingest")["stages"]["nodes"]["detail"] == "1 of 2"


def test_a_fault_goes_when_it_is_over(tmp_path: Path):
    status = StatusWriter(tmp_path, "ingest", Clock())
    status.fault(*FAULT)
    status.clear_fault("disk_full")
    status.clear_fault("never_raised")
    status.flush()
    told = read_status(tmp_path, "ingest")
    assert told is not None
    assert told["faults"] == []


def test_the_file_is_written_once_a_second_unless_forced(tmp_path: Path):
    clock = Clock()
    status = StatusWriter(tmp_path, "ingest", clock)

    def records() -> int:
        told = read_status(tmp_path, "ingest")
        assert told is not None
        return int(told["counters"]["records"])

    for value, now, force, seen in [
        (1, 100.0, False, 1),
        (2, 100.5, False, 1),
        (3, 100.6, True, 3),
        (4, 101.0, False, 3),
        (5, 101.7, False, 5),
    ]:
        clock.now = now
        status.count({"records": value})
        status.flush(force)
        assert records() == seen


def test_a_process_that_never_spoke_and_a_broken_file_are_nothing(tmp_path: Path):
    assert read_status(tmp_path, "ingest") is None
    (tmp_path / "ingest.json").write_text('{"process": "ing', encoding="utf-8")
    assert read_status(tmp_path, "ingest") is None


def test_no_half_file_is_ever_there(tmp_path: Path):
    status = StatusWriter(tmp_path, "ingest", Clock())
    status.flush()
    assert [path.name for path in tmp_path.iterdir()] == ["ingest.json"]
