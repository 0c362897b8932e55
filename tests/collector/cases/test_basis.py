"""What is kept with a case: of homes and sensors those that it rests on, of the network all."""

from __future__ import annotations

from pathlib import Path

from heatward_collector.cases.basis import pack, unpack
from heatward_collector.core.cases import CaseKind, Event, HeatPlace, What, opened
from heatward_collector.core.suppression import Level
from heatward_collector.registry import Registry, spreadsheets
from support.evidence import SAMPLE

CASE = opened(
    7,
    Event(
        What.OPENED,
        1000,
        kind=CaseKind.OUTAGE,
        where=HeatPlace(Level.BUILDING, "b001"),
        sign="f-1",
        revision=1,
        begun_s=900,
    ),
)


def test_rows_of_other_homes_are_left_out_and_outdoor_sensors_are_not(
    tmp_path: Path,
) -> None:
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    plain = {name: list(map(dict, rows)) for name, rows in registry.content()[1].items()}
    homes = {plain["home"][0]["id"], plain["home"][7]["id"], "nowhere"}
    rooms = {row["id"] for row in plain["room"] if row["home"] in homes}
    aimed = rooms | {row["id"] for row in plain["outdoor"]}
    sensors = {row["sensor"] for row in plain["assignment"] if row["target"] in aimed}
    _, kept = unpack(pack(registry.content()[1], CASE, sorted(homes), None))
    registry.close()
    assert kept["home"] == [row for row in plain["home"] if row["id"] in homes]
    assert len(kept["home"]) == 2
    assert kept["room"] == [row for row in plain["room"] if row["home"] in homes]
    assert kept["suspension"] == [row for row in plain["suspension"] if row["home"] in homes]
    assert kept["placement"] == [row for row in plain["placement"] if row["room"] in rooms]
    for name in ("assignment", "calibration"):
        assert kept[name] == [row for row in plain[name] if row["sensor"] in sensors]
    assert 0 < len(kept["assignment"]) < len(plain["assignment"])
    for name in ("building", "zone", "source", "node", "regime", "notice", "outdoor"):
        assert kept[name] == plain[name]
    assert not kept["person"]
