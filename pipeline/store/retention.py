"""Removing what is kept no longer (保存期限): which posts have expired, and everything that goes with a post."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date as Date  # noqa: N812 — `date` is a column and an argument here
from datetime import datetime
from typing import Any

from pipeline.domain.retention import CLEARED, Cleared, Expired, Expiry
from pipeline.moments import from_text, maybe_from, to_text
from pipeline.store import forgotten, search
from pipeline.store.audit import canonical
from pipeline.store.db import Store

DONE = ("response", "instruction", "report_up")
FAMILY = "WITH RECURSIVE m(id) AS (SELECT c.id UNION SELECT k.id FROM case_ k JOIN m ON k.merged_into = m.id) SELECT id FROM m"
"""A case and those that were merged into it: an answer stays with the case that gave it."""
SOMETHING_DONE = "(" + " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE case_id IN ({FAMILY}))" for table in DONE) + ")"
"""Something was answered, instructed or reported: such a case is evidence, whatever its last round."""
WHERE = {
    Expiry.GONE: f"""p.gone_at AS since FROM post p WHERE p.bureau = ? AND p.gone_at < ?
        AND NOT EXISTS (SELECT 1 FROM case_post cp JOIN case_ c ON c.id = cp.case_id WHERE cp.post_id = p.id
                        AND (c.dormant = 0 AND NOT (c.state = 'dismissed' AND coalesce(c.closed_at, '9') < ?) OR {SOMETHING_DONE}))""",
    Expiry.DISMISSED: f"""c.closed_at AS since FROM case_ c CROSS JOIN case_post cp ON cp.case_id = c.id JOIN post p ON p.id = cp.post_id
        WHERE c.bureau = ? AND c.state = 'dismissed' AND c.closed_at < ? AND NOT {SOMETHING_DONE}""",
    # The readings lead: their index holds what is not education alone, so that the cost does not grow with history.
    Expiry.OTHER: """p.collected_at AS since FROM reading r CROSS JOIN post p ON p.id = r.post_id
        WHERE p.bureau = ? AND p.collected_at < ? AND r.current = 1 AND r.version = p.version AND r.scope IN ('none', 'higher_ed')
        AND NOT EXISTS (SELECT 1 FROM case_post cp WHERE cp.post_id = p.id)""",
}
"""What has expired before a moment, kind by kind."""


def expired(store: Store, why: Expiry, before: datetime, among: Collection[int] | None = None) -> list[Expired]:
    """The posts of a kind that have expired, `among` these or all; none that still waits for a stage or that something else names."""
    moments = [to_text(before)] * (2 if why is Expiry.GONE else 1)
    some = f" AND p.id IN ({','.join(map(str, among))})" if among is not None else ""
    named = "".join(f" AND NOT EXISTS (SELECT 1 FROM {table} WHERE {column} = p.id)" for table, column in _naming(store, "post"))
    rows = store.rows(f"SELECT p.id, p.source, p.title, {WHERE[why]} AND p.waiting IS NULL{some}{named}", store.bureau, *moments)
    return [Expired(r["id"], r["source"], r["title"], from_text(r["since"]), why) for r in rows]


def replies(store: Store, post_ids: Collection[int]) -> list[tuple[int, int]]:
    """Every reply to one of these posts, as (parent, child)."""
    found: list[tuple[int, int]] = []
    ids = list(post_ids)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ",".join("?" * len(part))
        found += [(r["parent_id"], r["id"]) for r in store.rows(f"SELECT id, parent_id FROM post WHERE parent_id IN ({marks})", *part)]
    return found


def remove(store: Store, post_ids: Sequence[int], now: datetime) -> tuple[int, dict[int, int]]:
    """Removes posts with their texts, versions, readings and index entries, and the pages that nothing names any more; returns how many
    pages, and how many posts each case lost. Within the caller's transaction."""
    marks = ",".join("?" * len(post_ids))
    cases = {r["case_id"]: r["n"] for r in store.rows(
        f"SELECT case_id, count(*) AS n FROM case_post WHERE post_id IN ({marks}) GROUP BY case_id", *post_ids
    )}
    pages = {r["evidence_id"] for r in store.rows(
        f"""SELECT evidence_id FROM post WHERE id IN ({marks}) UNION SELECT evidence_id FROM post_version WHERE post_id IN ({marks})""",
        *post_ids, *post_ids,
    )} - {None}
    forgotten.remember(store, post_ids, now)
    for row in store.rows(f"SELECT id, title, body FROM post WHERE id IN ({marks})", *post_ids):
        search.remove(store, row["id"], row["title"], row["body"])
    store.execute(f"DELETE FROM post WHERE id IN ({marks})", *post_ids)
    for case_id in cases:
        _bare(store, case_id)
    return _drop_pages(store, sorted(pages)), cases


