"""Fields for files: a browser names their button in its own language, so the page says the rest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from heatward_collector import api
from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.config import parse
from heatward_collector.registry import open_registry, spreadsheets
from support.findings_board import PaperFindingRoom
from support.sample_pages import SampleOnPaper
from support.signed_in import sign_in
from support.street import NOW_S, every_standing

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
LABEL = re.compile(r"<label>.*?</label>", re.S)
LABEL_OR_FIELD = re.compile(r"<label>.*?</label>|<input[^>]*>", re.S)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path_factory.mktemp("state")}"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    room = SampleOnPaper(tuple(every_standing()))
    app = create_app(config, room, lambda: float(NOW_S), PaperFindingRoom())
    return TestClient(app, base_url="https://heat.example", follow_redirects=False)


def label_of_file(page: str) -> str:
    (label,) = [one for one in LABEL.findall(page) if 'type="file"' in one]
    return re.sub(r"<[^>]+>", "", label)


@pytest.mark.parametrize(
    ("role", "scope", "address", "zh", "en"),
    [
        (
            *(Role.STREET, "st-songhua", "/complaints/import"),
            "热线系统导出的 CSV 或 XLSX 请在下面选一个文件，不超过 23 MB。",
            "CSV or XLSX, as the hotline exports it Choose one file of at most 23 MB below.",
        ),
        (
            *(Role.STREET, "st-songhua", "/spot-checks/new"),
            "13. 仪器现场照片 （可不填） 请在下面选一张照片（JPEG 或 PNG），不超过 12 MB。",
            "13. Photo of the thermometer in its place (may stay empty) "
            "Choose a JPEG or PNG of at most 12 MB below.",
        ),
        (
            *(Role.OPERATOR, "", "/registry"),
            "CSV 文件，文件名就是表名，例如 building.csv "
            "请在下面选文件，可一次选多个：最多 60 个，合计不超过 23 MB。",
            "CSV files, each named for its table, such as building.csv "
            "Choose up to 60 files below, together at most 23 MB.",
        ),
    ],
)
def test_a_page_says_which_files_and_how_large(
    client: TestClient, role: Role, scope: str, address: str, zh: str, en: str
) -> None:
    sign_in(client, role, scope)
    assert label_of_file(client.get(f"{address}?lang=zh").text) == zh
    assert label_of_file(client.get(f"{address}?lang=en").text) == en


def test_no_field_for_files_stands_without_its_limit() -> None:
    templates = Path(api.__file__).parent.rglob("*.html")
    found = [
        label
        for template in templates
        for label in LABEL_OR_FIELD.findall(template.read_text("utf-8"))
        if 'type="file"' in label
    ]
    assert len(found) >= 4
    for label in found:
        assert label.startswith("<label>") and "most=most_mb_of_" in label, label
