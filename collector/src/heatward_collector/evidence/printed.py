"""A pack on paper: what the zip holds, so that a judge of facts can read it without a computer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from heatward_collector.alerts.texts import situation, title
from heatward_collector.alerts.words import STATES
from heatward_collector.evidence.against import counter_evidence, supplier_of
from heatward_collector.evidence.contents import Contents
from heatward_collector.evidence.picture import draw
from heatward_collector.evidence.printed_tables import (
    WORDS,
    checks_table,
    days_table,
    history_table,
    hours_table,
    notices_table,
    sensors_table,
)
from heatward_collector.explain.names import Names
from heatward_collector.explain.sentence import sentence
from heatward_collector.locale import Texts, message
from heatward_collector.papers.printing import print_pages

PICTURE = "curves.svg"


def printed(
    contents: Contents, seal: str, say: Texts, timestamp: Mapping[str, Any] | None = None
) -> bytes:
    """Return the pack as PDF; ``timestamp`` is what its manifest says of one from outside."""
    data = {
        "title": say("Room temperature evidence"),
        "subtitle": _subtitle(contents, say),
        "footer": say("Heatward evidence pack, seal %(seal)s", seal=seal[:16]),
        "lang": "zh" if say.html_language == "zh-CN" else "en",
        "region": "cn" if say.html_language == "zh-CN" else "gb",
        "facts": _facts(contents, say),
        "parts": list(_parts(contents, say)),
        "seal_title": say("Seal (SHA-256 of the manifest)"),
        "seal": seal,
        "verify": _verify(contents, say, timestamp),
    }
    return print_pages("evidence", data, contents.made_s, {PICTURE: draw(contents, say)})


def _subtitle(contents: Contents, say: Texts) -> str:
    subject, days = contents.subject, contents.days
    pattern = message("Home %(id)s, %(first)s to %(last)s")
    if subject.kind == "case":
        pattern = message("Case %(id)s, %(first)s to %(last)s")
    return say(pattern, id=subject.id, first=days[0], last=days[-1])


def _facts(contents: Contents, say: Texts) -> list[list[str]]:
    directory, english = contents.books.directory, say.language == "en"
    first = contents.points[0] if contents.points else None
    made = datetime.fromtimestamp(contents.made_s, contents.books.zone)
    rows = [[say("Made"), f"{made:%Y-%m-%d %H:%M}"]]
    if first is not None:
        place = [
            directory.name("district", first.district, english),
            directory.name("street", first.street, english),
            directory.name("estate", first.estate, english),
        ]
        buildings = sorted({point.building for point in contents.points})
        rows += [
            [say("Place"), say(", ").join(dict.fromkeys(place))],
            [
                say("Building"),
                say(", ").join(directory.name("building", one, english) for one in buildings),
            ],
            [say("Supplier"), supplier_of(contents, say)],
        ]
    if contents.subject.kind == "home":
        home = directory.tables["home"][contents.subject.id]
        position = WORDS[home["position"]]
        rows.append(
            [
                say("Home"),
                say(
                    "%(home)s, floor %(floor)d, %(position)s, %(area)s m²",
                    home=contents.subject.id,
                    floor=home["floor"],
                    position=say(position),
                    area="?" if home["usable_area_m2"] is None else f"{home['usable_area_m2']:g}",
                ),
            ]
        )
    else:
        subject = contents.subject
        shown = say(
            "%(shown)d of %(affected)d affected homes",
            shown=len(subject.homes),
            affected=subject.affected,
        )
        rows.append([say("Homes"), shown])
    if contents.case is not None:
        case, names = contents.case, Names(directory)
        rows.append([say("What"), title(case, names, say)])
        rows.append([say("Since when"), situation(case, contents.books.zone, say)])
        state = STATES[case.state]
        rows.append([say("State"), say(state)])
    return rows


def _parts(contents: Contents, say: Texts) -> Iterator[dict[str, Any]]:
    if contents.case is not None:
        yield {"title": say("The case"), "table": history_table(contents.case, contents, say)}
    yield {"title": say("The rule"), "lines": _rules(contents, say)}
    yield {"title": say("Where the sensors hang"), "table": sensors_table(contents, say)}
    yield {"title": say("Curves"), "picture": PICTURE}
    if contents.findings:
        yield {"title": say("Findings"), "lines": _findings(contents, say)}
    yield {"title": say("What speaks against it"), "lines": counter_evidence(contents, say)}
    yield {"title": say("Day by day"), "table": days_table(contents, say)}
    if contents.checks:
        yield {"title": say("Measurements on site"), "table": checks_table(contents, say)}
    if contents.notices:
        yield {"title": say("Notices of residents"), "table": notices_table(contents, say)}
    for point in contents.points:
        if np.isfinite(contents.hourly(point.id)[1]).any():
            title = say("Room %(room)s, hourly means, °C", room=point.id)
            yield {"title": title, "table": hours_table(contents, point.id, say)}


def _rules(contents: Contents, say: Texts) -> list[str]:
    standard = contents.books.standard
    used = {verdict.rule for verdict in contents.verdicts}
    lines = []
    for rule in standard.rules:
        if rule.version in used or rule is standard.rule_on(contents.days[-1]):
            lines.append(
                say(
                    "From %(day)s: bedrooms and living rooms at least %(minimum)g °C all day. "
                    "Source: %(source)s. Certainty: %(certainty)s.",
                    day=rule.valid_from,
                    minimum=rule.minimum_celsius,
                    source=say.half(rule.source),
                    certainty=say(CERTAINTIES[rule.certainty]),
                )
            )
    if standard.excluded_hours is not None:
        first, last = standard.excluded_hours
        text = say(
            "Hours that do not count: %(first)02d:00 to %(last)02d:00 (shaded grey).",
            first=first,
            last=last,
        )
        lines.append(text)
    lines.append(
        say(
            "A day is below where at least 4 hours lie below beyond the guard band of the sensor, "
            "and at least 75 % of the hours that count have readings."
        )
    )
    return lines


CERTAINTIES = {"high": message("high"), "medium": message("medium"), "low": message("low")}


def _findings(contents: Contents, say: Texts) -> list[str]:
    names = Names(contents.books.directory)
    return [
        sentence(one.finding, names, contents.books.zone, say)
        for one in contents.findings
        if not one.is_withdrawn
    ]


def _verify(contents: Contents, say: Texts, timestamp: Mapping[str, Any] | None) -> list[str]:
    kept, stamped = contents.kept, []
    if timestamp is not None:
        stamped = [
            say(
                "Outside timestamp of batch %(batch)d: %(utc)s. ledger-head.tsr proves it.",
                batch=timestamp["batch"],
                utc=timestamp["utc"],
            )
        ]
    return [
        say(
            "Ledger %(incarnation)s, newest batch %(batch)d: %(digest)s",
            incarnation=kept.incarnation or "-",
            batch=kept.head[0],
            digest=kept.head[1],
        ),
        *stamped,
        say("heatward evidence verify FILE.zip checks every byte without a network."),
        say("The seal on this paper must be the one that it prints."),
        say("With --ledger it looks up every reading in a copy of the ledger, bit for bit."),
    ]
