"""Who hears of a place: by role, date and roster; a role without a person is seen."""

from datetime import date

from heatward_collector.alerts.message import INBOX
from heatward_collector.alerts.recipients import Charge, Recipients
from heatward_collector.core.cases.telling import Audience

TODAY = date(2026, 1, 10)
NIGHT = 1_768_060_800
PLACE = Charge(("so1",), ("su1",), ("st1", "st2"), ("d1",))


def person(key: str, role: str, subject: str, since: date | None = None, phone: str = "") -> dict:
    return {
        "id": key,
        "role": role,
        "subject": subject,
        "name": key.upper(),
        "phone": phone,
        "from_day": since,
    }


def turn(who: str, rank: int, from_s: int = NIGHT - 3600, to_s: int = NIGHT + 3600) -> dict:
    return {"source": "so1", "rank": rank, "from_s": from_s, "to_s": to_s, "person": who}


def way(who: str, channel: str, rank: int = 1, since=None, until=None, language="zh") -> dict:
    dates = {"from_day": since, "to_day": until}
    return {"person": who, "rank": rank, "channel": channel, "language": language, **dates}


PERSONS = [
    person("old", "responsible_officer", "so1", date(2020, 1, 1)),
    person("new", "responsible_officer", "so1", date(2025, 1, 1)),
    person("next-year", "responsible_officer", "so1", date(2027, 1, 1)),
    person("office", "street_office", "st1"),
    person("duty", "duty_phone", "su1", phone="0451-1"),
    person("department", "district_department", "d1"),
]


def ids(audience: Audience, *, persons=PERSONS, roster=(), place=PLACE) -> list[str]:
    found = Recipients(persons, list(roster), []).of(audience, place, NIGHT, TODAY)
    return [one.id for one in found]


def test_the_officer_is_the_one_named_last_and_not_before_his_day() -> None:
    assert ids(Audience.OFFICER) == ["new"]
    assert ids(Audience.NEXT_OFFICER) == ["old"]


def test_at_night_it_is_the_person_on_the_roster_and_then_the_one_behind() -> None:
    roster = [turn("old", 2), turn("duty", 1), turn("new", 1, to_s=NIGHT - 60)]
    assert ids(Audience.OFFICER, roster=roster) == ["duty"]
    assert ids(Audience.NEXT_OFFICER, roster=roster) == ["old"]


def test_a_source_without_an_officer_is_seen() -> None:
    assert ids(Audience.OFFICER, persons=[]) == ["responsible_officer:so1"]
    assert ids(Audience.NEXT_OFFICER, persons=[]) == ["responsible_officer:so1"]


def test_every_street_of_a_place_is_told() -> None:
    assert ids(Audience.STREET) == ["office", "street_office:st2"]


def test_the_suppliers_phone_is_known_also_without_a_person() -> None:
    suppliers = {"su1": {"duty_phone": "0451-9", "name_zh": "青松热力"}}
    (found,) = Recipients([], [], [], suppliers).of(Audience.SUPPLIER, PLACE, NIGHT, TODAY)
    assert (found.id, found.name, found.phone) == ("duty_phone:su1", "青松热力", "0451-9")
    assert not found.is_known


def test_a_unit_that_heats_itself_has_an_authority_of_its_own() -> None:
    own = [*PERSONS, person("ministry", "self_heating_authority", "su1")]
    assert ids(Audience.DEPARTMENT) == ["department"]
    assert ids(Audience.DEPARTMENT, persons=own) == ["ministry"]
    both = Charge(("so1",), ("su1", "su2"), (), ("d1",))
    assert ids(Audience.DEPARTMENT, persons=own, place=both) == ["department"]


def test_ways_are_those_of_the_day_the_first_one_first() -> None:
    ways = [
        way("duty", "sms", 2),
        way("duty", "wecom", 1, since=date(2026, 1, 1), language="en"),
        way("duty", "mail", 1, until=date(2025, 12, 31)),
    ]
    (found,) = Recipients(PERSONS, [], ways).of(Audience.SUPPLIER, PLACE, NIGHT, TODAY)
    assert (found.channels, found.language) == (("wecom", "sms"), "en")
    (office, _) = Recipients(PERSONS, [], ways).of(Audience.STREET, PLACE, NIGHT, TODAY)
    assert office.channels == (INBOX,)


def test_enforcement_and_city_are_of_the_district() -> None:
    assert ids(Audience.ENFORCEMENT) == ["heating_enforcement:d1"]
    assert ids(Audience.CITY) == ["city_department:d1"]
