"""A demo that is ended while it plays ends: nobody waits for days that nobody wants to see."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.ports import free_port, wait_until


def living(status: Path) -> list[str]:
    """Return the processes of a collector that still run."""
    pids = {path.stem: json.loads(path.read_text())["pid"] for path in status.glob("*.json")}
    assert pids
    return [name for name, pid in pids.items() if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_demo_may_be_ended_while_it_plays(tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "log"
    command = ["demo", "--days", "60", "--port", str(free_port()), "--state", str(tmp_path / "d")]
    with log.open("w") as file:
        demo = subprocess.Popen(
            [sys.executable, "-m", "heatward_collector", *command], stdout=file, stderr=file
        )
    try:
        wait_until(lambda: "demo district" in log.read_text(), "the demo plays")
        os.kill(demo.pid, number)
        assert demo.wait(60) not in (0, None)
    finally:
        demo.kill()
    assert "Traceback" not in log.read_text()
    wait_until(lambda: not living(tmp_path / "d/collector/status"), "every process has ended")
