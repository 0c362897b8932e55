"""The outside timestamp of a ledger's head in a pack: put in, and checked without a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from heatward_collector.config import Config
from heatward_collector.errors import TimestampRefused
from heatward_collector.timestamps.stamp import (
    Timestamps,
    check,
    fingerprint,
    head_of,
    load_authorities,
    stamp,
)

STATEMENT, ANSWER = "ledger-head.txt", "ledger-head.tsr"
AUTHORITY = "ledger-head-authority.pem"


@dataclass(frozen=True, slots=True)
class StampedHead:
    """What a pack's timestamp comes to."""

    moment: datetime
    batch: int
    digest: str
    fingerprints: tuple[str, ...]
    """SHA-256 of the certificates of authorities that it was checked against."""


def timestamp_files(config: Config) -> tuple[dict[str, bytes], str]:
    """Return the files of the newest timestamp, and why there is no newer one; both may be empty.

    The head is stamped now, where an authority is configured. If that fails, evidence goes out
    with an earlier timestamp, or none.
    """
    if config.timestamp.ca_file is None:
        return {}, ""
    problem = ""
    try:
        made = stamp(config)
    except TimestampRefused as error:
        problem, made = str(error), Timestamps(config.state.timestamps).newest()
    if made is None:
        return {}, problem
    files = {
        STATEMENT: made.head.statement,
        ANSWER: made.answer,
        AUTHORITY: config.timestamp.ca_file.read_bytes(),
    }
    return files, problem


def timestamp_facts(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what the manifest says of a timestamp; nothing where there is none."""
    if ANSWER not in files:
        return {}
    found = checked_head(files, load_authorities(files[AUTHORITY]))
    return {
        "timestamp": {
            "utc": found.moment.astimezone(UTC).isoformat(),
            "batch": found.batch,
            "sha256": found.digest,
        }
    }


def checked_head(
    files: Mapping[str, bytes], authorities: Sequence[x509.Certificate]
) -> StampedHead:
    """Return what the timestamp of a pack proves. Raises TimestampRefused where it is false."""
    head = head_of(files[STATEMENT])
    if head is None:
        raise TimestampRefused(f"{STATEMENT}: 看不懂 / is no statement of a ledger's head")
    moment = check(files[STATEMENT], files[ANSWER], authorities)
    prints = tuple(fingerprint(one) for one in authorities)
    return StampedHead(moment, head.batch, head.digest, prints)


def differences_of_head(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> list[str]:
    """Return where a timestamp tells of another ledger than its pack; nothing where it fits."""
    head, ledger = head_of(files[STATEMENT]), manifest["ledger"]
    if head is None or head.incarnation != ledger["incarnation"]:
        return ["时间戳不属于这个账本 / the timestamp is of another ledger"]
    is_later = head.batch > ledger["batch"]
    if is_later or (head.batch == ledger["batch"] and head.digest != ledger["sha256"]):
        return ["时间戳与账本头不符 / the timestamp does not fit the head of the ledger"]
    return []
