"""From rows to tables, by hand-made seasons."""

import json

import pytest

from heatward_collector.score.dates import EdgeRow
from heatward_collector.score.rows import FalseRow, PeriodRow, SeriesRow
from heatward_collector.score.season_rows import SeasonRows
from heatward_collector.score.summary import summary
from heatward_collector.score.throttling import CutRow, DayCounts


def row(said="outage", account="counted", delay=1.5, level=True, **facts):
    found = said not in ("missed",)
    values = {
        "kind": "outage",
        "level": "source",
        "residual": 0.0,
        "lift_kelvin": 30.0,
        "homes": 8,
        "hours": 6.0,
        "is_of_the_night": True,
        "is_floor_heated": False,
        "accusations": 1,
    } | facts
    return PeriodRow(
        account=account,
        said=said,
        delay_h=delay if found else None,
        is_level_right=level if found else None,
        **values,
    )


def season(seed=0, days=300, **facts):
    return SeasonRows(seed=seed, has_events=True, building_days=days, **facts)


def test_recall_delay_and_level_are_of_counted_periods():
    periods = [row(delay=1.0), row(delay=2.0, level=False), row("missed"), row("undetermined")]
    periods += [row(account="weak", said="missed", residual=0.7)]
    found = summary([season(periods=periods)], [])["acute"]["outage"]
    assert (found["recall"]["count"], found["recall"]["of"]) == (2, 4)
    assert found["delay_h"]["median"] == 2.0
    assert found["delay_h"]["p90"] is None  # missed: infinite
    assert found["delay_h"]["each"] == [1.0, 2.0]
    assert found["level_right"]["rate"] == 0.5


def test_kinds_are_apart_and_together():
    periods = [row(), row("missed", kind="stop_start")]
    acute = summary([season(periods=periods)], [])["acute"]
    assert acute["outage"]["recall"]["rate"] == 1.0
    assert acute["stop_start"]["recall"]["rate"] == 0.0
    assert acute["all"]["recall"]["rate"] == 0.5
    assert acute["night_interruption"]["recall"]["rate"] is None


def test_false_episodes_count_buildings_over_months_with_their_bound():
    false = [
        FalseRow("outage", "source", "so1", 0, 0, 3),
        FalseRow("outage", "building", "b", 0, 0, 1),
    ]
    quiet = summary([], [season(days=3000, false=false), season(1, 3000)])["false_quiet"]
    assert (quiet["episodes"], quiet["findings"], quiet["building_months"]) == (4, 2, 200.0)
    assert quiet["per_building_month"] == 0.02
    assert quiet["upper"] == pytest.approx(9.1535 / 200, abs=1e-4)
    assert quiet["by_kind_and_level"] == {"outage building": 1, "outage source": 3}


def test_precision_and_fragments():
    false = [FalseRow("outage", "source", "so1", 0, 0, 3)]
    found = summary([season(periods=[row()] * 10, false=false, right=9, fragments=1)], [])
    assert found["precision"]["rate"] == 0.9
    assert found["fragments_per_event"]["rate"] == 0.1


def test_types_are_those_of_series_and_undetermined_is_a_column():
    series = [
        SeriesRow("night_interruption", "source", said, said == "night_interruption")
        for said in ("night_interruption", "outage", "undetermined", "missed")
    ]
    found = summary([season(series=series)], [])["type"]
    assert found["right"] == {"count": 1, "of": 3, "rate": 0.3333, "low": 0.3333, "high": 0.3333}
    assert found["said"]["night_interruption"] == {
        "missed": 1,
        "night_interruption": 1,
        "outage": 1,
        "undetermined": 1,
    }


