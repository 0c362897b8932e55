"""Nodes: which are silent, where they hang, and since when."""

from __future__ import annotations

from heatward_dashboards.frame import Json, area_pickers, dashboard, line_page, pages_address
from heatward_dashboards.language import Language
from heatward_dashboards.panels import Panel, coloured, curves, named, rows, stat, with_unit
from heatward_dashboards.queries import AREA, newest, series, sum_of, table
from heatward_dashboards.states import GREEN, INK, RED, alarm_steps, mappings

PLAIN = [{"value": None, "color": INK}]


def nodes(words: Language) -> Json:
    """Return the dashboard."""
    say = words.say
    return dashboard(
        words,
        "nodes",
        say("Heating: nodes and sensors"),
        [(4, _numbers(words)), (9, [(24, _silent(words))]), (14, [(24, _list(words))])],
        [*area_pickers(words), pages_address()],
        links=[line_page(words)],
    )


def _numbers(words: Language) -> list[tuple[int, Panel]]:
    say, nothing = words.say, words.say("no new data")

    def total(title: str, field: str, is_alarm: bool) -> Panel:
        query = table(sum_of(field, "node_health", "node", AREA))
        return stat(title, query, alarm_steps() if is_alarm else PLAIN, nothing, decimals=0)

    count = (
        'SELECT count("x") FROM (SELECT last("silent") AS "x" FROM "node_health" '
        f'WHERE $timeFilter AND {AREA} GROUP BY "node")'
    )
    return [
        (6, stat(say("Nodes"), table(count), PLAIN, nothing, decimals=0)),
        (6, total(say("Silent for two hours"), "silent", True)),
        (6, total(say("Sensors in rooms"), "sensors", False)),
        (6, total(say("Silent sensors"), "sensors_silent", True)),
    ]


def _silent(words: Language) -> Panel:
    say = words.say
    silent, everyone = say("silent nodes"), say("all nodes")
    inner = (
        '(SELECT last("silent") AS "x" FROM "node_health" WHERE $timeFilter AND '
        f'{AREA} GROUP BY time($__interval), "node" fill(none))'
    )
    over = "GROUP BY time($__interval) fill(none)"
    return curves(
        say("Silent nodes over time"),
        [
            series(f'SELECT sum("x") FROM {inner} WHERE $timeFilter {over}', silent),
            series(f'SELECT count("x") FROM {inner} WHERE $timeFilter {over}', everyone, "B"),
        ],
        no_value=say("no data within this range"),
        minimum=0,
        decimals=0,
        interval="15m",
        custom={"lineInterpolation": "stepAfter"},
        overrides=[
            named(silent, ("color", {"mode": "fixed", "fixedColor": RED})),
            named(everyone, ("color", {"mode": "fixed", "fixedColor": INK})),
        ],
    )


def _list(words: Language) -> Panel:
    say = words.say
    chosen = (
        "silent",
        "attention",
        "heard_at",
        "sensors",
        "sensors_silent",
        f"name{words.suffix}=name",
    )
    spoken = mappings([(say("heard"), GREEN), (say("silent"), RED)], None)
    return rows(
        say("Nodes, silent ones first"),
        [table(newest("node_health", "node", AREA, *chosen))],
        {
            "silent": coloured(spoken, 110),
            "node": [],
            "name": [],
            "heard_at": with_unit("dateTimeFromNow", 0, 210),
            "sensors": with_unit("none", 0, 120),
            "sensors_silent": with_unit("none", 0, 130),
        },
        names={
            "silent": say("State"),
            "node": say("Node"),
            "name": say("Building"),
            "heard_at": say("Last measured"),
            "sensors": say("Sensors"),
            "sensors_silent": say("Silent sensors"),
        },
        hidden=("attention",),
        sort=("attention", True),
        span="2h",
        no_value=say("no new data"),
        description=say("A node that was not heard for two days or longer shows two days."),
    )
