"""留痕: an append-only record whose entries are chained by keyed hashes, so that a change to it shows."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.domain.chain import Broken, Damage, Printed
from pipeline.moments import to_text
from pipeline.store.db import Store

FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """The chain's newest hash and its length: they go out in every digest."""

    count: int
    hash: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done, as staff read it in a case's history."""

    n: int
    at: str
    who: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def canonical(value: Any) -> str:
    """JSON in one form: sorted keys, no spaces, readable Chinese."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def write(
    store: Store, who: str, action: str, subject: str, detail: Mapping[str, Any], now: datetime, case_id: int | None = None
) -> None:
    """Adds an entry, in the transaction of the change that it records."""
    newest = head(store)
    entry = (newest.count + 1, store.bureau, to_text(now), who, action, subject, case_id, canonical(dict(detail)), newest.hash)
    store.execute("INSERT INTO audit_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *entry, _hash(store, entry))


def head(store: Store) -> Head:
    """Where the chain stands."""
    row = store.row("SELECT n, hash FROM audit_entry ORDER BY n DESC LIMIT 1")
    return Head(row["n"], row["hash"]) if row else Head(0, FIRST)


def history(store: Store, case_id: int) -> list[Entry]:
    """What was done on a case, oldest first."""
    rows = store.rows("SELECT n, at, who, action, subject, detail FROM audit_entry WHERE case_id = ? ORDER BY n", case_id)
    return [Entry(r["n"], r["at"], r["who"], r["action"], r["subject"], json.loads(r["detail"])) for r in rows]


def verify(store: Store, printed: Collection[Printed] = ()) -> Broken | None:
    """The first thing that is wrong with the record; None when it is whole. The chain is checked link by link, and against the length and
    hash that every digest printed (and those that are given): alone that shows a chain that was cut off, or rewritten with its key."""
    heads = sorted([*_digests(store), *printed], key=lambda p: p.count)
    previous, expected, sound = FIRST, 1, 0
    columns = "n, bureau, at, who, action, subject, case_id, detail, previous, hash"
    for row in store.db.conn.execute(f"SELECT {columns} FROM audit_entry ORDER BY n"):
        *entry, found = row
        if damage := _damage(store, tuple(entry), found, expected, previous):
            return Broken(expected - (damage is Damage.REPLACED), damage)
        for head in (h for h in heads if h.count == expected):
            if head.hash != found:
                return Broken(sound + 1, Damage.REWRITTEN, expected, head.where)
            sound = expected
        previous, expected = found, expected + 1
    longest = heads[-1] if heads else Printed("", 0, FIRST)
    return Broken(expected, Damage.CUT_OFF, longest.count, longest.where) if longest.count >= expected else None


def _damage(store: Store, entry: tuple[Any, ...], found: str, expected: int, previous: str) -> Damage | None:
    """What is wrong with one link."""
    if entry[0] != expected:
        return Damage.DELETED
    if found != _hash(store, entry):
        return Damage.EDITED
    return Damage.REPLACED if entry[-1] != previous else None


def _digests(store: Store) -> list[Printed]:
    """What the digests printed."""
    rows = store.rows("SELECT date, number, audit_count, audit_hash FROM digest WHERE audit_count > 0")
    return [Printed(f"{r['date']} 日报（总第{r['number']}期）", r["audit_count"], r["audit_hash"]) for r in rows]


def _hash(store: Store, entry: tuple[Any, ...]) -> str:
    return store.keyed("audit", canonical(list(entry)))
