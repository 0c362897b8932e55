"""Who made a sensor: its ROM code and scratchpad against what is known of copies.

After C. Petrich, "Your DS18B20 temperature sensor is likely a fake" (github.com/cpetrich/
counterfeit_DS18B20, 2020), who names the families. Only what a reading shows anyway is looked at:
undocumented commands can spoil a part. A recent copy passes all of it, so passing proves nothing;
that is why every probe is calibrated.
"""

from __future__ import annotations

from enum import Enum

from heatward_node.scratchpad import POWER_ON_BYTE_6


class Make(Enum):
    """What a sensor looks like."""

    AS_THE_MAKERS = "as the maker's"
    """Number and scratchpad follow the maker's pattern. (family A1, and its best copies)"""
    OTHER_NUMBER = "other number"
    """The scratchpad behaves like the maker's, the number does not. (A2)"""
    FIXED_BYTE = "fixed byte"
    """Byte 6 never changes. (B1, B2: -0.5 K at 0 degC is usual for B2)"""
    TWELVE_BIT_ONLY = "12 bit only"
    """28-xx-64-...: one resolution, small offset. (C)"""
    NOISY = "noisy"
    """Byte 7 is 66: errors up to 3 K, and 25 degC after power-up. (D1, D2)"""
    UNFINISHED = "unfinished"
    """Bytes 6 and 7 are ff. (E)"""

    @property
    def is_unfit(self) -> bool:
        """Whether it should be replaced rather than calibrated."""
        return self in (Make.NOISY, Make.UNFINISHED)

    @property
    def needs_calibration(self) -> bool:
        """Whether it may be used once it was compared with a thermometer."""
        return not self.is_unfit and self is not Make.AS_THE_MAKERS


def make_of(rom: bytes, scratchpad: bytes) -> Make:
    """Return what a sensor looks like by its ROM code and one scratchpad after a conversion."""
    by_scratchpad = _unfit(scratchpad)
    if by_scratchpad is not None:
        return by_scratchpad
    if rom[2] == 0x64 and scratchpad[6] == POWER_ON_BYTE_6:
        return Make.TWELVE_BIT_ONLY
    # In the maker's part byte 6 counts down as the last four bits of the temperature count up.
    if (scratchpad[0] + scratchpad[6]) & 0x0F:
        return Make.FIXED_BYTE
    return Make.AS_THE_MAKERS if rom[5:7] == b"\0\0" else Make.OTHER_NUMBER


def _unfit(scratchpad: bytes) -> Make | None:
    if scratchpad[7] == 0x66:
        return Make.NOISY
    if scratchpad[6] == 0xFF and scratchpad[7] == 0xFF:
        return Make.UNFINISHED
    return None
