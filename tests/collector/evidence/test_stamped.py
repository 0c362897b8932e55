"""Outside timestamps of the ledger's head, by a real authority: kept, packed, checked offline."""

from __future__ import annotations

import contextlib
import subprocess
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from heatward_collector.commands.evidence import evidence
from heatward_collector.config import load, parse
from heatward_collector.errors import TimestampRefused
from heatward_collector.evidence.packed import check, pack, unpack
from heatward_collector.evidence.stamped import ANSWER, STATEMENT, timestamp_files
from heatward_collector.ledger import LedgerReader
from heatward_collector.running.stages import stages_of
from heatward_collector.running.status import StatusWriter
from heatward_collector.timestamps.process import report
from heatward_collector.timestamps.stamp import Head, Timestamps, head_of, load_authorities, request
from heatward_collector.timestamps.stamp import check as check_timestamp
from heatward_collector.torture.line.stamping import StampingAuthority, stamping
from heatward_node.errors import ConfigurationError
from support.evidence import LIVING, PaperNode
from support.judged_world import DAY, JudgedWorld, day_of_readings

HEAD = Head("9f3c", 7, "ab" * 32)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return StampingAuthority(tmp_path_factory.mktemp("authority") / "own")


@pytest.fixture(scope="module")
def address(authority):
    with stamping(authority) as url:
        yield url


@pytest.fixture
def world(tmp_path, authority, address):
    """Return a configuration of a folder with a day of readings and an authority."""
    world = JudgedWorld(tmp_path)
    node = PaperNode(1)
    world.arrive(node, [node.boot(), *day_of_readings(node, LIVING, 17.0, range(6))])
    world.judge()
    world.registry.close()
    world.ledger.close()
    file = tmp_path / "collector.toml"
    file.write_text(
        f'[state]\ndirectory = "{tmp_path}"\n'
        f'[timestamp]\nurl = "{address}"\nca_file = "{authority.root}"\n'
    )
    authority.status = 200
    return load(file)


