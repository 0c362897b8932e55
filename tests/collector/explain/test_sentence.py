"""Findings in words: whole, plain, and never an accusation where there is none."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatward_collector.core.suppression import Certainty, Exclusion, Finding, Kind, Level
from heatward_collector.explain import Names, explain
from heatward_collector.explain.causes import CAUSES, DECLARATIONS, LIMITS
from heatward_collector.explain.measures import LABELS
from heatward_collector.explain.names import listed
from heatward_collector.explain.words import CERTAINTIES, KINDS, LEVELS, RULES, SIGNS
from heatward_collector.from_files.district import read_directory
from heatward_collector.locale import texts
from support.evidence import SAMPLE
from support.scored_district import DAY, T0, finding

ZONE = ZoneInfo("Asia/Shanghai")
ACCUSING_WORDS = re.compile(
    "人为限热|抽条|停热：|outage|throttling|interruption|late start|early stop"
)


def words(one: Finding, names: Names | None = None) -> tuple[str, str]:
    found = explain(one, names or Names(), ZONE)
    return found.zh, found.en


def test_a_night_in_one_sentence():
    zh, en = words(
        finding(
            kind=Kind.NIGHT_INTERRUPTION,
            rule="homes_fall_together",
            affected=("h1", "h2", "h3", "h4"),
            homes_judged=5,
            homes_silent=2,
            evidence={"drop_kelvin": 1.82, "heat_ratio": 0.12, "gain": 3.0},
            excluded=(
                Exclusion("airing", True),
                Exclusion("sun", False),
                Exclusion("no_control", False),
                Exclusion("few_homes", True),
            ),
        )
    )
    assert zh == (
        "热源“so1”夜间停热：1月1日 23:15 至 1月2日 04:30，约 5 小时 15 分；"
        "有数据的 5 户中 4 户同时降温，另有 2 户没有数据；中位降温 1.8 ℃，来热约为应供的 12%；"
        "已考虑并排除：开窗；未能排除：日照；证据有限：没有别的热源可对照；把握：高；"
        "判定规则：同一处的多数住户同时降温；1月2日 00:30 发现。"
    )
    assert en == (
        "Heat source so1, night interruption: from 1 Jan 23:15 to 2 Jan 04:30, 5 h 15 min; "
        "4 of 5 homes with data cooled together, 2 more homes were silent; "
        "median fall 1.8 K, heat still coming 12 %; considered and excluded: open windows; "
        "could not be excluded: sunshine; what limits it: no other heat source to compare with; "
        "confidence: high; rule: most homes of one place cooled at the same time; "
        "said on 2 Jan 00:30."
    )


def test_a_lukewarm_start_in_one_sentence():
    zh, en = words(
        finding(
            1.0,
            49.0,
            97.0,
            kind=Kind.LATE_START,
            rule="heat_lukewarm",
            affected=("h1", "h2", "h3", "h4"),
            homes_judged=4,
            evidence={"heat_on_s": T0 + 49 * 3600, "standard_reached_s": T0 + 145 * 3600},
        )
    )
    assert zh.startswith(
        "热源“so1”推迟供热：应于1月2日供热，1月4日来了一些热，1月6日才够热，1月8日达到标准；"
    )
    assert "判定规则：室内来了一些热，但起初不够" in zh
    assert en.startswith(
        "Heat source so1, late start: heat was due on 2 Jan, some came on 4 Jan and enough on "
        "6 Jan, the standard was reached on 8 Jan; 4 of 4 homes with data are affected; "
    )


@pytest.mark.parametrize(
    ("was_met", "zh_words", "en_words"),
    [
        (1, "认定时室温仍达标", "rooms still met the standard when it was said"),
        (0, "认定时室温已不达标", "rooms were below the standard when it was said"),
    ],
)
def test_an_early_stop_says_whether_rooms_were_still_warm_enough(was_met, zh_words, en_words):
    zh, en = words(
        finding(1.0, 49.0, None, kind=Kind.EARLY_STOP, evidence={"standard_met": was_met})
    )
    assert f"1月2日起不再供热，{zh_words}" in zh
    assert f"no heat since 2 Jan, {en_words}" in en


def test_every_rule_of_the_slow_half_has_words():
    for rule in (
        "throttling_against_others",
        "throttling_against_own_history",
        "throttling_possible",
        "throttling_few_homes",
        "throttling_or_closed_valves",
        "throttling_or_empty_homes",
        "throttling_declared",
        "supply_reduced_standard_met",
        "supply_limited_intent_unknown",
        "heat_late",
        "heat_lukewarm",
        "heat_gone_early",
    ):
        assert rule in RULES


def test_what_the_long_look_found_says_what_it_looked_at():
    zh, en = words(
        finding(
            kind=Kind.OUTAGE,
            certainty=Certainty.LOW,
            rule="homes_keep_losing",
            excluded=(Exclusion("airing", True), Exclusion("sun", True)),
        )
    )
    assert "已考虑并排除：开窗、日照；把握：低；" in zh
    assert "判定规则：几个小时里，同一处的多数住户比别处、也比自己平时这个时段降温更多；" in zh
    assert (
        "rule: for hours most homes of one place cooled more than homes elsewhere, and more than "
        "usual at these hours; "
    ) in en


def test_what_goes_on_has_no_end_yet():
    zh, en = words(finding(end_h=None))
    assert "1月1日 23:15 起，仍在持续" in zh
    assert "since 1 Jan 23:15, still going on" in en


@pytest.mark.parametrize("kind", list(Kind))
def test_an_undetermined_finding_says_what_was_seen_and_accuses_nobody(kind):
    for text in words(finding(kind=kind, certainty=Certainty.UNDETERMINED)):
        assert not ACCUSING_WORDS.search(text), text
        assert "不指责任何人" in text or "nobody is accused" in text


def test_what_was_declared_is_recorded_and_accuses_nobody():
    zh, en = words(
        finding(
            kind=Kind.OUTAGE,
            certainty=Certainty.DECLARED,
            excluded=(Exclusion("reported_repair", False),),
        )
    )
    assert zh.startswith("热源“so1”已报备的停热：")
    assert "原因已报备：抢修报备；事先已报备，不指责任何人" in zh
    assert en.startswith("Heat source so1, outage as declared: ")


def test_a_late_start_names_all_its_days():
    late = finding(1, 30, 97, kind=Kind.LATE_START, evidence={"standard_reached_s": T0 + 8 * DAY})
    zh, en = words(late)
    assert "应于1月2日供热，1月6日才来热，1月9日达到标准；" in zh
    assert "heat was due on 2 Jan and came on 6 Jan, the standard was reached on 9 Jan; " in en
    assert "应于1月2日供热，至今没有来热；" in words(finding(1, 30, None, kind=Kind.LATE_START))[0]


def test_an_early_stop_names_its_day():
    assert words(finding(1, 30, None, kind=Kind.EARLY_STOP))[0].startswith(
        "热源“so1”提前停热：1月2日起不再供热；"
    )


def test_every_cause_has_a_sentence_for_each_answer():
    for cause in CAUSES:
        answers = {
            is_excluded: explain(
                finding(excluded=(Exclusion(cause, is_excluded, {"lift_kelvin": 12.34}),)),
                Names(),
                ZONE,
            )
            for is_excluded in (True, False)
        }
        assert answers[True].causes_zh != answers[False].causes_zh
        for found in answers.values():
            assert "（室内比室外高 12.3 ℃）" in found.causes_zh[0]
            assert "(indoors 12.3 K above outdoors)" in found.causes_en[0]
    assert CAUSES.keys() >= LIMITS | DECLARATIONS


def test_a_word_without_a_text_is_still_said():
    found = explain(
        finding(excluded=(Exclusion("solar_eclipse", False),), rule="new_rule"), Names(), ZONE
    )
    assert found.causes_en == ("perhaps solar eclipse: solar eclipse",)
    assert "new_rule" in found.zh


def test_every_word_of_the_core_has_a_text():
    assert KINDS.keys() == SIGNS.keys() == set(Kind)
    assert LEVELS.keys() == set(Level)
    assert CERTAINTIES.keys() == set(Certainty)


def test_places_are_called_by_their_public_names():
    names = Names(read_directory(SAMPLE, ZONE))
    building = finding(place=(Level.BUILDING, "b001"))
    assert names.place(Level.BUILDING, "b001") in words(building, names)[0]
    assert names.place(Level.BUILDING, "b001", english=True) in words(building, names)[1]
    assert names.place(Level.BUILDING, "b001") != "b001"
    assert names.place(Level.STAIRWELL, "b001-u1") == "江畔小区1号楼1单元"
    first = names.place(Level.STAIRWELL, "b001-u1", english=True)
    assert first == "Riverside Estate, No. 1, Stairwell 1"
    assert names.place(Level.HOME, "h0001") == "h0001"
    assert names.place(Level.SOURCE, "nowhere") == "nowhere"


def test_a_name_that_says_its_level_is_not_told_it_twice():
    names = Names(read_directory(SAMPLE, ZONE))
    chinese, english = words(finding(place=(Level.STAIRWELL, "b001-u1")), names)
    assert chinese.startswith("江畔小区1号楼1单元")
    assert english.startswith("Riverside Estate, No. 1, Stairwell 1,")
    assert words(finding(place=(Level.BUILDING, "b009")), names)[1].startswith("Building ")


@pytest.mark.parametrize(
    ("language", "names", "expected"),
    [
        ("zh", ["丁香园1号楼", "丁香园5号楼"], "丁香园1号楼、丁香园5号楼"),
        ("en", ["North Plant", "South Plant"], "North Plant, South Plant"),
        ("en", ["Court, No. 1", "Court, No. 5"], "Court, No. 1; Court, No. 5"),
    ],
)
def test_names_that_hold_commas_are_told_apart(language, names, expected):
    assert listed(names, texts(language)) == expected


@given(
    kind=st.sampled_from(Kind),
    level=st.sampled_from(Level),
    certainty=st.sampled_from(Certainty),
    hours=st.tuples(st.floats(-900, 900), st.floats(0, 900)),
    is_open=st.booleans(),
    homes=st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 5)),
    evidence=st.dictionaries(st.sampled_from(sorted(LABELS)), st.floats() | st.just("b1")),
    causes=st.lists(st.tuples(st.sampled_from(sorted(CAUSES)), st.booleans()), max_size=4),
)
def test_any_finding_is_one_whole_sentence(
    kind, level, certainty, hours, is_open, homes, evidence, causes
):
    start, length = hours
    one = finding(
        start,
        start + 1.0,
        None if is_open else start + length,
        place=(level, "p1"),
        kind=kind,
        certainty=certainty,
        affected=tuple(f"h{number}" for number in range(homes[0])),
        homes_judged=homes[1],
        homes_silent=homes[2],
        evidence=evidence,
        excluded=tuple(Exclusion(cause, is_excluded, evidence) for cause, is_excluded in causes),
    )
    found = explain(one, Names(), ZONE)
    for text, end in ((found.zh, "。"), (found.en, ".")):
        assert text.endswith(end)
        assert text.count("。") == (end == "。")
        assert not re.search(r"%\(|\bnan\b|\binf\b|None", text)
    assert len(found.causes_zh) == len(found.causes_en) == len(causes)
