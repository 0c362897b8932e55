"""One building: how warm its homes were, against weather and standard, with what was found."""

from __future__ import annotations

from heatward_dashboards.findings import finding_list, regions
from heatward_dashboards.frame import (
    Json,
    area_pickers,
    dashboard,
    hidden,
    labels,
    page_link,
    pages_address,
    picker,
)
from heatward_dashboards.language import Language
from heatward_dashboards.panels import Override, Panel, curves, named, panel, stat
from heatward_dashboards.queries import AREA, series, table
from heatward_dashboards.states import (
    BLUE,
    GREY,
    INK,
    RED,
    alarm_steps,
    state_mappings,
    state_steps,
)

HERE = '"building" =~ /^$building$/'
NEWEST = "ORDER BY time DESC LIMIT 1"
PLAIN = [{"value": None, "color": INK}]
CALENDAR = "30d"


def building(words: Language) -> Json:
    """Return the dashboard."""
    say, label = words.say, f"label{words.suffix}"
    variables = [
        *area_pickers(words),
        picker("building", say("Building"), labels("building", label, f" AND {AREA}"), every=False),
        hidden("curve", f'SELECT last("curve_of{words.suffix}") FROM "place" WHERE {HERE}'),
        pages_address(),
    ]
    return dashboard(
        words,
        "building",
        say("Heating: one building"),
        [
            (4, _numbers(words)),
            (13, [(24, _curve(words))]),
            (5, [(24, _calendar(words))]),
            (8, [(24, finding_list(words, HERE))]),
        ],
        variables,
        annotations=[regions(words, HERE)],
        links=[page_link(words, say("Its page"), "/building/${building}")],
    )


def _numbers(words: Language) -> list[tuple[int, Panel]]:
    say, nothing = words.say, words.say("no new data")
    few = say("fewer than 5 homes")

    def now(field: str) -> dict[str, object]:
        where = f"WHERE $timeFilter AND {HERE} {NEWEST}"
        return table(f'SELECT "{field}" FROM "building_state" {where}')

    state = stat(
        say("State"),
        now("state"),
        state_steps(),
        nothing,
        mappings=state_mappings(say),
        background=True,
    )
    median = stat(say("Median now"), now("median"), PLAIN, few, unit="celsius")
    below = stat(say("Homes below"), now("homes_below"), alarm_steps(), few, decimals=0)
    judged = stat(say("of judged"), now("homes_judged"), PLAIN, few, decimals=0)
    homes = stat(say("Measured"), now("homes"), PLAIN, nothing, decimals=0)
    silent = stat(say("Silent sensors"), now("sensors_silent"), alarm_steps(), nothing, decimals=0)
    fresh = stat(
        say("Data as of"),
        now("state"),
        PLAIN,
        nothing,
        unit="dateTimeFromNow",
        fields="/^Time$/",
    )
    median["fieldConfig"]["defaults"]["decimals"] = 1
    return [(5, state), (4, median), (3, below), (3, judged), (3, homes), (3, silent), (3, fresh)]


def _curve(words: Language) -> Panel:
    say = words.say
    names = {
        "p10": say("tenth of the homes colder"),
        "p25": say("quarter of the homes colder"),
        "median": say("median of the homes"),
        "p75": say("middle half of the homes"),
        "p90": say("without the coldest and warmest tenth"),
        "outdoor": say("outdoors (right)"),
        "minimum": say("standard"),
    }
    query = (
        'SELECT mean("{field}") FROM "building_hour" WHERE $timeFilter AND ' + HERE + " "
        "GROUP BY time($__interval) fill(none)"
    )
    targets = [
        series(query.format(field=field), title, chr(ord("A") + number))
        for number, (field, title) in enumerate(names.items())
    ]
    return curves(
        say("Room temperature, hour by hour, of the homes of: ${curve}"),
        targets,
        no_value=say("Fewer than five homes report within this range."),
        unit="celsius",
        decimals=1,
        overrides=_looks(names),
        description=say(
            "Median and middle half of the homes; with ten homes also the band between the tenth"
            " coldest and the tenth warmest. A building with fewer than five homes shows the curve"
            " of its zone, estate or heat source. Shaded: suppressed heating."
        ),
    )


def _looks(names: dict[str, str]) -> list[Override]:
    def band(name: str, below: str, opacity: int) -> Override:
        return named(
            names[name],
            ("custom.fillBelowTo", names[below]),
            ("custom.fillOpacity", opacity),
            ("custom.lineWidth", 0),
            ("color", {"mode": "fixed", "fixedColor": BLUE}),
        )

    def edge(name: str) -> Override:
        return named(
            names[name],
            ("custom.lineWidth", 0),
            ("custom.hideFrom", {"legend": True, "tooltip": False, "viz": False}),
            ("color", {"mode": "fixed", "fixedColor": BLUE}),
        )

    dashes = {"fill": "dash", "dash": [8, 6]}
    return [
        band("p90", "p10", 12),
        band("p75", "p25", 28),
        edge("p10"),
        edge("p25"),
        named(names["median"], ("color", {"mode": "fixed", "fixedColor": BLUE})),
        named(
            names["minimum"],
            ("color", {"mode": "fixed", "fixedColor": RED}),
            ("custom.lineStyle", dashes),
        ),
        named(
            names["outdoor"],
            ("color", {"mode": "fixed", "fixedColor": GREY}),
            ("custom.axisPlacement", "right"),
            ("custom.lineWidth", 1),
        ),
    ]


def _calendar(words: Language) -> Panel:
    say = words.say
    query = (
        'SELECT last("state") FROM "area_day" WHERE $timeFilter AND '
        f"\"level\" = 'building' AND {HERE} GROUP BY time(1d) fill(none) tz('Asia/Shanghai')"
    )
    made = panel(
        "status-history",
        say("Verdict of each day, the last 30 days"),
        [series(query, say("verdict"))],
        no_value=say("No day has been judged yet."),
        span=CALENDAR,
        defaults={
            "color": {"mode": "fixed", "fixedColor": GREY},
            "mappings": state_mappings(say),
            "thresholds": {"mode": "absolute", "steps": state_steps()},
            "custom": {"fillOpacity": 90, "lineWidth": 1},
        },
        options={
            "showValue": "auto",
            "rowHeight": 0.9,
            "colWidth": 0.95,
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "single", "sort": "none"},
        },
    )
    return made | {"interval": "1d"}
