"""The outbox: messages with their states and leases. Whoever holds a message's lease, and nobody else, says what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipeline.domain.mail import Breaker, Claim, Letter, Trouble
from pipeline.domain.terms import MessageState, Urgency
from pipeline.moments import from_text, to_text
from pipeline.store import notices
from pipeline.store.db import Store

LIVE_CONTACT = """FROM contact c JOIN party p ON p.id = c.party_id WHERE p.bureau = ? AND p.code = ? AND p.active = 1 AND c.until IS NULL
                  AND c.email = ? AND c.state IN ('unconfirmed', 'confirmed')"""
"""A contact in force at a letter's address."""


def put(store: Store, letter: Letter) -> int:
    """Puts a letter into the outbox and returns its id."""
    return store.insert(
        "message", bureau=store.bureau, message_id=letter.message_id, date=to_text(letter.date), party=letter.party,
        contact_id=letter.contact_id, recipient=letter.recipient, recipient_name=letter.recipient_name, subject=letter.subject,
        text=letter.text, html=letter.html, thread=letter.thread, urgency=letter.urgency.value, next_at=to_text(letter.date),
        expires_at=to_text(letter.expires_at),
    )


def claim(store: Store, owner: str, now: datetime, lease: timedelta, *, urgent_only: bool = False) -> Claim | None:
    """Takes the next message that is due, urgent ones first, for as long as the lease lasts. `urgent_only` is for the quiet hours."""
    condition = "AND urgency = 'urgent'" if urgent_only else ""
    with store.transaction():
        rows = store.execute(
            f"""UPDATE message SET state = 'sending', phase = 'new', attempts = attempts + 1, lease_owner = ?, lease_until = ?
                WHERE id = (SELECT id FROM message WHERE bureau = ? AND state IN ('queued', 'deferred') AND next_at <= ? {condition}
                            ORDER BY CASE urgency WHEN 'urgent' THEN 0 WHEN 'prompt' THEN 1 ELSE 2 END, next_at, id LIMIT 1)
                RETURNING id""",
            owner, to_text(now + lease), store.bureau, to_text(now),
        ).fetchall()
    return _claim(store.rows("SELECT * FROM message WHERE id = ?", rows[0][0])[0]) if rows else None


def to_data(store: Store, claimed: Claim, now: datetime) -> bool:
    """Commits that the message is about to be handed over; False when the lease is no longer ours, and then it must not be."""
    with store.transaction():
        cursor = store.execute(
            "UPDATE message SET phase = 'data' WHERE id = ? AND state = 'sending' AND lease_owner = ? AND lease_until > ?",
            claimed.id, claimed.owner, to_text(now),
        )
        return cursor.rowcount == 1


def finish(store: Store, claimed: Claim, state: MessageState, now: datetime, error: str = "") -> bool:
    """Writes how a message ended, within the caller's transaction; False, and nothing written, when the lease is no longer ours."""
    sent = state is MessageState.SENT
    cursor = store.execute(
        """UPDATE message SET state = ?, phase = CASE WHEN ? THEN 'accepted' ELSE phase END, last_error = ?, ended_at = ?,
                  sent_at = CASE WHEN ? THEN ? END, lease_owner = NULL, lease_until = NULL
           WHERE id = ? AND state = 'sending' AND lease_owner = ?""",
        state.value, sent, error[:500] or None, to_text(now), sent, to_text(now), claimed.id, claimed.owner,
    )
    return cursor.rowcount == 1


def defer(store: Store, claimed: Claim, error: str, next_at: datetime, *, repeat: bool = False) -> bool:
    """Puts a message off; `repeat` notes that it is one of unknown fate, sent once more under its own Message-ID."""
    cursor = store.execute(
        """UPDATE message SET state = 'deferred', phase = 'new', repeated = CASE WHEN ? THEN 1 ELSE repeated END, last_error = ?,
                  next_at = ?, lease_owner = NULL, lease_until = NULL WHERE id = ? AND state = 'sending' AND lease_owner = ?""",
        int(repeat), error[:500], to_text(next_at), claimed.id, claimed.owner,
    )
    return cursor.rowcount == 1


