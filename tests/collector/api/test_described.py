"""The API against its own description: whatever the description allows, and what it does not.

HEATWARD_EXAMPLES asks for more than a test run has time for.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import unsupported_method

from heatward_collector.accounts import Role
from heatward_collector.api.app import create_app
from heatward_collector.config import parse
from heatward_collector.registry import open_registry, spreadsheets
from support.findings_board import PaperFindingRoom, every_state
from support.signed_in import sign_in
from support.street import NOW_S, PaperReadingRoom, every_standing

SAMPLE = Path(spreadsheets.__file__).with_name("sample")
ANSWERS = {200, 401, 404, 405, 422, 503}
"""An API of readings has no other; a server error that is none of these is our mistake."""
LEFT_OUT = [not_a_server_error, unsupported_method]
EXAMPLES = int(os.environ.get("HEATWARD_EXAMPLES", "8"))
"""For each question of the API."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    config = parse(f'[state]\ndirectory = "{tmp_path_factory.mktemp("described")}"')
    spreadsheets.import_folder(open_registry(config), SAMPLE)
    room = PaperReadingRoom(every_standing())
    return create_app(config, room, lambda: float(NOW_S), PaperFindingRoom(every_state()))


@pytest.fixture(scope="module")
def token(app: FastAPI) -> dict[str, str]:
    who = sign_in(TestClient(app), Role.OPERATOR)
    secret = app.state.door.accounts.sessions.new_token(who.person.id, "described")
    return {"Authorization": f"Bearer {secret}"}


def test_every_answer_is_as_the_api_describes_it(app: FastAPI, token: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, headers=token)
    asked = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy())
        def answers(case: schemathesis.Case) -> None:
            assert case.call(headers=token).status_code in ANSWERS
            # A refusal looks the same whatever is wrong, and 503 is how /healthz tells of a fault.
            case.call_and_validate(headers=token, excluded_checks=LEFT_OUT)

        answers()
        asked.add(operation.path)
    assert {"/api/v1/buildings", "/api/v1/rooms/{room_id}/series", "/healthz"} <= asked
