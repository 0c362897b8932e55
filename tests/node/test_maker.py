"""Copies of the sensor, by the numbers and scratchpads that C. Petrich published."""

import pytest

from heatward_node.maker import Make, make_of
from heatward_node.rom import crc8
from heatward_node.scratchpad import usual_scratchpad


def pad(raw, tail):
    """Return a scratchpad at a temperature with the bytes from 4 on as given."""
    data = raw.to_bytes(2, "little", signed=True) + b"\x4b\x46" + bytes.fromhex(tail)
    return data + bytes([crc8(data)])


@pytest.mark.parametrize(
    ("rom", "scratchpad", "make"),
    [
        ("28466b5106000063", usual_scratchpad(341), Make.AS_THE_MAKERS),
        ("28466b5106000063", usual_scratchpad(-8), Make.AS_THE_MAKERS),
        ("2800a00012345600", usual_scratchpad(341), Make.OTHER_NUMBER),
        ("28aa3c61551401f0", pad(341, "7fff0c10"), Make.FIXED_BYTE),
        ("28ff7c5a611604ee", pad(341, "7fff0c10"), Make.FIXED_BYTE),
        ("28ff641dcd96f201", pad(341, "7fff0c10"), Make.TWELVE_BIT_ONLY),
        ("281cbc4692100288", pad(400, "7f2a6f66"), Make.NOISY),
        ("28241d77910402ce", pad(400, "7f7e8166"), Make.NOISY),
        ("289e9c1f00008004", pad(400, "7fffffff"), Make.UNFINISHED),
    ],
)
def test_a_part_is_known_by_what_it_shows(rom, scratchpad, make):
    assert make_of(bytes.fromhex(rom), scratchpad) is make


def test_each_make_is_used_calibrated_or_replaced():
    for make in Make:
        assert make.is_unfit + make.needs_calibration + (make is Make.AS_THE_MAKERS) == 1


@pytest.mark.parametrize("raw", range(-880, 2001, 7))
def test_the_makers_own_part_is_never_suspected(raw):
    assert make_of(bytes.fromhex("28466b5106000063"), usual_scratchpad(raw)) is Make.AS_THE_MAKERS