def give_back(store: Store, claimed: Claim, error: str) -> bool:
    """Puts a message back as if it had never been tried: the fault was the server's as a whole."""
    cursor = store.execute(
        """UPDATE message SET state = CASE WHEN attempts > 1 THEN 'deferred' ELSE 'queued' END, phase = 'new', attempts = attempts - 1,
                  last_error = ?, lease_owner = NULL, lease_until = NULL WHERE id = ? AND state = 'sending' AND lease_owner = ?""",
        error[:500], claimed.id, claimed.owner,
    )
    return cursor.rowcount == 1


def adopt_lost(store: Store, owner: str, now: datetime, lease: timedelta) -> tuple[Claim, bool] | None:
    """Takes over a message whose sender died, with whether it had begun to hand the message over; None when there is none."""
    with store.transaction():
        rows = store.execute(
            """UPDATE message SET lease_owner = ?, lease_until = ? WHERE id = (
                   SELECT id FROM message WHERE bureau = ? AND state = 'sending' AND lease_until <= ? ORDER BY id LIMIT 1) RETURNING id""",
            owner, to_text(now + lease), store.bureau, to_text(now),
        ).fetchall()
    if not rows:
        return None
    row = store.rows("SELECT * FROM message WHERE id = ?", rows[0][0])[0]
    return _claim(row), row["phase"] == "data"


def contact_of(store: Store, letter: Letter) -> int | None:
    """The contact in force whom a letter was addressed to; None when the address has been given up or returned a mail meanwhile."""
    found = store.value(f"SELECT c.id {LIVE_CONTACT}", store.bureau, letter.party, letter.recipient)
    return int(found) if found else None


def returned(store: Store, message_id: int, error: str, now: datetime) -> bool:
    """A mail that had left came back (退信): it has failed after all; False when that is known already."""
    cursor = store.execute(
        "UPDATE message SET state = 'failed', last_error = ?, ended_at = ? WHERE bureau = ? AND id = ? AND state IN ('sent', 'uncertain')",
        error[:500], to_text(now), store.bureau, message_id,
    )
    return cursor.rowcount == 1


def due(store: Store, now: datetime, *, urgent_only: bool = False) -> list[int]:
    """The messages that would leave now if the server could be reached."""
    condition = "AND urgency = 'urgent'" if urgent_only else ""
    sql = f"SELECT id FROM message WHERE bureau = ? AND state IN ('queued', 'deferred') AND next_at <= ? {condition} ORDER BY id"
    return [r["id"] for r in store.rows(sql, store.bureau, to_text(now))]


def recall(store: Store, case_id: int, parties: Collection[str], why: str, now: datetime) -> int:
    """Takes back the mails about a case that have not left yet to these parties; their notices are looked at anew. Returns how many."""
    marks = ", ".join("?" * len(parties))
    rows = store.execute(
        f"""UPDATE message SET state = 'superseded', last_error = ?, ended_at = ? WHERE bureau = ? AND state IN ('queued', 'deferred')
            AND party IN ({marks}) AND EXISTS (SELECT 1 FROM notice n WHERE n.message_id = message.id AND n.case_id = ?) RETURNING id""",
        why, to_text(now), store.bureau, *sorted(parties), case_id,
    ).fetchall()
    for (message_id,) in rows:
        notices.release(store, message_id)
    return len(rows)


def expired(store: Store, now: datetime) -> list[int]:
    """The messages whose time ran out before they could leave."""
    sql = "SELECT id FROM message WHERE bureau = ? AND state IN ('queued', 'deferred') AND next_at <= ? AND expires_at <= ? ORDER BY id"
    return [r["id"] for r in store.rows(sql, store.bureau, to_text(now), to_text(now))]


