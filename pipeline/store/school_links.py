"""Links to the school's page: rows that say what a link opens, until when, and whether it was revoked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pipeline.domain.links import Link, LinkScope
from pipeline.moments import from_text, maybe_from, to_text
from pipeline.store.db import Store

LINKS = "SELECT l.*, c.name AS contact_name FROM school_link l JOIN contact c ON c.id = l.contact_id"


def issue(
    store: Store, key: str, assignment_id: int, contact_id: int, scope: LinkScope, expires_at: datetime, most_uses: int, now: datetime
) -> int:
    """Records a new link by the hash of its random id."""
    return store.insert(
        "school_link", bureau=store.bureau, hash=key, assignment_id=assignment_id, contact_id=contact_id, scope=scope.value,
        issued_at=to_text(now), expires_at=to_text(expires_at), most_uses=most_uses,
    )


def find(store: Store, key: str) -> Link | None:
    """The link with this hash, good or not."""
    row = store.row(f"{LINKS} WHERE l.bureau = ? AND l.hash = ?", store.bureau, key)
    return _link(row) if row else None


def of_assignment(store: Store, assignment_id: int) -> tuple[Link, ...]:
    """Every link of a hand-over, oldest first."""
    return tuple(map(_link, store.rows(f"{LINKS} WHERE l.bureau = ? AND l.assignment_id = ? ORDER BY l.id", store.bureau, assignment_id)))


def use(store: Store, link_id: int) -> bool:
    """Counts one use; False when it has been used as often as it may be."""
    return store.execute("UPDATE school_link SET uses = uses + 1 WHERE id = ? AND uses < most_uses", link_id).rowcount == 1


def count_open(store: Store, now: datetime) -> int:
    """How many links open something."""
    sql = "SELECT count(*) FROM school_link WHERE bureau = ? AND revoked_at IS NULL AND expires_at > ?"
    return int(store.value(sql, store.bureau, to_text(now)))


def revoke_assignment(store: Store, assignment_id: int, why: str, now: datetime) -> int:
    """Revokes the links of a hand-over (转办、撤回) and returns how many."""
    return _revoke(store, "assignment_id = ?", why, now, assignment_id)


def revoke_contact(store: Store, contact_id: int, why: str, now: datetime) -> int:
    """Revokes the links that were mailed to a contact (退信、更换联系人)."""
    return _revoke(store, "contact_id = ?", why, now, contact_id)


def revoke_accused(store: Store, case_id: int, parties: Collection[str], why: str, now: datetime) -> int:
    """Revokes whatever these parties can open of a case."""
    marks = ", ".join("?" * len(parties))
    held = f"assignment_id IN (SELECT id FROM assignment WHERE case_id = ? AND party IN ({marks}))"
    return _revoke(store, held, why, now, case_id, *sorted(parties))


def hand_on(store: Store, contact_id: int, successor_id: int) -> None:
    """The same person at the same address has a new row: the links are theirs."""
    store.execute("UPDATE school_link SET contact_id = ? WHERE contact_id = ? AND revoked_at IS NULL", successor_id, contact_id)


def _revoke(store: Store, whose: str, why: str, now: datetime, *args: Any) -> int:
    sql = f"UPDATE school_link SET revoked_at = ?, revoked_why = ? WHERE {whose} AND revoked_at IS NULL"
    return store.execute(sql, to_text(now), why, *args).rowcount


def _link(row: dict[str, Any]) -> Link:
    return Link(
        row["id"], row["assignment_id"], row["contact_id"], row["contact_name"], LinkScope(row["scope"]), from_text(row["issued_at"]),
        from_text(row["expires_at"]), maybe_from(row["revoked_at"]), row["revoked_why"] or "", row["uses"], row["most_uses"],
    )