def made(config, name: str):
    """Make a pack of a home by the command; return its file and what was printed."""
    folder = config.state.directory
    result = CliRunner().invoke(
        evidence,
        ["make", "--home", "h0001", "--from", str(DAY), "--to", str(DAY), "--lang", "en",
         "--out", str(folder / name), "-c", str(folder / "collector.toml")],
        catch_exceptions=False,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return next((folder / name).glob("*.zip")), result.output


def verified(file, *more: str):
    return CliRunner().invoke(evidence, ["verify", str(file), *more], catch_exceptions=False)


def test_a_pack_carries_the_timestamp_of_its_head_and_any_openssl_can_check_it(
    world, authority, tmp_path
):
    file, _ = made(world, "out")
    manifest = check(file.read_bytes()).manifest
    assert manifest["timestamp"]["sha256"] == manifest["ledger"]["sha256"]
    answer = verified(file)
    assert answer.exit_code == 0, answer.output
    assert "outside timestamp" in answer.output
    assert verified(file, "--authority", str(authority.root)).exit_code == 0
    files = unpack(file.read_bytes())
    for name in (STATEMENT, ANSWER):
        (tmp_path / name).write_bytes(files[name])
    command = ["openssl", "ts", "-verify", "-data", STATEMENT, "-in", ANSWER]
    told = subprocess.run(
        [*command, "-CAfile", str(authority.root)], cwd=tmp_path, capture_output=True, text=True
    )
    assert "Verification: OK" in told.stdout + told.stderr


def test_a_head_is_stamped_once_and_an_authority_that_is_away_keeps_no_evidence_back(
    world, authority
):
    before = authority.asked
    first = timestamp_files(world)
    assert timestamp_files(world) == first
    assert authority.asked == before + 1
    authority.status = 503
    more = JudgedWorld(world.state.directory)
    more.arrive(PaperNode(2, "n0002"), [PaperNode(2, "n0002").boot()])
    more.ledger.close()
    file, output = made(world, "later")
    assert "did not answer" in output
    manifest = check(file.read_bytes()).manifest
    assert manifest["timestamp"]["batch"] < manifest["ledger"]["batch"]
    assert verified(file).exit_code == 0


def test_without_an_authority_a_pack_has_none_and_says_so_when_asked(world):
    alone = world.state.directory / "collector.toml"
    alone.write_text(f'[state]\ndirectory = "{world.state.directory}"\n')
    file, _ = made(world, "plain")
    assert ANSWER not in unpack(file.read_bytes())
    assert verified(file).exit_code == 0
    answer = verified(file, "--authority", str(alone))
    assert answer.exit_code == 1
    assert "no outside timestamp" in answer.output


def test_a_timestamp_that_does_not_hold_is_found(world, authority, tmp_path_factory, tmp_path):
    file, _ = made(world, "out")
    other = StampingAuthority(tmp_path_factory.mktemp("other") / "strange")
    answer = verified(file, "--authority", str(other.root))
    assert answer.exit_code == 1
    assert "does not hold" in answer.output
    manifest = dict(check(file.read_bytes()).manifest)
    files = unpack(file.read_bytes())
    files.pop("manifest.json")
    facts = {key: manifest[key] for key in manifest if key not in ("format", "files", "seal")}
    head = head_of(files[STATEMENT])
    # Somebody makes a whole new pack, sealed anew, around the old answer.
    forged = {**files, STATEMENT: replace(head, digest="0" * 64).statement}
    elsewhere = {**facts, "ledger": {**facts["ledger"], "incarnation": "other"}}
    for changed, told in (
        (pack(forged, facts), "does not hold"),
        (pack(files, elsewhere), "of another ledger"),
    ):
        (tmp_path / "forged.zip").write_bytes(changed[0])
        answer = verified(tmp_path / "forged.zip")
        assert answer.exit_code == 1
        assert told in answer.output


def test_an_old_answer_is_not_taken_for_a_new_question(authority, address):
    authorities = load_authorities(authority.root.read_bytes())
    old = request(address, HEAD.statement, authorities)
    for answer in (old, b"<html>"):
        authority.replay = answer
        with pytest.raises(TimestampRefused, match="does not hold"):
            request(address, HEAD.statement, authorities)
    authority.replay = None


@pytest.fixture(scope="module")
def whole(authority, address):
    authority.status = 200
    return request(address, HEAD.statement, load_authorities(authority.root.read_bytes()))


@settings(max_examples=200, deadline=None)
@given(st.floats(0, 1), st.integers(1, 255), st.floats(0, 1))
def test_a_damaged_answer_is_refused_or_says_the_same(authority, whole, where, flip, kept):
    authorities = load_authorities(authority.root.read_bytes())
    moment = check_timestamp(HEAD.statement, whole, authorities)
    damaged = bytearray(whole)
    damaged[int(where * (len(whole) - 1))] ^= flip
    for answer in (bytes(damaged), whole[: int(kept * (len(whole) - 1))]):
        # What no signature covers, such as the order of certificates, may differ.
        with contextlib.suppress(TimestampRefused):
            assert check_timestamp(HEAD.statement, answer, authorities) == moment


def test_the_process_stamps_the_head_where_an_authority_is_named(world, tmp_path):
    assert "timestamp" in stages_of(world)
    assert "timestamp" not in stages_of(parse(""))
    status = StatusWriter(tmp_path / "status", "timestamp")
    report(world, status)
    reader = LedgerReader(world.state.ledger)
    kept = Timestamps(world.state.timestamps).newest()
    assert kept is not None
    number, digest = reader.head()
    assert (kept.head.batch, kept.head.digest) == (number, digest.hex())
    reader.close()


def test_an_authority_without_its_certificate_is_no_configuration():
    with pytest.raises(ConfigurationError, match="ca_file"):
        parse('[timestamp]\nurl = "http://tsa.example"')


def test_only_a_statement_of_ours_names_a_head():
    assert head_of(HEAD.statement) == HEAD
    assert head_of(HEAD.statement + b"x") is None
    assert head_of(b"") is None