def bury(store: Store, message_id: int, now: datetime) -> bool:
    """Gives a message up whose time has run out (已放弃)."""
    cursor = store.execute(
        """UPDATE message SET state = 'dead', ended_at = ?, last_error = coalesce(last_error, '超过有效期仍未发出')
           WHERE id = ? AND state IN ('queued', 'deferred')""",
        to_text(now), message_id,
    )
    return cursor.rowcount == 1


def settle(store: Store, message_id: int, *, arrived: bool, now: datetime) -> bool:
    """A person has found out what became of an uncertain mail: it arrived, or it is queued again; False when it is not uncertain."""
    cursor = store.execute(
        """UPDATE message SET state = CASE WHEN ? THEN 'sent' ELSE 'queued' END, sent_at = CASE WHEN ? THEN ? END, phase = 'new',
                  next_at = ? WHERE bureau = ? AND id = ? AND state = 'uncertain'""",
        arrived, arrived, to_text(now), to_text(now), store.bureau, message_id,
    )
    return cursor.rowcount == 1


def troubles(store: Store, since: datetime, limit: int = 50) -> list[Trouble]:
    """Mails of unknown fate, which a person must settle, and those that failed or were given up since a moment."""
    sql = """SELECT id, state, recipient_name, subject, last_error, date FROM message WHERE bureau = ?
             AND state IN ('failed', 'uncertain', 'dead') AND (state = 'uncertain' OR ended_at >= ?) ORDER BY id LIMIT ?"""
    return [
        Trouble(r["id"], MessageState(r["state"]), r["recipient_name"], r["subject"], r["last_error"] or "", from_text(r["date"]))
        for r in store.rows(sql, store.bureau, to_text(since), limit)
    ]


def stuck(store: Store, now: datetime, than: timedelta = timedelta(hours=1)) -> int:
    """How many mails have been due for longer than that and are still here."""
    sql = "SELECT count(*) FROM message WHERE bureau = ? AND state IN ('queued', 'deferred', 'sending') AND date <= ?"
    return int(store.value(sql, store.bureau, to_text(now - than)))


def breaker(store: Store) -> Breaker | None:
    """Whether mail is interrupted (邮件中断), since when and why; None while the server can be reached."""
    row = store.row("SELECT since, reason, tries, next_at FROM breaker WHERE bureau = ?", store.bureau)
    return Breaker(from_text(row["since"]), row["reason"], row["tries"], from_text(row["next_at"])) if row else None


def trip(store: Store, reason: str, now: datetime, pauses: Sequence[timedelta]) -> Breaker:
    """Opens the breaker, or keeps it open for the next, longer pause."""
    standing = breaker(store)
    tries = standing.tries + 1 if standing else 1
    since = standing.since if standing else now
    next_at = now + pauses[min(tries, len(pauses)) - 1]
    store.execute(
        """INSERT INTO breaker (bureau, since, reason, tries, next_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (bureau) DO UPDATE SET
           reason = excluded.reason, tries = excluded.tries, next_at = excluded.next_at""",
        store.bureau, to_text(since), reason[:500], tries, to_text(next_at),
    )
    return Breaker(since, reason, tries, next_at)


def mend(store: Store) -> bool:
    """Closes the breaker; returns whether it was open."""
    return store.execute("DELETE FROM breaker WHERE bureau = ?", store.bureau).rowcount == 1


def _claim(row: dict[str, Any]) -> Claim:
    letter = Letter(
        row["message_id"], from_text(row["date"]), row["party"], row["contact_id"], row["recipient"], row["recipient_name"], row["subject"],
        row["text"], row["html"], row["thread"], Urgency(row["urgency"]), from_text(row["expires_at"]),
    )
    return Claim(row["id"], letter, row["attempts"], bool(row["repeated"]), row["lease_owner"])
