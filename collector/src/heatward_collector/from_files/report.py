"""What is said, for people at a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from heatward_collector.conclusions.verdicts import DayVerdict
from heatward_collector.core.placement import Doubt
from heatward_collector.core.standard import Standard
from heatward_collector.core.suppression import Finding, Level
from heatward_collector.explain import Names
from heatward_collector.explain.placement_words import doubt_sentence
from heatward_collector.explain.sentence import considered, sentence
from heatward_collector.from_files.outdoors import Outdoors
from heatward_collector.from_files.reading_file import Tally
from heatward_collector.locale import Texts, message
from heatward_collector.registry.points import Point

VERDICTS = {
    "below": message("below"),
    "marginal_minus": message("marginal (low)"),
    "marginal_plus": message("marginal (high)"),
    "met": message("met"),
    "not_judgeable": message("not judgeable"),
}
FATES = {
    "judged": message("%(n)d readings of rooms and outdoors"),
    "unassigned": message("%(n)d of sensors that hung nowhere by the registry"),
    "bench": message("%(n)d of sensors on the bench"),
    "outside": message("%(n)d on days that are not judged"),
}
LOCAL_TIMES = message("%(n)d times without a zone, taken as local")
LEFT_OUT = (
    ("faulty", message("%(n)d lines could not be read")),
    ("without_value", message("%(n)d lines without a value")),
    ("power_on", message("%(n)d times 85.0 °C, which a sensor says before it measures")),
    ("out_of_range", message("%(n)d values that no sensor can measure")),
    ("local_times", LOCAL_TIMES),
)
OUTDOOR = {
    "file": message("outdoor temperatures: from the file"),
    "sensors": message("outdoor temperatures: from the registry's own shaded sensors"),
    "none": message("outdoor temperatures: none, so nobody is accused of a short stop"),
}
MOST_NAMED = 5


def heading(standard: Standard, first: date, last: date, say: Texts) -> str:
    """Return what is judged."""
    return say(
        "%(city)s, %(first)s to %(last)s",
        city=say.pick(standard.name_zh, standard.name_en),
        first=first.isoformat(),
        last=last.isoformat(),
    )


def what_was_read(
    tally: Tally, fates: Mapping[str, int], outdoors: Outdoors, source: str, say: Texts
) -> Iterator[str]:
    """Yield what became of every line of the files."""
    yield say("%(n)d lines of readings", n=tally.lines)
    for name, words in FATES.items():
        if fates.get(name):
            yield "  " + say(words, n=fates[name])
    for name, words in LEFT_OUT:
        if getattr(tally, name):
            yield "  " + say(words, n=getattr(tally, name))
    yield say(OUTDOOR[source])
    if outdoors.local_times:
        yield "  " + say(LOCAL_TIMES, n=outdoors.local_times)
    named = [*tally.named, *outdoors.named]
    yield from (f"  {text}" for text in named[:MOST_NAMED])
    rest = tally.faulty + outdoors.faulty - len(named[:MOST_NAMED])
    if rest > 0:
        yield "  " + say("and %(n)d more", n=rest)


def what_was_found(
    findings: Sequence[Finding], names: Names, zone: ZoneInfo, say: Texts
) -> Iterator[str]:
    """Yield every finding with what else was considered."""
    accusing = sum(finding.accuses for finding in findings)
    yield say(
        "Findings of suppressed heating: %(n)d, of which accusing: %(accusing)d",
        n=len(findings),
        accusing=accusing,
    )
    for number, finding in enumerate(findings, 1):
        yield f"{number}. {sentence(finding, names, zone, say)}"
        for one in finding.excluded:
            yield f"   - {considered(one, zone, say)}"


def what_was_doubted(
    doubts: Sequence[Doubt], points: Sequence[Point], zone: ZoneInfo, say: Texts
) -> Iterator[str]:
    """Yield every doubt about where a sensor hangs."""
    yield say("Doubts about where sensors hang: %(n)d", n=len(doubts))
    for number, doubt in enumerate(doubts, 1):
        yield f"{number}. {doubt_sentence(doubt, points[doubt.room].id, zone, say)}"


def what_was_judged(verdicts: Sequence[DayVerdict], names: Names, say: Texts) -> Iterator[str]:
    """Yield the days of every building by verdict."""
    yield say("Days of every building by verdict")
    days: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        if verdict.level == "building":
            days.setdefault(verdict.place, Counter())[verdict.verdict] += 1
    for place, counts in sorted(days.items()):
        said = [
            say("%(verdict)s %(n)d", verdict=say(words), n=counts[word])
            for word, words in VERDICTS.items()
            if counts[word]
        ]
        name = names.place(Level.BUILDING, place, english=say.language == "en")
        yield f"  {name}  {say('list separator').join(said)}"
    if not days:
        yield "  " + say("none: no heating season, or no readings")
