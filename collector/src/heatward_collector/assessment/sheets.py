"""The assessment as tables and as a printed page, the same figures in both."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from heatward_collector.assessment.figures import Assessed, Period
from heatward_collector.assessment.red_cards import CARDS, Card, card_of, reasons
from heatward_collector.core.assessment.sample import LEAST_HOMES
from heatward_collector.core.suppression import Kind
from heatward_collector.explain.measures import percent
from heatward_collector.explain.words import KINDS
from heatward_collector.locale import CHINESE, ENGLISH, Texts, message
from heatward_collector.papers.printing import print_pages
from heatward_collector.papers.sheets import Cell, Sheet
from heatward_collector.refund import Books
from heatward_collector.rules.assessment import Limit

COLUMNS = (
    message("Name"), message("Homes registered"), message("Homes measured"),
    message("Home-days judged"), message("Pass rate, %"), message("At least, %"),
    message("At most, %"), message("Coverage, %"), message("Sample"),
    message("Lack, K h a home-day"), message("Findings"), message("Cases"), message("Open"),
    message("Answer, h"), message("Closing, h"), message("Complaints"),
    message("Complaints closed, %"), message("Street offices' rating"),
)  # fmt: skip
CARD_COLUMNS = (message("Supplier"), message("Card"), message("Reasons"))
STRATA = {
    "reach:near": message("near"),
    "reach:middle": message("halfway"),
    "reach:far": message("far"),
    "position:top": message("top floor"),
    "position:middle": message("middle floors"),
    "position:bottom": message("bottom floor"),
    "position:end_wall": message("end wall"),
}
TITLES = {
    "supplier": message("Suppliers"),
    "district": message("Districts"),
    "city": message("City"),
}


def sheets_of(
    assessed: Sequence[Assessed],
    limits: Mapping[str, Limit],
    period: Period,
    books: Books,
    say: Texts,
) -> list[Sheet]:
    """Return suppliers, districts, the city, and the red-card list."""
    columns = tuple(say(column) for column in COLUMNS)
    wide = frozenset([say("Sample"), say("Findings")])
    notes = tuple(notes_of(limits, period, say))
    sheets = [
        Sheet(
            say(TITLES[kind]),
            columns,
            [_row(one, books, say) for one in assessed if one.kind == kind],
            notes,
            decimals=1,
            wide=wide,
        )
        for kind in TITLES
    ]
    return [*sheets, cards_sheet(assessed, limits, books, say)]


def cards_sheet(
    assessed: Sequence[Assessed], limits: Mapping[str, Limit], books: Books, say: Texts
) -> Sheet:
    """Return every supplier with its card, red ones first."""
    order = list(Card)
    rows: list[list[Cell]] = []
    suppliers = [one for one in assessed if one.kind == "supplier"]
    for one in sorted(suppliers, key=lambda one: (order.index(card_of(one, limits)), one.id)):
        card = CARDS[card_of(one, limits)]
        why = say("; ").join(reasons(one, limits, say))
        rows.append([name_of(one, books, say), say(card), why])
    columns = tuple(say(column) for column in CARD_COLUMNS)
    return Sheet(say("Red cards"), columns, rows, wide=frozenset([say("Reasons")]))


def notes_of(limits: Mapping[str, Limit], period: Period, say: Texts) -> list[str]:
    """Return what a reader of the figures must know."""
    notes = [
        say("%(first)s to %(last)s", first=period.first, last=period.last),
        say(
            "Pass rate: home-days met or more likely met, of those that could be judged. "
            "At least and at most: from certainly met to not certainly below, 95 % over the "
            "buildings measured."
        ),
        say(
            "Representative: at least %(homes)d measured homes near, in the middle and far, and "
            "on top, middle and bottom floors and at end walls.",
            homes=LEAST_HOMES,
        ),
        say("Only findings that accuse somebody are counted; declared ones are not."),
    ]
    for key, pattern in LIMITS.items():
        if key in limits:
            limit = limits[key]
            is_share = key != "response_hours"
            value = f"{100 * limit.value:g}{percent(say)}" if is_share else f"{limit.value:g}"
            notes.append(say(pattern, limit=value, source=say.half(limit.source)))
    return notes


LIMITS = {
    "pass_rate": message("Red card below a pass rate of %(limit)s. Source: %(source)s"),
    "closure_rate": message("Red card below a closure rate of %(limit)s. Source: %(source)s"),
    "response_hours": message("Red card above %(limit)s h to answer. Source: %(source)s"),
}


def name_of(one: Assessed, books: Books, say: Texts) -> str:
    """Return the name of a supplier, a district or the city."""
    if one.kind == "city":
        return say.pick(books.standard.name_zh, books.standard.name_en)
    return books.directory.name(one.kind, one.id, say.language == ENGLISH)


def printed(
    assessed: Sequence[Assessed],
    limits: Mapping[str, Limit],
    period: Period,
    books: Books,
    made_s: int,
    say: Texts,
) -> bytes:
    """Return the assessment as PDF, landscape."""
    sheets = sheets_of(assessed, limits, period, books, say)
    made = datetime.fromtimestamp(made_s, books.zone)
    is_chinese = say.language == CHINESE
    data = {
        "title": say("Assessment of heat suppliers"),
        "subtitle": say("%(first)s to %(last)s", first=period.first, last=period.last),
        "footer": say("Made by Heatward on %(when)s", when=f"{made:%Y-%m-%d %H:%M}"),
        "lang": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "gb",
        "landscape": True,
        "parts": [{"title": sheet.title, "table": _table(sheet)} for sheet in sheets if sheet.rows],
        "notes": notes_of(limits, period, say)[1:],
        "notes_title": say("How to read it"),
    }
    return print_pages("assessment", data, made_s)


def _row(one: Assessed, books: Books, say: Texts) -> list[Cell]:
    passed, share = one.passed, one.complaints.share
    sample = say("representative")
    if one.lacking:
        names = say("list separator").join(say(STRATA[stratum]) for stratum in one.lacking)
        sample = say("not representative, too few: %(strata)s", strata=names)
    return [
        name_of(one, books, say),
        one.registered,
        one.measured,
        passed.judged,
        _percent(passed.rate),
        _percent(passed.low),
        _percent(passed.high),
        _percent(one.coverage),
        sample,
        one.degree_hours if passed.judged else None,
        _findings(one, say),
        one.cases,
        one.still_open,
        one.response_hours,
        one.closing_hours,
        one.complaints.received,
        None if share is None else 100 * share,
        one.rating,
    ]


def _findings(one: Assessed, say: Texts) -> str:
    return say(", ").join(
        say("%(kind)s %(count)d", kind=say(KINDS[kind]), count=one.findings[kind])
        for kind in Kind
        if one.findings.get(kind)
    )


def _percent(share: float) -> float | None:
    return None if math.isnan(share) else 100 * share


def _table(sheet: Sheet) -> dict[str, Any]:
    is_text = [
        any(isinstance(row[number], str) for row in sheet.rows)
        for number in range(len(sheet.columns))
    ]
    return {
        "columns": list(sheet.columns),
        "rows": [[_text(value) for value in row] for row in sheet.rows],
        "right": [number for number, one in enumerate(is_text) if not one],
        "widths": ["2" if one else "1" for one in is_text],
    }


def _text(value: Cell) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if isinstance(value, float) else str(value)
