"""A season judged again from the ledger, day by day, on one machine or on several."""
