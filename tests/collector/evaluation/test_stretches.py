"""Which local days are watched together."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from heatward_collector.evaluation.stretches import stretches

DAY = date(2026, 1, 2)
ZONE = ZoneInfo("Asia/Shanghai")


def spans(heard: list[date], today: date) -> list[tuple[date, date]]:
    return [(one.first, one.last) for one in stretches(heard, today, ZONE)]


def test_days_with_readings_form_stretches_with_a_day_behind_them() -> None:
    today = DAY + timedelta(days=40)
    heard = [DAY, DAY + timedelta(days=3), DAY + timedelta(days=18)]
    assert spans(heard, today) == [
        (DAY, DAY + timedelta(days=4)),
        (DAY + timedelta(days=18), DAY + timedelta(days=19)),
    ]
    assert spans(heard, DAY + timedelta(days=3)) == [(DAY, DAY + timedelta(days=3))]
    assert spans([], today) == []


def test_every_heating_year_is_watched_by_itself() -> None:
    last, first = date(2026, 6, 30), date(2026, 7, 1)
    assert spans([last, first], first) == [(last, last), (first, first)]
    one, two = stretches([last, first], first, ZONE)
    assert one.next_s < two.next_s
