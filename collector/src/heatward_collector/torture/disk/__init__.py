"""What a disk may hold after a power cut, and what somebody may do to a copy of the ledger."""
