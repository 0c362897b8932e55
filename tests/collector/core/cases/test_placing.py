"""One open case a place and family: which one a new sign belongs to."""

from heatward_collector.core.cases import CaseKind, Event, Family, HeatPlace, What, after, opened
from heatward_collector.core.cases.placing import Choice, Fate, choose, source_cases
from heatward_collector.core.suppression import Level

HOMES = {
    HeatPlace(Level.BUILDING, "b1"): {1, 2},
    HeatPlace(Level.BUILDING, "b2"): {3, 4},
    HeatPlace(Level.BUILDING, "b3"): {5, 6},
    HeatPlace(Level.ZONE, "z1"): {1, 2, 3, 4},
    HeatPlace(Level.SOURCE, "s1"): {1, 2, 3, 4, 5, 6},
    HeatPlace(Level.SOURCE, "s2"): {7},
}
PLACE = {place.id: place for place in HOMES}
DAY = 86_400


def contains(larger: HeatPlace, smaller: HeatPlace) -> bool:
    return larger != smaller and HOMES[smaller] <= HOMES[larger]


def case(number: int, place: str, kind: CaseKind = CaseKind.OUTAGE):
    event = Event(What.OPENED, 1000, kind=kind, where=PLACE[place], sign="s", begun_s=900)
    return opened(number, event)


def chosen(place: str, *cases, family: Family = Family.INTERRUPTION, begun_s: int = 2000) -> Choice:
    return choose(family, PLACE[place], begun_s, cases, contains)


def test_the_first_sign_opens_a_case() -> None:
    assert chosen("b1") == Choice(Fate.NEW)
    assert chosen("b1", case(1, "b2"), case(2, "s2")) == Choice(Fate.NEW)
    assert chosen("b1", case(1, "b1", CaseKind.THROTTLING)) == Choice(Fate.NEW)


def test_a_sign_joins_the_case_of_its_place_or_of_the_smallest_around_it() -> None:
    assert chosen("b1", case(1, "b1")) == Choice(Fate.JOIN, 1)
    assert chosen("b1", case(1, "s1"), case(2, "z1")) == Choice(Fate.JOIN, 2)


def test_a_source_takes_over_its_buildings() -> None:
    found = chosen("s1", case(4, "b3"), case(2, "b1"), case(3, "s2"))
    assert found == Choice(Fate.RAISE, 2, (4,))


def test_the_same_place_soon_after_is_a_relapse() -> None:
    closed = after(case(1, "b1"), Event(What.CLOSED_BY_PERSON, 5000, "王", "已修复"))
    assert chosen("b1", closed, begun_s=5000 + 7 * DAY) == Choice(Fate.REOPEN, 1)
    assert chosen("b1", closed, begun_s=5001 + 7 * DAY) == Choice(Fate.NEW)
    assert chosen("b2", closed) == Choice(Fate.NEW)


def test_half_of_a_sources_buildings_are_the_source() -> None:
    def merged(cases, judged: int):
        return source_cases(cases, lambda place: "s1", lambda source: judged)

    three = [case(number, f"b{number}") for number in (1, 2, 3)]
    assert merged(three, 6) == [(PLACE["s1"], Choice(Fate.RAISE, 1, (2, 3)))]
    assert merged(three, 7) == []
    assert merged(three[:2], 2) == []
