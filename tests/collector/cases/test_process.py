"""The two processes together: a finding becomes a case, its messages arrive, all is counted."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from heatward_collector.cases import CaseStore, notify, process
from heatward_collector.cases.desk import Desk
from heatward_collector.conclusions.findings import FindingStore, Watched
from heatward_collector.config import Config, parse
from heatward_collector.core.cases import State, What
from heatward_collector.demo.case_figures import case_figures
from heatward_collector.registry import open_registry, spreadsheets
from heatward_collector.running.event_clock import DemoClock
from heatward_collector.running.status import read_status
from support.case_world import DAY, OUTAGE, SAMPLE, at
from support.receivers import until, web_receiver

NOW = at(DAY + timedelta(days=400), 12)
LATELY = replace(OUTAGE, start_s=NOW - 3 * 3600, detected_s=NOW - 3600)


def config_of(folder: Path, more: str = "") -> Config:
    """Return a demo's configuration, with its clock moved to a time that tests know."""
    config = parse(f'[state]\ndirectory = "{folder}"\n[rules]\ncity = "demo"\n{more}', base=folder)
    registry = open_registry(config)
    spreadsheets.import_folder(registry, SAMPLE)
    DemoClock(config.state.clock).move_to(NOW)
    findings = FindingStore(config.state.findings)
    findings.record([LATELY], (NOW - 86_400, NOW), NOW, batch=1)
    findings.note(Watched(NOW, NOW - 1800, 45, 45, 1.0))
    findings.close()
    return config


class Running:
    """Both processes, as threads that a test can end."""

    def __init__(self, config: Config) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=one.run, args=(config, self._stop), daemon=True)
            for one in (process, notify)
        ]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *reason: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(20)
        assert not any(thread.is_alive() for thread in self._threads)


def test_a_finding_is_a_case_that_those_in_charge_were_told_of(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    with Running(config):
        figures = case_figures(config)
    assert figures == {"opened": 1, "notified": 1, "closed": 0, "merged": 0, "still_open": 1}
    (case,) = CaseStore(open_registry(config).database).cases()
    assert case.state is State.NOTIFIED
    # Our own inbox is no delivery to a supplier: no deadline runs.
    assert case.first(What.REACHED_SUPPLIER) is None
    for name in ("cases", "notify"):
        status = read_status(config.state.status, name)
        assert status is not None
        assert status["faults"] == []


def test_a_message_that_reached_the_supplier_starts_its_deadlines(tmp_path: Path) -> None:
    with web_receiver() as web:
        (tmp_path / "channels.toml").write_text(
            f"[gateway]\nurl = {json.dumps(web.url)}\ntemplate = '$phone $title'\n"
        )
        config = config_of(tmp_path, '[alerts]\nchannels_file = "channels.toml"\n')
        registry = open_registry(config)
        way = {"person": "p-duty-1", "rank": 1, "channel": "gateway", "language": "zh"}
        registry.put({"contact": [way]})
        store = CaseStore(registry.database)
        with Running(config):
            until(lambda: any(one.first(What.REACHED_SUPPLIER) for one in store.cases()), 60)
    assert [one.body for one in web.received] == ["0451-00000001 楼栋“瑞雪家园1号楼”停热"]
    (case,) = store.cases()
    reached = case.first(What.REACHED_SUPPLIER)
    assert reached is not None
    assert reached.reason == "supplier: 青松热力调度室（示例）"


def test_what_a_person_does_is_told_and_a_dispatch_reaches_the_supplier(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    registry = open_registry(config)
    store = CaseStore(registry.database)
    with Running(config):
        case_figures(config)
    desk = Desk(store, process.secretary_of(config, registry), lambda: float(NOW))
    case = desk.do(1, "dispatch", "赵六", "电话")
    assert case.state is State.DISPATCHED
    assert case.first(What.REACHED_SUPPLIER) is not None
    closed = desk.do(1, "close", "赵六", "误报")
    assert closed.state is State.CLOSED
