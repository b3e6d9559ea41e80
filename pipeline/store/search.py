"""Full text: one character a token, so that a phrase query has the exact meaning of a substring, two-character words included."""

from __future__ import annotations

import re

from pipeline.store.db import Store

WORDLESS = re.compile(r"[^\w]+")


def spaced(text: str) -> str:
    """Each character a token of its own; a lone surrogate, which SQLite cannot hold, becomes a space."""
    return " ".join(text.encode("utf-8", "replace").decode("utf-8"))


def add(store: Store, post_id: int, title: str, body: str) -> None:
    """Indexes a post, in the transaction that stores it."""
    store.execute("INSERT INTO post_fts (rowid, text) VALUES (?, ?)", post_id, spaced(f"{title}\n{body}"))


def remove(store: Store, post_id: int, title: str, body: str) -> None:
    """Takes a post out of the index; a contentless table needs the very text that was put in."""
    store.execute("INSERT INTO post_fts (post_fts, rowid, text) VALUES ('delete', ?, ?)", post_id, spaced(f"{title}\n{body}"))


def find(store: Store, words: str, limit: int = 20) -> list[int]:
    """The newest posts that contain every one of these words (parted by white space), as they stand.

    Punctuation is not indexed, so each hit is checked against its text.
    """
    wanted = words.split()
    phrases = [spaced(WORDLESS.sub("", w)) for w in wanted]
    query = " AND ".join(f'"{p}"' for p in phrases if p.strip())
    if not query:
        return []
    sql = """SELECT post.id, post.title, post.body FROM post_fts JOIN post ON post.id = post_fts.rowid
             WHERE post_fts MATCH ? AND post.bureau = ? ORDER BY post_fts.rowid DESC"""
    found: list[int] = []
    for row in store.db.conn.execute(sql, (query, store.bureau)):
        text = f"{row[1]}\n{row[2]}".lower()
        if all(w.lower() in text for w in wanted):
            found.append(row[0])
            if len(found) == limit:
                break
    return found
