"""Nodes that go on measuring while others catch up."""

from __future__ import annotations

import multiprocessing
import socket
import threading

from heatward_collector.bench import live
from heatward_collector.bench.load import Load, Node


def test_it_stays_behind_its_result_until_it_is_told_to_end(monkeypatch):
    near, far = socket.socketpair()
    monkeypatch.setattr(live, "connect", lambda _load, _index: Node(near, [], "topic"))
    ours, theirs = multiprocessing.Pipe()
    load = Load(0, [("node", "sensor")], 0, 0, 1)
    at_work = threading.Thread(target=live.run, args=(load, 0.05, theirs), daemon=True)
    at_work.start()
    assert ours.recv() == "ready"
    ours.send("go")
    ours.send("stop")
    assert ours.recv() == []
    at_work.join(0.2)
    assert at_work.is_alive()
    ours.send("end")
    at_work.join(10)
    assert not at_work.is_alive()
    far.close()
