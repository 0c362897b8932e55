"""Stamps from outside on the ledger's head: somebody else's clock says that it existed."""
