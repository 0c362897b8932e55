"""1-Wire names: the 64-bit ROM code, the kernel's name for it, and the URN of RFC 9039.

The kernel writes the six serial bytes most significant first and leaves the CRC out
(``28-000006b67845``); the bus, and so the URN, carries family, serial least significant first,
CRC (``urn:dev:ow:284578b60600009a``).
"""

from __future__ import annotations

import re

from heatward_node.errors import RecordError

ROM_BYTES = 8
NO_SENSOR = bytes(ROM_BYTES)
"""Stands for the bus itself in faults that name no sensor."""
URN_PREFIX = "urn:dev:ow:"
_KERNEL_NAME = re.compile(r"([0-9a-f]{2})-([0-9a-f]{12})")
_URN = re.compile(r"urn:dev:ow:([0-9a-f]{16})")
_POLYNOMIAL = 0x8C


def _crc_table() -> bytes:
    table = bytearray(256)
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = (crc >> 1) ^ (_POLYNOMIAL if crc & 1 else 0)
        table[value] = crc
    return bytes(table)


_CRC_TABLE = _crc_table()


def crc8(data: bytes) -> int:
    """Return the Dallas/Maxim CRC-8 of ``data`` (x8 + x5 + x4 + 1, reflected)."""
    crc = 0
    for value in data:
        crc = _CRC_TABLE[crc ^ value]
    return crc


def rom_from_kernel_name(name: str) -> bytes:
    """Return the ROM bytes for a name such as ``28-000006b67845``. Raises RecordError."""
    match = _KERNEL_NAME.fullmatch(name)
    if match is None:
        raise RecordError(f"{name!r} is not a 1-Wire name such as 28-000006b67845")
    rom = bytes.fromhex(match[1]) + bytes.fromhex(match[2])[::-1]
    return rom + bytes([crc8(rom)])


def kernel_name(rom: bytes) -> str:
    """Return the kernel's name of a ROM code: what is printed on lists and labels."""
    return f"{rom[0]:02x}-{rom[6:0:-1].hex()}"


def urn(rom: bytes) -> str:
    """Return the URN of a ROM code after RFC 9039."""
    return URN_PREFIX + rom.hex()


def rom_from_urn(name: str) -> bytes:
    """Return the ROM bytes of a URN. Raises RecordError, also where the CRC does not fit."""
    match = _URN.fullmatch(name)
    if match is None:
        raise RecordError(f"{name!r} is not a urn:dev:ow: name of 16 hexadecimal digits")
    rom = bytes.fromhex(match[1])
    if crc8(rom[:7]) != rom[7]:
        raise RecordError(f"the check digit of {name!r} is wrong")
    return rom
