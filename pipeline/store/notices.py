"""Notices: each is one reason to tell somebody something, written in the transaction of the change that gave the reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from pipeline.domain.cases import Notice
from pipeline.domain.mail import Waiting
from pipeline.domain.parties import Contact
from pipeline.domain.terms import Grade, PartyKind, Urgency
from pipeline.moments import from_text, to_text
from pipeline.store import parties
from pipeline.store.audit import canonical
from pipeline.store.db import Store

OBSOLETE = """CASE
    WHEN a.state IN ('cancelled', 'transferred', 'disputed') AND a.ended_at <= n.created_at THEN ''
    WHEN a.state IN ('cancelled', 'transferred', 'disputed') THEN '交办已取消或已转出'
    WHEN c.state IN ('dismissed', 'merged') AND c.closed_at <= n.created_at THEN ''
    WHEN c.state IN ('dismissed', 'merged') THEN '事件已不予处置或已并入'
    WHEN o.met_at IS NOT NULL THEN '时限事项已完成'
    WHEN o.waived_at IS NOT NULL THEN '时限已终止或免除'
    ELSE '' END"""
"""Why nobody needs a notice any more. One written with a change of a case or an assignment, or after it, tells of that
change and is not made obsolete by it; what tells of an obligation always asks for it, and it may be met by what was public before."""

REASONS = """notice n LEFT JOIN case_ c ON c.id = n.case_id LEFT JOIN assignment a ON a.id = n.assignment_id
             LEFT JOIN obligation o ON o.id = n.obligation_id"""


def put(store: Store, notice: Notice) -> bool:
    """Records a notice; False when its event has been told of before (the key never expires)."""
    cursor = store.execute(
        """INSERT INTO notice (bureau, key, party, roles, urgency, subject, text, phone, case_id, assignment_id, obligation_id,
                               created_at, not_before)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (bureau, key) DO NOTHING""",
        store.bureau, notice.key, notice.party, canonical(notice.roles), notice.urgency.value, notice.subject, notice.text,
        int(notice.phone), notice.case_id, notice.assignment_id, notice.obligation_id, to_text(notice.created_at),
        to_text(notice.not_before or notice.created_at),
    )
    return cursor.rowcount == 1


def known(store: Store, key: str) -> bool:
    """Whether an event has been told of."""
    return bool(store.value("SELECT 1 FROM notice WHERE bureau = ? AND key = ?", store.bureau, key))


def waiting(store: Store, now: datetime) -> list[Waiting]:
    """Every notice that is due and not yet a message, oldest first, with whom it reaches."""

    @cache
    def reached(party: str, roles: tuple[str, ...]) -> tuple[Contact | None, Contact | None]:
        return parties.contact_for(store, party, roles), parties.phone_for(store, party, roles)

    sql = f"""SELECT n.*, c.number, c.grade, c.accusation, p.name AS party_name, p.kind, {OBSOLETE} AS obsolete
              FROM {REASONS} LEFT JOIN party p ON p.bureau = n.bureau AND p.code = n.party
              WHERE n.bureau = ? AND n.waiting = 1 AND n.not_before <= ? ORDER BY n.id"""
    found = []
    for row in store.rows(sql, store.bureau, to_text(now)):
        notice = notice_of(row)
        found.append(_waiting(row, notice, *reached(notice.party, notice.roles)))
    return found


def attach(store: Store, notice_ids: Sequence[int], message_id: int) -> None:
    """These notices have become this message."""
    store.executemany("UPDATE notice SET message_id = ?, waiting = 0 WHERE id = ?", [(message_id, n) for n in notice_ids])


def drop(store: Store, notice_ids: Sequence[int], why: str) -> None:
    """These notices become no message, and why."""
    store.executemany("UPDATE notice SET dropped = ?, waiting = 0 WHERE id = ?", [(why, n) for n in notice_ids])


def settle(store: Store, key: str, message_id: int | None, why: str) -> None:
    """What became of a notice whose message was written with it: the message, or why there is none."""
    sql = "UPDATE notice SET message_id = ?, dropped = ?, waiting = 0 WHERE bureau = ? AND key = ?"
    store.execute(sql, message_id, why or None, store.bureau, key)


def release(store: Store, message_id: int) -> None:
    """The notices of a message that cannot go where it was addressed wait again, for whoever is in charge now."""
    store.execute("UPDATE notice SET message_id = NULL, waiting = 1 WHERE message_id = ?", message_id)


def obsolete(store: Store, message_id: int) -> str:
    """Why nobody needs a message any more; empty while one of its notices still stands."""
    reasons = [str(r["why"]) for r in store.rows(f"SELECT {OBSOLETE} AS why FROM {REASONS} WHERE n.message_id = ?", message_id)]
    return reasons[0] if reasons and all(reasons) else ""


def of_message(store: Store, message_id: int) -> list[Waiting]:
    """The notices of a message, with whom a call would reach."""
    sql = f"""SELECT n.*, c.number, c.grade, c.accusation, p.name AS party_name, p.kind, {OBSOLETE} AS obsolete
              FROM {REASONS} LEFT JOIN party p ON p.bureau = n.bureau AND p.code = n.party WHERE n.message_id = ? ORDER BY n.id"""
    pairs = [(row, notice_of(row)) for row in store.rows(sql, message_id)]
    return [_waiting(row, n, None, parties.phone_for(store, n.party, n.roles)) for row, n in pairs]


def last_group(store: Store, recipient: str, party: str) -> datetime | None:
    """When the last group of routine notices to this address was closed."""
    sql = "SELECT max(date) FROM message WHERE bureau = ? AND party = ? AND urgency = 'routine' AND recipient = ?"
    found = store.value(sql, store.bureau, party, recipient)
    return from_text(found) if found else None


def routine_since(store: Store, party: str, since: datetime) -> int:
    """How many routine mails a party has been written since a moment."""
    sql = "SELECT count(*) FROM message WHERE bureau = ? AND party = ? AND urgency = 'routine' AND date >= ? AND state != 'superseded'"
    return int(store.value(sql, store.bureau, party, to_text(since)))


def notice_of(row: dict[str, Any]) -> Notice:
    """The notice that a whole row holds."""
    return Notice(
        key=row["key"], party=row["party"], roles=tuple(json.loads(row["roles"])), urgency=Urgency(row["urgency"]), subject=row["subject"],
        text=row["text"], created_at=from_text(row["created_at"]), case_id=row["case_id"], assignment_id=row["assignment_id"],
        obligation_id=row["obligation_id"], not_before=from_text(row["not_before"]), phone=bool(row["phone"]),
    )


def _waiting(row: dict[str, Any], notice: Notice, mail: Contact | None, call: Contact | None) -> Waiting:
    reached = call or mail
    return Waiting(
        id=row["id"], notice=notice, party_name=row["party_name"] or notice.party, kind=PartyKind(row["kind"]) if row["kind"] else None,
        contact=mail, name=reached.name if reached else "", phone=call.phone if call else "", number=row["number"] or "",
        grade=Grade(row["grade"]) if row["grade"] else None, accusation=bool(row["accusation"]), obsolete=row["obsolete"],
    )
