"""Amounts of money as they are written: yuan and fen, rounded once, at the end."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")


def yuan(amount: float) -> float | None:
    """Return an amount rounded to the fen, None where it is not known."""
    if math.isnan(amount):
        return None
    return float(Decimal(repr(float(amount))).quantize(FEN, ROUND_HALF_UP))
