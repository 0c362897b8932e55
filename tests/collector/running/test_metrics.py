"""Prometheus metrics, parsed back by Prometheus' own parser."""

from pathlib import Path

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from heatward_collector.api.app import create_app
from heatward_collector.config import Config, State
from heatward_collector.running.stages import STAGES
from heatward_collector.running.status import StatusWriter
from support.street import PaperReadingRoom, every_standing

PROCESSES = tuple(STAGES)
NOW_S = 1_764_000_000.0
LABELS = ("process", "stage", "code")


def client_of(folder: Path) -> TestClient:
    config = Config(state=State(folder))
    app = create_app(config, PaperReadingRoom(every_standing()), lambda: NOW_S)
    return TestClient(app, base_url="http://127.0.0.1:8080", client=("127.0.0.1", 50_000))


def samples(client: TestClient) -> dict[tuple[str, str], float]:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (
            sample.name,
            "/".join(sample.labels[k] for k in LABELS if k in sample.labels),
        ): sample.value
        for family in families
        for sample in family.samples
    }


def healthy_line(folder: Path) -> StatusWriter:
    for process in PROCESSES:
        writer = StatusWriter(folder / "status", process, lambda: NOW_S)
        writer.stage("stage", lag_seconds=2.5)
        writer.count({"readings stored": 7, "repeats_total": 1, "batches_behind": 3})
        writer.flush(force=True)
    return writer


def test_stages_counters_and_health_are_exposed(tmp_path: Path) -> None:
    healthy_line(tmp_path)
    found = samples(client_of(tmp_path))
    assert found["heatward_stage_lag_seconds", "ingest/stage"] == 2.5
    assert found["heatward_stage_last_success_timestamp_seconds", "view/stage"] == NOW_S
    assert found["heatward_readings_stored_total", "ingest"] == 7
    assert found["heatward_repeats_total", "web"] == 1
    assert found["heatward_batches_behind", "view"] == 3  # it falls again: a gauge
    assert found["heatward_healthy", ""] == 1
    assert not [key for key in found if key[0] == "heatward_fault"]


def test_a_fault_is_a_metric_and_makes_healthz_answer_503(tmp_path: Path) -> None:
    writer = healthy_line(tmp_path)
    client = client_of(tmp_path)
    assert client.get("/healthz").json() == {"healthy": True, "faults": []}
    writer.fault("stuck", "卡住", "stuck", "重启", "restart")
    writer.flush(force=True)
    found = samples(client)
    assert found["heatward_fault", "web/stuck"] == 1
    assert found["heatward_healthy", ""] == 0
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["faults"] == [{"process": "web", "code": "stuck"}]


def test_two_processes_may_count_the_same_thing(tmp_path: Path) -> None:
    healthy_line(tmp_path)
    text = client_of(tmp_path).get("/metrics").text
    assert text.count("# TYPE heatward_readings_stored_total counter") == 1
