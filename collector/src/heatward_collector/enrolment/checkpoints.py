"""Checkpoints against the ledger: what a node signed, and whether the ledger still says the same.

A checkpoint is the SHA-256 over the node's own records so far, signed by the key whose certificate
is in the book. It proves to a third party that neither broker nor collector changed a record.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from heatward_node.enrolment import checkpoint_text
from heatward_node.errors import RecordError
from heatward_node.events import Checkpoint
from heatward_node.publisher import Identity
from heatward_node.reading import Kind, Record

from ..ledger import LedgerReader, Source
from .book import Certificate

_NOT_THE_NODES = {Kind.LOST, Kind.REFUSED}
"""Records that stand for others: with them a digest cannot be formed any more."""


class Outcome(Enum):
    """What became of one checkpoint."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    INCOMPLETE = "incomplete"
    ALTERED = "altered"
    FORGED = "forged"


@dataclass(slots=True)
class CheckpointReport:
    """How many checkpoints came out how, and which speak against the ledger or the node."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Log:
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    is_whole: bool = True


def verify_checkpoints(
    reader: LedgerReader, certificates: Sequence[Certificate]
) -> CheckpointReport:
    """Read the whole ledger and hold every checkpoint against it.

    A signature counts when any certificate that the node ever had fits it.
    """
    keys: dict[str, list[bytes]] = {}
    for one in certificates:
        keys.setdefault(one.node, []).append(one.key)
    report = CheckpointReport()
    logs: dict[int, _Log] = {}
    for batch in reader.batches():
        for position in range(batch.count):
            number, record = batch.entry(position)
            log = logs.setdefault(number, _Log())
            if record.kind == Kind.CHECKPOINT:
                _judge(report, reader.source(number), record, log, keys)
            log.is_whole = log.is_whole and record.kind not in _NOT_THE_NODES
            log.digest.update(record.to_bytes())
    return report


def _judge(
    report: CheckpointReport,
    source: Source,
    record: Record,
    log: _Log,
    keys: Mapping[str, Sequence[bytes]],
) -> None:
    outcome = _outcome(source, record, log, keys)
    report.outcomes[outcome] += 1
    if outcome in (Outcome.ALTERED, Outcome.FORGED):
        report.problems.append(f"{source.node} {source.epoch:08x} {record.seq}: {outcome.value}")


def _outcome(
    source: Source, record: Record, log: _Log, keys: Mapping[str, Sequence[bytes]]
) -> Outcome:
    try:
        checkpoint = Checkpoint.from_record(record)
    except RecordError:
        return Outcome.FORGED
    if checkpoint.signature and not _is_signed(source, checkpoint, keys.get(source.node, ())):
        return Outcome.FORGED
    if not log.is_whole or checkpoint.through != record.seq - 1:
        return Outcome.INCOMPLETE
    if checkpoint.digest != log.digest.digest():
        return Outcome.ALTERED
    return Outcome.SIGNED if checkpoint.signature else Outcome.UNSIGNED


def _is_signed(source: Source, checkpoint: Checkpoint, keys: Sequence[bytes]) -> bool:
    identity = Identity(source.district, source.node)
    text = checkpoint_text(identity, source.epoch, checkpoint.through, checkpoint.digest)
    for der in keys:
        key = load_der_public_key(der)
        if not isinstance(key, ec.EllipticCurvePublicKey):
            continue
        try:
            key.verify(checkpoint.signature, text, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            continue
        return True
    return False
