"""Each fault of the wiring has a sentence of its own, in both languages, with what to do."""

import re
from pathlib import Path

import pytest

import heatward_collector
from heatward_node.errors import SensorError
from heatward_node.reading import Quality
from heatward_node.rom import crc8
from heatward_node.scratchpad import usual_scratchpad
from heatward_node.sensor import Measurement
from heatward_node.wiring import diagnose
from heatward_node.wiring_drawings import drawing
from support.w1_tree import rom_number

CHINESE = re.compile("[\u4e00-\u9fff]")
REMEDIES = {
    Quality.CRC_ERROR: ("4.7", "4.7"),
    Quality.ALL_ZERO: ("断电", "Switch off"),
    Quality.ALL_ONES: ("GPIO4", "GPIO4"),
    Quality.POWER_ON_RESET: ("3.3 V", "3.3 V"),
    Quality.FAILED_CONVERSION: ("3.3 V", "3.3 V"),
    Quality.OUT_OF_RANGE: ("换一只", "Replace"),
    Quality.BAD_CONFIGURATION: ("换一只", "Replace"),
    Quality.SENSOR_GONE: ("插头", "plug"),
    Quality.NOT_READY: ("再试", "try again"),
    Quality.TRUNCATED: ("再试", "try again"),
    Quality.DRIVER_ERROR: ("再试", "try again"),
}


class Round:
    """One round of a bus, as a test sets it."""

    def __init__(self, *measurements: Measurement, error: SensorError | None = None) -> None:
        self._measurements = list(measurements)
        self._error = error

    def measure(self) -> list[Measurement]:
        if self._error is not None:
            raise self._error
        return self._measurements


@pytest.fixture
def bus(tmp_path):
    (tmp_path / "w1_bus_master1").mkdir()
    return tmp_path


def test_every_quality_of_one_sensor_is_covered():
    of_the_bus = {Quality.GOOD, Quality.BUS_GONE, Quality.BUS_STALLED}
    assert set(Quality) - of_the_bus == set(REMEDIES)


@pytest.mark.parametrize("quality", REMEDIES, ids=lambda quality: quality.name.lower())
def test_a_fault_names_the_sensor_and_the_remedy(bus, quality):
    (finding,) = diagnose(bus, Round(Measurement(rom_number(1), b"", quality)))
    zh, en = REMEDIES[quality]
    assert finding.is_fault
    assert zh in finding.zh and CHINESE.search(finding.zh)
    assert en in finding.en and not CHINESE.search(finding.en)
    assert "28-000000000001" in finding.zh and "28-000000000001" in finding.en


def codes(findings):
    return [finding.code for finding in findings]


def test_faults_of_the_whole_bus_are_told_apart(bus, tmp_path):
    stalled = SensorError(Quality.BUS_STALLED)
    assert codes(diagnose(bus, Round(error=stalled))) == ["bus_stalled"]
    assert codes(diagnose(bus, Round())) == ["no_sensor"]
    (bus / "00-800000000000").mkdir()
    assert codes(diagnose(bus, Round())) == ["ghosts", "no_sensor"]
    assert codes(diagnose(tmp_path / "none", Round())) == ["no_overlay"]
    (tmp_path / "empty").mkdir()
    assert codes(diagnose(tmp_path / "empty", Round())) == ["no_master"]


@pytest.mark.parametrize(
    ("serial", "found"),
    [("0102030400 00", ["fine"]), ("010203040506", ["fine", "counterfeit"])],
    ids=["the maker's pattern", "another pattern"],
)
def test_a_number_outside_the_makers_pattern_is_hinted_at(bus, serial, found):
    rom = b"\x28" + bytes.fromhex(serial)
    measurement = Measurement(rom + bytes([crc8(rom)]), usual_scratchpad(320), Quality.GOOD)
    assert codes(diagnose(bus, Round(measurement))) == found


def test_a_copy_with_large_errors_is_a_fault(bus):
    pad = usual_scratchpad(320)[:5] + bytes.fromhex("7e8166")
    measurement = Measurement(rom_number(1), pad + bytes([crc8(pad)]), Quality.GOOD)
    found = diagnose(bus, Round(measurement))
    assert codes(found) == ["counterfeit_unfit", "fine"]
    assert "换一只" in found[0].zh and "Replace" in found[0].en


STATIC = Path(heatward_collector.__file__).parent / "api" / "static" / "wiring"
OF_THE_PART = {"out_of_range", "bad_configuration", "counterfeit", "counterfeit_unfit"}
"""Not the wiring: the sensor itself must be replaced."""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fault_has_a_picture_on_the_page_and_one_in_the_terminal(language):
    codes = {quality.name.lower() for quality in REMEDIES}
    codes |= {"parasite", "ghosts", "no_sensor", "bus_stalled", "no_overlay", "no_master"}
    for code in codes | OF_THE_PART:
        assert (STATIC / f"{code}.{language}.svg").is_file(), code
        picture = drawing(code, language)
        assert (picture == "") is (code in OF_THE_PART), code
        assert re.search("[✗?←]", picture) or not picture, code
    assert "黄" in drawing("ghosts", "zh") and "yellow" in drawing("ghosts", "en")


def test_the_mark_in_the_terminal_is_at_the_wire_of_the_remedy():
    wires = {
        name: drawing(name, "en").splitlines() for name in ("parasite", "all_ones", "all_zero")
    }
    assert "✗" in wires["parasite"][1] and "✗" not in wires["parasite"][3]
    assert "✗" in wires["all_ones"][3] and "✗" not in wires["all_ones"][1]
    assert "✗" in wires["all_zero"][3] and "✗" in wires["all_zero"][4]
    assert wires["all_zero"][1].index("┬") == wires["all_zero"][2].index("▯")


def test_faults_stand_before_what_is_fine(bus):
    good = Measurement(rom_number(1), usual_scratchpad(320), Quality.GOOD)
    bad = Measurement(rom_number(2), bytes(9), Quality.ALL_ZERO)
    assert codes(diagnose(bus, Round(good, bad))) == ["all_zero", "fine"]
