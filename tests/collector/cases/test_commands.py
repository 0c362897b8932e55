"""``heatward case`` and ``heatward alert``: what a person reads and does at a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from heatward_collector.alerts.outbox import Outbox
from heatward_collector.commands.alert import alert
from heatward_collector.commands.case import case
from heatward_collector.core.cases import State
from heatward_collector.errors import CaseRefused
from support.case_world import B4, OUTAGE, CaseWorld
from support.receivers import web_receiver

Run = Callable[..., Result]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CaseWorld]:
    world = CaseWorld(tmp_path, f"sqlite:///{tmp_path / 'registry.sqlite'}")
    world.say(OUTAGE)
    world.look()
    yield world
    world.close()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    file = tmp_path / "c.toml"
    file.write_text(f'[state]\ndirectory = "{tmp_path}"\n')

    def call(group, *arguments: str) -> Result:
        found = CliRunner().invoke(group, [*arguments, "-c", str(file)])
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    return call


def test_cases_are_listed_and_shown_with_their_history(world: CaseWorld, run: Run) -> None:
    listed = run(case, "list").output
    assert "已立案，尚未通知  楼栋“瑞雪家园1号楼”停热" in listed
    shown = run(case, "show", "1").output
    assert "立案" in shown
    with pytest.raises(CaseRefused, match="9"):
        run(case, "show", "9")


def test_a_person_acts_by_name_and_closes_with_a_reason(world: CaseWorld, run: Run) -> None:
    assert "已签收" in run(case, "do", "1", "acknowledge", "--by", "李示例").output
    with pytest.raises(CaseRefused, match="needs a reason"):
        run(case, "do", "1", "close", "--by", "李示例")
    with pytest.raises(CaseRefused, match="who does it"):
        run(case, "do", "1", "note", "--by", " ", "--reason", "x")
    run(case, "do", "1", "close", "--by", "李示例", "--reason", "误报")
    found = world.store.case(1)
    assert found is not None
    assert (found.state, found.history[-1].by) == (State.CLOSED, "李示例")
    assert "没有案件" in run(case, "list").output
    assert "已结案" in run(case, "list", "--all").output


def test_a_resident_of_the_case_consents_and_nobody_else(world: CaseWorld, run: Run) -> None:
    with pytest.raises(CaseRefused, match="is no home of this case"):
        run(case, "do", "1", "consent", "--by", "王", "--home", "h0001")
    run(case, "do", "1", "consent", "--by", "王", "--home", B4[0])
    found = world.store.case(1)
    assert found is not None
    assert found.history[-1].homes == (B4[0],)


def test_without_channels_a_test_message_is_in_the_inbox(world: CaseWorld, run: Run) -> None:
    assert "/inbox" in run(alert, "test").output
    messages = [kept.message for kept in Outbox(world.registry.database).latest()]
    assert "Heatward 测试消息" in [one.text.title_zh for one in messages]


def test_every_channel_says_what_came_back(run: Run, tmp_path: Path) -> None:
    with web_receiver() as web:
        (tmp_path / "channels.toml").write_text(
            f"[good]\nurl = {json.dumps(web.url)}\ntemplate = '$title'\n"
            f"[bad]\nurl = 'wecombot://key12345/'\nserver = {json.dumps(web.url)}\n"
        )
        with (tmp_path / "c.toml").open("a") as file:
            file.write('[alerts]\nchannels_file = "channels.toml"\n')
        web.answers = [(200, "ok"), (200, '{"errcode": 93000, "errmsg": "invalid"}')]
        found = run(alert, "test")
        assert found.exit_code == 1
        assert "good: 已送达 / arrived HTTP 200" in found.output
        assert "bad: 失败 / failed HTTP 200, 93000: invalid" in found.output
        assert run(alert, "test", "--channel", "good").exit_code == 0
