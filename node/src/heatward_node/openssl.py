"""Keys, signing requests and signatures by the ``openssl`` command, which every card has.

A node carries no cryptographic library: none has wheels for 32-bit Pis.
"""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from heatward_node.errors import KeyToolError
from heatward_node.whole_file import put_private

TIMEOUT_S = 60
"""A signature takes under a second on a Pi Zero; anything longer hangs."""


def make_key(path: Path) -> None:
    """Make a private key of the curve P-256, whole and on the card when this returns."""
    pem = _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    put_private(path, pem)


def make_request(key: Path, node: str) -> str:
    """Return a signing request (PEM) for the name of a node, signed by its key."""
    return _openssl("req", "-new", "-sha256", "-key", str(key), "-subj", f"/CN={node}").decode()


def sign(key: Path, message: bytes) -> bytes:
    """Return the signature (ECDSA over SHA-256, DER) of a message."""
    return _openssl("dgst", "-sha256", "-sign", str(key), data=message)


def is_signed(public_key: Path, signature: Path, content: Path) -> bool:
    """Say whether a file was signed by the owner of a public key."""
    arguments = ("dgst", "-sha256", "-verify", str(public_key), "-signature", str(signature))
    try:
        _openssl(*arguments, str(content))
    except KeyToolError:
        return False
    return True


def fits(certificate: Path, key: Path) -> bool:
    """Say whether a certificate is for a key."""
    try:
        of_certificate = _openssl("x509", "-in", str(certificate), "-noout", "-pubkey")
        return of_certificate == _openssl("pkey", "-in", str(key), "-pubout")
    except KeyToolError:
        return False


def end_of(certificate: Path) -> datetime:
    """Return when a certificate runs out."""
    text = _openssl("x509", "-in", str(certificate), "-noout", "-enddate").decode()
    value = text.strip().partition("=")[2]
    try:
        return datetime.strptime(value, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
    except ValueError as error:
        raise KeyToolError(f"{certificate}: end date {value!r}") from error


def _openssl(*arguments: str, data: bytes | None = None) -> bytes:
    try:
        done = subprocess.run(
            ["openssl", *arguments],
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KeyToolError(f"openssl {arguments[0]}: {error}") from error
    if done.returncode != 0:
        detail = done.stderr.decode(errors="replace").strip()[-300:]
        raise KeyToolError(f"openssl {arguments[0]}: {detail}")
    return done.stdout
