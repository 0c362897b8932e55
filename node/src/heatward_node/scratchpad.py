"""The nine scratchpad bytes of a DS18B20.

Bytes 0-1 temperature, 2-3 alarm limits, 4 configuration, 5-7 reserved, 8 CRC.
"""

from __future__ import annotations

from heatward_node.rom import crc8

_FACTORY_ALARMS_AND_12_BIT = bytes.fromhex("4b467fff")


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
