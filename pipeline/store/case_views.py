"""What the console shows of one case beside what its own nouns know: its posts, the reasons of its hand-overs, its answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.domain.cases import Assignment, Case
from pipeline.domain.posts import Post
from pipeline.domain.readings import Span
from pipeline.domain.terms import Disclosure
from pipeline.moments import from_text, maybe_from
from pipeline.store import posts
from pipeline.store.assignments import assignment_of
from pipeline.store.db import Store


@dataclass(frozen=True, slots=True)
class Attached:
    """A post of a case, and how it came to it."""

    post: Post
    how: str
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class HandOver:
    """An assignment with what led to it: the words of the texts, and how sure the machine was."""

    assignment: Assignment
    words: tuple[Span, ...]
    confidence: float
    proposed_at: datetime
    confirmed_by: str
    end_reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was recorded, with its evidence where there is a copy."""

    id: int
    url: str
    channel: str
    wording: str
    disclosure: Disclosure | None
    published_at: datetime | None
    evidence_id: int | None
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Milestones:
    """What has happened on a case so far, and why it ended."""

    acknowledged_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    closing_reason: str
    merged_into: int | None


@dataclass(frozen=True, slots=True)
class Trace:
    """Where and when a post of a case was seen, without its words."""

    id: int
    source: str
    url: str
    published_at: datetime | None
    collected_at: datetime


def traces(store: Store, case_id: int, limit: int) -> tuple[Trace, ...]:
    """Where a case was told, the first posts that were collected."""
    rows = store.rows(
        """SELECT p.post_id, post.source, post.url, post.published_at, post.collected_at FROM case_post p JOIN post ON post.id = p.post_id
           WHERE p.case_id = ? ORDER BY p.post_id LIMIT ?""", case_id, limit,
    )
    return tuple(
        Trace(r["post_id"], r["source"], r["url"], maybe_from(r["published_at"]), from_text(r["collected_at"])) for r in rows
    )


def merged_from(store: Store, case_id: int) -> tuple[tuple[int, str], ...]:
    """The cases that were merged into this one: id and number."""
    sql = "SELECT id, number FROM case_ WHERE bureau = ? AND merged_into = ? ORDER BY id"
    return tuple((r["id"], r["number"]) for r in store.rows(sql, store.bureau, case_id))


def attached(store: Store, case_id: int, limit: int, offset: int = 0) -> tuple[Attached, ...]:
    """The posts of a case from `offset` on, in the order in which they were collected."""
    rows = store.rows(
        """SELECT p.post_id, p.how, post.gone_at FROM case_post p JOIN post ON post.id = p.post_id
           WHERE p.case_id = ? ORDER BY p.post_id LIMIT ? OFFSET ?""", case_id, limit, offset,
    )
    return _attached(store, rows)


def these(store: Store, case_id: int, post_ids: Sequence[int]) -> tuple[Attached, ...]:
    """Some posts of a case."""
    marks = ",".join("?" * len(post_ids))
    return _attached(store, store.rows(
        f"""SELECT p.post_id, p.how, post.gone_at FROM case_post p JOIN post ON post.id = p.post_id
            WHERE p.case_id = ? AND p.post_id IN ({marks}) ORDER BY p.post_id""", case_id, *post_ids,
    ))


def _attached(store: Store, rows: Sequence[dict[str, Any]]) -> tuple[Attached, ...]:
    found = ((posts.get(store, r["post_id"]), r) for r in rows)
    return tuple(Attached(post, r["how"], maybe_from(r["gone_at"])) for post, r in found if post)


def count_attached(store: Store, case_id: int) -> int:
    """How many posts tell of a case."""
    return int(store.value("SELECT count(*) FROM case_post WHERE case_id = ?", case_id))


def hand_overs(store: Store, case: Case) -> tuple[HandOver, ...]:
    """The assignments of the case's present generation with their reasons, the leading one first, past ones last."""
    rows = store.rows("SELECT * FROM assignment WHERE case_id = ? AND generation = ? ORDER BY id", case.id, case.generation)
    found = [
        HandOver(
            assignment_of(r), tuple(Span(*w) for w in json.loads(r["words"])), r["confidence"], from_text(r["proposed_at"]),
            r["confirmed_by"] or "", r["end_reason"] or "",
        )
        for r in rows
    ]
    order = ("lead", "support", "guide")
    return tuple(sorted(found, key=lambda h: (not h.assignment.state.live, order.index(h.assignment.role.value), h.assignment.id)))


def answers(store: Store, case: Case) -> tuple[Answered, ...]:
    """The answers recorded in the case's present generation, oldest first."""
    rows = store.rows("SELECT * FROM response WHERE case_id = ? AND generation = ? ORDER BY id", case.id, case.generation)
    return tuple(
        Answered(
            r["id"], r["url"] or "", r["channel"] or "", r["wording"], Disclosure(r["disclosure"]) if r["disclosure"] else None,
            maybe_from(r["published_at"]), r["evidence_id"], r["recorded_by"], from_text(r["recorded_at"]),
        )
        for r in rows
    )


def milestones(store: Store, case: Case) -> Milestones:
    """How far a case has come."""
    row = store.row("SELECT acknowledged_at, answered_at, closed_at, closing_reason, merged_into FROM case_ WHERE id = ?", case.id) or {}
    return Milestones(
        maybe_from(row.get("acknowledged_at")), maybe_from(row.get("answered_at")), maybe_from(row.get("closed_at")),
        row.get("closing_reason") or "", row.get("merged_into"),
    )
