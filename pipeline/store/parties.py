"""Parties and contacts: taken over from the registry with their history, and asked for whoever must be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.domain.parties import OUTSIDE, Contact, ContactEntry, PartyChange, PartyEntry
from pipeline.domain.terms import ContactRole, ContactState
from pipeline.moments import from_text, to_text
from pipeline.store import school_links
from pipeline.store.db import Store

REACHED = (ContactState.UNCONFIRMED, ContactState.CONFIRMED)
"""States of a contact whose mail arrives as far as is known."""
COLUMNS = """c.id, p.code AS party, p.name AS party_name, c.role, c.name, c.email, c.phone, c.state, c.since
             FROM contact c JOIN party p ON p.id = c.party_id"""


def sync(store: Store, entries: Sequence[PartyEntry], now: datetime) -> tuple[PartyChange, ...]:
    """Makes the party and contact rows say what the registry says, within the caller's transaction, and tells what changed.

    Nothing is deleted: a party that is gone becomes inactive, a contact that is gone or different ends and a new row begins.
    """
    changes: list[PartyChange] = []
    known = {row["code"]: row for row in store.rows("SELECT id, kind, code, name, active FROM party WHERE bureau = ?", store.bureau)}
    held = _held(store)
    for entry in entries:
        party_id = _party(store, entry, known.pop(entry.code, None), changes)
        _contacts(store, entry, party_id, held.get(party_id, {}), now, changes)
    for row in known.values():
        _retire(store, row, now, changes)
    return tuple(changes)


def contacts(store: Store, party: str) -> tuple[Contact, ...]:
    """Every contact of an active party that is in force now."""
    rows = store.rows(
        f"SELECT {COLUMNS} WHERE p.bureau = ? AND p.code = ? AND p.active = 1 AND c.until IS NULL ORDER BY c.id", store.bureau, party
    )
    return tuple(map(_contact, rows))


def contact_for(store: Store, party: str, roles: Sequence[str] = ()) -> Contact | None:
    """Whom a mail to this party reaches: by the order of `roles`, then whoever else it has; None where no mail can arrive."""
    return next((c for c in _preferred(store, party, roles) if c.by_mail), None)


def phone_for(store: Store, party: str, roles: Sequence[str] = ()) -> Contact | None:
    """Whom a telephone call to this party reaches, in the same order; None where no number is known."""
    return next((c for c in _preferred(store, party, roles) if c.phone and c.state is not ContactState.INACTIVE), None)


def contact(store: Store, contact_id: int) -> Contact | None:
    """One contact by its row, past ones included."""
    row = store.row(f"SELECT {COLUMNS} WHERE p.bureau = ? AND c.id = ?", store.bureau, contact_id)
    return _contact(row) if row else None


def mark(store: Store, contact_id: int, state: ContactState, now: datetime) -> int | None:
    """Begins a new row with another state (退信, 已确认) and returns its id; None when the contact has ended meanwhile."""
    row = store.row("SELECT * FROM contact WHERE id = ? AND until IS NULL", contact_id)
    if row is None:
        return None
    if row["state"] == state.value:
        return contact_id
    _end(store, contact_id, now)
    entry = ContactEntry(ContactRole(row["role"]), row["name"], row["email"], row["phone"])
    successor = _begin(store, row["party_id"], entry, state, now)
    _links(store, contact_id, successor if state in REACHED else None, f"联系人{state.zh}", now)
    return successor


def returned(store: Store, party: str, email: str, now: datetime) -> bool:
    """Flags (退信) every contact of a party at an address that returns mail: two people may share it. False when nobody is in force
    there any more."""
    found = [c for c in contacts(store, party) if c.email == email and c.by_mail]
    for entry in found:
        mark(store, entry.id, ContactState.BOUNCED, now)
    return bool(found)


def name_of(store: Store, party: str) -> str:
    """What staff call a party; an outside department, which the registry does not know, by the name that its code holds (外部:公安局)."""
    found = store.value("SELECT name FROM party WHERE bureau = ? AND code = ?", store.bureau, party)
    return str(found) if found else party.removeprefix(OUTSIDE)


def _preferred(store: Store, party: str, roles: Sequence[str]) -> list[Contact]:
    order = {str(role): n for n, role in enumerate(roles)}
    return sorted(contacts(store, party), key=lambda c: order.get(c.role.value, len(order)))


def _held(store: Store) -> dict[int, dict[str, dict[str, Any]]]:
    """The contacts in force, by party and role."""
    found: dict[int, dict[str, dict[str, Any]]] = {}
    query = "SELECT c.* FROM contact c JOIN party p ON p.id = c.party_id WHERE p.bureau = ? AND c.until IS NULL"
    for row in store.rows(query, store.bureau):
        found.setdefault(row["party_id"], {})[row["role"]] = row
    return found


def _party(store: Store, entry: PartyEntry, row: dict[str, Any] | None, changes: list[PartyChange]) -> int:
    if row is None:
        changes.append(PartyChange(entry.code, f"新增{entry.kind.zh}「{entry.name}」"))
        return store.insert("party", bureau=store.bureau, kind=entry.kind.value, code=entry.code, name=entry.name)
    if row["name"] != entry.name:
        changes.append(PartyChange(entry.code, f"「{row['name']}」更名为「{entry.name}」"))
    if not row["active"]:
        changes.append(PartyChange(entry.code, f"「{entry.name}」重新启用"))
    if (row["kind"], row["name"], row["active"]) != (entry.kind.value, entry.name, 1):
        store.execute("UPDATE party SET kind = ?, name = ?, active = 1 WHERE id = ?", entry.kind.value, entry.name, row["id"])
    return int(row["id"])


def _contacts(
    store: Store, entry: PartyEntry, party_id: int, held: dict[str, dict[str, Any]], now: datetime, changes: list[PartyChange]
) -> None:
    """One contact a role: unchanged ones keep their row and what is known of their address."""
    for new in entry.contacts:
        old = held.pop(new.role.value, None)
        if old and (old["name"], old["email"], old["phone"]) == (new.name, new.email, new.phone):
            continue
        if old:
            _end(store, old["id"], now)
        state = ContactState(old["state"]) if old and old["email"] == new.email else ContactState.UNCONFIRMED
        successor = _begin(store, party_id, new, state, now)
        if old:
            same = (old["name"], old["email"]) == (new.name, new.email)
            _links(store, old["id"], successor if same else None, "联系人变更", now)
        verb = "变更" if old else "新增"
        changes.append(PartyChange(entry.code, f"{entry.name}：{verb}{new.role.zh} {new.name} {new.email or new.phone}".rstrip()))
    for old in held.values():
        _end(store, old["id"], now)
        _links(store, old["id"], None, "联系人撤销", now)
        changes.append(PartyChange(entry.code, f"{entry.name}：撤销{ContactRole(old['role']).zh} {old['name']}"))


def _retire(store: Store, row: dict[str, Any], now: datetime, changes: list[PartyChange]) -> None:
    if not row["active"]:
        return
    store.execute("UPDATE party SET active = 0 WHERE id = ?", row["id"])
    for contact in store.rows("SELECT id FROM contact WHERE party_id = ? AND until IS NULL", row["id"]):
        _links(store, contact["id"], None, "单位停用", now)
    store.execute("UPDATE contact SET until = ? WHERE party_id = ? AND until IS NULL", to_text(now), row["id"])
    changes.append(PartyChange(row["code"], f"「{row['name']}」不在新名册中，停用"))


def _begin(store: Store, party_id: int, entry: ContactEntry, state: ContactState, now: datetime) -> int:
    return store.insert(
        "contact", party_id=party_id, role=entry.role.value, name=entry.name, email=entry.email, phone=entry.phone,
        state=state.value, since=to_text(now),
    )


def _links(store: Store, contact_id: int, successor: int | None, why: str, now: datetime) -> None:
    """A contact's links to the school's page go on with the same person at the same address, and end with anybody else."""
    if successor is None:
        school_links.revoke_contact(store, contact_id, why, now)
    else:
        school_links.hand_on(store, contact_id, successor)


def _end(store: Store, contact_id: int, now: datetime) -> None:
    store.execute("UPDATE contact SET until = ? WHERE id = ?", to_text(now), contact_id)


def _contact(row: dict[str, Any]) -> Contact:
    return Contact(
        row["id"], row["party"], row["party_name"], ContactRole(row["role"]), row["name"], row["email"], row["phone"],
        ContactState(row["state"]), from_text(row["since"]),
    )
