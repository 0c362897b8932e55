"""Passwords and codes as argon2id hashes, and the random secrets that links and cookies carry."""

from __future__ import annotations

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
"""Longer ones are refused before they are hashed."""
CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing on a slip that could be read as something else: no 0, 1, I, L, O."""
CODE_LENGTH = 8
TIME_COST, MEMORY_KIB, PARALLELISM = 2, 19_456, 1
"""[passes, KiB, lanes] Source: OWASP Password Storage Cheat Sheet, argon2id; 19 MiB a log-in."""

_HASHER = PasswordHasher(TIME_COST, MEMORY_KIB, PARALLELISM)


def is_long_enough(password: str) -> bool:
    """Say whether a password may be used."""
    return SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD


def hashed(password: str) -> str:
    """Return what is kept of a password or code."""
    return _HASHER.hash(password)


_NOBODYS_SECRET = hashed(secrets.token_urlsafe())


def matches(kept: str | None, password: str) -> bool:
    """Say whether a password is the one that was kept.

    Where nothing is kept it takes as long: how long a refusal takes tells nothing about names.
    """
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _HASHER.verify(kept or _NOBODYS_SECRET, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def new_secret() -> str:
    """Return 256 random bits for a cookie, a token or a link."""
    return secrets.token_urlsafe(32)


def new_code() -> str:
    """Return a code that people can type: 31^8, two fifths of a trillion."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def tidy_code(typed: str) -> str:
    """Return a typed code as it was printed: capitals, no spaces or hyphens."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def digest(secret: str) -> str:
    """Return what is kept of a random secret; it has too many bits to be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_token(secret: str) -> str:
    """Return the token that forms of a session carry; it tells nothing about the cookie."""
    return hashlib.sha256(b"form\0" + secret.encode()).hexdigest()[:32]
