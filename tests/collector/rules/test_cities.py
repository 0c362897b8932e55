"""The table of cities, and how strictly one is read."""

from __future__ import annotations

from datetime import date

import pytest

from heatward_collector.core.standard import Fee, Tier
from heatward_collector.rules import load_standard, load_standards
from heatward_node.errors import ConfigurationError

GOOD = """\
[town]
name_zh = "镇"
name_en = "Town"
timezone = "Asia/Shanghai"
season = ["11-01", "03-31"]
season_source = "s"
season_certainty = "low"
room_uses = ["bedroom"]

[[town.winter]]
from = 2024-11-08
to = 2025-04-05
source = "notice"

[[town.rule]]
from = 2015-11-01
minimum = 18
tiers = []
source = "s"
certainty = "low"
"""


def load(tmp_path, text):
    (tmp_path / "cities.toml").write_text(text, encoding="utf-8")
    return load_standards(tmp_path / "cities.toml")


def problems(tmp_path, text):
    with pytest.raises(ConfigurationError) as refused:
        load(tmp_path, text)
    return refused.value.problems


def test_the_five_cities_and_the_demo_are_known():
    standards = load_standards()
    assert set(standards) == {"harbin", "beijing", "shenyang", "changchun", "xian", "demo"}
    for standard in standards.values():
        assert standard.timezone == "Asia/Shanghai"
        assert standard.room_uses == ("bedroom", "living_room")
        assert all(rule.source and rule.certainty for rule in standard.rules)


def test_harbin_went_from_18_to_20_degrees_inside_a_season():
    harbin = load_standard("harbin")
    before, after = harbin.rule_on(date(2021, 10, 28)), harbin.rule_on(date(2021, 10, 29))
    assert (before.minimum_celsius, after.minimum_celsius) == (18.0, 20.0)
    assert before.tiers == (Tier(18.0, 0.3), Tier(16.0, 0.5), Tier(14.0, 1.0))
    assert after.tiers == (Tier(20.0, 0.5), Tier(16.0, 1.0))
    assert (before.version, after.version) == ("harbin-2012-10-20", "harbin-2021-10-29")
    assert harbin.in_season(date(2021, 10, 20))
    assert harbin.in_season(date(2022, 4, 20))
    assert not harbin.in_season(date(2022, 4, 21))
    assert harbin.excluded_hours == (10, 14)
    assert isinstance(harbin.fee, Fee)
    assert harbin.fee.yuan_per_m2 == 38.32


def test_the_demo_is_in_season_all_year_by_the_present_rule_of_harbin():
    demo, harbin = load_standard("demo"), load_standard("harbin")
    assert all(demo.in_season(date(2026, month, 15)) for month in range(1, 13))
    now = harbin.rules[-1]
    assert (demo.rules[-1].minimum_celsius, demo.rules[-1].tiers) == (
        now.minimum_celsius,
        now.tiers,
    )


def test_unverified_cities_say_so_and_claim_no_refund():
    for city in ("shenyang", "changchun", "xian"):
        (rule,) = load_standard(city).rules
        assert rule.certainty == "low"
        assert "to be confirmed" in rule.source
        assert rule.tiers == ()


def test_a_table_of_ones_own_may_give_a_winter_its_own_days(tmp_path):
    town = load(tmp_path, "\ufeff" + GOOD)["town"]
    assert not town.in_season(date(2024, 11, 7))
    assert town.in_season(date(2025, 4, 5))
    assert not town.in_season(date(2026, 4, 5))
    assert town.excluded_hours is None
    assert town.fee is None


@pytest.mark.parametrize(
    ("good", "faulty", "word"),
    [
        ('season = ["11-01", "03-31"]', 'season = ["11-31", "03-31"]', "season"),
        ('season = ["11-01", "03-31"]', "season = 3", "season"),
        ('"Asia/Shanghai"', '"Asia/Nowhere"', "timezone"),
        ('["bedroom"]', '["attic"]', "room_uses"),
        ("minimum = 18", 'minimum = "18"', "minimum"),
        ("minimum = 18", "minimum = nan", "minimum"),
        ("minimum = 18", "minimum = true", "minimum"),
        ("tiers = []", "tiers = [[18.0]]", "tiers"),
        ("tiers = []", "tiers = [[19.0, 0.5]]", "refund"),
        ('season_certainty = "low"', 'season_certainty = "sure"', "season_certainty"),
        ("from = 2015-11-01", "from = 2015-11-01T00:00:00", "from"),
        ("to = 2025-04-05", "to = 2025-10-05", "winter"),
        ('room_uses = ["bedroom"]', 'room_uses = ["bedroom"]\nexcluded_hours = [10]', "hours"),
        ('name_en = "Town"', 'name_en = ""', "name_en"),
        ('name_en = "Town"', "", "name_en 缺少 / is missing"),
        ('name_en = "Town"', 'name_en = "Town"\ncolour = 1', "colour 不认识 / is not known"),
        ('source = "notice"', 'source = "notice"\nwho = 1', "who 不认识 / is not known"),
        ("tiers = []", "", "tiers 缺少 / is missing"),
        ('source = "notice"', 'source = "notice"\nmetered = "none"', "metered"),
        ('source = "notice"', 'source = "notice"\nmetered = "not set"', "metered_source"),
        ('source = "notice"', 'source = "s"\nmetered_fixed_share = 0.3', "metered_yuan_per_kwh"),
        ('source = "s"\ncertainty = "low"\n', "certainty = 'low'\n", "source 缺少 / is missing"),
    ],
)
def test_a_faulty_figure_is_named_and_refused(tmp_path, good, faulty, word):
    assert good in GOOD
    found = problems(tmp_path, GOOD.replace(good, faulty))
    assert any(word in problem for problem in found), found


def test_everything_wrong_is_listed_at_once(tmp_path):
    text = GOOD.replace("18", '"warm"').replace('"Town"', "3") + "\n[other]\nname_zh = 1\n"
    found = problems(tmp_path, text)
    assert sum("[town]" in one for one in found) == 1
    assert sum("[town.rule 1]" in one for one in found) == 1
    assert sum("[other]" in one for one in found) >= 5


def test_what_is_no_table_of_cities_is_refused(tmp_path):
    assert "not a table" in problems(tmp_path, "town = 3")[0]
    assert "read" in problems(tmp_path, "[town")[0]
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_standards(tmp_path / "absent.toml")


def test_a_city_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ConfigurationError, match="atlantis.*harbin"):
        load_standard("atlantis")
