"""A case's account: its matter in its posts' own words (摘录), as it stood when a post last joined."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.posts import Post
from pipeline.domain.terms import CaseState
from pipeline.masking import masked
from pipeline.store import posts
from pipeline.store.db import Store


@dataclass(frozen=True, slots=True)
class Quoted:
    """A sentence of a post, personal data masked."""

    post_id: int
    source: str
    words: str


READ = 12
"""So many posts of a case are read for its account: the first ones and the newest."""


def telling(store: Store, case_id: int) -> list[Post]:
    """The posts whose words tell a case's present matter: the first and the newest of its generation, replies left out."""
    sql = """SELECT p.post_id FROM case_post p JOIN case_ c ON c.id = p.case_id
             WHERE p.case_id = ? AND p.generation = c.generation AND p.how != 'reply' ORDER BY p.post_id {} LIMIT ?"""
    ends = [r["post_id"] for way in ("ASC", "DESC") for r in store.rows(sql.format(way), case_id, READ // 2)]
    found = [post for i in sorted(set(ends)) if (post := posts.get(store, i))]
    # What stood in public speaks for the case: a letter's words may not go out with a public post's.
    return [p for p in found if p.public] or found


def save(store: Store, case_id: int, title: str, summary: str, quotes: Sequence[tuple[int, int, int, int]]) -> None:
    """Keeps what a case's posts say. The title is the machine's to change until a person has taken the case up."""
    store.execute("INSERT OR REPLACE INTO account VALUES (?, ?, ?)", case_id, summary, json.dumps([list(q) for q in quotes]))
    if title:
        sql = "UPDATE case_ SET title = ? WHERE id = ? AND state = ?"
        store.execute(sql, title, case_id, CaseState.TRIAGE.value)


def summary(store: Store, case_id: int) -> str:
    """The summary of a case; empty for one that nobody wrote a post about."""
    return str(store.value("SELECT summary FROM account WHERE case_id = ?", case_id) or "")


def quotes(store: Store, case_id: int) -> tuple[Quoted, ...]:
    """The sentences of a case's summary with the posts that they stand in; none of a post that is the case's no longer."""
    kept = store.value("SELECT quotes FROM account WHERE case_id = ?", case_id)
    sql = """SELECT v.title, v.body, post.source FROM post_version v JOIN post ON post.id = v.post_id
             JOIN case_post p ON p.post_id = v.post_id WHERE v.post_id = ? AND v.version = ? AND p.case_id = ?"""
    found = [(q, store.row(sql, q[0], q[1], case_id)) for q in json.loads(kept or "[]")]
    texts = [(q, row, f"{row['title']}\n{row['body']}") for q, row in found if row]
    return tuple(Quoted(q[0], row["source"], masked(text[q[2] : q[3]])) for q, row, text in texts)
