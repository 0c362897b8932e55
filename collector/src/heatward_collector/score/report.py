"""The tables of a score for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from heatward_collector.core.suppression import Kind
from heatward_collector.explain.words import KINDS
from heatward_collector.locale import Texts

ABSENT = "–"
Json = dict[str, Any]


def tables(result: Json, say: Texts) -> Iterator[str]:
    """Yield every table of :func:`heatward_collector.score.summary.summary`."""
    yield say("Off-periods that are claimed: found, delay from physical start to emission, level")
    for kind, row in result["acute"].items():
        name = say("all kinds") if kind == "all" else say(KINDS[Kind(kind)])
        yield f"  {name}: {_detection(row, say)}"
    yield say("Kind of each series: %(right)s", right=_rate(result["type"]["right"]))
    for kind, said in result["type"]["said"].items():
        told = ", ".join(f"{word} {count}" for word, count in said.items())
        yield f"  {say(KINDS[Kind(kind)])}: {told or ABSENT}"
    yield say("Precision of accusations: %(rate)s", rate=_rate(result["precision"]))
    yield say("Fragments per event: %(rate)s", rate=_rate(result["fragments_per_event"]))
    yield say("False episodes per building-month, upper 95 % bound in brackets")
    for name, words in (
        ("false_quiet", say("quiet seasons")),
        ("false_with_events", say("seasons with events")),
    ):
        yield f"  {words}: {_false(result[name])}"
    yield from _throttling(result["throttling"], say)
    yield say("Late start and early stop: right to a day, found, both dates given")
    for kind, row in result["edges"].items():
        rates = [_rate(row[name]) for name in ("day_right", "found", "both_dates")]
        yield f"  {say(KINDS[Kind(kind)])}: {'  '.join(rates)}"
    yield say(
        "Floor heating, stops of 8 h and more: %(row)s",
        row=_detection(result["floor_heating"], say),
    )
    declared = result["declared"]
    yield say(
        "Declared: said so %(said)s, accused all the same %(accused)s, homes clearly below the "
        "standard called so %(below)s",
        said=_rate(declared["said_declared"]),
        accused=_rate(declared["accused"]),
        below=_rate(declared["below_standard_said"]),
    )
    yield say("Recall over everything that was done, weak actions too")
    for name, parts in result["recall_map"].items():
        cells = [f"{part} {_short(cell)}" for part, cell in parts.items() if cell["of"]]
        yield f"  {name}: {'  '.join(cells) or ABSENT}"


def _throttling(row: Json, say: Texts) -> Iterator[str]:
    yield say("Throttling: found within 5 days of the clock, and ever")
    for name, words in (
        ("wide", say("several buildings, from 2 K")),
        ("local", say("one building, from 3 K")),
        ("all_sources", say("all sources together")),
    ):
        yield f"  {words}: {_rate(row[f'{name}_in_time'])}  {_rate(row[f'{name}_ever'])}"
    yield "  " + say(
        "fewer than 4 homes heard, cause left open: %(rate)s",
        rate=_rate(row["few_homes_undetermined"]),
    )
    for name, words in (("live", say("days, live")), ("final", say("days, final"))):
        cell = row[f"days_{name}"]
        yield "  " + say(
            "%(label)s: precision %(precision)s, recall %(recall)s",
            label=words,
            precision=_rate(cell["precision"]),
            recall=_rate(cell["recall"]),
        )
    yield "  " + say(
        "false days per building-month of quiet seasons: %(rate)s",
        rate=_rate(row["false_days_quiet_per_building_month"]),
    )


def _detection(row: Json, say: Texts) -> str:
    delay = row["delay_h"]
    return say(
        "recall %(recall)s, delay %(median)s h (p90 %(p90)s h), level right %(level)s",
        recall=_rate(row["recall"]),
        median=_number(delay["median"], 2),
        p90=_number(delay["p90"], 2),
        level=_rate(row["level_right"]),
    )


def _false(row: Json) -> str:
    rate = _number(row["per_building_month"], 4)
    upper = _number(row["upper"], 4)
    return f"{rate} [{upper}]  {row['episodes']} / {row['building_months']}"


def _rate(row: Json) -> str:
    """Write a rate with its interval and counts."""
    if row["rate"] is None:
        return ABSENT
    span = f"{_number(row['low'], 3)}, {_number(row['high'], 3)}"
    return f"{row['rate']:.3f} [{span}] {row['count']}/{row['of']:g}"


def _short(row: Json) -> str:
    return f"{row['rate']:.2f} ({row['of']})"


def _number(value: float | None, decimals: int) -> str:
    return ABSENT if value is None else f"{value:.{decimals}f}"
