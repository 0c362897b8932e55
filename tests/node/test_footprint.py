"""What a running node costs: memory, and fsyncs, which wear the card out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from heatward_node.journal import Journal
from heatward_node.reading import Draft, Kind
from support.clock import FakeClock
from support.ports import wait_until
from support.w1_tree import W1Tree, rom_number

SENSORS = 12
MOST_RESIDENT_KB = 40_000
ROUNDS = 100


@pytest.fixture
def tree(tmp_path):
    tree = W1Tree(tmp_path / "devices")
    for number in range(SENSORS):
        tree.show(rom_number(number), 320)
    return tree


def resident_kb(process_id: int) -> int:
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])


def test_a_node_of_twelve_sensors_that_looks_for_its_broker_stays_below_40_mb(tmp_path, tree):
    config = tmp_path / "node.toml"
    config.write_text(
        '[node]\nid = "n1"\ndistrict = "d1"\ninterval_seconds = 60\n[mqtt]\nport = 1\n'
        f'[bus]\npath = "{tree.path}"\n'
    )
    fill(tmp_path / "journal.sqlite", rounds=288)
    process = subprocess.Popen([sys.executable, "-m", "heatward_node.cli", "run", "-c", config])
    try:
        wal = tmp_path / "journal.sqlite-wal"
        wait_until(lambda: wal.exists() and wal.stat().st_size > 8_192, "the first round is kept")
        assert resident_kb(process.pid) <= MOST_RESIDENT_KB
    finally:
        process.terminate()
        assert process.wait(10) == 0


def fill(path: Path, rounds: int) -> None:
    """Leave a day of an earlier run behind."""
    journal = Journal.open(path, FakeClock(), durable=False)
    body = rom_number(1) + bytes(9)
    for _ in range(rounds):
        journal.append([Draft(Kind.READING, body)] * SENSORS)
    journal.close()


PLAY = """
import sys
from pathlib import Path
from heatward_node.agent import Agent
from heatward_node.journal import Journal
from heatward_node.sensor import W1Bus
from support.clock import FakeClock

clock = FakeClock()
journal = Journal.open(Path(sys.argv[1]), clock)
agent = Agent(W1Bus(Path(sys.argv[2])), clock, journal)
Path(sys.argv[1]).with_suffix(".begun").touch()
for number in range(int(sys.argv[3])):
    agent.sample()
    journal.set_cursor(journal.live, number)
    journal.keep_witness("aa" * 8, number, "bb" * 8)
    clock.advance(3600)
Path(sys.argv[1]).with_suffix(".ended").touch()
"""


def test_a_round_with_acks_witnesses_fixes_and_checkpoints_costs_one_fsync(tmp_path, tree):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed: apt install strace")
    trace, program = tmp_path / "trace", tmp_path / "play.py"
    program.write_text(PLAY)
    journal = tmp_path / "j.sqlite"
    subprocess.run(
        ["strace", "-f", "-o", trace, "-e", "trace=fsync,fdatasync,openat"]
        + [sys.executable, program, journal, tree.path, str(ROUNDS)],
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": "/usr/bin:/bin"},
    )
    lines = trace.read_text().splitlines()
    begun = next(n for n, line in enumerate(lines) if "j.begun" in line)
    ended = next(n for n, line in enumerate(lines) if "j.ended" in line)
    syncs = [line for line in lines[begun:ended] if re.search(r"\bf(data)?sync\(", line)]
    assert len(syncs) == ROUNDS
