"""What a message says: place, since when, how cold, how many, whom to call; and what never."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from heatward_collector.alerts.texts import Facts, compose
from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What, after, opened
from heatward_collector.core.cases.deadlines import DeadlineRule, Duty
from heatward_collector.core.cases.telling import Audience, News
from heatward_collector.core.suppression import Level
from heatward_collector.explain.names import Names
from heatward_collector.registry import Registry, spreadsheets
from heatward_collector.rules.deadlines import load_deadlines
from heatward_node.errors import ConfigurationError
from support.case_world import B4, DAY, SAMPLE, ZONE, at

OPENING = Event(
    What.OPENED,
    at(DAY, 11),
    kind=CaseKind.OUTAGE,
    where=HeatPlace(Level.SOURCE, "so-qingsong"),
    sign="s1",
    begun_s=at(DAY, 9),
    homes=B4,
    buildings=("b001", "b002", "b003", "b004"),
    facts={"median_celsius": 17.4},
)
RULES = (
    DeadlineRule(Duty.ON_SITE, 10, date(2012, 1, 1), "x", "low"),
    DeadlineRule(Duty.IMPROVED, 24, date(2012, 1, 1), "x", "low"),
    DeadlineRule(Duty.REPAIRED, 48, date(2012, 1, 1), "x", "low", outages_only=True),
)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    registry = Registry(f"sqlite:///{tmp_path_factory.mktemp('texts') / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    suppliers = [("su-qingsong", "0451-00000001")]
    names = Names(registry.directory())
    return Facts(names, ZONE, 20.0, suppliers, "http://heat.example", RULES)


def test_an_officer_reads_all_that_he_needs_to_act(facts: Facts) -> None:
    text = compose(opened(7, OPENING), News.OPENED, Audience.OFFICER, facts, "7-0-officer-p")
    assert text.title_zh == "热源“青松热源厂”停热"
    assert text.title_en == "Heat source Qingsong Plant, outage"
    assert text.body_zh.split("\n") == [
        "缺热：1月10日 09:00 起，仍在持续。",
        "受影响 6 户，分布在江畔小区1号楼、江畔小区2号楼、江畔小区3号楼、另 1 栋，"
        "室温中位数 17.4 ℃，标准 20 ℃。",
        "供热单位：青松热力公司（示例），值班电话 0451-00000001。",
        "请先致电供热单位，再签收本案。",
        "7 号案件：http://heat.example/case/7",
        "消息编号 7-0-officer-p",
    ]
    assert "Supplier: Qingsong Heating (sample), duty phone 0451-00000001." in text.body_en


def test_a_supplier_reads_its_deadlines_and_never_a_home(facts: Facts) -> None:
    text = compose(opened(7, OPENING), News.OPENED, Audience.SUPPLIER, facts, "k")
    assert "自本消息送达起：10 小时内到场测温，48 小时内修复停热。" in text.body_zh
    assert "24 h" not in text.body_en
    assert not any(home in text.body_zh + text.body_en for home in B4)
    assert "0451" not in text.body_zh


def test_the_temperature_of_few_homes_is_not_told(facts: Facts) -> None:
    few = replace(OPENING, homes=B4[:4])
    text = compose(opened(7, few), News.OPENED, Audience.STREET, facts, "k")
    assert "17.4" not in text.body_zh
    assert "受影响 4 户" in text.body_zh


def test_a_recovery_says_from_when_to_when_and_asks_for_nothing(facts: Facts) -> None:
    over = Event(
        What.SIGN, at(DAY, 15), kind=CaseKind.OUTAGE, sign="s1", begun_s=at(DAY, 9),
        ended_s=at(DAY, 14),
    )  # fmt: skip
    case = after(after(opened(7, OPENING), over), Event(What.RECOVERED, at(DAY, 90)))
    text = compose(case, News.RECOVERED, Audience.STREET, facts, "k")
    assert text.title_en == "Measured warm again: Heat source Qingsong Plant, outage"
    assert text.body_en.startswith("Heat was missing from 10 Jan 09:00 to 10 Jan 14:00.")
    assert "Supplier:" not in text.body_en


def test_what_was_declared_afterwards_says_so(facts: Facts) -> None:
    late = replace(OPENING, facts={"declared_afterwards": 1})
    text = compose(opened(7, late), News.OPENED, Audience.DEPARTMENT, facts, "k")
    assert "事后才报备，不能作为理由。" in text.body_zh


def test_a_person_who_closed_a_case_is_named_with_his_reason(facts: Facts) -> None:
    case = after(opened(7, OPENING), Event(What.CLOSED_BY_PERSON, at(DAY, 12), "王五", "误报"))
    assert "王五：误报" in compose(case, News.CLOSED, Audience.OFFICER, facts, "k").body_zh


def test_deadlines_are_read_from_dated_data_and_every_mistake_is_named(tmp_path: Path) -> None:
    known = load_deadlines("harbin")
    assert [(one.duty.value, one.hours) for one in known] == [
        ("on_site", 10),
        ("improved", 24),
        ("repaired", 48),
    ]
    assert load_deadlines("beijing") == ()
    file = tmp_path / "deadlines.toml"
    file.write_text(
        '[[x]]\nduty = "soon"\nhours = 0\nfrom = 2020-01-01\nsource = ""\ncertainty = "sure"\n'
        "colour = 1\n"
    )
    with pytest.raises(ConfigurationError) as refused:
        load_deadlines("x", file)
    assert len(refused.value.problems) == 5
