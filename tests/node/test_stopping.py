"""A signal ends a process whatever its main thread is doing."""

from __future__ import annotations

import subprocess
import sys

import pytest

OFTEN = """
import os, random, signal, threading, time
from heatward_node.stopping import told_to_stop

for number in range({times}):
    stopped = told_to_stop(signal.{name})
    later = threading.Timer(random.random() * 0.002, os.kill, (os.getpid(), signal.{name}))
    later.start()
    while not stopped.wait(0.0002):
        pass
    later.join()
print(number + 1)
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_that_meets_a_waiting_thread_is_heard(name: str):
    """A handler that sets the event itself stands still for ever after some dozen of these."""
    program = OFTEN.format(times=400, name=name)
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.stdout.strip(), done.stderr) == ("400", "")


def test_either_of_two_signals_stops_and_a_second_one_changes_nothing():
    program = (
        "import os, signal\n"
        "from heatward_node.stopping import told_to_stop\n"
        "stopped = told_to_stop(signal.SIGTERM, signal.SIGINT)\n"
        "print(stopped.is_set())\n"
        "for one in (signal.SIGINT, signal.SIGTERM, signal.SIGINT):\n"
        "    os.kill(os.getpid(), one)\n"
        "print(stopped.wait(60))\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert (done.stdout.split(), done.stderr) == (["False", "True"], "")
