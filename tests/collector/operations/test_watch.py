"""The operator is told once where a disk fills or the line stops, with the stage and a remedy."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from heatward_collector.alerts.message import INBOX, Kept
from heatward_collector.alerts.operators import operators
from heatward_collector.alerts.outbox import Outbox
from heatward_collector.canary import CANARY_NODE, CANARY_ROM, CANARY_SENSOR
from heatward_collector.config import Config, State
from heatward_collector.evaluation import process as evaluate
from heatward_collector.ingest import link, process
from heatward_collector.ledger import LedgerReader
from heatward_collector.operations.alarms import Alarms
from heatward_collector.operations.canary_trace import CanaryTrace, Step
from heatward_collector.operations.disks import DiskWatch, Usage, folders_of, measured
from heatward_collector.operations.watch import STOPPED, LineWatch
from heatward_collector.registry import Registry, open_registry, spreadsheets
from heatward_collector.replay.balance import take_balance
from heatward_collector.running.health import examine
from heatward_collector.running.status import StatusWriter, read_status
from heatward_collector.timeseries import process as view
from heatward_collector.torture.line.small_disk import is_possible
from heatward_node import mqtt, patience
from support.broker import Mosquitto
from support.evidence import SAMPLE
from support.ports import wait_until

NOW_S = 1_767_225_600.0
PATIENCE_S = 90


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    yield registry
    registry.close()


def told(registry: Registry) -> list[Kept]:
    """Return every message of the outbox."""
    return Outbox(registry.database).due(time.time() + 10**9)


class Disks:
    """Disks as full as a test says."""

    def __init__(self, registry: Registry, folder: Path) -> None:
        self.share, self._now_s = 0.0, NOW_S
        self._registry, self._folder = registry, folder
        self.begin_again()

    def begin_again(self) -> None:
        alarms = Alarms(self._folder / "alarms.json", self._registry)
        self.watch = DiskWatch([self._folder], alarms, lambda _: self._usage())

    def _usage(self) -> Usage:
        used = int(1000 * self.share)
        return Usage(1000, used, 1000 - used)

    def at(self, share: float) -> list[str]:
        """Look at a disk that is so full; return the titles of all messages so far."""
        self.share = share
        self._now_s += 30
        assert self.watch.look(self._now_s) == pytest.approx(share)
        return [one.message.text.title_en for one in told(self._registry)]


def test_a_disk_that_fills_is_told_at_70_and_at_90_percent_and_only_once(
    registry: Registry, tmp_path: Path
) -> None:
    disks = Disks(registry, tmp_path)
    assert disks.at(0.69) == []
    assert disks.at(0.70) == ["Disk 70 % full"]
    assert disks.at(0.75) == ["Disk 70 % full"]
    assert disks.at(0.69) == ["Disk 70 % full"]  # it does not flutter
    assert disks.at(0.71) == ["Disk 70 % full"]
    assert sorted(disks.at(0.90)) == ["Disk 70 % full", "Disk 90 % full"]
    disks.begin_again()  # a restart repeats nothing
    assert len(disks.at(0.93)) == 2
    assert len(disks.at(0.86)) == 2
    assert len(disks.at(0.91)) == 3  # it was over in between
    assert len(disks.at(0.5)) == 3
    assert len(disks.at(0.72)) == 4


def test_the_message_names_disk_share_rest_and_remedy_in_both_languages(
    registry: Registry, tmp_path: Path
) -> None:
    Disks(registry, tmp_path).at(0.7)
    (one,) = told(registry)
    text = one.message.text
    assert str(tmp_path) in text.body_en and "300 B are free" in text.body_en
    assert "Make room" in text.body_en and "请腾出空间" in text.body_zh
    assert "磁盘已用 70%" in text.title_zh
    assert one.message.recipient == "operator:"  # nobody is registered: it stands in the inbox


def test_operators_are_persons_of_the_registry_with_their_channels(registry: Registry) -> None:
    spreadsheets.import_folder(registry, SAMPLE)
    day = date(2026, 1, 1)
    (one,) = operators(registry, day)
    assert (one.id, one.channels) == ("p-operator", (INBOX,))
    contact = {"person": "p-operator", "from_day": None, "to_day": None, "language": "en"}
    registry.put({"contact": [{**contact, "rank": 1, "channel": "mail"}]})
    (one,) = operators(registry, day)
    assert (one.channels, one.language) == (("mail",), "en")


def test_an_alarm_that_could_not_be_told_is_told_at_the_next_look(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heatward_collector.errors import RegistryError
    from heatward_collector.operations import alarms as module

    def away(*_: object) -> int:
        raise RegistryError("away")

    disks = Disks(registry, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(module, "tell_operators", away)
        assert disks.at(0.95) == []
    assert disks.at(0.95) == ["Disk 95 % full"]
    (tmp_path / "alarms.json").write_text("[1]")  # a memory that is broken repeats, and goes on
    disks.begin_again()
    assert len(disks.at(0.95)) == 2


@pytest.mark.skipif(not is_possible(), reason="needs root to mount a small disk")
def test_a_real_small_disk_is_measured_as_the_system_sees_it(
    registry: Registry, tmp_path: Path
) -> None:
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=True)
    try:
        alarms = Alarms(tmp_path / "alarms.json", registry)
        watch = DiskWatch([place, place / "not yet there"], alarms, measured)
        assert watch.look(NOW_S) < 0.1
        (place / "filling").write_bytes(bytes(800_000))
        assert 0.7 < watch.look(NOW_S) < 0.9
        (one,) = told(registry)  # two folders on one disk: one message
        assert str(place) in one.message.text.body_en
        found = examine(Config(state=State(place)), NOW_S)
        assert [notice.code for notice in found.notices] == [] or found.disk_total_bytes < 10**9
    finally:
        subprocess.run(["umount", place], check=True)


def test_the_state_folder_is_watched_also_before_it_exists(tmp_path: Path) -> None:
    config = Config(state=State(tmp_path / "state"))
    assert folders_of(config)[0] == tmp_path / "state"


# The line, end to end: a real broker, and the real loops of the stages as threads.


class Stage:
    """The loop of one stage, in a thread that can be stopped and begun."""

    def __init__(self, run: Callable[[Config, threading.Event], None], config: Config) -> None:
        self._run, self._config = run, config
        self.begin()

    def begin(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._config, self._stop))
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()


@contextmanager
def line(folder: Path, broker: Mosquitto) -> Iterator[tuple[Config, dict[str, Stage]]]:
    """Run ingest, view and evaluate over a broker."""
    from heatward_collector.config import parse

    config = parse(f'[state]\ndirectory = "{folder}"\n[mqtt]\nurl = "{broker.url}"\n')
    registry = open_registry(config)
    spreadsheets.import_folder(registry, SAMPLE)
    registry.close()
    loops = {"ingest": process.run, "view": view.run, "evaluate": evaluate.run}
    stages = {name: Stage(run, config) for name, run in loops.items()}
    try:
        yield config, stages
    finally:
        for stage in stages.values():
            stage.end()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (link, mqtt):
        monkeypatch.setattr(module, "RECONNECT_S", (0.1, 0.2))
    monkeypatch.setattr(patience, "FIRST_PATIENCE_MS", 400)
    monkeypatch.setattr(patience, "LONGEST_PATIENCE_MS", 800)
    monkeypatch.setattr(evaluate, "TICK_SECONDS", 0.5)


def pass_steps(trace: CanaryTrace, steps: list[Step], after_s: float) -> None:
    """Send test readings until some that were taken after a time are behind these steps."""

    sent_s = 0

    def passed() -> bool:
        nonlocal sent_s
        if int(time.time()) != sent_s:  # one a second: a reading has whole seconds
            sent_s = int(time.time())
            trace.send()
        trace.pump()
        trace.look()
        return all(trace.passed_s[step] > after_s for step in steps)

    wait_until(passed, f"a test reading passes {steps}", PATIENCE_S)


@pytest.mark.broker
@pytest.mark.usefixtures("impatient")
def test_a_stage_that_stops_is_named_and_the_operator_told_once(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    stops = {
        Step.EVALUATE: ("evaluate", [Step.BROKER, Step.LEDGER, Step.ACK, Step.VIEW]),
        Step.VIEW: ("view", [Step.BROKER, Step.LEDGER, Step.ACK, Step.EVALUATE]),
        Step.LEDGER: ("ingest", [Step.BROKER]),
    }
    with line(tmp_path / "state", mosquitto) as (config, stages):
        registry = open_registry(config)
        alarms = Alarms(config.state.directory / "alarms.json", registry)
        status = StatusWriter(config.state.status, "watch")
        trace = CanaryTrace(config, "sample", tmp_path / "watch", time.time)
        try:
            for count, (step, (name, others)) in enumerate(stops.items(), start=1):
                pass_steps(trace, list(Step), time.time())
                stages[name].end()
                stopped_s = time.time()
                pass_steps(trace, others, stopped_s + 1)
                now_s = time.time()
                watch = LineWatch(trace, alarms, status, 3600, now_s - stopped_s - 0.5)
                assert [watch.step(now_s) for _ in range(2)] == [step, step]
                messages = told(registry)
                assert len(messages) == count
                words, remedy = STOPPED[step]
                newest = max(messages, key=lambda one: one.message.id)
                assert any(words in one.message.text.title_en for one in messages)
                assert newest.message.recipient == "p-operator"
                status.flush(force=True)
                said = read_status(config.state.status, "watch")
                assert said is not None
                (fault,) = said["faults"]
                assert (fault["code"], fault["remedy_en"]) == ("line_stopped", remedy)
                stages[name].begin()
                pass_steps(trace, list(Step), time.time())
                watch = LineWatch(trace, alarms, status, 3600, PATIENCE_S)
                assert watch.step(time.time()) is None
                assert alarms.codes == frozenset()
        finally:
            trace.close()
        of_no_home(config)
        registry.close()


def of_no_home(config: Config) -> None:
    """Test readings are in the ledger, and in nothing that counts or shows readings of homes."""
    reader = LedgerReader(config.state.ledger)
    sent = sum(int((batch.readings["sensor"] == CANARY_SENSOR).sum()) for batch in reader.batches())
    assert sent > 5
    balance = take_balance(config, 0)
    assert (balance.ledger, balance.series, balance.expected) == (0, 0, 0)
    assert balance.is_even
    assert "canary" not in balance.fates
    status = read_status(config.state.status, "ingest")
    assert status is not None
    assert status["stages"]["nodes"]["last_success"] is None  # no node of a home was heard
    judged = json.dumps(balance.verdicts)
    assert CANARY_NODE not in judged
    directory = open_registry(config).directory()
    assert CANARY_NODE not in directory.tables["node"]
    assert CANARY_NODE not in directory.tables["home"]


@pytest.mark.broker
@pytest.mark.usefixtures("impatient")
def test_a_watch_that_was_killed_often_needs_no_further_reading_to_be_heard(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    """Each life leaves a log, and they go in order: the newest must not wait minutes for them."""
    with line(tmp_path / "state", mosquitto) as (config, _):
        for life in range(5):
            trace = CanaryTrace(config, "sample", tmp_path / "watch", time.time)
            trace.send()
            if life < 4:
                trace.close()

        def is_heard() -> bool:
            trace.pump()
            return trace.passed_s[Step.ACK] >= trace._node.clock.now_s and trace._node.is_done

        wait_until(is_heard, "the reading of the fifth life has its ack", PATIENCE_S)
        trace.close()


@pytest.mark.broker
@pytest.mark.usefixtures("impatient")
def test_a_broker_that_is_away_is_named_first(mosquitto: Mosquitto, tmp_path: Path) -> None:
    from heatward_collector.config import parse

    config = parse(f'[state]\ndirectory = "{tmp_path}"\n[mqtt]\nurl = "{mosquitto.url}"\n')
    trace = CanaryTrace(config, "sample", tmp_path / "watch", time.time)
    try:
        pass_steps(trace, [Step.BROKER], time.time())
        mosquitto.kill()
        wait_until(lambda: not lives_through(trace), "the loss is noticed", PATIENCE_S)
        last_s = trace.passed_s[Step.BROKER]
        assert trace.stopped(last_s + 100, 99) is Step.BROKER
        assert trace.stopped(last_s + 100, 10_000) is None
    finally:
        trace.close()


def lives_through(trace: CanaryTrace) -> bool:
    """Say whether the broker still counts as there."""
    before = trace.passed_s[Step.BROKER]
    trace.passed_s[Step.BROKER] = 0
    trace.pump()
    lives = trace.passed_s[Step.BROKER] > 0
    trace.passed_s[Step.BROKER] = max(before, trace.passed_s[Step.BROKER])
    return lives


def test_the_sensor_of_the_test_reading_is_a_sensor_of_no_box() -> None:
    assert len(CANARY_ROM) == 8
    registry_names = {row.split(",")[0] for row in (SAMPLE / "assignment.csv").read_text().split()}
    assert "28-5952414e4143" not in registry_names
