"""Users of the console, their sessions, and the throttle on log-in. Passwords arrive here already hashed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.domain.terms import UserRole
from pipeline.moments import from_text, to_text
from pipeline.store.db import Store

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
TOUCH = timedelta(minutes=1)
"""A session's last use is written at most this often, so that reading pages does not write to the disk."""
WINDOW = timedelta(minutes=5)
FEW = 5
MANY = 50
"""Failures from one address under whatever names: somebody is trying names."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in."""

    id: int
    name: str
    role: UserRole
    active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in that is in force, with its user and the token that its forms carry."""

    user: User
    csrf: str
    created_at: datetime
    seen_at: datetime


def get(store: Store, name: str) -> User | None:
    """The user of this name, also one that may no longer log in."""
    row = store.row("SELECT id, name, role, active, created_at FROM user WHERE bureau = ? AND name = ?", store.bureau, name)
    return _user(row) if row else None


def listing(store: Store) -> tuple[User, ...]:
    """Everybody who can log in or once could, by name."""
    rows = store.rows("SELECT id, name, role, active, created_at FROM user WHERE bureau = ? ORDER BY active DESC, name", store.bureau)
    return tuple(map(_user, rows))


def count(store: Store) -> int:
    """How many users there are."""
    return int(store.value("SELECT count(*) FROM user WHERE bureau = ?", store.bureau))


def add(store: Store, name: str, role: UserRole, password_hash: str, now: datetime) -> int:
    """Adds a user and returns the row's id."""
    return store.insert("user", bureau=store.bureau, name=name, role=role.value, password=password_hash, created_at=to_text(now))


def change(store: Store, user_id: int, role: UserRole, password_hash: str) -> None:
    """Gives a user another role and password, and ends whatever sessions were open under the old ones."""
    store.execute("UPDATE user SET role = ?, password = ?, active = 1 WHERE id = ?", role.value, password_hash, user_id)
    store.execute("DELETE FROM session WHERE user_id = ?", user_id)


def password_hash(store: Store, name: str) -> str | None:
    """The hash to check a password against; None for a name that cannot log in."""
    found = store.value("SELECT password FROM user WHERE bureau = ? AND name = ? AND active = 1", store.bureau, name)
    return str(found) if found else None


def rehash(store: Store, user_id: int, password_hash: str) -> None:
    """Replaces a hash by one with newer parameters; the password and the sessions stay."""
    store.execute("UPDATE user SET password = ? WHERE id = ?", password_hash, user_id)


def set_password(store: Store, user_id: int, password_hash: str, token: str) -> None:
    """Gives a user another password; of the user's sessions only the one of this token goes on."""
    rehash(store, user_id, password_hash)
    store.execute("DELETE FROM session WHERE user_id = ? AND id_hash != ?", user_id, _hash(store, token))


def open_session(store: Store, user: User, token: str, csrf: str, now: datetime) -> None:
    """Records a log-in under the hash of its token, and clears away sessions that have run out."""
    store.execute("DELETE FROM session WHERE seen_at < ? OR created_at < ?", to_text(now - IDLE), to_text(now - LONGEST))
    store.insert("session", id_hash=_hash(store, token), user_id=user.id, csrf=csrf, created_at=to_text(now), seen_at=to_text(now))


def session(store: Store, token: str, now: datetime) -> Session | None:
    """The session of a token, unless it was idle for 30 minutes, is 12 hours old, or its user may no longer log in."""
    row = store.row(
        """SELECT u.id, u.name, u.role, u.active, u.created_at, s.csrf, s.created_at AS opened, s.seen_at
           FROM session s JOIN user u ON u.id = s.user_id
           WHERE s.id_hash = ? AND u.bureau = ? AND u.active = 1 AND s.seen_at >= ? AND s.created_at >= ?""",
        _hash(store, token), store.bureau, to_text(now - IDLE), to_text(now - LONGEST),
    )
    return Session(_user(row), row["csrf"], from_text(row["opened"]), from_text(row["seen_at"])) if row else None


def touch(store: Store, token: str, now: datetime) -> None:
    """Records that a session was used."""
    store.execute("UPDATE session SET seen_at = ? WHERE id_hash = ? AND seen_at < ?", to_text(now), _hash(store, token), to_text(now))


def close_session(store: Store, token: str) -> None:
    """Ends a session."""
    store.execute("DELETE FROM session WHERE id_hash = ?", _hash(store, token))


def throttled(store: Store, name: str, address: str, now: datetime) -> bool:
    """Whether this name has failed too often from this address, or this address under too many names."""
    since = to_text(now - WINDOW)
    of_name = int(store.value("SELECT count(*) FROM login_failure WHERE at > ? AND name = ? AND address = ?", since, name, address))
    of_address = int(store.value("SELECT count(*) FROM login_failure WHERE at > ? AND address = ?", since, address))
    return of_name >= FEW or of_address >= MANY


def failed(store: Store, name: str, address: str, now: datetime) -> None:
    """Counts an attempt as failed before it is checked, so that attempts made at once are all counted; success forgives."""
    store.execute("DELETE FROM login_failure WHERE at < ?", to_text(now - LONGEST))
    store.insert("login_failure", name=name, address=address, at=to_text(now))


def clear(store: Store, now: datetime) -> int:
    """Clears away sessions that have run out and failures that no throttle counts any more; returns how many."""
    sessions = store.execute("DELETE FROM session WHERE seen_at < ? OR created_at < ?", to_text(now - IDLE), to_text(now - LONGEST))
    failures = store.execute("DELETE FROM login_failure WHERE at < ?", to_text(now - LONGEST))
    return sessions.rowcount + failures.rowcount


def forgive(store: Store, name: str, address: str) -> None:
    """Forgets the failures of a name after it has logged in."""
    store.execute("DELETE FROM login_failure WHERE name = ? AND address = ?", name, address)


def _hash(store: Store, token: str) -> str:
    return store.keyed("session", token)


def _user(row: dict[str, Any]) -> User:
    return User(row["id"], row["name"], UserRole(row["role"]), bool(row["active"]), from_text(row["created_at"]))
