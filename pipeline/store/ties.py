"""What staff said of posts: one matter (同一件事) or two. It holds for ever; the newest word of a person wins over an older one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from pipeline.moments import to_text
from pipeline.store.db import Store

TOGETHER, APART = "together", "apart"


def posts(store: Store, case_id: int) -> list[int]:
    """The posts of a case in the order in which they were collected."""
    return [r["post_id"] for r in store.rows("SELECT post_id FROM case_post WHERE case_id = ? ORDER BY post_id", case_id)]


def say(store: Store, pairs: Iterable[tuple[int, int]], verdict: str, reason: str, who: str, now: datetime) -> None:
    """Writes what a person says of these pairs of posts."""
    rows = {(min(p), max(p)) for p in pairs if p[0] != p[1]}
    store.executemany(
        "INSERT OR REPLACE INTO tie VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(store.bureau, one, other, verdict, reason, who, to_text(now)) for one, other in sorted(rows)],
    )


def part(store: Store, leaving: Sequence[int], staying: Sequence[int], reason: str, who: str, now: datetime) -> None:
    """What a person says by taking posts out of a case: these and those are apart. Each half keeps what was said of the whole: who was
    tied to a post that is now in the other half is tied to the first of its own, and both halves stay apart from what the case was
    apart from."""
    crossing = _between(store, leaving, staying, TOGETHER)
    for half in (leaving, staying):
        say(store, [(p, half[0]) for pair in crossing for p in pair if p in half], TOGETHER, reason, who, now)
    for one, others in ((leaving, staying), (staying, leaving)):
        _apart_too(store, one, others)
    say(store, [*crossing, *((p, staying[0]) for p in leaving), *((p, leaving[0]) for p in staying)], APART, reason, who, now)


def _apart_too(store: Store, one: Sequence[int], others: Sequence[int]) -> None:
    """Whatever is apart from one half is apart from the first post of the other; it keeps its own reason."""
    ours = {*one, *others}
    sql = "SELECT * FROM tie WHERE bureau = ? AND verdict = 'apart' AND (one = ? OR other = ?)"
    found = [(r, r["other"] if r["one"] == p else r["one"]) for p in one for r in store.rows(sql, store.bureau, p, p)]
    store.executemany(
        "INSERT OR IGNORE INTO tie VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(store.bureau, min(z, others[0]), max(z, others[0]), APART, r["reason"], r["made_by"], r["made_at"])
         for r, z in found if z not in ours],
    )


def _between(store: Store, some: Collection[int], others: Collection[int], verdict: str) -> list[tuple[int, int]]:
    """The pairs of a post of each side of which a person said this."""
    other = set(others)
    sql = "SELECT one, other FROM tie WHERE bureau = ? AND verdict = ? AND (one = ? OR other = ?)"
    found = [(r["one"], r["other"]) for p in some for r in store.rows(sql, store.bureau, verdict, p, p)]
    return [pair for pair in found if other & set(pair)]


def forget(store: Store, some: Collection[int], others: Collection[int]) -> None:
    """Takes back that posts are apart, of cases that a person has merged after all."""
    pairs = [(store.bureau, *pair) for pair in _between(store, some, others, APART)]
    store.executemany("DELETE FROM tie WHERE bureau = ? AND one = ? AND other = ?", pairs)


def cases(store: Store, post_ids: Sequence[int], verdict: str) -> set[int]:
    """The cases that hold a post of which a person said that it tells the matter of one of these, or another matter."""
    sql = """SELECT DISTINCT p.case_id FROM tie t JOIN case_post p ON p.post_id = CASE WHEN t.one = ? THEN t.other ELSE t.one END
             WHERE t.bureau = ? AND t.verdict = ? AND (t.one = ? OR t.other = ?)"""
    return {r["case_id"] for i in post_ids for r in store.rows(sql, i, store.bureau, verdict, i, i)}
