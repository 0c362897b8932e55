"""What every place lies in: the chain from a room to its district, and of the heat network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from heatward_collector.core import Indices, Mask
from heatward_collector.registry.ids import NOWHERE
from heatward_collector.registry.packed_rows import PackedRows

DOWN_FROM_DISTRICT = (
    ("outdoor", "district"),
    ("street", "district"),
    ("estate", "street"),
    ("building", "estate"),
    ("stairwell", "building"),
    ("home", "stairwell"),
    ("room", "home"),
)
"""Tables from the district down, each with the table in which its rows lie; the column has its
name."""
Rows = Mapping[str, PackedRows]


def above(rows: Rows, table: str, upper: str) -> Indices:
    """Return the place of each row of a table in the table above, NOWHERE for none, (rows,)."""
    return rows[upper].ids.find_all(rows[table].column(upper))


def lies_in(rows: Rows, table: str, upper: str) -> Indices:
    """Return the same. Raises KeyError where a row lies nowhere."""
    found = above(rows, table, upper)
    lost = np.flatnonzero(found == NOWHERE)
    if len(lost):
        raise KeyError(rows[table].column(upper)[int(lost[0])])
    return found


def within(rows: Rows, district: str) -> dict[str, Mask]:
    """Say which places lie in a district, itself among them: (rows,) for every table of places."""
    inside = {"district": np.arange(len(rows["district"])) == rows["district"].ids.find(district)}
    for table, upper in DOWN_FROM_DISTRICT:
        # One place more, for what lies nowhere.
        inside[table] = np.append(inside[upper], False)[above(rows, table, upper)]
    return inside
