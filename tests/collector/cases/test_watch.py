"""Findings and verdicts become cases, each once, and cases end only with warm rooms."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from heatward_collector.core.cases import CaseKind, Event, State, What
from heatward_collector.core.cases.telling import Audience
from heatward_collector.core.suppression import Certainty, Exclusion, Kind, Level
from support.case_world import B4, B5, B9, DAY, HOUR, OF_SOURCE, OUTAGE, CaseWorld, at

ONE_DAY = timedelta(days=1)
OVER = replace(OUTAGE, end_s=at(DAY, 14))


def whats(case) -> list[str]:
    return [one.what.value for one in case.history]


def test_a_finding_opens_one_case_however_often_one_looks(world: CaseWorld) -> None:
    world.say(OUTAGE)
    (case,) = world.look()
    assert world.look() == [case]
    assert (case.kind, case.where.id, case.homes) == (CaseKind.OUTAGE, "b004", B4)
    heard = Counter(kept.message.audience for kept in world.messages(1))
    assert heard == {"department": 1, "officer": 1, "supplier": 1, "street": 1}
    officer = next(one for one in world.messages(1) if one.message.audience == "officer")
    assert officer.message.recipient == "p-officer-1"
    assert "http://heat.example/case/1" in officer.message.text.body_zh
    assert "0451-00000001" in officer.message.text.body_zh


def test_what_accuses_nobody_is_no_case(quick: CaseWorld) -> None:
    for certainty in (Certainty.UNDETERMINED, Certainty.DECLARED):
        quick.say(replace(OUTAGE, certainty=certainty))
        assert quick.look() == []


def test_a_declaration_that_came_afterwards_is_shown_and_explains_nothing(quick) -> None:
    quick.say(replace(OUTAGE, excluded=(Exclusion("late_notice", False),)))
    (case,) = quick.look()
    assert case.history[0].facts["declared_afterwards"] == 1


def test_an_interruption_closes_after_three_quiet_nights_in_warm_rooms(world: CaseWorld) -> None:
    world.say(OUTAGE)
    world.look()
    world.say(OVER)
    for number in range(1, 5):
        world.judge(DAY + number * ONE_DAY)
        world.now = at(DAY + (number + 1) * ONE_DAY, 2)
        (case,) = world.look()
        assert case.is_live == (number < 3), number
    assert case.state is State.CLOSED
    assert case.closing.facts == {
        "homes": 6, "reporting": 6, "warm": 6, "quiet_nights": 3, "day": "2026-01-13",
    }  # fmt: skip
    news = Counter(kept.message.news for kept in world.messages(1))
    assert news == {"opened": 4, "recovered": 4}


def test_cold_rooms_or_silent_sensors_keep_it_open(quick: CaseWorld) -> None:
    quick.say(OVER)
    for number in range(1, 5):
        quick.judge(DAY + number * ONE_DAY, "below" if number == 4 else "met")
    quick.now = at(DAY + 5 * ONE_DAY, 2)
    (case, *_) = quick.look()
    assert case.is_live
    quick.judge(DAY + 5 * ONE_DAY, "not_judgeable")
    quick.judge(DAY + 6 * ONE_DAY, "not_judgeable")
    quick.now = at(DAY + 7 * ONE_DAY, 2)
    (case, *_) = quick.look()
    assert (case.is_live, case.is_judgeable) == (True, False)
    for number in (7, 8, 9):
        quick.judge(DAY + number * ONE_DAY)
    quick.now = at(DAY + 10 * ONE_DAY, 2)
    (case, *_) = quick.look()
    assert case.state is State.CLOSED


def test_a_larger_place_takes_the_cases_of_its_buildings(world: CaseWorld) -> None:
    other = replace(OUTAGE, place="b005", buildings=("b005",), affected=B5)
    elsewhere = replace(OUTAGE, place="b009", buildings=("b009",), affected=B9)
    world.say(OUTAGE, other, elsewhere)
    assert len(world.look()) == 3
    world.later(hours=0.5)
    world.say(OF_SOURCE, elsewhere)
    first, second, third = world.look()
    assert (first.where.id, first.where.level) == ("so-qingsong", Level.SOURCE)
    assert (second.state, second.merged_into) == (State.MERGED, 1)
    assert third.state is State.OPEN
    assert set(first.homes) == {*B4, *B5}
    assert [place.id for _, place in first.places] == ["b004", "so-qingsong"]
    world.later(hours=0.5)
    assert world.look() == [first, second, third]


def test_a_kind_that_changes_is_the_same_case(quick: CaseWorld) -> None:
    quick.say(OUTAGE)
    quick.look()
    quick.later(hours=1)
    quick.say(replace(OUTAGE, kind=Kind.STOP_START))
    (case,) = quick.look()
    assert [kind for _, kind in case.kinds] == [CaseKind.OUTAGE, CaseKind.STOP_START]
    assert Audience.ENFORCEMENT in {one.message.audience for one in quick.messages(1)}


def test_the_same_fault_again_reopens_the_case(quick: CaseWorld) -> None:
    quick.say(OVER)
    for number in range(1, 4):
        quick.judge(DAY + number * ONE_DAY)
    quick.now = at(DAY + 4 * ONE_DAY, 2)
    (case,) = quick.look()
    assert case.state is State.CLOSED
    again = replace(OUTAGE, start_s=at(DAY + 6 * ONE_DAY, 1), detected_s=at(DAY + 6 * ONE_DAY, 3))
    quick.now = at(DAY + 6 * ONE_DAY, 4)
    quick.say(OVER, again)
    (case,) = quick.look()
    assert (case.state, case.relapses, case.begun_s) == (State.RELAPSED, 1, again.start_s)


def test_two_cold_days_are_a_case_and_one_is_none(world: CaseWorld) -> None:
    cold = {"b009": B9}
    world.judge(DAY - 2 * ONE_DAY, "below", cold, median=18.2)
    world.now = at(DAY - ONE_DAY, 8)
    assert world.look() == []
    world.judge(DAY - ONE_DAY, "below", cold, median=18.0)
    world.now = at(DAY, 8)
    (case,) = world.look()
    assert (case.kind, case.homes) == (CaseKind.BELOW_STANDARD, B9)
    assert case.begun_s == at(DAY - 2 * ONE_DAY)
    assert case.history[0].facts["median_celsius"] == 18.0
    world.judge(DAY, "below", cold)
    world.now = at(DAY + ONE_DAY, 8)
    assert world.look() == [case]
    world.judge(DAY + ONE_DAY, "met", cold)
    world.now = at(DAY + 2 * ONE_DAY, 8)
    (case,) = world.look()
    assert case.state is State.CLOSED
    assert case.heat_back_s == at(DAY + ONE_DAY)


def test_a_thaw_closes_no_case(quick: CaseWorld) -> None:
    cold = {"b009": B9}
    for number in (2, 1):
        quick.judge(DAY - number * ONE_DAY, "below", cold, outdoor=-24.0)
    quick.now = at(DAY, 8)
    quick.look()
    quick.judge(DAY, "met", cold, outdoor=-8.0)
    quick.now = at(DAY + ONE_DAY, 8)
    (case,) = quick.look()
    assert (case.lasts, case.is_live) == (False, True)
    quick.judge(DAY + ONE_DAY, "met", cold, outdoor=-20.0)
    quick.now = at(DAY + 2 * ONE_DAY, 8)
    (case,) = quick.look()
    assert case.state is State.CLOSED


def test_days_that_an_interruption_explains_make_no_second_case(quick: CaseWorld) -> None:
    quick.say(replace(OUTAGE, end_s=at(DAY + ONE_DAY, 20)))
    for number in range(3):
        quick.judge(DAY + number * ONE_DAY, "below", {"b004": B4})
    quick.now = at(DAY + 3 * ONE_DAY, 8)
    assert len(quick.look()) == 1
    quick.judge(DAY + 3 * ONE_DAY, "below", {"b004": B4})
    quick.judge(DAY + 4 * ONE_DAY, "below", {"b004": B4})
    quick.now = at(DAY + 5 * ONE_DAY, 8)
    assert [case.kind.value for case in quick.look()] == ["outage", "below_standard"]


def test_most_buildings_of_a_source_together_are_its_case(quick: CaseWorld) -> None:
    cold = {"b001": ("h0001",), "b002": ("h0007",), "b004": B4, "b005": B5}
    for number in (2, 1):
        quick.judge(DAY - number * ONE_DAY, "below", cold)
    quick.now = at(DAY, 8)
    cases = quick.look()
    assert [case.state.value for case in cases] == ["open", "merged", "merged", "merged"]
    assert cases[0].where.id == "so-qingsong"
    assert set(cases[0].homes) == {"h0001", "h0007", *B4, *B5}


def test_an_early_stop_ends_with_the_season_and_was_not_remedied(quick: CaseWorld) -> None:
    end = DAY.replace(month=4, day=20)
    early = replace(
        OUTAGE,
        kind=Kind.EARLY_STOP,
        start_s=at(end - 5 * ONE_DAY),
        detected_s=at(end - 2 * ONE_DAY),
    )
    quick.now = at(end, 8)
    span = (at(end - 60 * ONE_DAY), at(end + 60 * ONE_DAY))
    quick.findings.record([early], span, int(quick.now), batch=1)
    (case,) = quick.look()
    assert case.is_live
    quick.now = at(end + ONE_DAY, 8)
    (case,) = quick.look()
    assert case.closing.what is What.SEASON_OVER


def test_heat_that_is_missing_after_the_claim_refutes_it(quick: CaseWorld) -> None:
    quick.say(OUTAGE)
    quick.look()
    quick.do(1, Event(What.CLAIMED_FIXED, int(quick.now), "调度员"))
    quick.later(hours=23)
    (case,) = quick.look()
    assert case.state is State.CLAIMED_FIXED
    quick.later(hours=2)
    (case,) = quick.look()
    assert case.state is State.DISPATCHED


def test_silence_climbs_the_ladder_and_an_answer_stops_it(world: CaseWorld) -> None:
    turns = [("p-officer-1", 1), ("p-officer-2", 2)]
    roster = [
        {
            "source": "so-qingsong",
            "from_s": at(DAY),
            "rank": rank,
            "to_s": at(DAY, 24),
            "person": one,
        }
        for one, rank in turns
    ]
    world.registry.put({"duty": roster})
    world.say(OUTAGE)
    world.look()
    world.do(1, Event(What.NOTIFIED, int(world.now)))
    world.later(hours=0.3)
    (case,) = world.look()
    assert [one.reason for one in case.round if one.what is What.CLIMBED] == ["next_officer"]
    (climbed,) = [one.message for one in world.messages(1) if one.message.news == "unanswered"]
    assert climbed.recipient == "p-officer-2"
    world.do(1, Event(What.ACKNOWLEDGED, int(world.now), "李示例"))
    world.later(hours=5)
    (case,) = world.look()
    assert whats(case).count("climbed") == 1


def test_a_missed_deadline_is_told_once(quick: CaseWorld) -> None:
    quick.say(OUTAGE)
    quick.look()
    quick.do(1, Event(What.REACHED_SUPPLIER, int(quick.now)))
    quick.now += 10 * HOUR + 60
    quick.look()
    (case,) = quick.look()
    assert [one.reason for one in case.round if one.what is What.OVERDUE] == ["on_site"]
    quick.now += 38 * HOUR
    (case,) = quick.look()
    assert [one.reason for one in case.round if one.what is What.OVERDUE] == [
        "on_site",
        "repaired",
    ]


def test_what_a_person_closed_is_not_reopened_by_the_finding_he_knew(quick: CaseWorld) -> None:
    quick.say(OUTAGE)
    quick.look()
    quick.do(1, Event(What.CLOSED_BY_PERSON, int(quick.now), "李示例", "误报：阀门检修"))
    quick.later(hours=1)
    quick.say(replace(OUTAGE, affected=B4[:5] + ("h0001",)))
    (case,) = quick.look()
    assert case.state is State.CLOSED


def test_days_that_are_judged_late_make_their_case_late_but_make_it(quick: CaseWorld) -> None:
    quick.look()
    quick.later(days=12)
    quick.look()
    cold = {"b009": B9}
    for number in range(3):
        quick.judge(DAY + number * ONE_DAY, "below", cold)
    (case,) = quick.look()
    assert (case.begun_s, case.is_live) == (at(DAY), True)


def test_a_finding_of_long_ago_that_a_closed_case_knows_opens_no_second_one(quick) -> None:
    quick.say(OVER)
    for number in range(1, 4):
        quick.judge(DAY + number * ONE_DAY)
    quick.now = at(DAY + 4 * ONE_DAY, 2)
    (case,) = quick.look()
    assert case.state is State.CLOSED
    for days in (5, 12, 20):
        quick.now = at(DAY + days * ONE_DAY, 8)
        assert quick.look() == [case]
