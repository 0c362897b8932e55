"""Every input that ever reached new code or a crash, fed again; and some thousand fresh ones."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from heatward_collector.cli import heatward
from heatward_collector.ingest.messages import Message
from heatward_collector.ingest.quarantine import Quarantine, read_payloads
from heatward_collector.ingest.session import Session
from heatward_collector.ledger import LedgerReader, LedgerWriter
from heatward_collector.torture.inputs import malformed_inputs
from heatward_collector.torture.inputs.malformed_inputs import Fate, Subject, feed, subjects
from heatward_node.control import Hello
from heatward_node.errors import WireError
from heatward_node.wire import decode_pack

CORPUS = Path(__file__).with_name("corpus")
NAMES = sorted(path.name for path in CORPUS.iterdir())
MOST_BYTES = 2_000
FRESH = 3_000


@pytest.mark.parametrize("name", NAMES)
def test_what_was_once_found_is_refused_or_right(name: str, tmp_path: Path) -> None:
    subject = subjects(tmp_path)[name]
    files = sorted((CORPUS / name).iterdir())
    fates = {file.name: subject.swallow(file.read_bytes()) for file in files}
    assert Fate.REFUSED in fates.values()
    assert all(file.stat().st_size <= 20 * MOST_BYTES for file in files)


def test_every_reader_has_a_corpus_and_takes_what_is_whole(tmp_path: Path) -> None:
    found = subjects(tmp_path)
    assert sorted(found) == NAMES
    for name, subject in found.items():
        whole = [one for one in subject.samples if subject.swallow(one) is Fate.RIGHT]
        assert whole or name.endswith("_csv"), name  # a beginning of a table may end in a row


def test_fresh_malformed_inputs_crash_nothing_and_come_again_by_their_seed() -> None:
    fed = feed(FRESH, seed=1)
    assert fed.crashes == []
    assert set(fed.given) == set(NAMES)
    assert fed.given.total() >= FRESH
    assert fed.refused.total() > 0.9 * FRESH
    assert feed(FRESH, seed=1).refused == fed.refused
    assert feed(FRESH, seed=2).refused != fed.refused


def test_the_inputs_to_begin_from_are_the_same_at_any_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (today := tmp_path / "today").mkdir()
    (tomorrow := tmp_path / "tomorrow").mkdir()
    before, later = subjects(today), time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    for name, subject in subjects(tomorrow).items():
        assert subject.samples == before[name].samples, name


def test_a_reader_that_crashes_is_told_with_its_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(data: bytes) -> Fate:
        raise ZeroDivisionError(len(data))

    monkeypatch.setattr(malformed_inputs, "subjects", lambda _: {"x": Subject([b"whole"], crash)})
    done = CliRunner().invoke(heatward, ["torture", "--malformed", "30"])
    assert done.exit_code == 1
    assert "30 崩溃 / crashes" in done.output
    assert "ZeroDivisionError" in done.output


def test_the_command_counts_what_it_gave_and_what_was_refused() -> None:
    done = CliRunner().invoke(heatward, ["torture", "--malformed", "2000", "--seeds", "5"])
    assert done.exit_code == 0, done.output
    assert "0 崩溃 / crashes" in done.output
    assert "readings" in done.output


def test_malformed_messages_leave_no_row_in_a_real_ledger_and_all_are_counted(
    tmp_path: Path,
) -> None:
    ledger = LedgerWriter(tmp_path / "ledger", lambda: malformed_inputs.SENT_S + 60.0)
    quarantine = Quarantine(tmp_path / "quarantine.sqlite", lambda: 0.0)
    session, refused = Session(ledger, quarantine), 0
    readers = {"readings": partial(decode_pack, loads=msgspec.json.decode), "event": Hello.decode}
    for name, read in readers.items():
        topic = f"heatward/v1/sample/n0001/{name}"
        for file in sorted((CORPUS / name).iterdir()):
            data = file.read_bytes()
            try:
                read(data)
            except (WireError, msgspec.DecodeError):
                refused += 1
                session.take(Message(topic, data, False, 1, refused, 1))
    committed = session.commit()
    assert refused > 20
    assert session.counters["quarantined_messages"] == refused
    assert len(committed.settled) == refused  # settled: a broker must not bring them again
    assert committed.records == 0
    assert LedgerReader(tmp_path / "ledger").head()[0] == 0
    assert len(list(read_payloads(tmp_path / "quarantine.sqlite", 10_000))) == refused
    whole = malformed_inputs.subjects(tmp_path)["readings"].samples[0]
    session.take(Message("heatward/v1/sample/n0001/readings", whole, False, 1, 1, 1))
    assert session.commit().records == 1  # the next good message is taken
    quarantine.close()
    ledger.close()
