"""Numbers that come many times over, each named once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Coded:
    """What is known of a number is looked up once for all places where it stands.

    ``numbers`` is uint64 (m,), ``code`` int32 (n,): place ``i`` stands for ``numbers[code[i]]``.
    """

    numbers: npt.NDArray[np.uint64]
    code: Codes

    def __len__(self) -> int:
        """Return how many places there are, n."""
        return len(self.code)

    def plain(self) -> npt.NDArray[np.uint64]:
        """Return the number of every place, uint64 (n,)."""
        return self.numbers[self.code]

    def only(self, mask: npt.NDArray[np.bool_]) -> Coded:
        """Return some of the places; ``mask`` is (n,)."""
        return Coded(self.numbers, self.code[mask])
