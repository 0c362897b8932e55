"""A case is the fold over its history, and only what may happen happens."""

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from heatward_collector.core.cases import (
    LIVE,
    CaseKind,
    Event,
    Family,
    HeatPlace,
    Refused,
    State,
    What,
    after,
    family_of,
    of_history,
    opened,
)
from heatward_collector.core.suppression import Level

BUILDING = HeatPlace(Level.BUILDING, "b1")
SOURCE = HeatPlace(Level.SOURCE, "s1")
OPENING = Event(
    What.OPENED,
    1000,
    kind=CaseKind.OUTAGE,
    where=BUILDING,
    sign="acute-1",
    revision=1,
    begun_s=500,
    homes=("h1", "h2"),
    buildings=("b1",),
)
CLAIM = Event(What.CLAIMED_FIXED, 2000, by="调度员")


def over(at_s: int = 1500, ended_s: int | None = 1400) -> Event:
    return Event(
        What.SIGN,
        at_s,
        kind=CaseKind.OUTAGE,
        sign="acute-1",
        revision=2,
        begun_s=500,
        ended_s=ended_s,
    )


def closed() -> tuple:
    return (OPENING, over(), Event(What.RECOVERED, 3000))


def test_a_case_knows_since_when_heat_is_missing_and_for_whom() -> None:
    case = opened(7, OPENING)
    assert (case.number, case.family, case.state) == (7, Family.INTERRUPTION, State.OPEN)
    assert (case.begun_s, case.heat_back_s, case.homes) == (500, None, ("h1", "h2"))
    assert after(case, over()).heat_back_s == 1400


def test_a_claim_closes_nothing() -> None:
    case = after(opened(7, OPENING), CLAIM)
    assert (case.state, case.is_live) == (State.CLAIMED_FIXED, True)
    refuted = after(case, Event(What.CLAIM_REFUTED, 2500))
    assert refuted.state is State.DISPATCHED


def test_recovery_closes_only_what_no_longer_lasts() -> None:
    with pytest.raises(Refused, match="still missing"):
        after(opened(7, OPENING), Event(What.RECOVERED, 3000))
    case = of_history(7, closed())
    assert case.state is State.CLOSED
    assert case.closing is not None
    assert case.closing.what is What.RECOVERED


def test_a_person_closes_with_a_name_and_a_reason_or_not_at_all() -> None:
    case = opened(7, OPENING)
    for event in (
        Event(What.CLOSED_BY_PERSON, 2000, reason="误报"),
        Event(What.CLOSED_BY_PERSON, 2000, by="王", reason="  "),
    ):
        with pytest.raises(Refused):
            after(case, event)
    assert after(case, Event(What.CLOSED_BY_PERSON, 2000, "王", "误报")).state is State.CLOSED


def test_a_relapse_begins_a_new_round_with_signs_of_its_own() -> None:
    again = Event(
        What.RELAPSED,
        4000,
        kind=CaseKind.NIGHT_INTERRUPTION,
        sign="acute-2",
        revision=1,
        begun_s=3900,
    )
    case = after(of_history(7, closed()), again)
    assert (case.state, case.relapses, case.begun_s) == (State.RELAPSED, 1, 3900)
    assert [sign.id for sign in case.signs] == ["acute-2"]
    assert [one.what for one in case.round] == [What.RELAPSED]
    assert case.kinds == ((1000, CaseKind.OUTAGE), (4000, CaseKind.NIGHT_INTERRUPTION))


def test_a_case_keeps_its_family_and_its_place_only_grows() -> None:
    case = opened(7, OPENING)
    with pytest.raises(Refused, match="cannot become"):
        after(case, replace(over(), kind=CaseKind.THROTTLING))
    raised = after(case, Event(What.RAISED, 1600, where=SOURCE))
    assert raised.places == ((1000, BUILDING), (1600, SOURCE))
    with pytest.raises(Refused, match="no larger"):
        after(raised, Event(What.RAISED, 1700, where=BUILDING))


def test_only_an_early_stop_ends_with_the_season() -> None:
    with pytest.raises(Refused, match="season"):
        after(opened(7, OPENING), Event(What.SEASON_OVER, 2000))
    early = replace(OPENING, kind=CaseKind.EARLY_STOP)
    assert after(opened(7, early), Event(What.SEASON_OVER, 2000)).state is State.CLOSED


def test_what_was_withdrawn_counts_for_nothing_but_stays_written() -> None:
    case = after(opened(7, OPENING), replace(over(), is_withdrawn=True, ended_s=None))
    assert not case.lasts
    assert [sign.is_withdrawn for sign in case.signs] == [True]


def test_nothing_happens_before_what_happened() -> None:
    with pytest.raises(Refused, match="before"):
        after(opened(7, OPENING), replace(CLAIM, at_s=999))


class Life(RuleBasedStateMachine):
    """Anything may be tried on a case at any time; what is refused leaves it as it was."""

    @initialize(kind=st.sampled_from(CaseKind))
    def begin(self, kind: CaseKind) -> None:
        self.case = opened(1, replace(OPENING, kind=kind))
        self.now = 1000

    @rule(
        what=st.sampled_from(sorted(set(What) - {What.OPENED})),
        later=st.integers(-5, 500),
        by=st.sampled_from(("", "heatward", "王")),
        reason=st.sampled_from(("", "已核实")),
        kind=st.one_of(st.none(), st.sampled_from(CaseKind)),
        where=st.sampled_from((None, BUILDING, SOURCE)),
        sign=st.sampled_from(("", "acute-1", "acute-2")),
        ended_s=st.one_of(st.none(), st.integers(500, 2000)),
        other=st.sampled_from((0, 1, 2)),
    )
    def try_anything(self, what, later, by, reason, kind, where, sign, ended_s, other) -> None:
        event = Event(
            what,
            self.now + later,
            by,
            reason,
            kind=kind,
            where=where,
            sign=sign,
            begun_s=600,
            ended_s=ended_s,
            other=other,
        )
        before = self.case
        try:
            self.case = after(before, event)
        except Refused:
            return
        self.now = event.at_s
        self.check(before, event)

    def check(self, before, event) -> None:
        assert self.case.history == (*before.history, event)
        assert self.case.state is not State.OPEN or before.state is State.OPEN
        if before.state is State.MERGED:
            assert self.case.state is State.MERGED
        if before.state is State.CLOSED and self.case.state is not State.CLOSED:
            assert event.what is What.RELAPSED
        if self.case.state is State.CLOSED and before.is_live:
            assert (
                event.what is What.RECOVERED
                and not before.lasts
                or event.what is What.SEASON_OVER
                and before.kind is CaseKind.EARLY_STOP
                or (event.by, event.reason) == ("王", "已核实")
            )

    @precondition(lambda self: self.case.is_live)
    @rule()
    def a_live_case_can_always_be_answered(self) -> None:
        assert after(self.case, Event(What.ACKNOWLEDGED, self.now, "王")).is_live

    @invariant()
    def it_is_the_fold_of_its_history(self) -> None:
        assert of_history(1, self.case.history) == self.case

    @invariant()
    def it_keeps_its_family(self) -> None:
        assert all(family_of(kind) is self.case.family for _, kind in self.case.kinds)
        assert self.case.is_live == (self.case.state in LIVE)
        assert (self.case.merged_into != 0) == (self.case.state is State.MERGED)


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestLife = Life.TestCase
