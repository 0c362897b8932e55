"""Which scratchpads are believed."""

import random

import pytest

from heatward_node.errors import SensorError
from heatward_node.reading import Quality
from heatward_node.rom import crc8
from heatward_node.scratchpad import judge, scratchpad_of, usual_scratchpad
from support.w1_tree import file_text

GENERATED = 10_000


def with_crc(data: bytes) -> bytes:
    return data + bytes([crc8(data)])


def test_ten_thousand_genuine_readings_are_all_believed():
    random.seed(1)
    for _ in range(GENERATED):
        raw = random.randint(-55 * 16, 125 * 16)
        pad, yes = scratchpad_of(file_text(usual_scratchpad(raw)))
        if raw == 0x07FF:
            continue
        assert judge(pad, yes) is Quality.GOOD or raw == 0x0550, raw


def test_ten_thousand_damaged_files_are_never_believed():
    random.seed(2)
    for number in range(GENERATED):
        raw = random.randint(15 * 16, 30 * 16)
        text = file_text(usual_scratchpad(raw))
        kind = number % 4
        if kind == 0:
            text = file_text(usual_scratchpad(raw), says_yes=False)
        elif kind == 1:
            pad = bytearray(usual_scratchpad(raw))
            pad[random.randrange(9)] ^= 1 << random.randrange(8)
            text = file_text(bytes(pad))
        elif kind == 2:
            text = text[: random.randrange(len(text) - 8)]
        else:
            text = "".join(chr(random.randrange(32, 127)) for _ in range(random.randrange(120)))
        try:
            pad, yes = scratchpad_of(text)
        except SensorError:
            continue
        assert judge(pad, yes) is not Quality.GOOD or pad == usual_scratchpad(raw), text


@pytest.mark.parametrize(
    ("pad", "quality"),
    [
        (bytes(9), Quality.ALL_ZERO),
        (b"\xff" * 9, Quality.ALL_ONES),
        (bytes.fromhex("50054b467fff0c101c"), Quality.POWER_ON_RESET),
        (with_crc(bytes.fromhex("50054b467fff1010")), Quality.GOOD),
        (with_crc(bytes.fromhex("94014b467fff0c10")), Quality.GOOD),
        (with_crc(bytes.fromhex("ff074b467fff0110")), Quality.FAILED_CONVERSION),
        (with_crc(bytes.fromhex("d1074b467fff0f10")), Quality.OUT_OF_RANGE),
        (with_crc(bytes.fromhex("8ffc4b467fff0110")), Quality.OUT_OF_RANGE),
        (with_crc(bytes.fromhex("40014b4680ff1010")), Quality.BAD_CONFIGURATION),
        (bytes.fromhex("40014b467fff101000"), Quality.CRC_ERROR),
        (b"short", Quality.TRUNCATED),
    ],
    ids=[
        "all zero has a right CRC",
        "all ones",
        "power-on 85",
        "a genuine 85.0",
        "a genuine 25.25 shares byte 6",
        "127.94",
        "125.06",
        "-55.06",
        "a configuration no part has",
        "a wrong CRC",
        "too short",
    ],
)
def test_known_scratchpads(pad, quality):
    assert judge(pad) is quality


def test_the_kernels_no_counts_even_where_the_temperature_looks_plausible():
    text = file_text(usual_scratchpad(-1), says_yes=False)
    assert judge(*scratchpad_of(text)) is Quality.CRC_ERROR


@pytest.mark.parametrize("text", ["", "\n", file_text(usual_scratchpad(320)).split("\n")[0]])
def test_files_that_are_cut_off_say_so(text):
    with pytest.raises(SensorError):
        scratchpad_of(text)
