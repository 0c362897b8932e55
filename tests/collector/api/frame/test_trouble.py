"""What people are told whom no page can be made for: in their language, with what to do now."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from heatward_collector.api.app import create_app
from heatward_collector.api.frame.trouble import WORDS
from heatward_collector.api.rights.door import SESSION_COOKIE
from heatward_collector.config import parse
from heatward_collector.errors import StoreError
from heatward_collector.locale import texts
from support.street import NOW_S, PaperReadingRoom, every_standing

SECRET = "h0001 of somebody"
AWAY = OperationalError(f"SELECT {SECRET}", {"name": SECRET}, ConnectionError("refused"))


class FailingRoom(PaperReadingRoom):
    """Cannot be read from the day on which ``error`` was set."""

    error: Exception | None = None

    def building(self, building_id: str, days: int):
        if self.error is not None:
            raise self.error
        return super().building(building_id, days)


@pytest.fixture
def room() -> FailingRoom:
    return FailingRoom(tuple(every_standing()))


@pytest.fixture
def client(tmp_path: Path, room: FailingRoom) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[rules]\ncity = "demo"')
    app = create_app(config, room, lambda: float(NOW_S))
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("error", "status"), [(StoreError("away"), 503), (AWAY, 503), (KeyError(SECRET), 500)]
)
def test_a_page_that_cannot_be_made_says_what_to_do(
    client: TestClient, room: FailingRoom, language: str, error: Exception, status: int
) -> None:
    room.error = error
    answer = client.get(f"/building/b-02?days=7&lang={language}")
    assert answer.status_code == status
    say = texts(language)
    assert all(say(words) in unescape(answer.text) for words in WORDS[status])
    assert f'lang="{say.html_language}"' in answer.text
    assert f'href="/building/b-02?days=7&amp;lang={language}"' in answer.text
    assert SECRET not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_programs_are_told_without_words_of_the_database(
    client: TestClient, room: FailingRoom
) -> None:
    room.error = AWAY
    answer = client.get("/api/v1/buildings/b-02")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.json() == {"detail": "the database is away or busy: ConnectionError"}


def test_a_mistake_is_told_to_programs_without_a_page(
    client: TestClient, room: FailingRoom
) -> None:
    room.error = KeyError("ours")
    answer = client.get("/api/v1/buildings/b-02")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_file_that_is_too_large_is_refused_in_words(client: TestClient, language: str) -> None:
    client.cookies.set(SESSION_COOKIE, "any")
    answer = client.post(
        f"/complaints/import?lang={language}", headers={"Content-Length": str(10**9)}
    )
    assert answer.status_code == 413
    assert texts(language)(WORDS[413][0]) in answer.text
    # A link would not send the form again.
    assert 'class="button"' not in answer.text


def test_an_address_that_only_takes_a_form_is_a_missing_page(client: TestClient) -> None:
    answer = client.get("/logout?lang=en")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "This page does not exist" in answer.text
