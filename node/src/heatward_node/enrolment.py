"""How a card becomes a node: its own key, a one-time code, a certificate, and its renewal.

The key is made here and never leaves the card. Every step is repeatable after a power cut: the key
is on the card before the code is used, and the collector answers the same key again for a day.
"""

from __future__ import annotations

import http.client
import json
import logging
import random
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from heatward_node import openssl
from heatward_node.errors import EnrolmentRefused, HeatwardNodeError, KeyToolError
from heatward_node.publisher import Identity
from heatward_node.whole_file import put_private

RENEW_BEFORE = timedelta(days=60)
FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 1_800.0
LOOK_AGAIN_S = 86_400.0
"""How often a node that has a certificate looks at its end."""
ANSWER_TIMEOUT_S = 30.0
MAX_ANSWER_BYTES = 16_384
HTTPS_ALPN = "http/1.1"
"""Said in the greeting of TLS (RFC 7301): by it the office's one port is parted from MQTT."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """``[enrolment]``: where certificates come from, and where they are kept."""

    url: str
    code_file: Path
    directory: Path

    @property
    def key(self) -> Path:
        """The node's private key."""
        return self.directory / "key.pem"

    @property
    def certificate(self) -> Path:
        """The node's certificate."""
        return self.directory / "certificate.pem"


class Enroller:
    """Keeps one node's certificate there and fresh."""

    def __init__(
        self,
        settings: Enrolment,
        identity: Identity,
        ca_file: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._node = identity.node
        self._ca_file = ca_file
        self._now = now
        self.last_refusal = ""

    @property
    def is_enrolled(self) -> bool:
        """Whether there is a certificate for the key."""
        settings = self._settings
        return settings.certificate.exists() and openssl.fits(settings.certificate, settings.key)

    def step(self) -> bool:
        """Get what is missing or due; return whether the certificate is a new one.

        Raises EnrolmentRefused where the collector says no, OSError where it is away.
        """
        settings = self._settings
        settings.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.is_enrolled:
            return self._enrol()
        if openssl.end_of(settings.certificate) - self._now() > RENEW_BEFORE:
            return False
        before = settings.certificate.read_text()
        self._take({"node": self._node, "request": self._request()}, "renew")
        return settings.certificate.read_text() != before

    def _enrol(self) -> bool:
        settings = self._settings
        code = read_code(settings.code_file)
        if code is None:
            self.last_refusal = "no_code"
            raise EnrolmentRefused("no_code")
        if not settings.key.exists():
            openssl.make_key(settings.key)
        self._take({"node": self._node, "code": code, "request": self._request()}, "enrol")
        return True

    def _request(self) -> str:
        return openssl.make_request(self._settings.key, self._node)

    def _take(self, asked: dict[str, str], verb: str) -> None:
        try:
            answer = self._post(asked, verb)
        except EnrolmentRefused as error:
            self.last_refusal = error.reason
            raise
        pem = answer.get("certificate")
        if not isinstance(pem, str) or not pem.startswith("-----BEGIN CERTIFICATE-----"):
            raise EnrolmentRefused("answer")
        target = self._settings.certificate
        candidate = target.with_name("candidate.pem")
        put_private(candidate, pem.encode("ascii", "replace"))
        if not openssl.fits(candidate, self._settings.key):
            raise EnrolmentRefused("answer")
        candidate.replace(target)
        self.last_refusal = ""
        _log.info("event=certificate_taken verb=%s", verb)

    def _post(self, asked: dict[str, str], verb: str) -> dict[str, object]:
        request = urllib.request.Request(
            f"{self._settings.url}/v1/{verb}",
            json.dumps(asked).encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with trusting(self._ca_file).open(request, timeout=ANSWER_TIMEOUT_S) as answer:
                return _object(answer.read(MAX_ANSWER_BYTES))
        except urllib.error.HTTPError as error:
            if error.code in (400, 403):
                reason = _object(error.read(MAX_ANSWER_BYTES)).get("refused")
                raise EnrolmentRefused(str(reason)[:40]) from error
            raise


def trusting(ca_file: Path) -> urllib.request.OpenerDirector:
    """Return an opener of https that trusts one authority only, and asks no proxy."""
    trust = ssl.create_default_context(cafile=str(ca_file))
    trust.set_alpn_protocols([HTTPS_ALPN])
    handler = urllib.request.HTTPSHandler(context=trust)
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), handler)


def read_code(path: Path) -> str | None:
    """Return the one-time code on the card, or None where it has none any more."""
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text or None


def keep_enrolled(
    enroller: Enroller,
    on_new: Callable[[], None],
    stop: threading.Event,
    look_further: Callable[[], object] = lambda: None,
    jitter: Callable[[], float] = random.random,
) -> None:
    """Try until there is a certificate, then look daily for what is due; a thread's loop."""
    pause_s, told = FIRST_PAUSE_S, ""
    while not stop.is_set():
        try:
            if enroller.step():
                on_new()
            look_further()
            pause_s, wait_s, told = FIRST_PAUSE_S, LOOK_AGAIN_S, ""
        except (OSError, http.client.HTTPException, HeatwardNodeError) as error:
            if str(error) != told:
                told = str(error)
                _log.error("event=enrolment_failed detail=%s", error)
            # Full jitter: a hundred cards that were flashed together do not come together.
            wait_s = pause_s * (0.5 + jitter() / 2)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
        stop.wait(wait_s)


def sign_checkpoint(
    settings: Enrolment, identity: Identity, epoch: int, through: int, digest: bytes
) -> bytes:
    """Return the node's signature under a checkpoint, empty where it has no certificate yet."""
    if not settings.certificate.exists():
        return b""
    try:
        return openssl.sign(settings.key, checkpoint_text(identity, epoch, through, digest))
    except KeyToolError as error:
        _log.error("event=checkpoint_not_signed detail=%s", error)
        return b""


def checkpoint_text(identity: Identity, epoch: int, through: int, digest: bytes) -> bytes:
    """Return the bytes that a checkpoint's signature covers: whose records, which, and what."""
    head = f"heatward checkpoint 1\n{identity.district}\n{identity.node}\n{epoch:08x}\n{through}\n"
    return head.encode("ascii") + digest


def _object(data: bytes) -> dict[str, object]:
    try:
        value = json.loads(data)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
