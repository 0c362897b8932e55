"""What contradicts the ledger stays known, whatever is restarted, and can be looked at."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from heatward_collector.cli import heatward
from heatward_collector.ingest.quarantine import Quarantine, read_conflicts, read_payloads
from heatward_node.errors import WireError
from support.evidence import LIVING, T0, PaperNode

SOURCE = ("sample", "n0001", 0xABCD)


def test_contradictions_are_counted_over_restarts(tmp_path: Path):
    path = tmp_path / "quarantine.sqlite"
    quarantine = Quarantine(path, lambda: T0)
    assert quarantine.conflict(SOURCE, 7, b"kept", b"other")
    assert not quarantine.conflict(SOURCE, 7, b"kept", b"other")
    assert quarantine.conflict(SOURCE, 7, b"kept", b"yet another")
    quarantine.close()
    quarantine = Quarantine(path, lambda: T0)
    assert quarantine.conflicts == 2
    assert [one.other for one in read_conflicts(path, 10)] == [b"yet another", b"other"]
    assert len(list(read_conflicts(path, 1))) == 1
    quarantine.close()


def test_nothing_was_ever_put_aside(tmp_path: Path):
    assert list(read_conflicts(tmp_path / "quarantine.sqlite", 10)) == []
    assert list(read_payloads(tmp_path / "quarantine.sqlite", 10)) == []


def test_messages_that_were_put_aside_are_shown_with_their_reason(tmp_path: Path):
    (tmp_path / "collector.toml").write_text('[state]\ndirectory = "state"')
    quarantine = Quarantine(tmp_path / "state" / "quarantine.sqlite", lambda: T0)
    stranger = WireError("unknown_node", "sample/n0099 not registered")
    quarantine.payload("heatward/v1/sample/n0099/readings", b"[]", stranger)
    quarantine.payload("heatward/v1/sample/n0001/readings", b"\xff{", WireError("json", "bad"))
    quarantine.close()
    options = ["ledger", "show", "--quarantine", "-c", str(tmp_path / "collector.toml")]
    told = CliRunner().invoke(heatward, options)
    newest, first = map(json.loads, told.output.splitlines())
    assert (newest["reason"], newest["payload"]) == ("json", "\N{REPLACEMENT CHARACTER}{")
    assert first["topic"] == "heatward/v1/sample/n0099/readings"
    assert "not registered" in first["detail"]
    one = CliRunner().invoke(heatward, [*options, "--node", "n0099"])
    assert len(one.output.splitlines()) == 1


def test_contradictions_are_shown_beside_what_the_ledger_holds(tmp_path: Path):
    (tmp_path / "collector.toml").write_text('[state]\ndirectory = "state"')
    node = PaperNode(0xABCD)
    kept, other = node.read(LIVING, T0, 20), node.read(LIVING, T0, 12)._replace(seq=1)
    quarantine = Quarantine(tmp_path / "state" / "quarantine.sqlite", lambda: T0)
    quarantine.conflict(SOURCE, 1, kept.to_bytes(), other.to_bytes())
    quarantine.conflict(SOURCE, 2, kept.to_bytes(), b"no record")
    quarantine.close()
    options = ["ledger", "show", "--conflicts", "-c", str(tmp_path / "collector.toml")]
    told = CliRunner().invoke(heatward, options)
    assert told.exit_code == 0, told.output
    newest, first = map(json.loads, told.output.splitlines())
    assert newest["other"] == {"bytes": b"no record".hex()}
    assert (first["node"], first["epoch"], first["seq"]) == ("n0001", "0000abcd", 1)
    assert (first["kept"]["celsius"], first["other"]["celsius"]) == (20.0, 12.0)
