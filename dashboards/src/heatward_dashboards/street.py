"""The street office's dashboard: where it is cold now, and what the last fortnight was like."""

from __future__ import annotations

from heatward_dashboards.building_map import (
    building_link,
    building_map,
    building_rows,
    state_thresholds,
)
from heatward_dashboards.findings import finding_list
from heatward_dashboards.frame import Json, area_pickers, dashboard, page_link, pages_address
from heatward_dashboards.language import Language
from heatward_dashboards.panels import (
    NOW,
    Panel,
    Steps,
    cell,
    coloured,
    linked,
    named,
    panel,
    rows,
    stat,
    with_unit,
)
from heatward_dashboards.queries import AREA, sum_of, table
from heatward_dashboards.states import (
    DARK_GREY,
    INK,
    RED,
    alarm_steps,
    mark_mappings,
    state_mappings,
)

CALENDAR = "14d"
PLAIN = [{"value": None, "color": INK}]


def street(words: Language) -> Json:
    """Return the dashboard."""
    say = words.say
    return dashboard(
        words,
        "street",
        say("Heating: streets and estates"),
        [
            (4, _numbers(words)),
            (13, [(10, building_map(words)), (14, _worst_first(words))]),
            (12, [(24, _calendar(words))]),
            (8, [(24, finding_list(words, AREA))]),
        ],
        [*area_pickers(words), pages_address()],
        links=[page_link(words, say("Today's list"), "/today")],
    )


def _numbers(words: Language) -> list[tuple[int, Panel]]:
    say, silent = words.say, words.say("no new data")

    def count(title: str, field: str, colour: str, about: str = "") -> Panel:
        query = table(sum_of(field, "building_state", "building", AREA))
        steps = alarm_steps(colour)
        return stat(title, query, steps, silent, decimals=0, description=about)

    told = (
        'SELECT mean("x") FROM (SELECT last("below") AS "x", last("silent") AS "quiet" '
        f'FROM "building_state" WHERE $timeFilter AND {AREA} GROUP BY "building") '
        'WHERE "quiet" = 0'
    )
    judged = sum_of("judged", "building_state", "building", AREA)
    covered = (
        'SELECT 1 - sum("quiet") / sum("all") FROM (SELECT last("sensors_silent") AS "quiet", '
        f'last("sensors") AS "all" FROM "building_state" WHERE $timeFilter AND {AREA} '
        'GROUP BY "building")'
    )
    newest_row = f'SELECT "state" FROM "building_state" WHERE $timeFilter AND {AREA} {_LAST}'
    share: Steps = [{"value": None, "color": INK}, {"value": 1e-9, "color": RED}]
    coverage: Steps = [{"value": None, "color": RED}, {"value": 0.75, "color": INK}]
    return [
        (4, count(say("Buildings below"), "below", RED)),
        (3, stat(say("of those judged"), table(judged), PLAIN, silent, decimals=0)),
        (
            4,
            stat(
                say("Share below"),
                table(told),
                share,
                silent,
                unit="percentunit",
                decimals=0,
                description=say("Of the buildings that could be judged."),
            ),
        ),
        (4, count(say("Without a verdict"), "silent", DARK_GREY)),
        (3, count(say("Silent sensors"), "sensors_silent", RED)),
        (
            3,
            stat(
                say("Sensors heard"),
                table(covered),
                coverage,
                silent,
                unit="percentunit",
                decimals=0,
                description=say("Sensors heard within two hours, of all that hang in rooms."),
            ),
        ),
        (
            3,
            stat(
                say("Data as of"),
                table(newest_row),
                PLAIN,
                silent,
                unit="dateTimeFromNow",
                fields="/^Time$/",
            ),
        ),
    ]


_LAST = "ORDER BY time DESC LIMIT 1"


def _worst_first(words: Language) -> Panel:
    say = words.say
    return rows(
        say("Buildings, the worst first"),
        building_rows(words),
        {
            "state": coloured(state_mappings(say), 150),
            "name": linked(say("Open the building"), building_link(words)),
            "median": with_unit("celsius", 1, 84),
            "homes_below": with_unit("none", 0, 80),
            "homes_judged": with_unit("none", 0, 80),
            "homes": with_unit("none", 0, 92),
            "sensors_silent": with_unit("none", 0, 70),
        },
        names={
            "state": say("State"),
            "name": say("Building"),
            "median": say("Median"),
            "homes_below": say("Below"),
            "homes_judged": say("of judged"),
            "homes": say("Measured"),
            "sensors_silent": say("Silent"),
        },
        by="building",
        hidden=("building", "attention", "coverage", "estate_name"),
        sort=("attention", True),
        span=NOW,
        no_value="",
        description=say(
            "Below five measured homes only the state is shown, so that nobody can be recognised."
        ),
    )


def _calendar(words: Language) -> Panel:
    say = words.say
    query = (
        f'SELECT "name{words.suffix}" AS "name", "day", "state" FROM "area_day" WHERE $timeFilter '
        f"AND \"level\" = 'building' AND {AREA}"
    )
    matrix = {"columnField": "day", "rowField": "name", "valueField": "state"}
    return panel(
        "table",
        say("Day by day, the last two weeks: ✓ met  ~ ! marginal  ✗ below  ? not judgeable"),
        [table(query)],
        no_value=say("No day has been judged yet."),
        span=CALENDAR,
        transformations=[
            {"id": "groupingToMatrix", "options": {**matrix, "emptyValue": "empty"}},
            {
                "id": "organize",
                "options": {"renameByName": {"name\\day": say("Building")}},
            },
        ],
        defaults={
            "mappings": mark_mappings(),
            "color": {"mode": "thresholds"},
            "thresholds": state_thresholds(),
            "custom": {"align": "center", **cell("solid")},
        },
        overrides=[
            named(
                say("Building"),
                *(("custom." + key, value) for key, value in cell("auto").items()),
                ("custom.align", "left"),
                ("custom.width", 220),
            )
        ],
        options={"showHeader": True, "footer": {"show": False, "reducer": ["sum"], "fields": ""}},
    )
