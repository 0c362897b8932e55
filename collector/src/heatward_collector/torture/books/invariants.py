"""What must hold after every run, whatever was done to the line."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from heatward_collector.conclusions.verdicts import LEVELS, DayVerdict, VerdictStore
from heatward_collector.config import Config
from heatward_collector.evaluation.evaluation import Evaluation
from heatward_collector.evaluation.window import Window
from heatward_collector.ledger import LedgerReader, verify
from heatward_collector.readings.follow import Follower
from heatward_collector.registry import Registry, open_registry
from heatward_collector.rules import load_standard
from heatward_collector.timeseries import open_timeseries
from heatward_collector.timeseries.comparison import Comparison, compare
from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.truth import (
    Held,
    Truth,
    given_up,
    is_as_shown,
    journal_records,
    shown_by,
    witnesses,
)

MOST_MEMORY = 400 * 2**20
"""What a process of this small line may have resident at most. [bytes]"""
MOST_FILES = 200
SECRETS = ("0451-0000", "示例）", "张示例", "李示例", "王示例")
"""Telephone numbers and names of the sample registry: no log may hold one."""
MOST_NAMED = 5
_ALL_DAYS = (date(1970, 1, 1), date(2200, 1, 1))


@dataclass(slots=True)
class Books:
    """The counts of one run, and everything that is not as it must be."""

    readings: int = 0
    records: int = 0
    batches: int = 0
    points: int = 0
    verdicts: int = 0
    lost: int = 0
    doubled: int = 0
    altered: int = 0
    invented: int = 0
    named_lost: int = 0
    problems: list[str] = field(default_factory=list)


def check(line: Line, now_s: float) -> Books:
    """Check everything that holds for every fault, after the processes have ended."""
    books = Books()
    held = Held.by(line.reader)
    _check_records(line, held, books)
    _check_truth(line, held, books)
    _check_chain(line, books)
    _check_view(line.config, books)
    if "evaluate" in line.setting.stages:
        _check_verdicts(line, now_s, books)
    _check_processes(line, books)
    _check_alerts(line, books)
    _check_secrets(line, books)
    books.problems += [f"not so: {words}" for words, holds in line.claims if not holds]
    return books


def _check_records(line: Line, held: Held, books: Books) -> None:
    """Every record of a journal is in the ledger once, bit for bit, and nothing else is."""
    written: dict[tuple[str, int, int], bytes] = {}
    oldest: dict[tuple[str, int], int] = {}
    for name, card in line.cards():
        if "card" in line.setting.small_disks:
            oldest |= {(name, epoch): first for epoch, first in given_up(card).items()}
        for epoch, record in journal_records(card):
            if record.seq >= oldest.get((name, epoch), 0):
                written[name, epoch, record.seq] = record.to_bytes()
    kept = {key: record.to_bytes() for key, record in held.records.items()}
    missing = [key for key in written if key not in kept]
    other = [key for key, data in written.items() if kept.get(key, data) != data]
    strange = [
        key for key in kept if key not in written and key[2] >= oldest.get((key[0], key[1]), 0)
    ]
    books.records, books.doubled = len(kept), held.times.total() - len(held.times)
    books.named_lost = held.names_lost()
    if not line.setting.may_lose_on_cards:
        books.lost, books.altered, books.invented = len(missing), len(other), len(strange)
        _name(books, "of a journal, not in the ledger", missing)
        _name(books, "other bytes in the ledger than in the journal", other)
        _name(books, "in the ledger, in no journal", strange)
        _name(books, "numbers named as lost", list(held.lost.items()))
    _name(books, "twice in the ledger", [key for key, times in held.times.items() if times > 1])


def _check_truth(line: Line, held: Held, books: Books) -> None:
    """Every reading that was kept is there, and none that no sensor showed."""
    truth = Truth()
    for name, file in line.truths():
        truth.read(name, file)
    seen = set()
    wrong = []
    for node_name, record in held.readings():
        books.readings += 1
        key = shown_by(record, node_name)
        seen.add(key)
        if not is_as_shown(record, truth.shown.get(key, set())):
            wrong.append(key)
    missing = [key for key in truth.owed() if key not in seen]
    if len(missing) > books.named_lost:
        books.lost = max(books.lost, len(missing))
        _name(books, "kept by a node, not in the ledger and not named as lost", missing)
    books.invented = max(books.invented, len(wrong))
    _name(books, "in the ledger as no sensor showed it", wrong)


def _check_chain(line: Line, books: Books) -> None:
    """The chain is whole, and every head that a node keeps is in it."""
    incarnation = line.reader.incarnation
    heads = {
        batch: bytes.fromhex(head)
        for _, card in line.cards()
        for life, batch, head in witnesses(card)
        if life == incarnation
    }
    found = verify(line.config.state.ledger, heads)
    books.batches = found.batches
    if found.alteration is not None:
        books.problems.append(f"the chain: {found.alteration}")


def _check_view(config: Config, books: Books) -> None:
    """The time series is what ledger and registry say, point by point."""
    comparison = Comparison()
    directory = open_registry(config).directory()
    reader = LedgerReader(config.state.ledger)
    differences = list(compare(reader, directory, open_timeseries(config), comparison))
    books.points = comparison.found
    _name(books, "the view differs", differences)


def _check_verdicts(line: Line, now_s: float, books: Books) -> None:
    """The verdicts on the way are those of one look at the whole ledger."""
    config, anew = line.config, line.folder / "judged-anew"
    shutil.rmtree(anew, ignore_errors=True)
    with closing(open_registry(config)) as registry:
        on_the_way = judged(config, registry, config.state.directory, now_s)
        at_once = judged(config, registry, anew, now_s)
    books.verdicts = len(at_once)
    differing = [
        key
        for key in on_the_way.keys() | at_once.keys()
        if key not in on_the_way
        or key not in at_once
        or not on_the_way[key].says_the_same(at_once[key])
    ]
    _name(books, "a verdict depends on the way", differing)


def judged(
    config: Config, registry: Registry, folder: Path, now_s: float
) -> dict[tuple[str, str, date], DayVerdict]:
    """Return every newest verdict once an evaluation in ``folder`` has seen the whole ledger."""
    folder.mkdir(exist_ok=True)
    follower = Follower(folder / "evaluate.sqlite", LedgerReader(config.state.ledger), registry)
    window = Window(folder / "window", [point.id for point in follower.directory.points])
    verdicts = VerdictStore(folder / "verdicts.sqlite")
    standard = load_standard(config.rules.city, config.rules.file)
    evaluation = Evaluation(follower, window, verdicts, standard, lambda: now_s)
    while evaluation.step():
        continue
    evaluation.judge()
    found = newest_verdicts(verdicts)
    follower.close()
    verdicts.close()
    return found


def newest_verdicts(verdicts: VerdictStore) -> dict[tuple[str, str, date], DayVerdict]:
    """Return the newest verdict on every place and day."""
    return {
        (one.level, one.place, one.day): one
        for level in LEVELS
        for one in verdicts.of_level(level, *_ALL_DAYS)
    }


def _check_processes(line: Line, books: Books) -> None:
    """No process grows without bound, and each ends in order when asked to."""
    for worker in line.workers:
        if worker.peak_bytes > MOST_MEMORY:
            books.problems.append(f"{worker.name} took {worker.peak_bytes / 2**20:.0f} MiB")
        if worker.most_files > MOST_FILES:
            books.problems.append(f"{worker.name} had {worker.most_files} files open")
        for code in worker.unclean:
            books.problems.append(f"{worker.name} did not end in order: exit code {code}")


def _check_alerts(line: Line, books: Books) -> None:
    """Every alert arrived, no other did, and only a kill doubled one."""
    if line.receiver is None:
        return
    taken = line.receiver.taken
    _name(books, "an alert that never arrived", sorted(set(line.messages) - set(taken)))
    _name(books, "an alert that nobody put", sorted(set(taken) - set(line.messages)))
    doubled = len(taken) - len(set(taken))
    if doubled > line.allowed_doubles:
        books.problems.append(f"{doubled} alerts came twice, {line.allowed_doubles} may")


def _check_secrets(line: Line, books: Books) -> None:
    """No log holds a name or a telephone number."""
    for file in sorted(line.folder.glob("*.log")):
        text = file.read_text(errors="replace")
        _name(books, f"{file.name} holds", [one for one in SECRETS if one in text])


def _name(books: Books, what: str, found: Sequence[object]) -> None:
    if found:
        some = "; ".join(str(one) for one in found[:MOST_NAMED])
        books.problems.append(f"{len(found)} x {what}: {some}")
