"""Readings (研读结果): each kept whole as JSON, the newest of a post marked as current."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pipeline.domain.posts import Post
from pipeline.domain.readings import Accusation, Clue, OwnerScore, Reading, SchoolMention, Span, TopicScore
from pipeline.domain.terms import AccusedKind, Grade, Nature, OwnerKind, RedLine, Scope, Tag
from pipeline.moments import to_text
from pipeline.store.db import Store

PART = 500


def save(store: Store, pairs: Sequence[tuple[Post, Reading]], now: datetime) -> None:
    """Keeps the readings of a batch and sends its posts on to be gathered. A post whose text changed meanwhile still waits."""
    moment = to_text(now)
    store.executemany("UPDATE reading SET current = 0 WHERE post_id = ? AND current = 1", [(p.id,) for p, _ in pairs])
    store.executemany(
        "INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)", [_row(p, r, moment) for p, r in pairs]
    )
    sql = "UPDATE post SET waiting = 'gather' WHERE id = ? AND version = ? AND waiting = 'read'"
    store.executemany(sql, [(p.id, p.version) for p, _ in pairs])


def drop(store: Store, post_id: int) -> None:
    """Takes a post that no stage can digest out of every queue."""
    store.execute("UPDATE post SET waiting = NULL WHERE id = ?", post_id)


def current(store: Store, post_ids: Iterable[int]) -> dict[int, Reading]:
    """The current readings of these posts, by post; a post that was not read is not in it."""
    wanted = list(post_ids)
    found: dict[int, Reading] = {}
    for start in range(0, len(wanted), PART):
        part = wanted[start : start + PART]
        marks = ",".join("?" * len(part))
        for row in store.rows(f"SELECT post_id, detail FROM reading WHERE current = 1 AND post_id IN ({marks})", *part):
            found[row["post_id"]] = from_json(row["detail"])
    return found


def of_post(store: Store, post_id: int) -> Reading | None:
    """The current reading of one post."""
    return current(store, [post_id]).get(post_id)


def of_case(store: Store, case_id: int) -> list[tuple[int, Reading]]:
    """The current readings of a case's posts with the posts' ids, in the order in which they were collected."""
    sql = """SELECT r.post_id, r.detail FROM case_post p JOIN reading r ON r.post_id = p.post_id AND r.current = 1
             WHERE p.case_id = ? ORDER BY r.post_id"""
    return [(row["post_id"], from_json(row["detail"])) for row in store.rows(sql, case_id)]


def accusing(store: Store, case_id: int, limit: int) -> list[tuple[int, Reading]]:
    """What was ever read of a case's posts that accuses somebody, with the posts' ids, the newest posts first: the last reading of each
    version of their texts, so that an edited post still accuses whom it accused."""
    sql = """SELECT r.post_id, r.detail FROM case_post p JOIN reading r ON r.post_id = p.post_id
             WHERE p.case_id = ? AND instr(r.detail, '"accused":[]') = 0 AND NOT EXISTS (
                 SELECT 1 FROM reading n WHERE n.post_id = r.post_id AND n.version = r.version AND n.read_at > r.read_at)
             ORDER BY r.post_id DESC, r.version DESC LIMIT ?"""
    return [(row["post_id"], from_json(row["detail"])) for row in store.rows(sql, case_id, limit)]


def _row(post: Post, reading: Reading, moment: str) -> tuple[Any, ...]:
    return (
        post.id, post.version, reading.model, moment, reading.scope.value, reading.relevance,
        reading.topics[0].code if reading.topics else None, reading.nature.value, reading.redline.value if reading.redline else None,
        reading.grade.value if reading.grade else None, to_json(reading),
    )  # fmt: skip


def to_json(reading: Reading) -> str:
    """A reading as canonical JSON: sorted keys, no spaces; characters beyond ASCII as they are."""
    value = {
        "model": reading.model,
        "scope": reading.scope.value,
        "relevance": reading.relevance,
        "topics": [[t.code, t.p] for t in reading.topics],
        "tags": [t.value for t in reading.tags],
        "owners": [[o.kind.value, o.p] for o in reading.owners],
        "nature": reading.nature.value,
        "redline": reading.redline.value if reading.redline else None,
        "redline_words": [_span(s) for s in reading.redline_words],
        "accused": [[a.kind.value, _span(a.span), a.code] for a in reading.accused],
        "schools": [[_span(m.span), m.name, m.code, m.confidence, m.landmark, list(m.candidates)] for m in reading.schools],
        "places": list(reading.places),
        "foreign_place": reading.foreign_place,
        "grade": reading.grade.value if reading.grade else None,
        "clues": [[_span(c.span), c.about, c.weight] for c in reading.clues],
    }
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Reading:
    """The reading that `to_json` wrote."""
    value: Mapping[str, Any] = json.loads(text)
    return Reading(
        model=value["model"], scope=Scope(value["scope"]), relevance=value["relevance"],
        topics=tuple(TopicScore(code, p) for code, p in value["topics"]), tags=tuple(map(Tag, value["tags"])),
        owners=tuple(OwnerScore(OwnerKind(kind), p) for kind, p in value.get("owners", ())),  # older readings have none
        nature=Nature(value["nature"]),
        redline=RedLine(value["redline"]) if value["redline"] else None, redline_words=tuple(Span(*s) for s in value["redline_words"]),
        accused=tuple(Accusation(AccusedKind(kind), Span(*span), code) for kind, span, code in value["accused"]),
        schools=tuple(SchoolMention(Span(*m[0]), m[1], m[2], m[3], m[4], tuple(m[5])) for m in value["schools"]),
        places=tuple(value["places"]), foreign_place=value["foreign_place"], grade=Grade(value["grade"]) if value["grade"] else None,
        clues=tuple(Clue(Span(*span), about, weight) for span, about, weight in value["clues"]),
    )  # fmt: skip


def _span(span: Span) -> list[str | int]:
    return [span.surface, span.start, span.end]
