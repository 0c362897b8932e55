"""Importing the registry on a page: first what would change, then only what was shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.config import parse
from heatward_collector.registry import open_registry, spreadsheets
from support.findings_board import PaperFindingRoom
from support.signed_in import SignedIn, sign_in
from support.street import NOW_S, PaperReadingRoom

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
RENAMED = "id,name_zh,name_en\nsample,新区,New District\n".encode()


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    app = create_app(config, PaperReadingRoom(()), lambda: float(NOW_S), PaperFindingRoom())
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


def send(client: TestClient, who: SignedIn, name: str, data: bytes, **form: str):
    files = [("files", (name, data, "text/csv"))]
    return client.post("/registry?lang=en", data={"csrf": who.csrf, **form}, files=files)


def name_of_district(client: TestClient) -> str:
    return client.app.state.door.directory().name("district", "sample")


def test_a_preview_changes_nothing_and_an_import_only_what_was_shown(client: TestClient) -> None:
    who = sign_in(client, Role.OPERATOR)
    shown = send(client, who, "district.csv", RENAMED, deed="preview").text
    assert "1 row would change" in shown and "~ district sample" in shown
    assert name_of_district(client) == "示例区"
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version is not None
    done = send(client, who, "district.csv", RENAMED, deed="import", version=version[1])
    assert "Imported" in done.text
    assert name_of_district(client) == "新区"
    assert client.app.state.door.accounts.audit.newest(1)[0].target == "district +0 ~1"
    late = send(client, who, "district.csv", RENAMED, deed="import", version=version[1])
    assert "Imported" not in late.text


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("district.csv", b"id,name_zh\n,x\n"),
        ("king.csv", RENAMED),
        ("district.exe", RENAMED),
        ("../../district.csv", b"\xff\xfe\x00"),
    ],
)
def test_a_faulty_file_is_named_and_nothing_taken(
    client: TestClient, name: str, data: bytes
) -> None:
    who = sign_in(client, Role.OPERATOR)
    answer = send(client, who, name, data, deed="import", version="1")
    assert answer.status_code == 422
    assert "Nothing was taken over" in answer.text
    assert name_of_district(client) == "示例区"
