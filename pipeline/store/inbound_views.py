"""Mail that came in, as staff see it: the holding pen, a case's mail, the newest of all; and how the inbox was last found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pipeline.domain.inbound import InboundKind, Inbox, Received
from pipeline.moments import from_text, maybe_from, to_text
from pipeline.store.db import Store

MAILS = """SELECT i.*, c.number, coalesce(c.accusation, 0) AS accusation, coalesce(p.name, i.party, '') AS party_name
           FROM inbound i LEFT JOIN case_ c ON c.id = i.case_id LEFT JOIN party p ON p.bureau = i.bureau AND p.code = i.party"""


def pen(store: Store, limit: int) -> tuple[Received, ...]:
    """The mails that wait for staff (待认领), oldest first."""
    return _all(store.rows(f"{MAILS} WHERE i.bureau = ? AND i.waiting = 'staff' ORDER BY i.id LIMIT ?", store.bureau, limit))


def count_pen(store: Store) -> int:
    """How many mails wait for staff."""
    return int(store.value("SELECT count(*) FROM inbound WHERE bureau = ? AND waiting = 'staff'", store.bureau))


def newest(store: Store, limit: int) -> tuple[Received, ...]:
    """The mails that came in last and wait for nobody."""
    sql = f"{MAILS} WHERE i.bureau = ? AND i.waiting IS NULL AND i.kind IS NOT NULL ORDER BY i.id DESC LIMIT ?"
    return _all(store.rows(sql, store.bureau, limit))


def of_case(store: Store, case_id: int) -> tuple[Received, ...]:
    """The mails of a case, and of those that were merged into it, oldest first."""
    sql = f"{MAILS} WHERE i.case_id = ? OR c.merged_into = ? ORDER BY i.id"
    return _all(store.rows(sql, case_id, case_id))


def get(store: Store, inbound_id: int) -> Received | None:
    """One mail that came in."""
    row = store.row(f"{MAILS} WHERE i.bureau = ? AND i.id = ? AND i.kind IS NOT NULL", store.bureau, inbound_id)
    return _received(row) if row else None


def inbox(store: Store) -> Inbox | None:
    """How the inbox was last found; None when it was never looked at."""
    row = store.row("SELECT * FROM inbox WHERE bureau = ?", store.bureau)
    if row is None:
        return None
    return Inbox(from_text(row["looked_at"]), from_text(row["next_at"]), maybe_from(row["since"]), row["reason"] or "", row["tries"])


def looked(store: Store, now: datetime, next_at: datetime) -> None:
    """The inbox was looked through; next at `next_at`."""
    _look(store, now, next_at, None, None, 0)


def failed(store: Store, reason: str, now: datetime, pauses: Sequence[timedelta]) -> Inbox:
    """The inbox could not be reached: the next look comes after a pause that grows with the failures."""
    last = inbox(store)
    tries = last.tries + 1 if last else 1
    since = last.since if last and last.since else now
    next_at = now + pauses[min(tries, len(pauses)) - 1]
    _look(store, now, next_at, since, reason, tries)
    return Inbox(now, next_at, since, reason, tries)


def _look(store: Store, now: datetime, next_at: datetime, since: datetime | None, reason: str | None, tries: int) -> None:
    store.execute(
        """INSERT INTO inbox (bureau, looked_at, next_at, since, reason, tries) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (bureau) DO UPDATE SET looked_at = excluded.looked_at, next_at = excluded.next_at, since = excluded.since,
           reason = excluded.reason, tries = excluded.tries""",
        store.bureau, to_text(now), to_text(next_at), to_text(since) if since else None, reason[:500] if reason else None, tries,
    )


def _all(rows: Sequence[dict[str, Any]]) -> tuple[Received, ...]:
    return tuple(map(_received, rows))


def _received(row: dict[str, Any]) -> Received:
    return Received(
        id=row["id"], kind=InboundKind(row["kind"]), received_at=from_text(row["received_at"]), sender=row["sender"],
        sender_name=row["sender_name"], subject=row["subject"], text=row["text"], attachments=tuple(json.loads(row["attachments"])),
        remark=row["remark"], party=row["party_name"], known=bool(row["known"]), cut=bool(row["cut"]), size=row["size"],
        evidence_id=row["evidence_id"], case_id=row["case_id"], case_number=row["number"] or "", accusation=bool(row["accusation"]),
        version=row["version"], waiting=row["waiting"] == "staff", settlement=row["settlement"] or "",
    )
