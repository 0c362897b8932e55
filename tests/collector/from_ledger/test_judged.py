"""A season from the ledger: the findings of the file it came from, on one machine or on several."""

from __future__ import annotations

import csv
import gzip
import signal
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from heatward_collector.bench.seasons import cluster
from heatward_collector.cli import heatward
from heatward_collector.from_files.judgement import Files, read_files
from heatward_collector.from_ledger.day_block import Places
from heatward_collector.from_ledger.judged import JudgedLedger
from heatward_collector.ledger import LedgerWriter
from heatward_collector.ledger.seal import due, seal
from heatward_collector.rules import load_standard
from heatward_collector.simulate import Event, Kind, Level, Shape, season, town
from heatward_collector.simulate.calendar import DAY_S, HOUR_S, local_midnight
from heatward_collector.simulate.files import write_season
from heatward_node.reading import Sync, reading
from heatward_node.rom import rom_from_kernel_name
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.wire import MAX_RECORDS, Pack

BEGIN = local_midnight("2023-01-04")
SPAN = date(2023, 1, 4), date(2023, 1, 11)


def kept(readings: Path, ledger: Path) -> None:
    """Let a file's readings arrive day by day, each sensor at a node of its own; seal the days."""
    days: dict[int, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    data = readings.read_bytes()
    text = (gzip.decompress(data) if readings.suffix == ".gz" else data).decode()
    for row in csv.DictReader(text.splitlines()):
        time_s = int(datetime.fromisoformat(row["time"]).timestamp())
        if row["celsius"]:
            value = round(float(row["celsius"]) * 16)
            days[time_s // 86_400][row["sensor"]].append((time_s, value))
    now = [0.0]
    writer = LedgerWriter(ledger, lambda: now[0])
    seqs: dict[str, int] = defaultdict(int)
    for day in sorted(days):
        now[0] = (day + 1) * 86_400 - 1
        for sensor, values in sorted(days[day].items()):
            rom = rom_from_kernel_name(sensor)
            records = []
            for time_s, raw in sorted(values):
                seqs[sensor] += 1
                records.append(
                    reading(
                        seqs[sensor],
                        time_s * 1000 - BEGIN * 1000 + 10**9,
                        time_s,
                        Sync.SYNCHRONISED,
                        rom,
                        usual_scratchpad(raw),
                    )
                )
            for at in range(0, len(records), MAX_RECORDS):
                writer.offer("sample", sensor, Pack(1, False, records[at : at + MAX_RECORDS]))
        writer.commit()
    writer.close()
    for path in due(ledger, now[0], 0):
        seal(path)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight cold days of two sources; the first is off for 8 h in the sixth night."""
    folder = tmp_path_factory.mktemp("week")
    tree = town(sources=2, buildings_per_source=2, homes_per_building=5, rooms_per_home=1)
    begin = BEGIN + 5 * DAY_S + 22 * HOUR_S
    stop = Event(Kind.OUTAGE, Level.SOURCE, "so1", begin, begin + 8 * HOUR_S)
    write_season(season(3, BEGIN, 8, shape=Shape(tree, (stop,))), folder)
    kept(next(folder.glob("readings*")), folder / "ledger")
    return folder


@pytest.fixture(scope="module")
def serial(week: Path) -> list[str]:
    return list(judged(week).json_lines())


def judged(week: Path, scheduler: str | None = None) -> JudgedLedger:
    places = Places(week / "ledger", week / "registry", "harbin")
    outdoor = next(week.glob("outdoor*"))
    return JudgedLedger(places, load_standard("harbin"), SPAN, outdoor, scheduler)


def test_a_ledger_says_what_its_readings_say_in_a_file(week: Path, serial: list[str]):
    files = Files(next(week.glob("readings*")), week / "registry", next(week.glob("outdoor*")))
    lines = read_files(files, load_standard("harbin"), *SPAN).json_lines()
    findings = [line for line in lines if line.startswith('{"type": "finding"')]
    assert findings == serial != []
    assert '"outage"' in "".join(serial)


def test_workers_find_the_same_also_when_one_is_killed_on_the_way(
    week: Path, serial: list[str], tmp_path: Path
):
    with cluster(tmp_path, workers=2) as (address, workers):
        one = judged(week, address)
        killed: list[int] = []

        def kill_one(number: int) -> None:
            if number == 3:
                workers[0].send_signal(signal.SIGKILL)
                killed.append(workers[0].wait())

        one.blocks_of = type(one.blocks_of)(address, kill_one)
        assert list(one.json_lines()) == serial
        assert killed == [-signal.SIGKILL]


def test_the_command_prints_findings_and_says_what_it_needs(week: Path, serial: list[str]):
    options = ["judge", "--ledger", str(week / "ledger"), "--registry", str(week / "registry")]
    days = ["--from", "2023-01-04", "--to", "2023-01-11"]
    outdoor = ["--outdoor", str(next(week.glob("outdoor*")))]
    told = CliRunner().invoke(heatward, [*options, *days, *outdoor, "--json"])
    assert told.output.splitlines() == serial
    told = CliRunner().invoke(heatward, [*options, *days, *outdoor, "--lang", "en"])
    assert told.exit_code == 0
    assert "2023" in told.output
    assert told.stderr == ""
    told = CliRunner().invoke(heatward, options)
    assert told.exit_code == 2
    assert "--from and --to" in told.output
    told = CliRunner().invoke(heatward, [*options, *days, "--readings", "x.csv"])
    assert told.exit_code == 2


def test_hours_without_weather_are_said_and_findings_drawn_as_from_files(
    week: Path, serial: list[str], tmp_path: Path
):
    """Of eight days the file holds the first seven; the last value stands for 1.5 h."""
    known = next(week.glob("outdoor*")).read_text().splitlines(keepends=True)
    outdoor = tmp_path / "outdoor.csv"
    outdoor.write_text(
        "".join(one for one in known if one < "2023-01-10T16:00:00Z" or one[0] == "t")
    )
    ledger = ["--ledger", week / "ledger"]
    files = ["--readings", next(week.glob("readings*"))]
    days = ["--from", "2023-01-04", "--to", "2023-01-11", "--lang", "en"]
    said = []
    for source in (ledger, files):
        plots = tmp_path / f"plots{source[0]}"
        options = [*source, "--registry", week / "registry", *days, "--outdoor", outdoor]
        arguments = ["judge", *options, "--json", "--plots", plots]
        told = CliRunner().invoke(heatward, [str(one) for one in arguments])
        assert told.exit_code == 0
        assert len(list(plots.glob("*.svg"))) == len(serial)
        said.append([line for line in told.stderr.splitlines() if "lack" in line])
    assert said[0] == said[1]
    assert said[0][0].startswith("23 of 192 judged hours lack an outdoor temperature")
