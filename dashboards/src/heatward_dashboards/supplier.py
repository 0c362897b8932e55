"""Suppliers compared, and one of them day by day: homes that met the standard, and what lacked."""

from __future__ import annotations

from heatward_dashboards.findings import finding_list
from heatward_dashboards.frame import Json, dashboard, labels, page_link, pages_address, picker
from heatward_dashboards.language import Language
from heatward_dashboards.panels import Panel, Steps, curves, linked, named, rows, stat, with_unit
from heatward_dashboards.queries import places, series, table
from heatward_dashboards.states import BLUE, INK, ORANGE, RED, alarm_steps

HERE = '"supplier" =~ /^$supplier$/'
DAYS = "\"level\" = 'supplier'"
PLAIN = [{"value": None, "color": INK}]
PASS_RATE = 0.9
"""Below this share of homes the colour turns. (2020 consultation draft: licence at risk)"""


def supplier(words: Language) -> Json:
    """Return the dashboard."""
    say, label = words.say, f"label{words.suffix}"
    return dashboard(
        words,
        "supplier",
        say("Heating: suppliers"),
        [
            (4, _numbers(words)),
            (8, [(24, _compared(words))]),
            (9, [(12, _met(words)), (12, _lacking(words))]),
            (8, [(24, finding_list(words, HERE))]),
        ],
        [picker("supplier", say("Supplier"), labels("supplier", label, "")), pages_address()],
        links=[page_link(words, say("Assessment of the month"), "/assessment")],
        since="now-30d",
    )


def _numbers(words: Language) -> list[tuple[int, Panel]]:
    say, nothing = words.say, words.say("no new data")
    where = f"WHERE $timeFilter AND {DAYS} AND {HERE}"
    now = f'FROM "area_state" WHERE $timeFilter AND "level" = \'supplier\' AND {HERE}'

    def total(field: str) -> Json:
        inner = f'SELECT last("{field}") AS "x" {now} GROUP BY "area"'
        return table(f'SELECT sum("x") FROM ({inner})')

    met = f'SELECT sum("homes_reached") / sum("homes_judged") FROM "area_day" {where}'
    judged = f'SELECT sum("homes_judged") FROM "area_day" {where}'
    steps: Steps = [
        {"value": None, "color": RED},
        {"value": PASS_RATE, "color": ORANGE},
        {"value": 1, "color": INK},
    ]
    rate = stat(
        say("Pass rate within the range shown"),
        table(met),
        steps,
        say("fewer than 5 homes"),
        unit="percentunit",
        decimals=1,
        span="",
        description=say("Days of homes at or above the standard, of all days of homes judged."),
    )
    days = stat(say("Days of homes judged"), table(judged), PLAIN, say("none"), decimals=0, span="")
    below = stat(
        say("Buildings below now"), total("buildings_below"), alarm_steps(), nothing, decimals=0
    )
    all_of_them = stat(
        say("of those judged"), total("buildings_judged"), PLAIN, nothing, decimals=0
    )
    silent = stat(
        say("Silent sensors"), total("sensors_silent"), alarm_steps(), nothing, decimals=0
    )
    return [(6, rate), (5, days), (5, below), (4, all_of_them), (4, silent)]


def _compared(words: Language) -> Panel:
    say = words.say
    query = (
        'SELECT sum("homes_reached") / sum("homes_judged") AS "pass_rate", '
        'mean("degree_hours") AS "degree_hours", sum("homes_judged") AS "homes_judged", '
        'sum("homes_below") AS "homes_below", '
        'sum("homes_judged") - sum("homes_reached") - sum("homes_below") AS "homes_between", '
        f'mean("coverage") AS "coverage" FROM "area_day" WHERE $timeFilter AND {DAYS} '
        f'AND {HERE} GROUP BY "supplier"'
    )
    return rows(
        say("Suppliers within the range shown, the lowest pass rate first"),
        [table(query), table(places("supplier", HERE, f"name{words.suffix}=name"), "B")],
        {
            "name": linked(
                say("Only this supplier"),
                f"/d/{words.uid('supplier')}?var-supplier=${{__data.fields.supplier}}"
                "&${__url_time_range}",
            ),
            "pass_rate": with_unit("percentunit", 1, 120),
            "homes_judged": with_unit("none", 0, 180),
            "homes_below": with_unit("none", 0, 130),
            "homes_between": with_unit("none", 0, 170),
            "degree_hours": with_unit("none", 1, 220),
            "coverage": with_unit("percentunit", 0, 120),
        },
        names={
            "name": say("Supplier"),
            "pass_rate": say("Pass rate"),
            "homes_judged": say("Days of homes judged"),
            "homes_below": say("of them below"),
            "homes_between": say("of them marginal (low)"),
            "degree_hours": say("Lacking, K·h a home and day"),
            "coverage": say("Share judged"),
        },
        by="supplier",
        hidden=("supplier",),
        sort=("pass_rate", False),
        no_value="",
        description=say(
            "Shown from five judged homes on. Pass rate: homes at or above the standard. Lacking:"
            " how far and how long a home's worst room was below it."
        ),
    )


def _met(words: Language) -> Panel:
    say = words.say
    title = say("pass rate")
    query = (
        f'SELECT sum("homes_reached") / sum("homes_judged") FROM "area_day" WHERE $timeFilter '
        f"AND {DAYS} AND {HERE} GROUP BY time(1d) fill(none) tz('Asia/Shanghai')"
    )
    return curves(
        say("Pass rate, day by day"),
        [series(query, title)],
        no_value=say("Fewer than five homes were judged."),
        unit="percentunit",
        minimum=0,
        maximum=1,
        interval="1d",
        custom={"drawStyle": "bars", "fillOpacity": 70, "lineWidth": 0},
        overrides=[named(title, ("color", {"mode": "fixed", "fixedColor": BLUE}))],
    )


def _lacking(words: Language) -> Panel:
    say = words.say
    title = say("K·h a home")
    query = (
        f'SELECT mean("degree_hours") FROM "area_day" WHERE $timeFilter '
        f"AND {DAYS} AND {HERE} GROUP BY time(1d) fill(none) tz('Asia/Shanghai')"
    )
    return curves(
        say("What homes lacked to the standard, day by day"),
        [series(query, title)],
        no_value=say("Fewer than five homes were judged."),
        minimum=0,
        decimals=1,
        interval="1d",
        custom={"drawStyle": "bars", "fillOpacity": 70, "lineWidth": 0},
        overrides=[named(title, ("color", {"mode": "fixed", "fixedColor": RED}))],
    )
