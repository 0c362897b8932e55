"""Every stage that a process reports has words on the screen, in both languages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import heatward_collector
from heatward_collector.api.system.stage_words import detail_of, process_name, stage_name
from heatward_collector.locale import CHINESE, ENGLISH, texts
from heatward_collector.running.health import Stage
from heatward_collector.running.stages import STAGES

ROOT = Path(heatward_collector.__file__).parent


def reported() -> set[str]:
    """Return the names of the stages that the code reports."""
    return {
        call.args[0].value
        for path in ROOT.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("stage", "expect")
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_every_stage_and_process_has_a_chinese_name() -> None:
    say = texts(CHINESE)
    assert {"mqtt", "nodes", "timeseries", "pages"} <= reported()
    for name in reported():
        assert is_chinese(stage_name(name, say)), name
    for name in STAGES:
        assert is_chinese(process_name(name, say)), name


def test_a_strange_name_stands_as_it_is() -> None:
    assert stage_name("elsewhere", texts(CHINESE)) == "elsewhere"
    assert process_name("elsewhere", texts(CHINESE)) == "elsewhere"


@pytest.mark.parametrize(
    ("detail", "zh", "en"),
    [
        ("batch 7, 2 behind", "第 7 批，还差 2 批", "batch 7, 2 behind"),
        ("batch 7 25ba03c7162b", "第 7 批，哈希 25ba03c7162b", "batch 7, hash 25ba03c7162b"),
        ("generation 3", "第 3 次连接", "connection no. 3"),
        (
            "9 on the page only, 0 waiting",
            "未登记通知渠道：9 条只在消息页上",
            "no channel is registered: 9 on the page of messages only",
        ),
        (
            "21 of 22 nodes within an hour",
            "22 个测温盒中有 21 个一小时内有数据",
            "21 of 22 nodes within an hour",
        ),
        ("5 new or changed", "新增或变更 5 条", "5 new or changed"),
        ("48 values", "48 个数值", "48 values"),
        ("127.0.0.1:8080", "127.0.0.1:8080", "127.0.0.1:8080"),
    ],
)
def test_what_a_stage_tells_is_put_into_words(detail: str, zh: str, en: str) -> None:
    stage = Stage("process", "name", None, None, detail)
    assert detail_of(stage, texts(CHINESE)) == zh
    assert detail_of(stage, texts(ENGLISH)) == en
