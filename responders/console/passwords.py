"""Passwords: argon2id, a few at a time, and the same work for a name that does not exist."""

from __future__ import annotations

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 200
"""Longer than any password that a person types; bounds the work of one attempt."""

HASHER = PasswordHasher()
BUSY = BoundedSemaphore(2)
"""Each check takes 64 MB; more at once than this would let strangers fill the memory."""


def hashed(password: str) -> str:
    """The argon2id hash of a password."""
    with BUSY:
        return HASHER.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one; where no user has the name, it takes as long and is False."""
    with BUSY:
        try:
            return HASHER.verify(password_hash or _nobodys(), password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(password_hash)


@cache
def _nobodys() -> str:
    return HASHER.hash("a password that nobody has")
