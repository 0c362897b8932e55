"""What /demo says of a deed: what was found of it, or why nothing was."""

from __future__ import annotations

import pytest

from heatward_collector.api.trying.demo_words import answer_of
from heatward_collector.api.words.formats import Formats
from heatward_collector.core.suppression import Kind, Level
from heatward_collector.demo_desk import Deed, Done
from heatward_collector.explain import Names
from heatward_collector.locale import texts
from support.findings_board import finding, said
from support.street import NOW_S, RULE

DAY = 86_400
WRITE = Formats(texts("en"), RULE.zone)


def answered(deed: Deed, *kinds: Kind) -> str:
    done = Done(1, deed, NOW_S - 6 * DAY, NOW_S, NOW_S, "so-qingsong", is_finished=True)
    source = {"level": Level.SOURCE, "place": "so-qingsong"}
    found = [said(kind, finding(kind=kind, **source)) for kind in kinds]
    return " ".join(answer_of(done, found, Names(), WRITE).lines)


def test_a_supply_held_back_is_not_answered_by_a_stop_that_came_meanwhile() -> None:
    assert "the two weeks before" in answered(Deed.CAP_SUPPLY, Kind.OUTAGE)
    assert answered(Deed.CAP_SUPPLY, Kind.OUTAGE, Kind.THROTTLING) == ""


@pytest.mark.parametrize("deed", Deed)
def test_where_nothing_is_found_it_is_said_why(deed: Deed) -> None:
    assert answered(deed)


def test_a_stop_answers_a_night_without_heat() -> None:
    assert answered(Deed.STOP_AT_NIGHT, Kind.OUTAGE) == ""
