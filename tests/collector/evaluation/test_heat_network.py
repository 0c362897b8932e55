"""The registry as a detector sees it."""

from zoneinfo import ZoneInfo

import pytest

from heatward_collector.core.suppression import Declaration, Level
from heatward_collector.evaluation.heat_network import declarations_of, network_of
from heatward_collector.registry import Registry, spreadsheets
from heatward_collector.registry.dated import FOR_EVER
from support.evidence import SAMPLE

ZONE = ZoneInfo("Asia/Shanghai")
FROM = 1_577_808_000
"""2020-01-01 in Harbin."""


@pytest.fixture
def registry(tmp_path):
    registry = Registry(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    spreadsheets.import_folder(registry, SAMPLE)
    return registry


def test_every_home_hangs_on_its_places(registry):
    directory = registry.directory()
    network = network_of(directory)
    assert network.homes == directory.homes
    for number, home in enumerate(network.homes):
        row = directory.tables["home"][home]
        station = directory.tables["zone"][row["zone"]]["substation"]
        building = directory.tables["stairwell"][row["stairwell"]]["building"]
        assert network.place_of(Level.STAIRWELL, number) == row["stairwell"]
        assert network.place_of(Level.BUILDING, number) == building
        assert network.place_of(Level.ZONE, number) == row["zone"]
        assert network.place_of(Level.SUBSTATION, number) == station
        source = directory.tables["substation"][station]["source"]
        assert network.place_of(Level.SOURCE, number) == source
    assert not network.is_floor_heated.any()


def test_floor_heating_is_a_fact_of_the_zone(registry):
    zones = registry.rows("zone")
    registry.put({"zone": [{**zones[0], "emitter": "floor"}]})
    network = network_of(registry.directory())
    index = network.places[Level.ZONE].index(zones[0]["id"])
    assert network.is_floor_heated.tolist() == network.members(Level.ZONE, index).tolist()
    assert network.is_floor_heated.any()


def test_a_regime_is_a_declaration_with_its_hours(registry):
    (said,) = declarations_of(registry.directory())
    assert said == Declaration(
        "regime", Level.SOURCE, "so-beichen", FROM, FOR_EVER, FROM, ((5.0, 9.0), (16.0, 22.0))
    )


def test_notices_of_stops_are_declarations_and_announcements_are_not(registry):
    notice = {"from_s": 1000, "to_s": 2000, "recorded_s": 900, "text": "x"}
    zone = registry.rows("zone")[0]["id"]
    registry.put(
        {
            "notice": [
                {**notice, "id": "n1", "kind": "reported_repair", "source": None, "zone": zone},
                {
                    **notice,
                    "id": "n2",
                    "kind": "reported_stop",
                    "source": "so-beichen",
                    "zone": None,
                },
                {
                    **notice,
                    "id": "n3",
                    "kind": "announcement",
                    "source": "so-beichen",
                    "zone": None,
                },
                {**notice, "id": "n4", "kind": "reported_stop", "source": None, "zone": None},
            ]
        }
    )
    said = [one for one in declarations_of(registry.directory()) if one.kind != "regime"]
    assert said == [
        Declaration("reported_stop", Level.SOURCE, "so-beichen", 1000, 2000, 900),
        Declaration("reported_repair", Level.ZONE, zone, 1000, 2000, 900),
    ]


def test_half_hours_and_notices_without_an_end_are_kept(registry):
    registry.put(
        {
            "regime": [
                {
                    "source": "so-qingsong",
                    "from_s": 5,
                    "to_s": 9,
                    "hours": "05:30-09:15,22:00-01:00",
                }
            ],
            "notice": [
                {
                    **{"id": "n1", "kind": "pollution_staggering", "source": "so-qingsong"},
                    **{"zone": None, "from_s": 7, "to_s": None, "recorded_s": 6, "text": "x"},
                }
            ],
            "pollution_alert": [
                {"id": "a1", "district": "sample", "from_s": 6, "to_s": 9, "recorded_s": 5}
                | {"issued_by": "x"}
            ],
        }
    )
    first, second, *_ = declarations_of(registry.directory())
    assert first.hours == ((5.5, 9.25), (22.0, 1.0))
    assert (second.kind, second.from_s, second.to_s) == ("pollution_staggering", 7, 9)


@pytest.mark.parametrize(
    "alert",
    [
        {"recorded_s": 8},  # it came after the firing was staggered
        {"from_s": 20, "to_s": 30},
        {"district": "other"},
    ],
)
def test_staggered_firing_without_the_authoritys_alert_explains_nothing(registry, alert):
    other = {"id": "other", "name_zh": "x", "name_en": "x"}
    notice = {"id": "n1", "kind": "pollution_staggering", "source": "so-qingsong", "zone": None}
    usual = {"id": "a1", "district": "sample", "from_s": 6, "to_s": 9, "recorded_s": 5}
    registry.put(
        {
            "district": [other],
            "notice": [{**notice, "from_s": 7, "to_s": 8, "recorded_s": 6, "text": "x"}],
            "pollution_alert": [{**usual, "issued_by": "x", **alert}],
        }
    )
    assert {one.kind for one in declarations_of(registry.directory())} == {"regime"}
