"""The nine scratchpad bytes of a DS18B20: what the kernel prints, and whether to believe it.

Bytes 0-1 temperature, 2-3 alarm limits, 4 configuration, 5-7 reserved, 8 CRC. The kernel's
``w1_slave`` shows them twice in two lines, the first ending in YES or NO for the CRC.
"""

from __future__ import annotations

import re

from heatward_node.errors import SensorError
from heatward_node.reading import SCRATCHPAD_BYTES, Quality
from heatward_node.rom import crc8

LOWEST_RAW = -55 * 16
HIGHEST_RAW = 125 * 16
"""The range of the part. [1/16 degC] (DS18B20 datasheet, "Features")"""
POWER_ON_RAW = 0x0550
"""85 degC, what the register holds after power-up. (datasheet, table 1)"""
POWER_ON_BYTE_6 = 0x0C
FAILED_CONVERSION_RAW = 0x07FF
"""127.94 degC: the part could not convert, mostly for want of power on its data line."""
_FACTORY_ALARMS_AND_12_BIT = bytes.fromhex("4b467fff")
_CONFIGURATIONS = frozenset({0x1F, 0x3F, 0x5F, 0x7F})
"""The four resolutions, 9 to 12 bit; every other bit of byte 4 is fixed. (datasheet, figure 10)"""
_FIRST_LINE = re.compile(r"((?:[0-9a-f]{2} ){9}): crc=[0-9a-f]{2} (YES|NO)")


def usual_scratchpad(raw: int) -> bytes:
    """Return the scratchpad that a genuine part with factory settings shows at ``raw`` 1/16 degC.

    Byte 6 of a genuine part is 16 less the low four bits of the temperature. What is usual need
    not travel: the wire sends the scratchpad only where it differs from this.
    """
    data = (
        raw.to_bytes(2, "little", signed=True)
        + _FACTORY_ALARMS_AND_12_BIT
        + bytes([0x10 - (raw & 0x0F), 0x10])
    )
    return data + bytes([crc8(data)])


def scratchpad_of(text: str) -> tuple[bytes, bool]:
    """Return the scratchpad in the text of a ``w1_slave`` file, and the kernel's word on its CRC.

    Raises SensorError where the file is empty, cut off, or says something else.
    """
    lines = text.splitlines()
    if not text.strip():
        raise SensorError(Quality.NOT_READY, "the file is empty")
    match = _FIRST_LINE.fullmatch(lines[0].strip())
    if match is None or len(lines) < 2 or "t=" not in lines[1]:
        raise SensorError(Quality.TRUNCATED, f"not two whole lines: {text[:80]!r}")
    return bytes.fromhex(match[1]), match[2] == "YES"


def judge(scratchpad: bytes, kernel_says_yes: bool = True) -> Quality:
    """Return whether a scratchpad may be believed, and if not, why.

    A genuine 85.0 differs from the power-on value in byte 6, and so does 25.25, which shares that
    byte's value, in its temperature: both are good.
    """
    if len(scratchpad) != SCRATCHPAD_BYTES:
        return Quality.TRUNCATED
    raw = int.from_bytes(scratchpad[:2], "little", signed=True)
    if not any(scratchpad):
        return Quality.ALL_ZERO  # its CRC is right: a data line at ground reads as 0 degC
    if scratchpad == b"\xff" * SCRATCHPAD_BYTES:
        return Quality.ALL_ONES
    if not kernel_says_yes or crc8(scratchpad[:8]) != scratchpad[8]:
        return Quality.CRC_ERROR
    if scratchpad[4] not in _CONFIGURATIONS:
        return Quality.BAD_CONFIGURATION
    if raw == FAILED_CONVERSION_RAW:
        return Quality.FAILED_CONVERSION
    if raw == POWER_ON_RAW and scratchpad[6] == POWER_ON_BYTE_6:
        return Quality.POWER_ON_RESET
    if not LOWEST_RAW <= raw <= HIGHEST_RAW:
        return Quality.OUT_OF_RANGE
    return Quality.GOOD
