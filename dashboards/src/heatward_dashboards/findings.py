"""Findings on a dashboard: as regions of a curve, and as a list that leads to the page."""

from __future__ import annotations

from typing import Any

from heatward_dashboards.language import Language
from heatward_dashboards.panels import Panel, coloured, linked, rows, sized, with_unit
from heatward_dashboards.queries import NOW, OVERLAPPING, SOURCE, fields, table
from heatward_dashboards.states import GREY, RED, SEVERITIES, mappings


def regions(words: Language, where: str) -> dict[str, Any]:
    """Return the annotation that shades when findings lasted, open ones to the right edge."""
    names = fields(f"title{words.suffix}=title", f"text{words.suffix}=text", "end")
    return {
        "name": words.say("Suppressed heating"),
        "datasource": SOURCE,
        "enable": True,
        "hide": False,
        "iconColor": RED,
        "target": {
            "refId": "Anno",
            "rawQuery": True,
            "fromAnnotations": True,
            "query": f'SELECT {names} FROM "finding" WHERE {OVERLAPPING} AND {where}',
            "titleColumn": "title",
            "textColumn": "text",
            "timeEndColumn": "end",
            "tagsColumn": "",
        },
    }


def finding_list(words: Language, where: str) -> Panel:
    """Return the findings within the range shown, the newest first."""
    say = words.say
    chosen = fields(
        "severity",
        "open",
        f"title{words.suffix}=title",
        "hours",
        "homes_affected",
        "homes_judged",
        f"text{words.suffix}=text",
    )
    query = (
        f'SELECT {chosen} FROM "finding" WHERE {OVERLAPPING} AND {where} GROUP BY "finding" {NOW}'
    )
    certainty = mappings([(say(text), colour) for text, colour in SEVERITIES], None)
    lasting = mappings([(say("over"), GREY), (say("going on"), RED)], None)
    page = "${pages:raw}/finding/${__data.fields.finding}" + _english(words)
    panel = rows(
        say("Suppressed heating within the range shown"),
        [table(query)],
        {
            "Time": [{"id": "unit", "value": "dateTimeAsIso"}, *sized(165)],
            "open": coloured(lasting, 80),
            "title": linked(say("Open the finding with its curves"), page),
            "hours": with_unit("none", 1, 110),
            "homes_affected": with_unit("none", 0, 90),
            "homes_judged": with_unit("none", 0, 110),
            "severity": coloured(certainty, 150),
        },
        names={
            "Time": say("Begin"),
            "open": say("Now"),
            "title": say("Where and what"),
            "hours": say("Lasted, hours"),
            "homes_affected": say("Homes"),
            "homes_judged": say("of judged"),
            "severity": say("How sure"),
        },
        hidden=("finding", "text"),
        sort=("Time", True),
        no_value=say(
            "No finding is recorded within this range; how fresh the data are stands above."
        ),
        description=say(
            "Findings are made by Heatward from the rooms of many homes, never from one."
            " Withdrawn ones are left out."
        ),
    )
    panel["transformations"][-1]["options"]["excludeByName"] = {}
    return panel


def _english(words: Language) -> str:
    return "" if words.code == "zh" else "?lang=en"
