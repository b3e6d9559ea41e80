"""Host leases: whoever fetches from a host holds its lease, so that two crawls never double the load that one delay allows."""

from __future__ import annotations

from datetime import datetime

from pipeline.moments import to_text
from pipeline.store.db import Store


def take(store: Store, host: str, holder: str, now: datetime, until: datetime) -> bool:
    """Takes the lease of a host; False while somebody else holds one that has not run out."""
    with store.transaction():
        cursor = store.execute(
            """INSERT INTO host_lease (host, holder, until) VALUES (?, ?, ?)
               ON CONFLICT (host) DO UPDATE SET holder = excluded.holder, until = excluded.until
               WHERE host_lease.until <= ? OR host_lease.holder = excluded.holder""",
            host, holder, to_text(until), to_text(now),
        )
        return cursor.rowcount == 1


def held(store: Store, host: str, now: datetime) -> bool:
    """Whether anybody holds the lease of a host."""
    return bool(store.value("SELECT 1 FROM host_lease WHERE host = ? AND until > ?", host, to_text(now)))


def renew(store: Store, host: str, holder: str, until: datetime) -> bool:
    """Holds a lease for longer; False when it was lost meanwhile."""
    with store.transaction():
        cursor = store.execute("UPDATE host_lease SET until = ? WHERE host = ? AND holder = ?", to_text(until), host, holder)
        return cursor.rowcount == 1


def release(store: Store, host: str, holder: str) -> None:
    """Gives a lease back; one that is somebody else's by now stays theirs."""
    with store.transaction():
        store.execute("DELETE FROM host_lease WHERE host = ? AND holder = ?", host, holder)


def release_all(store: Store, process: str) -> None:
    """Gives back every lease of a process that ended without doing so; its holders are called `process/…`."""
    with store.transaction():
        store.execute("DELETE FROM host_lease WHERE holder = ? OR substr(holder, 1, ?) = ?", process, len(process) + 1, f"{process}/")
