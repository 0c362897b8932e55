"""Control messages beside the readings: hello and status up, ack and incarnation down.

All are flat JSON objects with a fixed set of labels; anything else is refused.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import Any, Self

from heatward_node.errors import WireError
from heatward_node.reading import MAX_SEQ

MAX_CONTROL_BYTES = 2_048
_HEX = re.compile(r"[0-9a-f]{8,64}")


def epoch_text(epoch: int) -> str:
    """Return an epoch as texts carry it: eight hexadecimal digits."""
    return f"{epoch:08x}"


def epoch_number(text: object) -> int:
    """Return the epoch for eight hexadecimal digits. Raises WireError."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9a-f]{8}", text) or not int(text, 16):
        raise WireError("epoch", f"{text!r} is not eight hexadecimal digits above zero")
    return int(text, 16)


def incarnation_text(text: str) -> str:
    """Return a ledger's incarnation as it was announced. Raises WireError."""
    return _hex(text, "incarnation")


def _object(payload: bytes, labels: frozenset[str], optional: frozenset[str]) -> dict[str, Any]:
    if len(payload) > MAX_CONTROL_BYTES:
        raise WireError("size", f"{len(payload)} bytes, at most {MAX_CONTROL_BYTES}")
    if payload.count(b"{") != 1 or b"[" in payload:
        raise WireError("depth", "a control message is one flat object")
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise WireError("json", str(error)[:200]) from error
    if not isinstance(value, dict):
        raise WireError("json", "not an object")
    if not labels <= value.keys() or not value.keys() <= labels | optional:
        raise WireError("labels", f"expected {sorted(labels)}, got {sorted(value)[:20]}")
    return value


def _number(value: object, low: int, high: int, label: str) -> int:
    if type(value) is not int or not low <= value <= high:
        raise WireError("number", f"{label} must be a whole number from {low} to {high}")
    return value


def _hex(value: object, label: str) -> str:
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        raise WireError("text", f"{label} must be 8 to 64 hexadecimal digits")
    return value


@dataclass(frozen=True, slots=True)
class Hello:
    """A node's answer to "where are we": its epoch, the oldest number it still has, the next."""

    epoch: int
    oldest_kept: int
    next: int

    def encode(self) -> bytes:
        """Return the payload."""
        return _encode({**asdict(self), "epoch": epoch_text(self.epoch), "type": "hello"})

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Parse a payload. Raises WireError."""
        value = _object(payload, frozenset({"type", "epoch", "oldest_kept", "next"}), frozenset())
        if value["type"] != "hello":
            raise WireError("type", f"unknown event {str(value['type'])[:50]!r}")
        oldest = _number(value["oldest_kept"], 1, MAX_SEQ, "oldest_kept")
        following = _number(value["next"], oldest, MAX_SEQ + 1, "next")
        return cls(epoch_number(value["epoch"]), oldest, following)


@dataclass(frozen=True, slots=True)
class Ack:
    """Everything of ``epoch`` up to ``through`` is on the collector's disk.

    ``batch`` and ``head`` (hexadecimal) are the ledger's newest batch and hash: the node keeps
    one a day, as a witness of the chain.
    """

    incarnation: str
    epoch: int
    through: int
    batch: int
    head: str

    def encode(self) -> bytes:
        """Return the payload."""
        # Not asdict: it copies deeply, and a collector writes an ack for every tenth message.
        return _encode(
            {
                "incarnation": self.incarnation,
                "epoch": epoch_text(self.epoch),
                "through": self.through,
                "batch": self.batch,
                "head": self.head,
            }
        )

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Parse a payload. Raises WireError."""
        labels = frozenset({"incarnation", "epoch", "through", "batch", "head"})
        value = _object(payload, labels, frozenset())
        return cls(
            _hex(value["incarnation"], "incarnation"),
            epoch_number(value["epoch"]),
            _number(value["through"], 0, MAX_SEQ, "through"),
            _number(value["batch"], 0, 2**63 - 1, "batch"),
            _hex(value["head"], "head"),
        )


@dataclass(frozen=True, slots=True)
class Status:
    """Birth and last will of a node, retained: is it there, what runs, does it know the time."""

    online: bool
    version: str = ""
    clock: str = "unknown"
    sensors: int = 0

    def encode(self) -> bytes:
        """Return the payload."""
        return _encode(asdict(self))

    @classmethod
    def decode(cls, payload: bytes) -> Self:
        """Parse a payload. Raises WireError."""
        optional = frozenset({"version", "clock", "sensors"})
        value = _object(payload, frozenset({"online"}), optional)
        version, clock = value.get("version", ""), value.get("clock", "unknown")
        if not isinstance(value["online"], bool):
            raise WireError("text", "online must be true or false")
        if not (isinstance(version, str) and isinstance(clock, str)):
            raise WireError("text", "version and clock must be texts")
        if len(version) > 64 or len(clock) > 32:
            raise WireError("text", "version or clock is too long")
        return cls(value["online"], version, clock, _number(value.get("sensors", 0), 0, 1000, "s"))


def _encode(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")
