"""A pack checks itself: whatever byte was changed is found."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.evidence.packed import check, pack, unpack

FILES = {
    "readings.csv": b"room,celsius\nr1,17.5\n",
    "rules.csv": "规则\n".encode(),
    "empty.csv": b"",
}
FACTS = {"subject": {"kind": "home", "id": "h1"}, "made_utc": "2026-01-01T00:00:00+00:00"}
DATA, SEAL = pack(FILES, FACTS)


def test_a_pack_that_nobody_touched_is_intact_and_says_its_seal():
    result = check(DATA)
    assert not result.problems
    assert (result.seal, result.files) == (SEAL, 3)
    assert result.manifest["subject"] == {"kind": "home", "id": "h1"}


def test_the_same_contents_give_the_same_bytes():
    assert pack(FILES, FACTS) == (DATA, SEAL)


@pytest.mark.parametrize("bit", [0, 7])
def test_every_changed_byte_is_found(bit):
    unnoticed = []
    for position in range(len(DATA)):
        changed = bytearray(DATA)
        changed[position] ^= 1 << bit
        if not check(bytes(changed)).problems:
            unnoticed.append(position)
    assert unnoticed == []


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(DATA)), st.binary(max_size=8))
def test_what_was_cut_off_or_added_is_found(end, more):
    changed = DATA[:end] + more
    assert (not check(changed).problems) == (changed == DATA)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda files: files.update({"readings.csv": b"room,celsius\nr1,21.5\n"}), "readings.csv"),
        (lambda files: files.pop("rules.csv"), "rules.csv: 缺少"),
        (lambda files: files.update({"more.csv": b""}), "more.csv: 清单中没有"),
    ],
)
def test_a_file_that_was_changed_taken_or_added_is_named(change, told):
    files = unpack(DATA)
    change(files)
    assert any(told in problem for problem in check(zipped(files)).problems)


def test_a_manifest_that_was_written_anew_lacks_the_seal():
    files = unpack(DATA)
    manifest = json.loads(files["manifest.json"])
    manifest["subject"]["id"] = "h2"
    files["manifest.json"] = json.dumps(manifest).encode()
    assert any("清单被改动" in problem for problem in check(zipped(files)).problems)


@given(st.binary(max_size=200))
def test_what_is_no_pack_is_refused_without_a_traceback(data):
    assert check(data).problems


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
