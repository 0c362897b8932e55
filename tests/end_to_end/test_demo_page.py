"""Pressing the buttons of /demo: real nodes, broker, ledger, evaluation and pages answer."""

from __future__ import annotations

import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from heatward_collector.conclusions.findings import FindingStore
from heatward_collector.demo_desk import Deed, DemoDesk, Done
from heatward_collector.replay.line import embedded_config
from support.ports import free_port, wait_until

PATIENCE_S = 400
"""Pressed while other tests share the machine; alone each takes seconds."""


class Visitor:
    """Somebody at a running demo."""

    def __init__(self, port: int, state: Path) -> None:
        self.address = f"http://127.0.0.1:{port}/demo"
        config = embedded_config(state / "collector", "demo", port)
        self.desk, self.findings = DemoDesk(config), config.state.findings

    def press(self, deed: Deed) -> Done:
        """Press a button as a browser would, and wait for the answer."""
        form = urllib.parse.urlencode({"deed": deed.value}).encode()
        before = len(self.desk.done())
        with urllib.request.urlopen(self.address, form, timeout=60) as page:
            assert page.url == self.address, "the form comes back to the page"
        wait_until(
            lambda: len(self.desk.done()) > before and not self.desk.is_busy,
            f"{deed} has an answer",
            PATIENCE_S,
        )
        return self.desk.done()[0]

    def page(self, language: str) -> str:
        """Return what is shown."""
        with urllib.request.urlopen(f"{self.address}?lang={language}", timeout=60) as page:
            return str(page.read().decode())


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    folder, port = tmp_path_factory.mktemp("tried"), free_port()
    log = folder / "log"
    command = ["demo", "--days", "3", "--port", str(port), "--state", str(folder / "demo")]
    with log.open("w") as file:
        demo = subprocess.Popen(
            [sys.executable, "-m", "heatward_collector", *command], stdout=file, stderr=file
        )
    try:
        wait_until(lambda: "live now" in log.read_text(), "the demo runs live", PATIENCE_S)
        yield Visitor(port, folder / "demo")
    finally:
        demo.terminate()
        demo.wait(60)
    assert "Traceback" not in log.read_text()


def test_an_unplugged_node_accuses_nobody(visitor: Visitor) -> None:
    done = visitor.press(Deed.UNPLUG_NODE)
    assert "Nobody was accused" in visitor.page("en")
    assert done.place in visitor.page("zh")


def test_a_series_that_stood_still_is_whole_again(visitor: Visitor) -> None:
    facts = visitor.press(Deed.STOP_SERIES).facts
    assert facts["missing_before"] > 500, "three hours of 73 sensors, or nearly"
    assert facts["missing_after"] == 0
    assert facts["ledger_after"] == facts["ledger_before"]


def test_a_night_without_heat_is_found_at_its_source(visitor: Visitor) -> None:
    done = visitor.press(Deed.STOP_AT_NIGHT)
    store = FindingStore(visitor.findings)
    (said,) = [
        one.finding
        for one in store.latest(done.from_s)
        if one.finding.place == done.place and not one.is_withdrawn
    ]
    store.close()
    assert said.accuses
    assert abs(said.start_s - done.from_s) <= 1800
    assert "What the system said" in visitor.page("en")
    assert "青松热源厂" in visitor.page("zh")
