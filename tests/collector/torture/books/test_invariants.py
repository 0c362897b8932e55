"""The oracle sees what it must see: each kind of wrong books is named."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from dataclasses import replace

import pytest

from heatward_collector.torture.books import invariants
from heatward_collector.torture.line.line import Line
from heatward_collector.torture.line.node_life import RESET, SENSOR_FAULTS, _text
from heatward_collector.torture.line.processes import preload
from heatward_collector.torture.line.setting import Setting
from heatward_node.reading import Quality
from heatward_node.scratchpad import judge, scratchpad_of

pytestmark = pytest.mark.broker
PATIENCE = 6.0
"""Other work may share this machine."""


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory):
    """A line on which nothing was hit, after its end; tests copy what they spoil."""
    preload()
    folder = tmp_path_factory.mktemp("torture") / "line"
    with Line(folder, Setting(nodes=2), 1, PATIENCE) as line:
        line.play(1.5)
        line.mend()
        line.settle()
        line.close_processes()
        yield line


def test_an_undisturbed_line_has_even_books(played: Line) -> None:
    books = invariants.check(played, time.time())
    assert books.problems == []
    assert books.readings > 0
    assert books.points == books.readings
    assert books.verdicts > 0
    assert (books.lost, books.doubled, books.altered, books.invented) == (0, 0, 0, 0)


def spoilt_card(line: Line, statement: str) -> None:
    card = line.nodes[0].plan.folder / "card" / "journal.sqlite"
    with sqlite3.connect(card) as connection:
        assert connection.execute(statement).rowcount > 0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("DELETE FROM record WHERE seq = (SELECT max(seq) FROM record)", "in the ledger"),
        ("UPDATE log SET epoch = epoch + 1", "of a journal, not in the ledger"),
    ],
)
def test_a_card_that_says_otherwise_is_seen(played: Line, tmp_path, spoil, words) -> None:
    kept = played.nodes[0].plan.folder / "card"
    shutil.copytree(kept, tmp_path / "card")
    try:
        spoilt_card(played, spoil)
        problems = invariants.check(played, time.time()).problems
    finally:
        shutil.rmtree(kept)
        shutil.copytree(tmp_path / "card", kept)
    assert any(words in problem for problem in problems), problems


def test_what_a_full_card_gave_up_after_its_ack_is_not_wrong_and_elsewhere_it_is(
    played: Line, tmp_path
) -> None:
    kept, setting = played.nodes[0].plan.folder / "card", played.setting
    shutil.copytree(kept, tmp_path / "card")
    try:
        spoilt_card(played, "DELETE FROM record WHERE seq <= 4")
        assert any(
            "other bytes" in problem for problem in invariants.check(played, time.time()).problems
        )
        played.setting = replace(setting, small_disks=("card",))
        assert invariants.check(played, time.time()).problems == []
        spoilt_card(played, "DELETE FROM record WHERE seq = 6")
        assert invariants.check(played, time.time()).problems != []
    finally:
        played.setting = setting
        shutil.rmtree(kept)
        shutil.copytree(tmp_path / "card", kept)


def test_a_reading_that_no_sensor_showed_is_seen(played: Line) -> None:
    truth = played.nodes[0].plan.folder / "truth"
    before = truth.read_text()
    try:
        lines = before.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("show"))
        words = lines[at].split(" ")
        words[3] = str(int(words[3]) + 1)
        truth.write_text("\n".join([*lines[:at], " ".join(words), *lines[at + 1 :], ""]))
        books = invariants.check(played, time.time())
    finally:
        truth.write_text(before)
    assert books.invented == 1


def test_a_verdict_that_depends_on_the_way_is_seen(played: Line) -> None:
    verdicts = played.config.state.verdicts
    copy = verdicts.with_suffix(".kept")
    shutil.copy(verdicts, copy)
    try:
        with sqlite3.connect(verdicts) as connection:
            connection.execute(
                "INSERT INTO verdict SELECT level, place, '2020-01-01', revision, verdict, "
                "provisional, rule, judged_at, batch, facts FROM verdict LIMIT 1"
            )
        problems = invariants.check(played, time.time()).problems
    finally:
        copy.replace(verdicts)
    assert any("a verdict depends on the way" in problem for problem in problems)


def test_names_telephones_and_claims_that_do_not_hold_are_seen(played: Line) -> None:
    leak = played.folder / "leak.log"
    leak.write_text("event=x name=张示例 phone=0451-00000011")
    played.claim("the moon is cheese", False)
    try:
        problems = invariants.check(played, time.time()).problems
    finally:
        leak.unlink()
        played.claims.clear()
    assert any("张示例" in problem for problem in problems)
    assert any("the moon is cheese" in problem for problem in problems)


@pytest.mark.parametrize("fault", [one for one in SENSOR_FAULTS if one not in ("", "gone")])
def test_what_faulty_sensors_show_is_never_good(fault: str) -> None:
    text = _text(random.Random(1).randrange(200, 400), fault)
    if fault == "garbage":
        from heatward_node.errors import SensorError

        with pytest.raises(SensorError):
            scratchpad_of(text)
        return
    assert judge(*scratchpad_of(text)) is not Quality.GOOD
    assert RESET[:2] == b"\x50\x05"
