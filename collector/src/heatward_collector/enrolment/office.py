"""Who gets a certificate: the one place where codes, requests and revocation are decided.

A code belongs to one node and one key. The first request uses it up; for 24 hours the same key may
ask again, because the answer may not have reached the card. Another key never gets in with it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import timedelta

from cryptography import x509

from heatward_node.topics import IDENTIFIER, RESERVED_NODE

from ..canary import CANARY_NODE
from ..errors import HeatwardError
from .authority import RENEW_BEFORE, Authority, public_bytes, read_request, utc
from .book import Book, Certificate, new_code

REPEATED_FOR_S = 24 * 3600
"""How long after its first use a code still answers the key that used it. [s]"""
MAX_REQUEST_LETTERS = 4_096
WARN_BEFORE = timedelta(days=30)


class Refusal(HeatwardError):
    """A request that was refused; ``reason`` is a stable word for cards and counters."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Office:
    """Enrolment, renewal and revocation over one authority and its book."""

    def __init__(self, authority: Authority, book: Book, now: Callable[[], float]) -> None:
        self.authority = authority
        self.book = book
        self._now = now

    def issue_code(self, node: str) -> str:
        """Return a one-time code for a node; its older unused codes count no longer."""
        if not IDENTIFIER.fullmatch(node) or node in (RESERVED_NODE, CANARY_NODE):
            raise Refusal("node")
        code = new_code()
        self.book.add_code(node, code, int(self._now()))
        return code

    def enrol(self, node: str, code: str, request: str) -> str:
        """Return the certificate (PEM) for a card that shows its code. Raises Refusal.

        A new key of a node shuts its older keys out: the card was made anew.
        """
        now_s = int(self._now())
        with self.book.edit():
            known = self.book.code(code)
            if known is None or known.node != node or known.withdrawn_s is not None:
                raise Refusal("code_unknown")
            key = self._key_of(node, request)
            if known.used_s is None:
                self.book.use_code(code, key, now_s)
                self.book.revoke(node, "superseded", now_s, but_key=key)
                return self._issue(node, request, key, now_s)
            if known.key is None or not hmac.compare_digest(known.key, key):
                raise Refusal("code_used")
            if now_s - known.used_s > REPEATED_FOR_S:
                raise Refusal("code_expired")
            current = self.book.current(node)
            if current is None or current.key != key:
                raise Refusal("revoked")
            return current.pem

    def renew(self, node: str, request: str) -> str:
        """Return a fresh certificate for the key that a node already has. Raises Refusal.

        The request is signed by that key, which is proof enough; a certificate that ran out over
        the summer is renewed, a revoked one never.
        """
        now_s = int(self._now())
        with self.book.edit():
            current = self.book.current(node)
            if current is None:
                raise Refusal("revoked" if self.book.certificates(node) else "unknown")
            key = self._key_of(node, request)
            if not hmac.compare_digest(current.key, key):
                raise Refusal("other_key")
            if current.ends_s - now_s > RENEW_BEFORE.total_seconds():
                return current.pem
            return self._issue(node, request, key, now_s)

    def revoke(self, node: str, reason: str) -> int:
        """Shut a node out, with its codes; return how many certificates were revoked."""
        now_s = int(self._now())
        with self.book.edit():
            self.book.withdraw_codes(node, now_s)
            return self.book.revoke(node, reason, now_s)

    def revocation_list(self) -> bytes:
        """Return the list for the broker, as of now."""
        now = utc(self._now())
        revoked = self.book.revoked()
        entries = [(int(one.serial, 16), utc(one.revoked_s or 0)) for one in revoked]
        return self.authority.revocation_list(entries, now)

    def expiring(self) -> list[Certificate]:
        """Return the newest certificates of nodes that run out within 30 days, or have."""
        newest: dict[str, Certificate] = {}
        for one in self.book.certificates():
            if one.revoked_s is None:
                newest.setdefault(one.node, one)
        limit = self._now() + WARN_BEFORE.total_seconds()
        return sorted((one for one in newest.values() if one.ends_s < limit), key=_end)

    def _key_of(self, node: str, request: str) -> bytes:
        if len(request) > MAX_REQUEST_LETTERS:
            raise Refusal("request")
        try:
            name, key = read_request(request)
        except ValueError as error:
            raise Refusal("request") from error
        if name != node:
            raise Refusal("request")
        return public_bytes(key)

    def _issue(self, node: str, request: str, key: bytes, now_s: int) -> str:
        _, public_key = read_request(request)
        pem = self.authority.sign_node(node, public_key, utc(now_s))
        parsed = x509.load_pem_x509_certificate(pem.encode("ascii"))
        ends_s = int(parsed.not_valid_after_utc.timestamp())
        serial = f"{parsed.serial_number:x}"
        self.book.add_certificate(Certificate(serial, node, key, pem, now_s, ends_s, None, None))
        return pem


def _end(certificate: Certificate) -> int:
    return certificate.ends_s
