"""Outside timestamps of the ledger's head (RFC 3161): somebody else's clock says that it existed.

Each is two files beside the ledger: a statement, one line of text that names the head, and the
answer of the timestamping authority to it. Anybody can check both without Heatward:
``openssl ts -verify -data N.txt -in N.tsr -CAfile authority.pem``.
"""

from __future__ import annotations

import hashlib
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from heatward_collector.config import Config
from heatward_collector.errors import TimestampRefused
from heatward_collector.ledger import LedgerReader
from heatward_collector.timestamps.answer import in_der_order
from heatward_collector.whole_file import put_for_good

TIMEOUT_S = 20.0
MOST_BYTES = 256 * 1024
"""An answer with a chain of certificates has some kilobytes. [bytes]"""
_STATEMENT = re.compile(
    rb"heatward ledger (?P<incarnation>\S+) batch (?P<batch>\d+) sha256 (?P<digest>[0-9a-f]{64})\n"
)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest batch of a ledger."""

    incarnation: str
    batch: int
    digest: str
    """Its hash, over it and all before it, in hexadecimal."""

    @property
    def statement(self) -> bytes:
        """Return the line that is stamped."""
        return (
            f"heatward ledger {self.incarnation} batch {self.batch} sha256 {self.digest}\n"
        ).encode()


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A head with the answer of the authority, as they are kept."""

    head: Head
    answer: bytes


class Timestamps:
    """The folder of timestamps; none is ever changed or removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, stamp: Timestamp) -> None:
        """Keep a timestamp: first the answer, then the statement that makes it count."""
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{stamp.head.batch:010d}-{stamp.head.digest[:16]}"
        for ending, data in ((".tsr", stamp.answer), (".txt", stamp.head.statement)):
            put_for_good(self._folder / f"{name}{ending}", data)

    def newest(self) -> Timestamp | None:
        """Return the one of the newest batch, None where there is none."""
        for path in sorted(self._folder.glob("*.txt"), reverse=True):
            head, answer = head_of(path.read_bytes()), path.with_suffix(".tsr")
            if head is not None and answer.exists():
                return Timestamp(head, answer.read_bytes())
        return None


def head_of(statement: bytes) -> Head | None:
    """Return the head that a statement names, None where it is no statement of ours."""
    found = _STATEMENT.fullmatch(statement)
    if found is None:
        return None
    return Head(found["incarnation"].decode(), int(found["batch"]), found["digest"].decode())


def stamp(config: Config) -> Timestamp | None:
    """Let the authority stamp the ledger's head as it is now, unless that is done; keep it.

    Returns None where no authority is configured, or the ledger is empty. Raises TimestampRefused.
    """
    settings, store = config.timestamp, Timestamps(config.state.timestamps)
    if settings.url is None or settings.ca_file is None:
        return None
    reader = LedgerReader(config.state.ledger)
    number, digest = reader.head()
    head = Head(reader.incarnation, number, digest.hex())
    reader.close()
    if not head.batch:
        return None
    newest = store.newest()
    if newest is not None and newest.head == head:
        return newest
    answer = request(settings.url, head.statement, load_authorities(settings.ca_file.read_bytes()))
    made = Timestamp(head, answer)
    store.keep(made)
    return made


def request(
    url: str,
    statement: bytes,
    authorities: Sequence[x509.Certificate],
    timeout_s: float = TIMEOUT_S,
) -> bytes:
    """Let an authority stamp a statement; return its checked answer. Raises TimestampRefused."""
    query = TimestampRequestBuilder().data(statement).hash_algorithm(HashAlgorithm.SHA256).build()
    sent = urllib.request.Request(  # noqa: S310  # the configuration takes http and https only
        url, query.as_bytes(), {"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(sent, timeout=timeout_s) as opened:  # noqa: S310
            answer: bytes = opened.read(MOST_BYTES + 1)
    except (OSError, urllib.error.URLError, http.client.HTTPException, ValueError) as error:
        raise TimestampRefused(
            f"时间戳服务没有应答 / the timestamping authority did not answer: {error}"
        ) from error
    check(statement, answer, authorities, query.nonce)
    return answer


def check(
    statement: bytes,
    answer: bytes,
    authorities: Sequence[x509.Certificate],
    nonce: int | None = None,
) -> datetime:
    """Return when a statement existed, by an answer that one of the authorities has signed.

    No network is needed. Raises TimestampRefused where anything does not fit.
    """
    try:
        response = decode_timestamp_response(in_der_order(answer))
        verifier = VerifierBuilder(roots=list(authorities), nonce=nonce).build()
        verifier.verify_message(response, statement)
    except (ValueError, VerificationError) as error:
        raise TimestampRefused(
            f"时间戳不成立 / the timestamp does not hold: {error or 'wrong'}"
        ) from error
    moment: datetime = response.tst_info.gen_time
    return moment


def load_authorities(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates of a PEM file. Raises TimestampRefused where it holds none."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise TimestampRefused(
            f"[timestamp] ca_file 不是 PEM 证书 / holds no PEM certificates: {error}"
        ) from error


def fingerprint(authority: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate, to be compared with what its owner publishes."""
    return hashlib.sha256(authority.public_bytes(Encoding.DER)).hexdigest()
