"""A power cut at every write, fsync and rename of journal, ledger, sealing and outbox.

What was not synced is gone, there in part, out of order or torn; real code opens what is left, and
nothing promised may be missing.
"""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

import pytest

from heatward_collector.torture.disk import crash_trace, power_cuts
from heatward_collector.torture.disk.crash_states import Disk, Left, put, states
from heatward_collector.torture.disk.crash_subjects import SUBJECTS
from heatward_collector.torture.disk.crash_trace import Create, Promise, Remove, Rename, Sync, Write
from support.servers import missing

if shutil.which("strace") is None:

    @pytest.fixture(autouse=True)
    def _needs_strace() -> None:
        missing("strace")


EVERY = {"journal": 2, "ledger": 3, "sealing": 5, "outbox": 10}
"""Not every call, for the time that it takes; ``heatward torture --power-cuts`` takes them all."""


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_power_cut_breaks_no_promise(name: str) -> None:
    cut = power_cuts.cut_everywhere(name, every=EVERY[name])
    assert cut.by_kind["sync"] > 5
    assert cut.by_kind["promise"] >= (1 if name == "sealing" else 8)
    assert cut.states > 15
    assert cut.broken == []


def test_a_promise_before_its_fsync_would_be_seen(tmp_path: Path) -> None:
    """The oracle itself: with every promise one commit too early, something is broken."""
    trace = power_cuts.trace_of("journal", tmp_path)
    kept = [number for number, one in enumerate(trace) if isinstance(one, Promise)]
    last = kept[-1]
    syncs = [number for number, one in enumerate(trace[:last]) if isinstance(one, Sync)]
    at = syncs[-1] - 1  # the last write before the fsync on which the promise rests
    early = [*trace[:at], trace[last], trace[at]]
    found = []
    for _, how, promises, files in states(early):
        if promises and promises[-1] == trace[last].text and how is Left.NOTHING:  # type: ignore[union-attr]
            put(files, tmp_path / "after")
            found.append(SUBJECTS["journal"].check(tmp_path / "after", promises))
    assert any("were kept" in one for one in found)


def left(operations: list, how: Left, seed: int = 0) -> dict[str, bytes]:
    disk = Disk()
    for one in operations:
        disk.do(one)
    return disk.left(how, random.Random(seed))


def test_what_was_synced_is_certain_and_the_rest_is_not() -> None:
    done = [Create("a"), Write("a", 0, b"one"), Sync("a"), Write("a", 3, b"two")]
    assert left(done, Left.NOTHING) == {"a": b"one"}
    assert left(done, Left.ALL) == {"a": b"onetwo"}
    assert {left(done, Left.SOME, seed)["a"] for seed in range(20)} == {b"one", b"onetwo"}


def test_a_write_is_torn_at_sectors() -> None:
    done = [Create("a"), Write("a", 0, bytes(1024)), Sync("a"), Write("a", 0, b"x" * 1024)]
    found = {left(done, Left.TORN, seed)["a"] for seed in range(40)}
    halves = {bytes(512), b"x" * 512}
    assert found == {one + two for one in halves for two in halves}


def test_a_name_needs_an_fsync_of_its_folder() -> None:
    done = [Create("d/a"), Write("d/a", 0, b"1"), Sync("d/a"), Create("d/b")]
    done += [Write("d/b", 0, b"2"), Sync("d/b"), Rename("d/b", "d/a")]
    assert left(done, Left.NOTHING) == {"d/a": b"1"}
    assert left(done, Left.ALL) == {"d/a": b"2"}
    assert left([*done, Sync("d")], Left.NOTHING) == {"d/a": b"2"}
    gone = [*done, Sync("d"), Remove("d/a")]
    assert left(gone, Left.NOTHING) == {"d/a": b"2"}
    assert left([*gone, Sync("d")], Left.NOTHING) == {}


def test_a_trace_says_what_a_program_did(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    program = (
        f"import os; os.chdir({str(home)!r}); d = {str(home)!r} + '/'\n"
        "f = os.open(d + 'new', os.O_WRONLY | os.O_CREAT); os.write(f, b'a\\x00\\xff'); "
        "os.pwrite(f, b'b', 9); os.fsync(f); os.close(f); os.write(1, b'done\\n'); "
        "os.rename(d + 'new', d + 'name'); g = os.open(d, os.O_RDONLY); os.fsync(g); "
        "os.truncate(d + 'name', 2) if False else None; os.unlink(d + 'name')"
    )
    command = [sys.executable, "-S", "-c", program]
    assert crash_trace.traced(command, home, tmp_path / "log") == [
        Create("new"),
        Write("new", 0, b"a\x00\xff"),
        Write("new", 9, b"b"),
        Sync("new"),
        Promise("done"),
        Rename("new", "name"),
        Sync("."),
        Remove("name"),
    ]


def test_a_folder_that_was_moved_is_under_its_old_name_until_its_folder_is_synced() -> None:
    whole = [
        Create("new/a"),
        Write("new/a", 0, b"x"),
        Sync("new/a"),
        Create("new/b"),
        Sync("new/b"),
        Sync("new"),
        Rename("new", "day"),
    ]
    assert left(whole, Left.NOTHING) == {"new/a": b"x", "new/b": b""}
    assert left(whole, Left.ALL) == {"day/a": b"x", "day/b": b""}
    for seed in range(20):
        names = {path.split("/")[0] for path in left(whole, Left.SOME, seed)}
        assert len(names) == 1
    assert left([*whole, Sync(".")], Left.NOTHING) == {"day/a": b"x", "day/b": b""}