ALONE = """bureau = ? AND waiting IS NULL AND case_id IS NULL AND moved_at IS NOT NULL
           AND received_at < ? AND coalesce(settled_at, received_at) < ?"""
"""A letter that no case needs and nobody has to look at any more. One that still lies in the inbox would only be fetched again."""


def count_letters(store: Store, before: datetime) -> int:
    """How many letters have expired."""
    return int(store.value(f"SELECT count(*) FROM inbound WHERE {ALONE}", store.bureau, to_text(before), to_text(before)))


def remove_letters(store: Store, before: datetime, limit: int) -> tuple[int, int]:
    """Removes the next letters that have expired; returns how many, and how many pages went with them. In the caller's transaction."""
    values = (store.bureau, to_text(before), to_text(before), limit)
    found = store.rows(f"SELECT id, evidence_id FROM inbound WHERE {ALONE} ORDER BY received_at LIMIT ?", *values)
    store.executemany("DELETE FROM inbound WHERE id = ?", [(r["id"],) for r in found])
    return len(found), _drop_pages(store, sorted({r["evidence_id"] for r in found} - {None}))


def _bare(store: Store, case_id: int) -> None:
    """Takes from a case what its posts said: the words that it quotes, and with its last post the title, its own and that of
    whatever was merged into it."""
    store.execute("DELETE FROM account WHERE case_id = ?", case_id)
    if store.value("SELECT 1 FROM case_post WHERE case_id = ? LIMIT 1", case_id) is None:
        store.execute("UPDATE case_ SET title = ? WHERE id = ? OR merged_into = ?", CLEARED, case_id, case_id)
        store.execute("UPDATE assignment SET words = '[]' WHERE case_id = ?", case_id)


def _drop_pages(store: Store, pages: Sequence[int]) -> int:
    """Removes the rows of pages that no row of any table names; their files go after the commit."""
    named = "".join(f" AND NOT EXISTS (SELECT 1 FROM {table} WHERE {column} = evidence.id)" for table, column in _naming(store, "evidence"))
    return sum(store.execute(f"DELETE FROM evidence WHERE id = ?{named}", page).rowcount for page in pages)


def _naming(store: Store, target: str) -> list[tuple[str, str]]:
    """The columns by which rows hold on to a row of a table: every foreign key that does not let go by itself."""
    rows = store.rows(
        """SELECT m.name AS at, f."from" AS by FROM sqlite_master m, pragma_foreign_key_list(m.name) f
           WHERE m.type = 'table' AND f."table" = ? AND f.on_delete != 'CASCADE' AND m.name != ? ORDER BY m.name, f.id""", target, target,
    )
    return [(r["at"], r["by"]) for r in rows]


def begin(store: Store, day: Date, now: datetime) -> None:
    """Opens a day's clearing, or goes on with the one that was begun."""
    store.execute(
        """INSERT INTO retention_run (bureau, date, began_at, counts) VALUES (?, ?, ?, '{}')
           ON CONFLICT (bureau, date) DO UPDATE SET ended_at = NULL""", store.bureau, day.isoformat(), to_text(now),
    )


def count(store: Store, day: Date, counts: Mapping[str, int]) -> None:
    """Adds to the day's counts, in the transaction of what is counted."""
    known = json.loads(store.value("SELECT counts FROM retention_run WHERE bureau = ? AND date = ?", store.bureau, day.isoformat()) or "{}")
    sql = "UPDATE retention_run SET counts = ? WHERE bureau = ? AND date = ?"
    store.execute(sql, canonical(dict(Counter(known) + Counter(counts))), store.bureau, day.isoformat())


def end(store: Store, day: Date, now: datetime) -> None:
    """Records that a day's clearing got to its end."""
    store.execute("UPDATE retention_run SET ended_at = ? WHERE bureau = ? AND date = ?", to_text(now), store.bureau, day.isoformat())


def on(store: Store, day: Date) -> Cleared | None:
    """A day's clearing."""
    return _cleared(store.row("SELECT * FROM retention_run WHERE bureau = ? AND date = ?", store.bureau, day.isoformat()))


def last(store: Store) -> Cleared | None:
    """The newest clearing that got to its end."""
    sql = "SELECT * FROM retention_run WHERE bureau = ? AND ended_at IS NOT NULL ORDER BY date DESC LIMIT 1"
    return _cleared(store.row(sql, store.bureau))


def _cleared(row: dict[str, Any] | None) -> Cleared | None:
    return Cleared(row["date"], maybe_from(row["ended_at"]), json.loads(row["counts"])) if row else None


def settle_file(store: Store) -> None:
    """Writes the log back into the database file and empties it: what was overwritten there leaves the disk too."""
    store.db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def overwrite(store: Store) -> None:
    """Has this connection overwrite what it deletes with zeros, instead of leaving it in free pages."""
    store.db.conn.execute("PRAGMA secure_delete = ON").fetchall()
