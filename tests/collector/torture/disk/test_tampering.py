"""A ledger altered by somebody with every right on it: each alteration is named."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from heatward_collector.ledger import verify
from heatward_collector.torture.disk import tampering
from heatward_collector.torture.disk.edits import Copy, edited_with_chain
from heatward_collector.torture.disk.sealed_edits import SealedCopy


@pytest.fixture(scope="module")
def tampered() -> tampering.Tampered:
    return tampering.measure(count=10 * len(tampering.KINDS), seed=1, progress=lambda: None)


@pytest.mark.parametrize("kind", tampering.KINDS)
def test_every_alteration_is_named(tampered: tampering.Tampered, kind: str) -> None:
    assert tampered.done[kind] == 10
    assert [one for one in tampered.missed if one.startswith(f"{kind} ")] == []
    if not kind.startswith("raw"):
        assert tampered.named[kind] == 10


def test_what_is_altered_was_intact_and_lies_in_a_log_too(tmp_path: Path) -> None:
    heads = tampering.write(tmp_path / "ledger")
    found = verify(tmp_path / "ledger", heads)
    assert found.alteration is None
    assert found.batches == len(heads) == tampering.DAYS * tampering.BATCHES_A_DAY
    assert list((tmp_path / "ledger").glob("*-wal"))


def test_a_cursor_of_a_source_that_nobody_has_met_yet_is_an_alteration(tmp_path: Path) -> None:
    """A writer that begins there would take records for repeats that it never had."""
    tampering.write(tmp_path / "ledger")
    first = min((tmp_path / "ledger").glob("*.sqlite"))
    copy = Copy(tmp_path / "ledger", random.Random(0))
    copy.run(first, ("UPDATE snapshot SET through = 5 WHERE source = 0", ()))
    assert "cursors" in str(verify(tmp_path / "ledger").alteration)


def test_without_the_witness_a_perfect_forger_would_go_unseen(tmp_path: Path) -> None:
    """So the count above rests on heads that others keep."""
    heads = tampering.write(tmp_path / "ledger")
    expected = edited_with_chain(Copy(tmp_path / "ledger", random.Random(3)))
    assert verify(tmp_path / "ledger").alteration is None
    last = max(heads)
    assert expected.witness_from <= last
    assert verify(tmp_path / "ledger", {last: heads[last]}).alteration is not None


def test_what_is_altered_of_a_sealed_ledger_was_intact_in_several_row_groups(
    tmp_path: Path,
) -> None:
    heads = tampering.write(tmp_path / "ledger")
    tampering.seal_days(tmp_path / "ledger")
    assert verify(tmp_path / "ledger", heads).alteration is None
    copy = SealedCopy(tmp_path / "ledger", random.Random(0))
    assert len(copy.days) == tampering.DAYS - 1
    assert all(len(copy.groups(day)) > 1 for day in copy.days)