def test_throttling_is_apart_for_many_buildings_one_and_all_sources():
    wide = CutRow("source", 3, 2.5, True, True, "throttling", 4.0)
    late = CutRow("source", 3, 3.5, True, True, "throttling", 6.0)
    local = CutRow("building", 1, 3.2, True, True, "missed", None)
    shallow = CutRow("source", 3, 1.2, False, False, "undetermined", None)
    together = CutRow("source", 3, 2.5, True, True, "throttling", 1.0, is_shortage=True)
    found = summary(
        [
            season(
                cuts=[wide, late, local, shallow, together],
                live_days=DayCounts(8, 2, 4),
                final_days=DayCounts(19, 1, 1),
            )
        ],
        [season(days=3000, final_days=DayCounts(0, 2, 0))],
    )["throttling"]
    assert (found["wide_in_time"]["rate"], found["wide_ever"]["rate"]) == (0.5, 1.0)
    assert (found["local_ever"]["rate"], found["all_sources_in_time"]["rate"]) == (0.0, 1.0)
    assert found["days_live"]["precision"]["rate"] == 0.8
    assert found["days_final"]["recall"]["rate"] == 0.95
    per_month = found["false_days_quiet_per_building_month"]
    assert (per_month["count"], per_month["of"], per_month["rate"]) == (2, 100.0, 0.02)
    assert found["by_drop_kelvin"]["1..1.5"]["rate"] == 1.0
    assert found["by_drop_kelvin"]["2..3"]["of"] == 2


def test_a_cut_of_fewer_than_four_homes_is_in_a_table_of_its_own():
    few = CutRow("zone", 1, 4.0, True, True, "undetermined", 1.0, valid_homes=3)
    named = CutRow("zone", 1, 4.0, True, True, "throttling", 1.0, valid_homes=3)
    enough = CutRow("zone", 1, 4.0, True, True, "throttling", 1.0, valid_homes=4)
    found = summary([season(cuts=[few, named, enough])], [])["throttling"]
    assert (found["local_in_time"]["count"], found["local_in_time"]["of"]) == (1, 1)
    undetermined = found["few_homes_undetermined"]
    assert (undetermined["count"], undetermined["of"]) == (1, 2)


def test_edges_count_where_it_was_cold_and_the_stop_real():
    def edge(days_off, is_counted=True):
        return EdgeRow("late_start", "source", 0.0, 12.0, is_counted, "late_start", days_off, True)

    found = summary([season(edges=[edge(0), edge(1), edge(2), edge(0, False)])], [])["edges"]
    assert found["late_start"]["day_right"] == {
        "count": 2,
        "of": 3,
        "rate": 0.6667,
        "low": 0.6667,
        "high": 0.6667,
    }
    assert found["late_start"]["weak_found"]["of"] == 1
    assert found["early_stop"]["found"]["rate"] is None


def test_declared_and_floor_heating_have_tables_of_their_own():
    periods = [row("declared", "declared", accusations=0), row("missed", "declared")]
    periods += [row(account="floor_heating", is_floor_heated=True, delay=3.5)]
    found = summary([season(periods=periods)], [])
    assert found["acute"]["all"]["recall"]["of"] == 0
    assert found["declared"]["said_declared"]["rate"] == 0.5
    assert found["declared"]["accused"]["rate"] == 0.5
    assert found["floor_heating"]["delay_h"]["median"] == 3.5


def test_maps_vary_one_fact_while_the_others_are_enough():
    periods = [
        row(residual=0.55, account="weak"),
        row("missed", residual=0.55, account="weak"),
        row("missed", residual=0.55, lift_kelvin=12.0, account="weak"),
        row("missed", residual=1.0, account="weak"),
        row("missed", lift_kelvin=12.0, account="weak"),
        row("missed", homes=3, account="weak"),
    ]
    maps = summary([season(periods=periods)], [])["recall_map"]
    assert maps["residual_by_night"]["0.5..0.6"]["rate"] == 0.5
    assert maps["residual_by_night"]["0.8..1"]["of"] == 1
    assert maps["lift_kelvin"]["10..15"]["of"] == 1
    assert maps["lift_kelvin"]["30..40"]["of"] == 0
    assert maps["homes"]["3..4"] == {"count": 0, "of": 1, "rate": 0.0, "low": 0.0, "high": 0.0}
    assert list(maps["homes"])[-1] == "12.."


def test_the_whole_is_json_without_infinities():
    text = json.dumps(summary([season(periods=[row("missed")])], []), allow_nan=False)
    assert json.loads(text)["acute"]["outage"]["delay_h"]["median"] is None
