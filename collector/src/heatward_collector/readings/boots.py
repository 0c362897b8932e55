"""Which boot of which node each source was written in, in few bytes: a city has a million nodes.

Names lie joined, one after the other, and a boot is found by the hash of its name. An object for
each name and each tuple took 0.4 KB a node.
"""

from __future__ import annotations

from array import array

BootKey = tuple[str, str, bytes]
"""District, node and boot id."""
NONE = -1
_HASH_BITS = 0xFFFFFFFF
LEAST_PLACES = 1 << 10
"""Of the table of hashes; a power of two, as all its sizes."""


class Boots:
    """Grows only: sources are linked to boots."""

    def __init__(self) -> None:
        self._boot = array("i")  # of a source
        self._before = array("i")  # the source linked to the same boot before
        self._last = array("i")  # of a boot: the source linked to it last
        self._names, self._ends = bytearray(), array("Q", [0])
        self._districts: dict[str, int] = {}
        self._district_names: list[str] = []
        self._district = array("H")  # of a boot
        self._node_bytes = array("H")
        self._hash = array("I")
        self._places = array("i", [NONE]) * LEAST_PLACES

    def __contains__(self, source: int) -> bool:
        """Say whether the boot of a source is known."""
        return source < len(self._boot) and self._boot[source] != NONE

    def of(self, source: int) -> BootKey | None:
        """Return the boot of a source, where it is known."""
        return self._key(self._boot[source]) if source in self else None

    def sources(self, boot: BootKey) -> tuple[int, ...]:
        """Return every source of a boot, in the order in which they were linked."""
        place = self._places[self._place(boot)]
        found: list[int] = []
        source = NONE if place == NONE else self._last[place]
        while source != NONE:
            found.append(source)
            source = self._before[source]
        return tuple(reversed(found))

    def link(self, source: int, boot: BootKey) -> int:
        """Note in which boot a source was written that has none yet.

        Return a source that was linked to the same boot before, or NONE.
        """
        number = self._number(boot)
        missing = source + 1 - len(self._boot)
        if missing > 0:
            nothing = array("i", [NONE]) * missing
            self._boot.extend(nothing)
            self._before.extend(nothing)
        self._boot[source] = number
        self._before[source] = before = self._last[number]
        self._last[number] = source
        return before

    def _number(self, boot: BootKey) -> int:
        place = self._place(boot)
        if self._places[place] != NONE:
            return self._places[place]
        number = len(self._last)
        district, node, boot_id = boot
        if district not in self._districts:
            self._districts[district] = len(self._district_names)
            self._district_names.append(district)
        name = node.encode()
        self._names += name + boot_id
        self._ends.append(len(self._names))
        self._district.append(self._districts[district])
        self._node_bytes.append(len(name))
        self._last.append(NONE)
        self._hash.append(hash(boot) & _HASH_BITS)
        self._places[place] = number
        if 2 * len(self._last) > len(self._places):
            self._spread()
        return number

    def _key(self, number: int) -> BootKey:
        name = bytes(self._names[self._ends[number] : self._ends[number + 1]])
        node = self._node_bytes[number]
        return self._district_names[self._district[number]], name[:node].decode(), name[node:]

    def _place(self, boot: BootKey) -> int:
        """Return where the number of a boot stands in the table, or the free place for it."""
        mask, hashed = len(self._places) - 1, hash(boot) & _HASH_BITS
        place = hashed & mask
        while (number := self._places[place]) != NONE:
            if self._hash[number] == hashed and self._key(number) == boot:
                break
            place = (place + 1) & mask
        return place

    def _spread(self) -> None:
        """Make the table twice as large, and put every boot where it belongs."""
        places = array("i", [NONE]) * (2 * len(self._places))
        mask = len(places) - 1
        for number, hashed in enumerate(self._hash):
            place = hashed & mask
            while places[place] != NONE:
                place = (place + 1) & mask
            places[place] = number
        self._places = places
