"""The evidence: append, read, verify. Records are never updated or deleted."""

from heatward_collector.ledger.batch import READING_DTYPE, Batch, Source
from heatward_collector.ledger.read import LedgerReader
from heatward_collector.ledger.verify import Alteration, Verification, verify
from heatward_collector.ledger.write import Commit, LedgerWriter, Outcome, Taken

__all__ = [
    "READING_DTYPE",
    "Alteration",
    "Batch",
    "Commit",
    "LedgerReader",
    "LedgerWriter",
    "Outcome",
    "Source",
    "Taken",
    "Verification",
    "verify",
]
