"""The node and sensor of the test reading that goes through the whole line.

No home has them: readings of this sensor belong to nobody, whatever a registry says, and are
counted apart from all others.
"""

from __future__ import annotations

from heatward_node.rom import crc8

CANARY_NODE = "canary"
_FAMILY_AND_SERIAL = b"\x28CANARY"
CANARY_ROM = _FAMILY_AND_SERIAL + bytes([crc8(_FAMILY_AND_SERIAL)])
CANARY_SENSOR = int.from_bytes(CANARY_ROM, "little")
"""The number by which arrays know it."""
