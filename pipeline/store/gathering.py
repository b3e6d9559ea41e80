"""Gathering (归并): posts that tell one matter become one case. Look-ups go by signature band and by school and topic, within a window."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from pipeline.domain.cases import Case
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.domain.terms import CaseState, Grade, Precision
from pipeline.moments import local, maybe_text, to_text
from pipeline.store import cases, posts, readings
from pipeline.store.db import Store

NEAREST = 40
COUNTED = 200
TITLE = 30
MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A gathered post that may tell the same matter, with its case."""

    post: Post
    reading: Reading
    case_id: int


def case_of(store: Store, post_id: int) -> Case | None:
    """The case that holds a post; of a merged one, the case it was merged into."""
    case_id = store.value("SELECT case_id FROM case_post WHERE post_id = ?", post_id)
    return standing(store, case_id) if case_id else None


def standing(store: Store, case_id: int) -> Case | None:
    """A case by its id, mergers followed to their end."""
    seen: set[int] = set()
    while case_id not in seen:
        seen.add(case_id)
        into = store.value("SELECT merged_into FROM case_ WHERE id = ? AND state = 'merged'", case_id)
        if into is None:
            return cases.get(store, case_id)
        case_id = into
    return None


def neighbours(
    store: Store, bands: Sequence[int], schools: Collection[str], matters: Sequence[str], at: datetime, window: timedelta, but: int
) -> list[Neighbour]:
    """Gathered posts near in time that share a band of the signature, or a school and a topic or red line; the newest, not too many."""
    span = (to_text(at - window), to_text(at + window))
    ids: set[int] = set()
    if bands:
        marks = ",".join("?" * len(bands))
        sql = f"""SELECT post_id FROM signature_band WHERE bureau = ? AND band IN ({marks}) AND at BETWEEN ? AND ?
                  GROUP BY post_id ORDER BY max(at) DESC LIMIT ?"""
        ids.update(r["post_id"] for r in store.rows(sql, store.bureau, *bands, *span, NEAREST))
    sql = "SELECT post_id FROM matter WHERE bureau = ? AND school = ? AND topic = ? AND at BETWEEN ? AND ? ORDER BY at DESC LIMIT ?"
    for school, matter in product(schools, matters):
        ids.update(r["post_id"] for r in store.rows(sql, store.bureau, school, matter, *span, NEAREST))
    return _loaded(store, sorted(ids - {but}))


def _loaded(store: Store, ids: Sequence[int]) -> list[Neighbour]:
    told = readings.current(store, ids)
    marks = ",".join("?" * len(ids))
    rows = store.rows(f"SELECT post_id, case_id FROM case_post WHERE post_id IN ({marks})", *ids) if ids else []
    held = {r["post_id"]: r["case_id"] for r in rows}
    return [Neighbour(post, told[i], held[i]) for i in ids if i in told and i in held and (post := posts.get(store, i))]


def index(store: Store, post_id: int, bands: Sequence[int], schools: Collection[str], matters: Sequence[str], at: datetime) -> None:
    """Makes a gathered post findable; what an earlier version of its text was found by goes."""
    store.execute("DELETE FROM signature_band WHERE post_id = ?", post_id)
    store.execute("DELETE FROM matter WHERE post_id = ?", post_id)
    moment = to_text(at)
    store.executemany("INSERT OR IGNORE INTO signature_band VALUES (?, ?, ?, ?)", [(store.bureau, b, moment, post_id) for b in bands])
    rows = [(store.bureau, school, matter, moment, post_id) for school, matter in product(sorted(schools), matters)]
    store.executemany("INSERT OR IGNORE INTO matter VALUES (?, ?, ?, ?, ?)", rows)


def done(store: Store, post: Post) -> None:
    """Takes a gathered post out of the queue, unless its text changed meanwhile."""
    store.execute("UPDATE post SET waiting = NULL WHERE id = ? AND version = ? AND waiting = 'gather'", post.id, post.version)


def read_again(store: Store, post_id: int) -> None:
    """Sends a post without a reading back to be read."""
    store.execute("UPDATE post SET waiting = 'read' WHERE id = ?", post_id)


def open_case(store: Store, post: Post, reading: Reading, grade: Grade, now: datetime) -> Case:
    """Opens a case on its first post, waiting for an owner."""
    title = post.title.strip() or post.body.strip()[:TITLE] or "（无标题）"
    case_id = store.insert(
        "case_", bureau=store.bureau, number=_number(store, now), state=CaseState.TRIAGE.value, title=title,
        topic=reading.topics[0].code if reading.topics else None, grade=grade.value,
        redline=reading.redline.value if reading.redline else None, accusation=int(bool(reading.accused)),
        public=int(post.public), dormant=int(post.dormant), published_at=_published(post), found_at=to_text(post.collected_at),
        opened_by=MACHINE, waiting="route",
    )  # fmt: skip
    case = cases.get(store, case_id)
    assert case is not None  # noqa: S101 — it was written a line above, in this transaction
    attach(store, case, post, "first", None, now)
    return case


def attach(store: Store, case: Case, post: Post, how: str, likeness: float | None, now: datetime) -> None:
    """Adds a post to the present generation of a case."""
    store.insert(
        "case_post", post_id=post.id, case_id=case.id, generation=case.generation, how=how, likeness=likeness, attached_at=to_text(now),
        attached_by=MACHINE,
    )  # fmt: skip


def move(store: Store, case: Case, post: Post) -> None:
    """Takes a post of a case into its present generation, whose matter it has become."""
    store.execute("UPDATE case_post SET generation = ? WHERE post_id = ? AND case_id = ?", case.generation, post.id, case.id)


def change(store: Store, case: Case, **columns: Any) -> None:
    """Writes these columns and puts the case back before the router; a page that was loaded before is stale when a column changed."""
    names = "".join(f"{name} = ?, " for name in columns)
    store.execute(
        f"UPDATE case_ SET {names}waiting = 'route', version = version + ? WHERE id = ?", *columns.values(), int(bool(columns)), case.id
    )


def earliest(case: Case, post: Post) -> dict[str, str]:
    """首发 and 发现 of the case, where this post was earlier."""
    published = _published(post)
    found: dict[str, str] = {}
    if published and (case.published_at is None or published < to_text(case.published_at)):
        found["published_at"] = published
    if post.collected_at < case.found_at:
        found["found_at"] = to_text(post.collected_at)
    return found


def posts_of_source(store: Store, case_id: int) -> dict[str, int]:
    """How many posts of each source a case has, replies left out; counted up to a limit, for beyond it the number says nothing new."""
    sql = """SELECT source, count(*) AS n FROM (SELECT post.source FROM case_post JOIN post ON post.id = case_post.post_id
             WHERE case_post.case_id = ? AND case_post.how != 'reply' LIMIT ?) GROUP BY source"""
    return {r["source"]: r["n"] for r in store.rows(sql, case_id, COUNTED)}


def _published(post: Post) -> str | None:
    believed = post.precision is not Precision.UNKNOWN and post.published_at is not None and post.published_at <= post.collected_at
    return maybe_text(post.published_at) if believed else None


def _number(store: Store, now: datetime) -> str:
    """The next number of the year: 教舆-2026-00001."""
    year = f"教舆-{local(now).year}-"
    sql = "SELECT max(number) FROM case_ WHERE bureau = ? AND number >= ? AND number < ?"
    last = store.value(sql, store.bureau, year, f"{year}:")
    return f"{year}{int(last[len(year):]) + 1 if last else 1:05d}"
