"""Duty notices reach every supplier of a district and its department, each once."""

from datetime import timedelta

from heatward_collector.cases.duty import DutyNotices
from heatward_collector.outdoor.temperatures import OutdoorValue
from support.case_world import DAY, HOUR, CaseWorld, at


def outdoors(district: str, start_s: int, end_s: int) -> list[OutdoorValue]:
    """Return -5 degC until yesterday, and -20 then."""
    cold = at(DAY - timedelta(days=1))
    return [
        OutdoorValue(time_s, -20.0 if time_s >= cold else -5.0, "x")
        for time_s in range(start_s, end_s, HOUR)
    ]


def test_a_cold_wave_is_told_once_to_those_who_must_stand_ready(quick: CaseWorld) -> None:
    notices = DutyNotices(quick.outbox, quick.secretary, quick.standard, outdoors)
    assert notices.look(quick.now) == 3
    assert notices.look(quick.now + HOUR) == 0
    told = {kept.message.recipient: kept.message for kept in quick.outbox.latest()}
    assert set(told) == {"p-duty-1", "duty_phone:su-beichen", "p-department"}
    text = told["p-department"].text
    assert text.title_zh == "示例区寒潮来袭：请做好值守"
    assert "2026-01-09" in text.body_en
    assert told["p-department"].case == 0


def test_without_enough_weather_nothing_is_said(quick: CaseWorld) -> None:
    def few(district: str, start_s: int, end_s: int) -> list[OutdoorValue]:
        return outdoors(district, start_s, end_s)[-10:]

    assert DutyNotices(quick.outbox, quick.secretary, quick.standard, few).look(quick.now) == 0
