"""Nodes without the time, with a wrong one, and with one that jumps: where their readings end up.

The real agent and journal on one side, ledger, clocks and view on the other. Each reading carries
its own number as its temperature, so that the view can be held against the true times.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from heatward_node.agent import FIX_ERROR_MS, Agent
from heatward_node.events import ClockStep
from heatward_node.journal import Journal
from heatward_node.reading import Kind
from heatward_node.rom import rom_from_kernel_name
from heatward_node.sensor import W1Bus
from heatward_node.wire import MAX_RECORDS, Pack
from support.evidence import DISTRICT, NEIGHBOUR, T0, World
from support.w1_tree import W1Tree

ROOM = "h0002-r1"
INTERVAL_S = 1_800
DRIFT = 80e-6
"""A Pi's crystal is off by up to this; the collector allows 100 ppm."""
ALLOWED_DRIFT = 100e-6
WEEK = 7 * 86_400 // INTERVAL_S
HOUR_S, TEN_YEARS_S = 3_600, 315_360_000


@dataclass
class DriftingClock:
    """True time, a monotonic clock that runs too fast, and a wall clock that may be wrong."""

    true_s: float = float(T0)
    mono: float = 60_000.0
    wrong_by_s: float = 0.0
    synchronised: bool = False
    boot_id: bytes = b"boot-0123456789a"

    def mono_ms(self) -> int:
        return int(self.mono)

    def wall_s(self) -> float:
        return self.true_s + self.wrong_by_s

    def is_synchronised(self) -> bool:
        return self.synchronised

    def advance(self, seconds: float) -> None:
        self.true_s += seconds
        self.mono += seconds * 1000 * (1 + DRIFT)


class Home:
    """A node that measures on paper, and the collector that hears it."""

    def __init__(self, folder: Path) -> None:
        self.clock = DriftingClock()
        self.tree = W1Tree(folder / "devices")
        self.tree.path.mkdir(parents=True)
        self.journal = Journal.open(folder / "journal.sqlite", self.clock, durable=False)
        self.agent = Agent(W1Bus(self.tree.path), self.clock, self.journal)
        self.world = World(folder / "world")
        self.true_times: list[float] = []
        self._sent = 0

    def measure(self, rounds: int) -> None:
        for _ in range(rounds):
            self.tree.show(rom_from_kernel_name(NEIGHBOUR), len(self.true_times))
            assert self.agent.sample() == 1
            self.true_times.append(self.clock.true_s)
            self.clock.advance(INTERVAL_S)

    def send(self) -> None:
        """Let everything arrive now, by the collector's clock, which is right."""
        self.world.now = self.clock.true_s
        log = self.journal.live
        while self._sent < log.last_seq:
            records = self.journal.read(log, self._sent, MAX_RECORDS)
            self.world.ledger.offer(DISTRICT, "n0002", Pack(log.epoch, False, records))
            self.world.ledger.commit()
            self._sent = records[-1].seq
        self.world.follow()

    def placed(self) -> dict[int, float]:
        """Return how far from its true time each reading is shown, by its number. [s]"""
        time_s, celsius = self.world.store.room(ROOM, 0, 2**33)
        numbers = [round(value * 16) for value in celsius]
        assert len(set(numbers)) == len(numbers)
        return {
            number: shown - self.true_times[number]
            for number, shown in zip(numbers, time_s.tolist(), strict=True)
        }


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def allowed_s(home: Home, number: int, fix_s: float) -> float:
    """Return the error that is stated for a reading placed by a fix at ``fix_s``, and rounding."""
    distance = abs(fix_s - home.true_times[number])
    return FIX_ERROR_MS / 1000 + ALLOWED_DRIFT * distance + 1


@pytest.mark.parametrize("wrong_by_s", [0, -HOUR_S, HOUR_S, -TEN_YEARS_S, TEN_YEARS_S])
def test_after_a_week_without_time_all_readings_find_their_place(
    home: Home, wrong_by_s: int
) -> None:
    home.clock.wrong_by_s = wrong_by_s
    home.measure(WEEK)
    home.send()
    assert home.placed() == {}  # kept, and not judged yet
    home.clock.wrong_by_s, home.clock.synchronised = 0, True
    fix_s = home.clock.true_s
    home.measure(1)
    home.send()
    placed = home.placed()
    assert sorted(placed) == list(range(WEEK + 1))
    for number, off_s in placed.items():
        assert abs(off_s) <= allowed_s(home, number, fix_s), number
    assert max(map(abs, placed.values())) > 30  # the drift of a week is there, and within bounds


def test_a_node_that_never_learns_the_time_is_kept_and_never_judged(home: Home) -> None:
    home.measure(WEEK)
    home.send()
    assert home.placed() == {}
    kept = sum(len(batch.readings) for batch in home.world.reader.batches())
    assert kept == WEEK


@pytest.mark.parametrize("jump_s", [-HOUR_S, HOUR_S, -TEN_YEARS_S, TEN_YEARS_S])
def test_a_clock_that_jumps_and_is_put_right_leaves_every_reading_where_it_was_taken(
    home: Home, jump_s: int
) -> None:
    home.clock.synchronised = True
    home.measure(10)
    home.send()
    home.clock.wrong_by_s, home.clock.synchronised = (
        jump_s,
        False,
    )  # as a lost time service leaves it
    home.measure(10)
    home.clock.wrong_by_s, home.clock.synchronised = 0, True
    fix_s = home.clock.true_s
    home.measure(10)
    home.send()
    placed = home.placed()
    assert sorted(placed) == list(range(30))
    for number, off_s in placed.items():
        assert abs(off_s) <= allowed_s(home, number, fix_s), number


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S, -TEN_YEARS_S, TEN_YEARS_S])
def test_a_time_service_that_lies_while_readings_come_in_live_is_found_out(
    home: Home, jump_s: int
) -> None:
    home.clock.synchronised = True
    home.measure(10)
    home.clock.wrong_by_s = jump_s  # and something still vouches for it
    for _ in range(10):
        home.measure(1)
        home.send()  # from the future, or behind the boot: it gives itself away
    assert all(abs(off_s) <= 60 for off_s in home.placed().values())
    home.clock.wrong_by_s = 0
    fix_s = home.clock.true_s
    home.measure(10)
    home.send()
    placed = home.placed()
    for number, off_s in placed.items():
        assert abs(off_s) <= allowed_s(home, number, fix_s), number
    assert set(range(10)) | set(range(20, 30)) <= set(placed)
    steps = [
        ClockStep.from_record(one).step_ms
        for batch in home.world.reader.batches()
        for _, _, one in batch.others
        if one.kind == Kind.CLOCK_STEP
    ]
    assert [round(step / 1000) for step in steps] == [
        pytest.approx(jump_s, abs=1),
        pytest.approx(-jump_s, abs=1),
    ]
