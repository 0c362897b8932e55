"""The line itself: whether every process reports, how far behind each stage is, and remedies."""

from __future__ import annotations

from typing import Any

from heatward_dashboards.frame import Json, dashboard, line_page, pages_address
from heatward_dashboards.language import Language
from heatward_dashboards.panels import (
    Panel,
    Steps,
    coloured,
    curves,
    named,
    rows,
    sized,
    stat,
    with_unit,
    wrapped,
)
from heatward_dashboards.queries import fields, series, table
from heatward_dashboards.states import GREEN, INK, RED, alarm_steps, mappings

PLAIN = [{"value": None, "color": INK}]
ALL = "\"process\" = 'all'"
NEWEST = "ORDER BY time DESC LIMIT 1"
LOW_DISK = 0.1
SLOW_S = 600
"""Ten minutes behind is worth a colour. [s]"""


def pipeline(words: Language) -> Json:
    """Return the dashboard."""
    say = words.say
    return dashboard(
        words,
        "pipeline",
        say("Heating: the line itself"),
        [
            (4, _numbers(words)),
            (8, [(24, _faults(words))]),
            (9, [(12, _received(words)), (12, _behind(words))]),
            (10, [(24, _processes(words))]),
        ],
        [pages_address()],
        links=[line_page(words)],
        since="now-24h",
        refresh="1m",
    )


def _numbers(words: Language) -> list[tuple[int, Panel]]:
    say, nothing = words.say, words.say("no new data")
    here = f'FROM "pipeline" WHERE $timeFilter AND {ALL} {NEWEST}'
    reading = "\"process\" = 'ingest' AND \"counter\" = 'records'"
    counted = f'FROM "pipeline_counter" WHERE $timeFilter AND {reading}'
    disk: Steps = [{"value": None, "color": RED}, {"value": LOW_DISK, "color": INK}]
    lag = (
        'SELECT max("x") FROM (SELECT last("lag") AS "x" FROM "pipeline_stage" '
        'WHERE $timeFilter GROUP BY "process", "stage")'
    )
    return [
        (5, stat(say("Faults"), table(f'SELECT "faults" {here}'), alarm_steps(), nothing)),
        (
            5,
            stat(
                say("Most behind"),
                table(lag),
                [{"value": None, "color": INK}, {"value": SLOW_S, "color": RED}],
                nothing,
                unit="s",
                decimals=0,
            ),
        ),
        (
            5,
            stat(
                say("Records since the start"),
                table(f'SELECT "value" {counted} {NEWEST}'),
                PLAIN,
                nothing,
                decimals=0,
            ),
        ),
        (
            5,
            stat(
                say("Disk free"),
                table(f'SELECT "disk_share" {here}'),
                disk,
                nothing,
                unit="percentunit",
                decimals=0,
            ),
        ),
        (
            4,
            stat(
                say("Data as of"),
                table(f'SELECT "faults" {here}'),
                PLAIN,
                nothing,
                unit="dateTimeFromNow",
                fields="/^Time$/",
            ),
        ),
    ]


def _faults(words: Language) -> Panel:
    say, end = words.say, words.suffix
    chosen = fields(f"text{end}=text", f"remedy{end}=remedy")
    query = (
        f'SELECT {chosen} FROM "pipeline_fault" WHERE $timeFilter '
        f'GROUP BY "process", "code" {NEWEST}'
    )
    panel = rows(
        say("Faults seen within the range shown, and what to do"),
        [table(query)],
        {
            "Time": [
                {"id": "unit", "value": "dateTimeAsIso"},
                {"id": "custom.width", "value": 170},
            ],
            "process": [*_named(words), *sized(160)],
            "text": [*wrapped(), *sized(320)],
            "remedy": wrapped(),
        },
        names={
            "Time": say("Last seen"),
            "process": say("Process"),
            "text": say("What is wrong"),
            "remedy": say("What to do"),
        },
        hidden=("code",),
        sort=("Time", True),
        no_value=say(
            "No fault was reported within this range; whether anybody reports stands above."
        ),
    )
    panel["transformations"][-1]["options"]["excludeByName"] = {}
    return panel


def _received(words: Language) -> Panel:
    say = words.say
    title = say("records an hour")
    query = (
        'SELECT non_negative_derivative(last("value"), 1h) FROM "pipeline_counter" WHERE '
        "$timeFilter AND \"process\" = 'ingest' AND \"counter\" = 'records' "
        "GROUP BY time($__interval) fill(none)"
    )
    return curves(
        say("Records received"),
        [series(query, title)],
        no_value=say("no data within this range"),
        minimum=0,
        decimals=0,
        interval="15m",
    )


def _behind(words: Language) -> Panel:
    say = words.say
    stages = {"timeseries": say("charts"), "window": say("judging")}
    targets = [
        series(
            'SELECT max("lag") FROM "pipeline_stage" WHERE $timeFilter AND '
            f"\"stage\" = '{stage}' GROUP BY time($__interval) fill(none)",
            title,
            chr(ord("A") + number),
        )
        for number, (stage, title) in enumerate(stages.items())
    ]
    return curves(
        say("How far behind the evidence"),
        targets,
        no_value=say("no data within this range"),
        unit="s",
        minimum=0,
        interval="15m",
        overrides=[named(stages["window"], ("color", {"mode": "fixed", "fixedColor": RED}))],
    )


def _named(words: Language) -> list[dict[str, Any]]:
    """Return the properties of a column that says what a process does, instead of its name."""
    say = words.say
    processes = {
        "broker": say("MQTT broker"),
        "ingest": say("reception"),
        "view": say("charts"),
        "outdoor": say("outdoor temperature"),
        "timestamp": say("outside timestamp"),
        "watch": say("watch over line and disks"),
        "evaluate": say("judging"),
        "seal": say("sealing of the ledger"),
        "cases": say("cases"),
        "notify": say("alerts"),
        "enrolment": say("certificates of nodes"),
        "display": say("data for Grafana"),
        "web": say("pages"),
        "service": say("supervision"),
        "disk": say("disk"),
    }
    options = {name: {"text": text, "index": i} for i, (name, text) in enumerate(processes.items())}
    return [{"id": "mappings", "value": [{"type": "value", "options": options}]}]


def _processes(words: Language) -> Panel:
    say = words.say
    query = (
        f'SELECT {fields("faults", "reported_at")} FROM "pipeline" WHERE $timeFilter '
        f'AND "process" != \'all\' GROUP BY "process" {NEWEST}'
    )
    faults = mappings([(say("in order"), GREEN)], None)
    many = {"from": 1, "to": None, "result": {"text": say("fault"), "color": RED, "index": 1}}
    return rows(
        say("Processes"),
        [table(query)],
        {
            "process": _named(words),
            "faults": coloured([*faults, {"type": "range", "options": many}], 140),
            "reported_at": with_unit("dateTimeFromNow", 0, 260),
        },
        names={
            "process": say("Process"),
            "faults": say("State"),
            "reported_at": say("Its last report"),
        },
        sort=("faults", True),
        span="2h",
        no_value=say("no new data"),
    )
