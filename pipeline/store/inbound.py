"""Mail that came in: kept before anybody reads it, then read, matched, and where nothing matches left to staff (待认领)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256

from pipeline.domain.inbound import Folder, InboundKind, Incoming, Kept, Listed, Named, Ours, Place
from pipeline.domain.posts import Evidence
from pipeline.moments import maybe_text, to_text
from pipeline.store import evidence
from pipeline.store.audit import canonical
from pipeline.store.db import Store

MOST_TRIES = 3
"""A message that could not be fetched so often is left where it stands, and staff are told."""


def note(store: Store, folder: Folder, listed: Sequence[Listed], now: datetime) -> list[tuple[int, Listed]]:
    """Notes the messages that stand in a folder and returns, with their rows, those that are still to be fetched: what has never been
    tried comes first, so that one that cannot be fetched holds up no other."""
    store.executemany(
        """INSERT INTO inbound (bureau, place, uidvalidity, uid, size, received_at, waiting) VALUES (?, ?, ?, ?, ?, ?, 'fetch')
           ON CONFLICT (bureau, place, uidvalidity, uid) DO NOTHING""",
        [(store.bureau, folder.place, folder.uidvalidity, m.uid, m.size, to_text(now)) for m in listed],
    )
    sql = """SELECT id, tries FROM inbound WHERE bureau = ? AND place = ? AND uidvalidity = ? AND uid = ? AND waiting = 'fetch'"""
    found = [(store.row(sql, store.bureau, folder.place, folder.uidvalidity, m.uid), m) for m in listed]
    return [(row["id"], m) for row, m in sorted(((r, m) for r, m in found if r), key=lambda pair: pair[0]["tries"])]


def trying(store: Store, inbound_id: int, now: datetime) -> bool:
    """Counts a try at fetching a message before it is made, for it may be the end of the connection or of us; False when it has been
    tried often enough, and is now left to staff."""
    tries = store.value("UPDATE inbound SET tries = tries + 1 WHERE id = ? RETURNING tries", inbound_id)
    if tries <= MOST_TRIES:
        return True
    unread(store, inbound_id, f"从邮箱中取了 {MOST_TRIES} 次都没有取下来，请直接在邮箱中查看", now)
    return False


def keep(store: Store, inbound_id: int, raw: bytes, *, cut: bool, address: str, now: datetime) -> None:
    """Keeps the bytes of a message as evidence; from then on it waits to be read. The same bytes once more (a folder that was
    numbered anew, a copy that could not be removed) are not read again. `cut`: these are only its beginning."""
    digest = sha256(raw).hexdigest()
    twice = store.value("SELECT 1 FROM inbound WHERE bureau = ? AND sha256 = ? AND id != ? LIMIT 1", store.bureau, digest, inbound_id)
    kept = evidence.keep(store, Evidence(address, raw, now, content_type="message/rfc822"))
    store.execute(
        "UPDATE inbound SET evidence_id = ?, sha256 = ?, cut = ?, waiting = ?, settlement = ? WHERE id = ?",
        kept, digest, int(cut), None if twice else "read", "与已收取的一封完全相同" if twice else None, inbound_id,
    )


def movable(store: Store, folder: Folder, uids: Collection[int]) -> list[int]:
    """Of these UIDs those whose bytes are kept and read, and that may leave the inbox."""
    sql = """SELECT uid FROM inbound WHERE bureau = ? AND place = ? AND uidvalidity = ? AND evidence_id IS NOT NULL AND moved_at IS NULL
             AND (waiting IS NULL OR waiting != 'read')"""
    known = {r["uid"] for r in store.rows(sql, store.bureau, folder.place, folder.uidvalidity)}
    return sorted(known & set(uids))


def moved(store: Store, folder: Folder, uids: Sequence[int], now: datetime) -> None:
    """These messages have left the inbox."""
    store.executemany(
        "UPDATE inbound SET moved_at = ? WHERE bureau = ? AND place = ? AND uidvalidity = ? AND uid = ?",
        [(to_text(now), store.bureau, folder.place, folder.uidvalidity, uid) for uid in uids],
    )


def waiting(store: Store, limit: int) -> list[Kept]:
    """The next messages that nobody has read, oldest first."""
    sql = "SELECT id, evidence_id, cut, size FROM inbound WHERE bureau = ? AND waiting = 'read' ORDER BY id LIMIT ?"
    return [Kept(r["id"], evidence.read(store, r["evidence_id"]), bool(r["cut"]), r["size"]) for r in store.rows(sql, store.bureau, limit)]


def count_waiting(store: Store) -> int:
    """How many messages nobody has read."""
    return int(store.value("SELECT count(*) FROM inbound WHERE bureau = ? AND waiting = 'read'", store.bureau))


def write(store: Store, inbound_id: int, kind: InboundKind, mail: Incoming, place: Place) -> bool:
    """What a message says and where it belongs; False when somebody has read it already."""
    return store.execute(
        """UPDATE inbound SET kind = ?, sender = ?, sender_name = ?, subject = ?, sent_at = ?, text = ?, attachments = ?, remark = ?,
                  message_id = ?, case_id = ?, assignment_id = ?, party = ?, known = ?, waiting = ?, version = version + 1
           WHERE id = ? AND waiting = 'read'""",
        kind.value, mail.sender, mail.sender_name, mail.subject, maybe_text(mail.sent_at), mail.text, canonical(mail.attachments),
        place.remark, place.message_id, place.case_id, place.assignment_id, place.party or None, int(place.known),
        "staff" if place.pen else None, inbound_id,
    ).rowcount == 1


def unread(store: Store, inbound_id: int, why: str, now: datetime) -> None:
    """A message that cannot be fetched or understood is left to staff, with its bytes where we have them."""
    sql = "UPDATE inbound SET kind = 'unreadable', remark = ?, waiting = 'staff', received_at = ?, version = version + 1 WHERE id = ?"
    store.execute(sql, why, to_text(now), inbound_id)


def attach(store: Store, inbound_id: int, version: int, case_id: int, assignment_id: int | None, remark: str) -> bool:
    """Staff give a message to a case; False when somebody was quicker."""
    return _changed(
        store, inbound_id, version, "waiting = NULL, kind = 'reply', case_id = ?, assignment_id = ?, remark = ?",
        case_id, assignment_id, remark,
    )


def release(store: Store, inbound_id: int, version: int, remark: str) -> bool:
    """Staff take a message out of a case, back to the holding pen; False when somebody was quicker."""
    return _changed(
        store, inbound_id, version, "waiting = 'staff', kind = 'unmatched', case_id = NULL, assignment_id = NULL, remark = ?", remark
    )


def settle(store: Store, inbound_id: int, version: int, who: str, settlement: str, now: datetime) -> bool:
    """Staff say that a message of the holding pen asks for nothing; False when somebody was quicker."""
    return _changed(
        store, inbound_id, version, "waiting = NULL, settled_at = ?, settled_by = ?, settlement = ?", to_text(now), who, settlement
    )


def ours(store: Store, ids: Sequence[str]) -> list[Ours]:
    """Our own mails that these Message-IDs or thread roots name, in the order of the ids; for a root the newest mail that hangs on it."""
    found: dict[int, Ours] = {}
    for name in ids:
        sql = """SELECT id, message_id, party, recipient, recipient_name AS name FROM message WHERE bureau = ? AND message_id = ? UNION ALL
                 SELECT id, message_id, party, recipient, recipient_name AS name FROM (
                    SELECT * FROM message WHERE bureau = ? AND thread = ? ORDER BY id DESC LIMIT 1)"""
        for row in store.rows(sql, store.bureau, name, store.bureau, name):
            found.setdefault(row["id"], _with_subjects(store, Ours(**row)))
    return list(found.values())


def named(store: Store, numbers: Sequence[str]) -> list[Named]:
    """The cases with these numbers, in their order."""
    held = "SELECT DISTINCT party FROM assignment WHERE case_id = ?"
    rows = [store.row("SELECT id, number FROM case_ WHERE bureau = ? AND number = ?", store.bureau, n) for n in numbers]
    return [Named(r["id"], r["number"], frozenset(h["party"] for h in store.rows(held, r["id"]))) for r in rows if r]


def parties_at(store: Store, address: str) -> frozenset[str]:
    """The parties that have a contact in force at a mail address."""
    sql = """SELECT DISTINCT p.code FROM contact c JOIN party p ON p.id = c.party_id
             WHERE p.bureau = ? AND p.active = 1 AND c.until IS NULL AND c.email != '' AND lower(c.email) = ?"""
    return frozenset(r["code"] for r in store.rows(sql, store.bureau, address.lower())) if address else frozenset()


def held_by(store: Store, case_id: int, parties: Collection[str]) -> int | None:
    """The newest assignment of a case that one of these parties holds or held."""
    marks = ", ".join("?" * len(parties))
    sql = f"SELECT max(id) FROM assignment WHERE case_id = ? AND party IN ({marks})"
    return store.value(sql, case_id, *sorted(parties)) if parties else None


def _changed(store: Store, inbound_id: int, version: int, columns: str, *values: object) -> bool:
    sql = f"UPDATE inbound SET {columns}, version = version + 1 WHERE bureau = ? AND id = ? AND version = ?"
    return store.execute(sql, *values, store.bureau, inbound_id, version).rowcount == 1


def _with_subjects(store: Store, mail: Ours) -> Ours:
    rows = store.rows("SELECT DISTINCT case_id, assignment_id FROM notice WHERE message_id = ? ORDER BY id", mail.id)
    cases = tuple(dict.fromkeys(r["case_id"] for r in rows if r["case_id"]))
    return Ours(
        mail.id, mail.message_id, mail.party, mail.recipient, mail.name, cases,
        tuple(dict.fromkeys(r["assignment_id"] for r in rows if r["assignment_id"])),
    )
