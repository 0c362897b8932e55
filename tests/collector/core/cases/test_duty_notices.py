"""When suppliers are asked to stand ready, and when not."""

from datetime import date, timedelta

from heatward_collector.core.cases.duty_notices import Occasion, OutdoorDay, holidays, occasions

TODAY = date(2026, 1, 10)
ONE = timedelta(days=1)
FIRST = date(2025, 10, 20)


def told(today: date = TODAY, in_season: bool = True, **days: tuple[float, float]):
    """``d1`` is yesterday, ``d2`` the day before: lowest and mean."""
    outdoors = {
        today - int(key.removeprefix("d")) * ONE: OutdoorDay(*value) for key, value in days.items()
    }
    return occasions(today, outdoors, FIRST, in_season)


def test_a_fall_of_eight_kelvin_to_four_degrees_is_a_cold_wave() -> None:
    assert told(d2=(-4.0, 0.0), d1=(-12.0, -6.0)) == [(Occasion.COLD_WAVE, TODAY - ONE)]
    assert told(d2=(-4.0, 0.0), d1=(-11.9, -6.0)) == []
    assert told(d2=(13.0, 15.0), d1=(4.5, 6.0)) == []
    assert told(d1=(-30.0, -25.0)) == []
    assert told(in_season=False, d2=(-4.0, 0.0), d1=(-12.0, -6.0)) == []


def test_the_day_before_a_long_holiday_asks_for_duty() -> None:
    eve_of_spring_festival = date(2026, 2, 16)
    assert eve_of_spring_festival in holidays()
    assert told(eve_of_spring_festival - ONE) == [(Occasion.HOLIDAY, eve_of_spring_festival)]
    assert told(date(2025, 12, 31)) == [(Occasion.HOLIDAY, date(2026, 1, 1))]
    assert told(date(2026, 1, 2)) == []


def test_five_cold_days_shortly_before_the_season_ask_for_an_early_start() -> None:
    cold = {f"d{number}": (0.0, 4.9) for number in range(1, 6)}
    near = date(2025, 10, 12)
    assert told(near, False, **cold) == [(Occasion.EARLY_START, FIRST)]
    assert told(near, False, **{**cold, "d3": (0.0, 5.0)}) == []
    assert told(near, False, **{key: cold[key] for key in ("d1", "d2", "d3", "d4")}) == []
    assert told(date(2025, 9, 1), False, **cold) == []
    assert told(near, True, **cold) == []
