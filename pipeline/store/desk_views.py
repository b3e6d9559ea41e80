"""What the console lists beside cases: mail, telephone tasks, sources, digests, and the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.domain.terms import MessageState, Urgency
from pipeline.moments import from_text, maybe_from
from pipeline.store.db import Store

TROUBLED = (MessageState.FAILED, MessageState.UNCERTAIN, MessageState.DEAD, MessageState.DEFERRED)
"""States of mail that somebody should look at."""
CALLS = """SELECT t.*, c.number AS case_number, p.name AS party_name FROM phone_task t LEFT JOIN case_ c ON c.id = t.case_id
           LEFT JOIN party p ON p.bureau = t.bureau AND p.code = t.party"""


@dataclass(frozen=True, slots=True)
class MailLine:
    """A mail of the outbox as one row."""

    id: int
    recipient: str
    recipient_name: str
    party: str
    subject: str
    urgency: Urgency
    state: MessageState
    date: datetime
    next_at: datetime
    sent_at: datetime | None
    attempts: int
    last_error: str


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """Somebody to telephone (电话督办), and what came of it."""

    id: int
    case_id: int | None
    case_number: str
    party: str
    name: str
    phone: str
    text: str
    why: str
    created_at: datetime
    done_at: datetime | None
    done_by: str
    outcome: str


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A digest (舆情日报) as one row, its date as `2026-11-18`."""

    date: str
    number: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class DigestPage:
    """A digest as it was sent."""

    date: str
    number: int
    made_at: datetime
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An entry of the record (留痕)."""

    n: int
    at: datetime
    who: str
    action: str
    subject: str
    case_id: int | None
    case_number: str
    detail: str


def mails(store: Store, states: Sequence[MessageState], limit: int, offset: int = 0) -> tuple[MailLine, ...]:
    """The outbox, the newest first; of these states, or whole where none is named."""
    condition = f"AND state IN ({', '.join('?' * len(states))})" if states else ""
    sql = f"SELECT * FROM message WHERE bureau = ? {condition} ORDER BY id DESC LIMIT ? OFFSET ?"
    return tuple(
        MailLine(
            r["id"], r["recipient"], r["recipient_name"], r["party"], r["subject"], Urgency(r["urgency"]), MessageState(r["state"]),
            from_text(r["date"]), from_text(r["next_at"]), maybe_from(r["sent_at"]), r["attempts"], r["last_error"] or "",
        )
        for r in store.rows(sql, store.bureau, *(s.value for s in states), limit, offset)
    )


def count_troubled(store: Store) -> int:
    """How many mails somebody should look at."""
    marks = ", ".join("?" * len(TROUBLED))
    sql = f"SELECT count(*) FROM message WHERE bureau = ? AND state IN ({marks})"
    return int(store.value(sql, store.bureau, *(s.value for s in TROUBLED)))


def mail_counts(store: Store) -> tuple[tuple[MessageState, int], ...]:
    """How many mails stand in each state."""
    sql = "SELECT state, count(*) AS n FROM message WHERE bureau = ? GROUP BY state"
    counted = {r["state"]: r["n"] for r in store.rows(sql, store.bureau)}
    return tuple((s, counted.get(s.value, 0)) for s in MessageState)


def phone_tasks(store: Store, limit: int, *, done: bool = False) -> tuple[PhoneLine, ...]:
    """Telephone tasks: those that are open, the oldest first, or those that are done, the newest first."""
    condition = "t.done_at IS NOT NULL ORDER BY t.id DESC" if done else "t.done_at IS NULL ORDER BY t.created_at, t.id"
    return tuple(map(_call, store.rows(f"{CALLS} WHERE t.bureau = ? AND {condition} LIMIT ?", store.bureau, limit)))


def phone_task(store: Store, task_id: int) -> PhoneLine | None:
    """One telephone task."""
    row = store.row(f"{CALLS} WHERE t.bureau = ? AND t.id = ?", store.bureau, task_id)
    return _call(row) if row else None


def digests(store: Store, limit: int) -> tuple[DigestLine, ...]:
    """The newest digests."""
    sql = "SELECT date, number, made_at FROM digest WHERE bureau = ? ORDER BY date DESC LIMIT ?"
    rows = store.rows(sql, store.bureau, limit)
    return tuple(DigestLine(r["date"], r["number"], from_text(r["made_at"])) for r in rows)


def digest(store: Store, date: str) -> DigestPage | None:
    """The digest of a day."""
    r = store.row("SELECT date, number, made_at, html, text FROM digest WHERE bureau = ? AND date = ?", store.bureau, date)
    return DigestPage(r["date"], r["number"], from_text(r["made_at"]), r["html"], r["text"]) if r else None


def record(store: Store, limit: int, before: int | None = None) -> tuple[AuditLine, ...]:
    """The record's entries, the newest first, from before the entry with this number on."""
    condition, values = ("AND e.n < ?", [before]) if before else ("", [])
    rows = store.rows(
        f"""SELECT e.n, e.at, e.who, e.action, e.subject, e.case_id, e.detail, c.number
            FROM audit_entry e LEFT JOIN case_ c ON c.id = e.case_id WHERE e.bureau = ? {condition} ORDER BY e.n DESC LIMIT ?""",
        store.bureau, *values, limit,
    )
    return tuple(map(_entry, rows))


def _entry(r: dict[str, Any]) -> AuditLine:
    return AuditLine(r["n"], from_text(r["at"]), r["who"], r["action"], r["subject"], r["case_id"], r["number"] or "", r["detail"])


def _call(r: dict[str, Any]) -> PhoneLine:
    return PhoneLine(
        r["id"], r["case_id"], r["case_number"] or "", r["party_name"] or r["party"], r["name"], r["phone"], r["text"], r["why"],
        from_text(r["created_at"]), maybe_from(r["done_at"]), r["done_by"] or "", r["outcome"] or "",
    )
