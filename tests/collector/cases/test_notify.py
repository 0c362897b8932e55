"""What the notify process says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from heatward_collector.alerts.message import INBOX
from heatward_collector.cases.notify import _report
from heatward_collector.running.status import StatusWriter
from support.case_world import OUTAGE, CaseWorld


@pytest.mark.parametrize(
    ("has_channels", "said"), [(False, "1 on the page only, "), (True, "1 sent, ")]
)
def test_without_a_channel_nothing_is_said_to_be_sent(
    tmp_path: Path, has_channels: bool, said: str
) -> None:
    world = CaseWorld(tmp_path, f"sqlite:///{tmp_path / 'registry.sqlite'}")
    world.say(OUTAGE)
    world.look()
    world.outbox.sent(world.messages(1)[0].message.id, INBOX, "", world.now)
    status = StatusWriter(tmp_path / "status", "notify")
    _report(status, world.outbox, SimpleNamespace(counters={}), has_channels, world.now)
    status.flush(force=True)
    world.close()
    text = (tmp_path / "status" / "notify.json").read_text("utf-8")
    assert said in text
    assert json.loads(text)["counters"]["messages_stuck"] == 0
