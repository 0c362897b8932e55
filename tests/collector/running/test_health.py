"""The health of the line, from the status files of real processes' writers."""

from pathlib import Path

import pytest

from heatward_collector.config import Config, Mqtt, State
from heatward_collector.running import health
from heatward_collector.running.health import examine, written_bytes
from heatward_collector.running.stages import STAGES, stages_of
from heatward_collector.running.status import StatusWriter

PROCESSES = tuple(STAGES)
NOW_S = 1_764_000_000.0


def report(folder: Path, process: str, at: float = NOW_S) -> StatusWriter:
    writer = StatusWriter(folder / "status", process, lambda: at)
    writer.stage(f"{process}-stage", lag_seconds=1.5, detail="fine")
    writer.flush(force=True)
    return writer


def config_of(folder: Path) -> Config:
    return Config(state=State(folder))


def test_a_line_whose_processes_all_report_is_healthy(tmp_path: Path) -> None:
    for process in PROCESSES:
        report(tmp_path, process)
    found = examine(config_of(tmp_path), NOW_S + 2)
    assert found.healthy
    assert [stage.process for stage in found.stages] == list(PROCESSES)
    assert (found.stages[0].lag_seconds, found.stages[0].detail) == (1.5, "fine")


def test_a_process_that_never_reported_and_one_that_stopped_are_faults_with_a_remedy(
    tmp_path: Path,
) -> None:
    for process in PROCESSES[:-1]:
        report(tmp_path, process, NOW_S - (31 if process == "view" else 0))
    faults = examine(config_of(tmp_path), NOW_S).faults
    assert [(fault.process, fault.code) for fault in faults] == [
        ("view", "process_silent"),
        ("web", "process_silent"),
    ]
    assert "heatward run" in faults[0].remedy_zh and "heatward run" in faults[0].remedy_en


def test_the_faults_of_a_process_keep_both_languages(tmp_path: Path) -> None:
    for process in PROCESSES:
        report(tmp_path, process)
    writer = report(tmp_path, "ingest")
    writer.fault("broker_away", "连不上", "cannot connect", "检查地址", "check the address")
    writer.flush(force=True)
    (fault,) = examine(config_of(tmp_path), NOW_S).faults
    assert (fault.text_zh, fault.remedy_en) == ("连不上", "check the address")
    writer.clear_fault("broker_away")
    writer.flush(force=True)
    assert examine(config_of(tmp_path), NOW_S).healthy


def test_a_broken_status_file_counts_as_silence_not_as_a_crash(tmp_path: Path) -> None:
    for process in PROCESSES:
        report(tmp_path, process)
    for text in ("{", "[]", '{"updated_at": "x"}', "\x00\xff"):
        (tmp_path / "status" / "view.json").write_text(text)
        (fault,) = examine(config_of(tmp_path), NOW_S).faults
        assert (fault.process, fault.code) == ("view", "process_silent")


def test_a_nearly_full_disk_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for process in PROCESSES:
        report(tmp_path, process)
    monkeypatch.setattr(health, "DISK_FREE_BYTES", 10**18)
    (fault,) = examine(config_of(tmp_path), NOW_S).faults
    assert fault.code == "disk_nearly_full"
    assert str(tmp_path) in fault.text_en


def test_a_state_folder_that_does_not_exist_yet_can_be_examined(tmp_path: Path) -> None:
    found = examine(config_of(tmp_path / "not" / "yet"), NOW_S)
    assert {fault.process for fault in found.faults} == set(stages_of(Config()))
    assert found.disk_total_bytes > 0


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (1500, "2 kB"), (2_000_000, "2 MB"), (83_700_000_000, "83.7 GB")],
)
def test_bytes_are_written_as_people_read_them(count: int, text: str) -> None:
    assert written_bytes(count) == text


def test_what_an_older_configuration_left_behind_is_not_a_fault(tmp_path: Path) -> None:
    for process in PROCESSES:
        report(tmp_path, process, NOW_S - (3600 if process == "broker" else 0))
    remote = Config(state=State(tmp_path), mqtt=Mqtt(url="mqtt://broker"))
    found = examine(remote, NOW_S)
    assert found.healthy
    assert "broker" not in found.reported
    assert not examine(config_of(tmp_path), NOW_S).healthy


def test_a_disk_that_fills_is_said_before_anything_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for process in PROCESSES:
        report(tmp_path, process)

    def at(used: int) -> health.Health:
        usage = type(health.shutil.disk_usage(tmp_path))
        # What the system reserves for itself is neither used nor free.
        sizes = usage(150 * 10**9, used * 10**9, (100 - used) * 10**9)
        monkeypatch.setattr(health.shutil, "disk_usage", lambda _: sizes)
        return examine(config_of(tmp_path), NOW_S + 2)

    assert at(69).notices == ()
    (notice,) = at(70).notices
    assert (notice.code, at(70).healthy) == ("disk_filling", True)
    assert "70 % full" in notice.text_en and "30.0 GB" in notice.text_en
    assert at(96).notices == ()  # then it is a fault
    assert "disk_nearly_full" in {fault.code for fault in at(96).faults}
