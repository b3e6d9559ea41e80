"""Posts that were removed (保存期限), by keyed hashes alone: who reads the database learns nothing of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipeline.domain.posts import RawPost
from pipeline.moments import to_text
from pipeline.store.db import Store


def remember(store: Store, post_ids: Sequence[int], now: datetime) -> None:
    """Notes posts that are about to be removed."""
    marks = ",".join("?" * len(post_ids))
    rows = store.rows(
        f"""SELECT source, key, text_hash, (SELECT replies FROM engagement WHERE post_id = post.id ORDER BY at DESC LIMIT 1) AS replies
            FROM post WHERE id IN ({marks})""", *post_ids,
    )
    store.executemany(
        "INSERT OR REPLACE INTO forgotten VALUES (?, ?, ?, ?, ?)",
        [(store.bureau, _mark(store, r["source"], r["key"]), _text(store, r["text_hash"]), r["replies"], to_text(now)) for r in rows],
    )


def holds(store: Store, post: RawPost, text_hash: str) -> bool:
    """Whether a post was removed with this very text; notes how many replies stand beside it now."""
    mark = _mark(store, post.source, post.key)
    known = store.row("SELECT text_mark, replies FROM forgotten WHERE bureau = ? AND mark = ?", store.bureau, mark)
    if known is None or known["text_mark"] != _text(store, text_hash):
        return False
    replies = post.engagement.replies
    if replies is not None and replies != known["replies"]:
        store.execute("UPDATE forgotten SET replies = ? WHERE bureau = ? AND mark = ?", replies, store.bureau, mark)
    return True


def replies_of(store: Store, source: str, keys: Sequence[str]) -> dict[str, int | None]:
    """Which of these posts were removed, each with the number of replies that was last seen beside it."""
    found = {}
    for key in keys:
        row = store.row("SELECT replies FROM forgotten WHERE bureau = ? AND mark = ?", store.bureau, _mark(store, source, key))
        if row:
            found[key] = row["replies"]
    return found


def drop(store: Store, before: datetime) -> int:
    """Forgets even the hashes of what was removed before a moment; returns how many."""
    return store.execute("DELETE FROM forgotten WHERE bureau = ? AND at < ?", store.bureau, to_text(before)).rowcount


def _mark(store: Store, source: str, key: str) -> str:
    return store.keyed("forgotten", f"{source}\0{key}")


def _text(store: Store, text_hash: str) -> str:
    return store.keyed("forgotten text", text_hash)
