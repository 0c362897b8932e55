"""How numbers, times and spans are written."""

from zoneinfo import ZoneInfo

import pytest

from heatward_collector.explain.measures import clock, facts, length, measure, number
from heatward_collector.locale import CHINESE, ENGLISH, texts

ZONE = ZoneInfo("Asia/Shanghai")
ZH, EN = texts(CHINESE), texts(ENGLISH)


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (600, "10 分钟", "10 min"),
        (3600, "1 小时", "1 h"),
        (19_800, "5 小时 30 分", "5 h 30 min"),
        (47 * 3600, "47 小时", "47 h"),
        (10 * 86_400, "10 天", "10 days"),
        (9 * 86_400 + 43_200, "9.5 天", "9.5 days"),
    ],
)
def test_a_span_is_written_in_the_units_that_matter(seconds, zh, en):
    assert (length(seconds, ZH), length(seconds, EN)) == (zh, en)


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("drop_kelvin", 1.83, "1.8 ℃", "1.8 K"),
        ("drop_kelvin", -0.25, "−0.25 ℃", "−0.25 K"),
        ("median_celsius", -12.04, "−12 ℃", "−12 °C"),
        ("heat_ratio", 0.124, "12%", "12 %"),
        ("heat_ratio", 1e308, "未知", "unknown"),
        ("off_hours", 3.5, "3 小时 30 分", "3 h 30 min"),
        ("delay_days", 4.0, "4 天", "4 days"),
        ("heat_on_s", 1_609_459_200.0, "1月1日 08:00", "1 Jan 08:00"),
        ("p_value", 3.2e-7, "< 10⁻⁶", "< 10⁻⁶"),
        ("p_value", 0.012, "0.012", "0.012"),
        ("p_value", 0.0, "0", "0"),
        ("statistic", 5.25, "5.25", "5.25"),
        ("note", "b001", "b001", "b001"),
        ("drop_kelvin", float("nan"), "未知", "unknown"),
    ],
)
def test_the_name_of_a_fact_says_its_unit(name, value, zh, en):
    assert (measure(name, value, ZONE, ZH), measure(name, value, ZONE, EN)) == (zh, en)


def test_only_facts_with_a_label_are_shown():
    assert facts({"gain": 3.0, "outdoor_celsius": -20.0}, ZONE, ZH) == ["室外 −20 ℃"]


def test_a_number_has_no_useless_zero_and_no_negative_one():
    assert [number(value) for value in (2.0, 2.04, -0.04, -3.0)] == ["2", "2", "0", "−3"]


def test_a_moment_is_local():
    assert clock(1_609_459_200, ZONE, EN) == "1 Jan 08:00"


def test_what_is_not_known_of_a_finding_is_left_out() -> None:
    values = {"drop_kelvin": 1.8, "heat_ratio": float("nan"), "not_shown": 3.0}
    assert facts(values, ZONE, EN) == ["median fall 1.8 K"]
