"""The pages of cases: what waits, what is next, who may act, and that looking changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from heatward_collector.accounts import Role
from heatward_collector.alerts.message import INBOX
from heatward_collector.api.app import create_app
from heatward_collector.api.casework.case_pages import CASE_LOOKERS, READERS
from heatward_collector.config import parse
from heatward_collector.core.cases import Event, State, What
from support.case_world import B9, HOUR, OUTAGE, CaseWorld
from support.findings_board import PaperFindingRoom
from support.signed_in import SignedIn, sign_in
from support.street import PaperReadingRoom, every_standing

ELSEWHERE = replace(OUTAGE, place="b009", buildings=("b009",), affected=B9)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CaseWorld]:
    """Two cases: number 1 in b004 of Qingsong, number 2 in b009 of Beichen."""
    world = CaseWorld(tmp_path, f"sqlite:///{tmp_path / 'registry.sqlite'}")
    world.say(OUTAGE, ELSEWHERE)
    world.look()
    yield world
    world.close()


@pytest.fixture
def client(world: CaseWorld, tmp_path: Path) -> TestClient:
    config = parse(f'[state]\ndirectory = "{tmp_path}"')
    room = PaperReadingRoom(every_standing())
    app = create_app(config, room, lambda: world.now, PaperFindingRoom())
    return TestClient(app, base_url="http://127.0.0.1:8080", follow_redirects=False)


def act(client: TestClient, who: SignedIn, number: int, deed: str, reason: str = ""):
    return client.post(f"/case/{number}/{deed}", data={"csrf": who.csrf, "reason": reason})


def test_the_board_shows_what_waits_and_what_is_next_in_chinese_first(client) -> None:
    sign_in(client, Role.OPERATOR)
    text = client.get("/cases").text
    assert "在办案件 2 件" in text
    assert "楼栋“瑞雪家园1号楼”停热" in text
    assert "下一步" in text
    assert "紧急" in text
    english = client.get("/cases?lang=en").text
    assert "2 cases are open" in english
    assert "6 homes affected, median room 17.4" in english


def test_overdue_cases_come_first_and_say_since_when(client, world: CaseWorld) -> None:
    sign_in(client, Role.OPERATOR)
    world.do(2, Event(What.REACHED_SUPPLIER, int(world.now)))
    world.now += 11 * HOUR
    text = client.get("/cases?lang=en").text
    assert "1 of them is overdue" in text
    assert text.index("/case/2") < text.index("/case/1")
    assert "overdue since" in text


def test_a_case_that_was_closed_in_time_is_never_overdue(client, world: CaseWorld) -> None:
    sign_in(client, Role.OPERATOR)
    world.do(2, Event(What.REACHED_SUPPLIER, int(world.now)))
    world.do(2, Event(What.CLOSED_BY_PERSON, int(world.now) + HOUR, "赵六", "误报"))
    for later in (2 * HOUR, 9 * HOUR):
        world.now += later
        text = client.get("/case/2?lang=en").text
        assert "the case ended before" in text
        assert "overdue since" not in text and "hours left" not in text
    assert "案件先已结束，不再计时" in client.get("/case/2?lang=zh").text


def test_a_case_shows_its_history_its_deadlines_and_who_was_told(client, world) -> None:
    sign_in(client, Role.OPERATOR)
    text = client.get("/case/1?lang=en").text
    assert "None runs yet" in text
    world.do(1, Event(What.REACHED_SUPPLIER, int(world.now), "赵六", "电话"))
    text = client.get("/case/1?lang=en").text
    for words in ("measure on site", "hours left", "mend the outage", "press of 2012-09-17"):
        assert words in text
    assert "赵六" in text
    assert 'href="tel:0451-00000001"' in text
    assert "waits for its hour" in text
    assert f"/finding/{world.store.case(1).signs[0].id}" in text


def test_a_case_says_when_none_of_its_messages_left_the_house(client, world: CaseWorld) -> None:
    sign_in(client, Role.OPERATOR)
    warning = "No message has left the system so far"
    keys = [one.message.id for one in world.messages(1)]
    # What still waits for its hour has not failed anybody.
    assert warning not in client.get("/case/1?lang=en").text
    for key in keys:
        world.outbox.sent(key, INBOX, "", world.now)
    assert warning in client.get("/case/1?lang=en").text
    world.outbox.sent(keys[0], "wecom", "ok", world.now)
    assert warning not in client.get("/case/1?lang=en").text


def test_a_history_names_who_did_it_even_where_nobody_did(client) -> None:
    sign_in(client, Role.OPERATOR)
    assert "<td>系统自动</td>" in client.get("/case/1").text


def test_looking_changes_nothing(client, world: CaseWorld) -> None:
    sign_in(client, Role.OPERATOR)
    before = world.store.cases()
    for path in ("/cases", "/case/1", "/inbox", "/case/1/acknowledge"):
        client.get(path)
    assert world.store.cases() == before
    assert client.get("/case/1/acknowledge").status_code in (404, 405)


def test_an_officer_acknowledges_under_his_own_name(client, world: CaseWorld) -> None:
    who = sign_in(client, Role.STREET, "st-bingxue")
    assert act(client, who, 1, "acknowledge").status_code == 303
    case = world.store.case(1)
    assert (case.state, case.history[-1].by) == (State.ACKNOWLEDGED, who.person.name)
    assert act(client, who, 1, "dispatch", "电话告知调度室").status_code == 303
    assert world.store.case(1).first(What.REACHED_SUPPLIER).reason == "电话告知调度室"


def test_nobody_acts_out_of_his_reach_or_without_our_form(client, world: CaseWorld) -> None:
    who = sign_in(client, Role.STREET, "st-bingxue")
    assert client.get("/case/2").status_code == 404
    assert act(client, who, 2, "acknowledge").status_code == 404
    assert client.post("/case/1/acknowledge", data={"csrf": "x"}).status_code == 403
    assert world.store.case(1).state is State.OPEN
    text = client.get("/cases").text
    assert "/case/1" in text
    assert "/case/2" not in text


def test_a_supplier_answers_its_own_cases_and_closes_none(client, world: CaseWorld) -> None:
    who = sign_in(client, Role.SUPPLIER, "su-qingsong")
    assert act(client, who, 2, "claim").status_code == 404
    assert act(client, who, 1, "close", "修好了").status_code == 404
    assert act(client, who, 1, "claim", "换了水泵").status_code == 303
    assert world.store.case(1).state is State.CLAIMED_FIXED
    text = client.get("/case/1?lang=en").text
    assert "Do nothing: the rooms themselves must be measured warm." in text
    assert "h0018" not in text


def test_closing_by_hand_needs_a_reason_and_says_so(client, world: CaseWorld) -> None:
    who = sign_in(client, Role.DISTRICT, "sample")
    refused = act(client, who, 1, "close")
    assert refused.status_code == 409
    assert "请写明原因或现场情况" in refused.text
    data = {"csrf": who.csrf, "reason": ""}
    assert "please write why" in client.post("/case/1/close?lang=en", data=data).text
    assert act(client, who, 1, "close", "误报：检修阀门").status_code == 303
    assert world.store.case(1).closing.reason == "误报：检修阀门"


def test_the_inbox_shows_every_message_to_those_who_may_read_it(client) -> None:
    sign_in(client, Role.DISTRICT, "sample")
    text = client.get("/inbox?lang=en").text
    assert text.count("responsible officer: ") == 2
    assert "Please go there, measure, restore the heat" in text
    for number in (1, 2):
        assert text.count(f'href="/case/{number}"') == 1, "one piece of news, several people"
    sign_in(client, Role.STREET, "st-songhua")
    assert "There is no message yet." in client.get("/inbox?lang=en").text


def test_volunteers_residents_and_strangers_get_no_cases(client) -> None:
    for role, scope in ((Role.VOLUNTEER, "es-ruixue"), (Role.RESIDENT, "h0018")):
        sign_in(client, role, scope)
        for path in ("/cases", "/case/1", "/inbox"):
            assert client.get(path).status_code == 404, (role, path)
    assert Role.VOLUNTEER not in CASE_LOOKERS
    assert Role.SUPPLIER not in READERS


def test_a_case_that_is_not_there_is_missing_like_one_that_is_hidden(client) -> None:
    sign_in(client, Role.OPERATOR)
    for key in ("99", "0", "x", "9" * 30):
        assert client.get(f"/case/{key}").status_code == 404


PAPER = b"%PDF-1.4 heat log of the source"


def contest(client: TestClient, who: SignedIn, data: bytes, reason: str = "it was warm"):
    return client.post(
        "/case/1/dispute?lang=en",
        data={"csrf": who.csrf, "reason": reason},
        files={"file": ("log.pdf", data, "application/pdf")},
    )


def test_a_supplier_contests_with_a_file_that_offices_can_read(client: TestClient) -> None:
    who = sign_in(client, Role.SUPPLIER, "su-qingsong")
    form = client.get("/case/1").text
    assert 'enctype="multipart/form-data"' in form and "请在下面选一个文件，不超过 12 MB。" in form
    assert contest(client, who, PAPER).status_code == 303
    name = f"{hashlib.sha256(PAPER).hexdigest()}.pdf"
    for role, scope in ((Role.SUPPLIER, "su-qingsong"), (Role.DISTRICT, "sample")):
        sign_in(client, role, scope)
        text = client.get("/case/1?lang=en").text
        assert "it was warm</small>" in text and "File handed in" in text
        answer = client.get(f"/case/1/file/{name}")
        assert (answer.content, answer.headers["content-type"]) == (PAPER, "application/pdf")
        assert answer.headers["content-disposition"].startswith("attachment")
    assert client.get(f"/case/2/file/{name}").status_code == 404
    sign_in(client, Role.SUPPLIER, "su-beichen")
    assert client.get(f"/case/1/file/{name}").status_code == 404


def test_a_file_that_is_no_paper_or_has_no_reason_changes_nothing(client: TestClient) -> None:
    who = sign_in(client, Role.SUPPLIER, "su-qingsong")
    refused = contest(client, who, b"MZ a program")
    assert refused.status_code == 409 and "must be JPG, PNG, PDF" in refused.text
    assert 'value="it was warm"' in refused.text, "what was typed must not be lost"
    assert contest(client, who, PAPER, reason=" ").status_code == 409
    assert contest(client, who, b"").status_code == 303
    assert "File handed in" not in client.get("/case/1?lang=en").text
