"""Posts: what every source hands in, in batches, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from pipeline.domain.posts import Engagement, Post, RawPost
from pipeline.domain.terms import Precision
from pipeline.moments import from_text, maybe_from, maybe_text, to_text
from pipeline.store import evidence, forgotten, search
from pipeline.store.db import Store

COLUMNS = (
    "id, source, key, url, title, body, published_at, collected_at, version, precision, parent_id, public, dormant"
)


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a batch: posts that are new, posts whose text changed, posts that were known as they are."""

    new: int = 0
    changed: int = 0
    known: int = 0

    def __add__(self, other: Added) -> Added:
        return Added(self.new + other.new, self.changed + other.changed, self.known + other.known)


def add(store: Store, posts: Sequence[RawPost], now: datetime, *, public: bool, dormant: Sequence[bool]) -> Added:
    """Stores a batch in one transaction. The same key again is the same post: an unchanged text adds nothing, a changed one a
    version that is read anew; what was removed (保存期限) is not taken in again as it was. A parent must be stored before its replies,
    or stand before them in the batch."""
    total = Added()
    with store.transaction():
        for post, sleeps in zip(posts, dormant, strict=True):
            total += _add_one(store, post, now, public, sleeps)
    return total


def _add_one(store: Store, post: RawPost, now: datetime, public: bool, dormant: bool) -> Added:
    sql = "SELECT id, version, text_hash, title, body, gone_at FROM post WHERE bureau = ? AND source = ? AND key = ?"
    known = store.row(sql, store.bureau, post.source, post.key)
    text_hash = sha256(f"{post.title}\0{post.body}".encode("utf-8", "surrogatepass")).hexdigest()
    if known and known["gone_at"]:
        store.execute("UPDATE post SET gone_at = NULL WHERE id = ?", known["id"])
    if known and known["text_hash"] == text_hash:
        _engage(store, known["id"], post.engagement, now)
        return Added(known=1)
    if not known and forgotten.holds(store, post, text_hash):
        return Added(known=1)
    kept = evidence.keep(store, post.evidence) if post.evidence else None
    if known:
        version = known["version"] + 1
        search.remove(store, known["id"], known["title"], known["body"])
        store.execute(
            "UPDATE post SET title = ?, body = ?, version = ?, text_hash = ?, evidence_id = ?, waiting = 'read' WHERE id = ?",
            post.title, post.body, version, text_hash, kept, known["id"],
        )
        post_id = known["id"]
    else:
        version = 1
        post_id = store.insert(
            "post", bureau=store.bureau, source=post.source, key=post.key, url=post.url, parent_id=_parent(store, post),
            title=post.title, body=post.body, author_hash=store.keyed("author", post.author) if post.author else None,
            published_at=maybe_text(post.published_at), precision=post.precision.value, collected_at=to_text(now),
            public=int(public), dormant=int(dormant), text_hash=text_hash, evidence_id=kept, waiting="read",
        )
    store.insert("post_version", post_id=post_id, version=version, title=post.title, body=post.body, seen_at=to_text(now), evidence_id=kept)
    search.add(store, post_id, post.title, post.body)
    _engage(store, post_id, post.engagement, now)
    return Added(changed=1) if known else Added(new=1)


def _parent(store: Store, post: RawPost) -> int | None:
    if not post.parent:
        return None
    found = store.value("SELECT id FROM post WHERE bureau = ? AND source = ? AND key = ?", store.bureau, post.source, post.parent)
    return int(found) if found else None


def _engage(store: Store, post_id: int, seen: Engagement, now: datetime) -> None:
    counts = (seen.views, seen.replies, seen.likes, seen.shares)
    if all(n is None for n in counts):
        return
    last = store.row("SELECT views, replies, likes, shares FROM engagement WHERE post_id = ? ORDER BY at DESC LIMIT 1", post_id)
    if last is None or tuple(last.values()) != counts:
        store.execute("INSERT OR REPLACE INTO engagement VALUES (?, ?, ?, ?, ?, ?)", post_id, to_text(now), *counts)


def known_keys(store: Store, source: str, keys: Sequence[str]) -> set[str]:
    """Which of these keys the source has handed in before."""
    found: set[str] = set()
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        marks = ",".join("?" * len(part))
        rows = store.rows(f"SELECT key FROM post WHERE bureau = ? AND source = ? AND key IN ({marks})", store.bureau, source, *part)
        found.update(r["key"] for r in rows)
    return found


def gone(store: Store, source: str, key: str, now: datetime) -> int:
    """Notes that a post, and what stood beneath it, was deleted at its source, as long as it is not seen there again; returns how many."""
    with store.transaction():
        sql = """UPDATE post SET gone_at = ? WHERE gone_at IS NULL AND id IN (
                     SELECT id FROM post WHERE bureau = ? AND source = ? AND key = ?
                     UNION SELECT c.id FROM post p JOIN post c ON c.parent_id = p.id WHERE p.bureau = ? AND p.source = ? AND p.key = ?)"""
        return store.execute(sql, to_text(now), store.bureau, source, key, store.bureau, source, key).rowcount


def waiting(store: Store, stage: str, limit: int) -> list[Post]:
    """The next posts that wait for a stage (`read` or `gather`), oldest first, with their newest engagement."""
    sql = f"SELECT {COLUMNS} FROM post WHERE bureau = ? AND waiting = ? ORDER BY id LIMIT ?"
    return with_engagement(store, [_post(r) for r in store.rows(sql, store.bureau, stage, limit)])


def count_waiting(store: Store, stage: str) -> int:
    """How many posts wait for a stage."""
    return int(store.value("SELECT count(*) FROM post WHERE bureau = ? AND waiting = ?", store.bureau, stage))


def get(store: Store, post_id: int) -> Post | None:
    """One post by its id."""
    row = store.row(f"SELECT {COLUMNS} FROM post WHERE bureau = ? AND id = ?", store.bureau, post_id)
    return with_engagement(store, [_post(row)])[0] if row else None


def of_case(store: Store, case_id: int) -> list[Post]:
    """The posts of a case, in the order in which they were collected."""
    names = ", ".join(f"post.{c}" for c in COLUMNS.split(", "))
    sql = f"SELECT {names} FROM case_post JOIN post ON post.id = case_post.post_id WHERE case_post.case_id = ? ORDER BY post.id"
    return with_engagement(store, [_post(r) for r in store.rows(sql, case_id)])


def with_engagement(store: Store, posts: list[Post]) -> list[Post]:
    """The same posts with the newest counts that were seen beside each."""
    newest: dict[int, Engagement] = {}
    for start in range(0, len(posts), 500):
        ids = [p.id for p in posts[start : start + 500]]
        marks = ",".join("?" * len(ids))
        sql = f"SELECT post_id, max(at) AS at, views, replies, likes, shares FROM engagement WHERE post_id IN ({marks}) GROUP BY post_id"
        for r in store.rows(sql, *ids):
            newest[r["post_id"]] = Engagement(r["views"], r["replies"], r["likes"], r["shares"])
    return [replace(p, engagement=newest[p.id]) if p.id in newest else p for p in posts]


def _post(row: dict[str, Any]) -> Post:
    return Post(
        id=row["id"], source=row["source"], key=row["key"], url=row["url"], title=row["title"], body=row["body"],
        published_at=maybe_from(row["published_at"]), collected_at=from_text(row["collected_at"]), version=row["version"],
        precision=Precision(row["precision"]), parent_id=row["parent_id"], public=bool(row["public"]), dormant=bool(row["dormant"]),
    )
