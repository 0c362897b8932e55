"""Processes by name: who reads the ledger leaves the processor to who writes it."""

import os
import time
from pathlib import Path

from heatward_collector.bench.running_stage import running_stage
from heatward_collector.config import parse
from heatward_collector.running.stages import FOLLOWING, FOLLOWING_NICENESS, NICENESS, STAGES
from heatward_collector.running.status import read_status


def test_every_following_stage_is_one() -> None:
    assert STAGES.keys() >= FOLLOWING


def test_a_stage_that_reads_the_ledger_is_behind_one_that_writes_it(tmp_path: Path) -> None:
    config = parse(f'[state]\ndirectory = "{tmp_path}"')
    config.state.ledger.mkdir(parents=True)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    with running_stage("view", config) as view, running_stage("seal", config) as seal:
        deadline = time.monotonic() + 120
        while any(read_status(config.state.status, name) is None for name in ("view", "seal")):
            assert time.monotonic() < deadline, "view or seal do not start"
            time.sleep(0.05)
        assert os.getpriority(os.PRIO_PROCESS, view) == min(own + FOLLOWING_NICENESS, 19)
        assert os.getpriority(os.PRIO_PROCESS, seal) == min(own + NICENESS, 19)
