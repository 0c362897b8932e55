"""A home's pack from a real ledger: what it says can be looked up there, bit for bit."""

from __future__ import annotations

import csv
import io
import json
import shutil

import pytest
from click.testing import CliRunner

from heatward_collector.cases import CaseStore
from heatward_collector.commands.evidence import evidence
from heatward_collector.config import Config, State
from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What
from heatward_collector.core.suppression import Level
from heatward_collector.evidence import Subject, gather
from heatward_collector.evidence.against import counter_evidence
from heatward_collector.evidence.contents import span_of
from heatward_collector.evidence.files import facts_of, files_of
from heatward_collector.evidence.in_ledger import differences_to_ledger
from heatward_collector.evidence.packed import check, pack, unpack
from heatward_collector.evidence.picture import draw
from heatward_collector.evidence.printed import printed
from heatward_collector.locale import ENGLISH, texts
from heatward_collector.refund import open_books
from heatward_collector.registry import Registry
from support.evidence import BEDROOM, LIVING, PaperNode
from support.judged_world import DAY, START, JudgedWorld, day_of_readings
from support.season_books import checked, told

SAY = texts(ENGLISH)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Return a folder in which home h0001 was cold for a day."""
    folder = tmp_path_factory.mktemp("world")
    world = JudgedWorld(folder)
    node = PaperNode(1)
    world.arrive(node, [node.boot()])
    for sensor, celsius in ((LIVING, 17.0), (BEDROOM, 21.0)):
        records = day_of_readings(node, sensor, celsius)
        world.arrive(node, records[:150])
        world.arrive(node, records[150:])
    world.judge()
    world.registry.put(
        {
            "resident_notice": [told("t1", "h0001", "2026-01-01 20:00")],
            "spot_check": [
                checked("c1", "h0001-r1", "2026-01-02 18:00", 17.2, certificate_until=None),
                checked("c2", "h0001-r1", "2026-01-02 12:00", 17.1, certificate=None),
            ],
        }
    )
    world.registry.close()
    (folder / "collector.toml").write_text(f'[state]\ndirectory = "{folder}"\n')
    return folder


@pytest.fixture(scope="module")
def contents(world):
    config = Config(state=State(world))
    books = open_books(config)
    subject = Subject("home", "h0001", ("h0001",), span_of(DAY, DAY, books))
    yield gather(config, books, subject, 1_770_000_000)
    books.close()


def table(files, name):
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"))))


def test_every_reading_of_the_day_is_in_the_pack_with_its_place_in_the_ledger(contents):
    rows = table(files_of(contents), "readings.csv")
    assert len(rows) == 2 * 288
    first = next(row for row in rows if row["point"] == "h0001-r1")
    assert first["time_local"] == "2026-01-02T00:00:00+08:00"
    # Calibrated by -0.12 K.
    assert (first["celsius"], first["sixteenths"]) == ("16.8800", "272")
    batches = {row["batch"] for row in table(files_of(contents), "batches.csv")}
    assert {row["batch"] for row in rows} == batches


def test_the_pack_names_rule_place_sensor_calibration_and_every_revision(contents):
    files = files_of(contents)
    assert [row["rule"] for row in table(files, "rules.csv")] == ["harbin-2021-10-29"]
    assert {row["sensor"] for row in table(files, "sensors.csv")} == {LIVING, BEDROOM}
    assert [row["offset_kelvin"] for row in table(files, "calibrations.csv")] == ["-0.1200"]
    verdicts = {(row["place"], row["verdict"]) for row in table(files, "verdicts.csv")}
    assert ("h0001-r1", "below") in verdicts
    why = {row["id"]: row["why_not_official"] for row in table(files, "spot_checks.csv")}
    assert why["c1"] == ""
    assert "certificate" in why["c2"]


def test_what_speaks_against_it_is_said(contents):
    said = " ".join(counter_evidence(contents, SAY))
    assert f"Without calibration, so that they count with ±0.5 K: {BEDROOM}" in said
    assert "No other home of the building is measured" in said
    assert "is not official" in said


def test_a_pack_is_intact_and_agrees_with_its_ledger_and_not_with_another(
    contents, world, tmp_path
):
    data, seal = pack(files_of(contents), facts_of(contents))
    assert check(data).seal == seal
    assert differences_to_ledger(unpack(data), world / "ledger") == []
    other = JudgedWorld(tmp_path)
    assert len(differences_to_ledger(unpack(data), other.folder / "ledger")) == 20


def test_a_reading_that_was_changed_with_all_hashes_is_found_by_the_ledger(contents, world):
    files = files_of(contents)
    record = table(files, "readings.csv")[5]["record_hex"]
    files["readings.csv"] = files["readings.csv"].replace(
        record.encode(), b"00" + record[2:].encode()
    )
    data, _ = pack(files, facts_of(contents))
    assert not check(data).problems
    assert len(differences_to_ledger(unpack(data), world / "ledger")) == 1


def test_without_a_follower_the_clocks_are_learnt_from_the_ledger(contents, world, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(world, copy)
    (copy / "evaluate.sqlite").unlink()
    config = Config(state=State(copy))
    books = open_books(config)
    again = gather(config, books, contents.subject, 0)
    assert again.kept.readings == contents.kept.readings
    books.close()


def test_the_printed_pack_is_a_pdf_and_the_same_each_time(contents):
    one = printed(contents, "5ea1", SAY)
    assert one.startswith(b"%PDF")
    assert printed(contents, "5ea1", SAY) == one
    assert draw(contents, SAY).count("<polyline") >= 2


def test_the_command_makes_both_files_and_verifies_them(world, tmp_path):
    options = ["-c", str(world / "collector.toml"), "--home", "h0001", "--lang", "en"]
    span = ["--from", "2026-01-02", "--to", "2026-01-02", "--out", str(tmp_path)]
    made = CliRunner().invoke(evidence, ["make", *options, *span], catch_exceptions=False)
    (file,) = tmp_path.glob("*.zip")
    assert file.with_suffix(".pdf").exists()
    manifest = json.loads(unpack(file.read_bytes())["manifest.json"])
    assert manifest["seal"] in made.output
    arguments = ["verify", str(file), "--ledger", str(world / "ledger")]
    verified = CliRunner().invoke(evidence, arguments, catch_exceptions=False)
    assert (verified.exit_code, manifest["seal"] in verified.output) == (0, True)
    file.write_bytes(file.read_bytes().replace(b"16.8800", b"18.8800", 1))
    changed = CliRunner().invoke(evidence, arguments)
    assert changed.exit_code == 1
    assert "readings.csv" in changed.output


def test_an_unknown_home_and_turned_dates_are_refused(world):
    options = ["make", "-c", str(world / "collector.toml")]
    unknown = CliRunner().invoke(evidence, [*options, "--home", "h9999"])
    assert "h9999" in str(unknown.exception)
    turned = ["--home", "h0001", "--from", "2026-01-03", "--to", "2026-01-02"]
    assert "later than" in str(CliRunner().invoke(evidence, [*options, *turned]).exception)


def test_a_case_has_a_pack_with_its_history_and_all_its_measured_homes(world, tmp_path):
    registry = Registry(f"sqlite:///{world / 'registry.sqlite'}")
    event = Event(
        What.OPENED,
        START + 8 * 3600,
        kind=CaseKind.OUTAGE,
        where=HeatPlace(Level.BUILDING, "b001"),
        sign="acute-building-b001-1",
        revision=1,
        begun_s=START + 6 * 3600,
        homes=("h0001",),
        buildings=("b001",),
    )
    with CaseStore(registry.database).change() as change:
        case = change.open(event)
        note = Event(What.NOTE, START + 9 * 3600, by="Zhang", reason="seen on site")
        change.record(case.number, note)
    registry.close()
    options = ["-c", str(world / "collector.toml"), "--case", "1", "--out", str(tmp_path)]
    made = CliRunner().invoke(evidence, ["make", *options], catch_exceptions=False)
    assert made.exit_code == 0
    (file,) = tmp_path.glob("evidence-case-1-*.zip")
    files = unpack(file.read_bytes())
    assert check(file.read_bytes()).manifest["subject"]["homes"] == ["h0001"]
    assert [row["what"] for row in table(files, "case.csv")] == ["opened", "note"]
    missing = CliRunner().invoke(evidence, ["make", *options[:3], "99", *options[4:]])
    assert "99" in str(missing.exception)
