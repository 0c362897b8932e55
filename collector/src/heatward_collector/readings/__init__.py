"""Whose readings the ledger's records are, and when they were taken; following the ledger."""
