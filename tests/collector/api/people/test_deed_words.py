"""Rows of the audit log in words of both languages."""

import pytest

from heatward_collector.accounts import Role
from heatward_collector.accounts.audit import Deed
from heatward_collector.api.people.deed_words import action_words, target_words, told
from heatward_collector.locale import CHINESE, ENGLISH, texts

NAMES = {"a17": "李红"}


@pytest.mark.parametrize(
    ("action", "zh", "en"),
    [
        ("sign in", "登录", "Signed in"),
        ("POST /case/{case_id}/{deed}", "办理案件", "Worked on a case"),
        ("people close --open", "重新启用账号", "Opened an account again"),
        ("POST /gone/{one}", "页面 /gone/{one}", "Page /gone/{one}"),
        ("of another version", "of another version", "of another version"),
        ("", "", ""),
    ],
)
def test_an_action_is_said_in_words(action: str, zh: str, en: str) -> None:
    assert action_words(action, texts(CHINESE)) == zh
    assert action_words(action, texts(ENGLISH)) == en


@pytest.mark.parametrize(
    ("target", "zh", "en"),
    [
        ("", "", ""),
        ("street", "街道办事处", "street office"),
        ("street a17 closed", "街道办事处 李红 已停用", "street office 李红 account closed"),
        ("street a18", "街道办事处 a18", "street office a18"),
        ("case=12 dispatch", "案件 12 派单给供热单位", "case 12 Dispatch to the supplier"),
        ("case_id=12, name=x.pdf", "案件 12, 名称 x.pdf", "case 12, name x.pdf"),
        ("unheard=5", "5", "5"),
        ("complaints +3 ~1", "complaints +3 ~1", "complaints +3 ~1"),
    ],
)
def test_a_target_is_said_in_words_as_far_as_they_are_known(target: str, zh: str, en: str) -> None:
    assert target_words(target, NAMES, texts(CHINESE)) == zh
    assert target_words(target, NAMES, texts(ENGLISH)) == en


def test_a_row_keeps_who_did_it_and_when() -> None:
    deed = Deed(1, 60, "a17", Role.STREET, "李红", "POST /logout", "", "192.0.2.1")
    row = told(deed, NAMES, texts(CHINESE))
    assert (row.time_s, row.name, row.role) == (60, "李红", Role.STREET)
    assert (row.action, row.target) == ("退出登录", "")
