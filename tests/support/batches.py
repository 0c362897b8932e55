"""Bodies of batches, put together entry by entry: the bytes that every other way must make."""

from collections.abc import Sequence

from heatward_collector.ledger.batch import Source, join_body, source_table


def encode_body(sources: Sequence[Source], entries: Sequence[bytes]) -> bytes:
    """Return the uncompressed body for new sources and packed entries, in their order."""
    lengths = b"".join(len(entry).to_bytes(2, "little") for entry in entries)
    return join_body(source_table(sources), lengths, b"".join(entries))


def by_source(entries: Sequence[bytes]) -> list[bytes]:
    """Return packed entries by their sources; those of one stay in their order."""
    return sorted(entries, key=lambda entry: int.from_bytes(entry[:4], "little"))
