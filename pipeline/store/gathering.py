"""Gathering (归并): posts that tell one matter become one case. Look-ups go by signature band and by school and topic, within a window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from pipeline.domain.cases import Case
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading
from pipeline.domain.terms import CaseState, Grade
from pipeline.masking import masked
from pipeline.moments import local, maybe_text, to_text
from pipeline.store import audit, cases, gains, posts, readings, reports, ties
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
    store: Store, bands: Sequence[int], schools: Collection[str], matters: Sequence[str], words: Sequence[str], at: datetime,
    window: timedelta, but: int,
) -> list[Neighbour]:
    """Gathered posts near in time that share a band of the signature, or a school and a topic or red line, or two rare words; the
    newest, not too many."""
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
    return _loaded(store, sorted((ids | _sharing(store, words, span)) - {but}))


def _sharing(store: Store, words: Sequence[str], span: tuple[str, str]) -> set[int]:
    """The posts that share two of these words or more; a word that too many posts of the window share is not rare."""
    sql = "SELECT post_id FROM rare_word WHERE bureau = ? AND word = ? AND at BETWEEN ? AND ? ORDER BY at DESC LIMIT ?"
    votes: Counter[int] = Counter()
    for word in words:
        found = [r["post_id"] for r in store.rows(sql, store.bureau, word, *span, NEAREST + 1)]
        votes.update(found if len(found) <= NEAREST else ())
    shared = sorted((p for p, n in votes.items() if n > 1), key=lambda p: (-votes[p], -p))
    return set(shared[:NEAREST])


def _loaded(store: Store, ids: Sequence[int]) -> list[Neighbour]:
    told = readings.current(store, ids)
    marks = ",".join("?" * len(ids))
    rows = store.rows(f"SELECT post_id, case_id FROM case_post WHERE post_id IN ({marks})", *ids) if ids else []
    held = {r["post_id"]: r["case_id"] for r in rows}
    return [Neighbour(post, told[i], held[i]) for i in ids if i in told and i in held and (post := posts.get(store, i))]


def index(
    store: Store, post_id: int, bands: Sequence[int], schools: Collection[str], matters: Sequence[str], words: Sequence[str], at: datetime
) -> None:
    """Makes a gathered post findable; what an earlier version of its text was found by goes."""
    for table in ("signature_band", "matter", "rare_word"):
        store.execute(f"DELETE FROM {table} WHERE post_id = ?", post_id)
    moment = to_text(at)
    store.executemany("INSERT OR IGNORE INTO signature_band VALUES (?, ?, ?, ?)", [(store.bureau, b, moment, post_id) for b in bands])
    rows = [(store.bureau, school, matter, moment, post_id) for school, matter in product(sorted(schools), matters)]
    store.executemany("INSERT OR IGNORE INTO matter VALUES (?, ?, ?, ?, ?)", rows)
    store.executemany("INSERT OR IGNORE INTO rare_word VALUES (?, ?, ?, ?)", [(store.bureau, w, moment, post_id) for w in words])


def done(store: Store, post: Post) -> None:
    """Takes a gathered post out of the queue, unless its text changed meanwhile."""
    store.execute("UPDATE post SET waiting = NULL WHERE id = ? AND version = ? AND waiting = 'gather'", post.id, post.version)


def read_again(store: Store, post_id: int) -> None:
    """Sends a post without a reading back to be read."""
    store.execute("UPDATE post SET waiting = 'read' WHERE id = ?", post_id)


def open_case(store: Store, post: Post, reading: Reading, grade: Grade, now: datetime, opened_by: str = MACHINE) -> Case:
    """Opens a case on its first post, waiting for an owner."""
    title = masked(post.title.strip() or post.body.strip()[:TITLE]) or "（无标题）"
    case_id = store.insert(
        "case_", bureau=store.bureau, number=_number(store, now), state=CaseState.TRIAGE.value, title=title,
        topic=reading.topics[0].code if reading.topics else None, grade=grade.value,
        redline=reading.redline.value if reading.redline else None, accusation=int(bool(reading.accused)),
        public=int(post.public), dormant=int(post.dormant), published_at=maybe_text(gains.believed(post)),
        found_at=to_text(post.collected_at), opened_by=opened_by, waiting="route",
    )  # fmt: skip
    case = cases.get(store, case_id)
    assert case is not None  # noqa: S101 — it was written a line above, in this transaction
    attach(store, case, post, "first", None, now)
    return case


def open_bare(store: Store, title: str, topic: str | None, found_at: datetime, who: str, now: datetime) -> Case:
    """Opens a case on which nobody has written a post: a person does so, for what came in on paper or by word."""
    case_id = store.insert(
        "case_", bureau=store.bureau, number=_number(store, now), state=CaseState.TRIAGE.value, title=masked(title), topic=topic,
        grade=Grade.IV.value, public=0, dormant=0, found_at=to_text(found_at), opened_by=who, waiting="route",
    )  # fmt: skip
    case = cases.get(store, case_id)
    assert case is not None  # noqa: S101 — it was written a line above, in this transaction
    return case


def attach(store: Store, case: Case, post: Post, how: str, likeness: float | None, now: datetime) -> None:
    """Adds a post to the present generation of a case."""
    store.insert(
        "case_post", post_id=post.id, case_id=case.id, generation=case.generation, how=how, likeness=likeness, attached_at=to_text(now),
        attached_by=MACHINE,
    )  # fmt: skip


def said_together(store: Store, post_id: int) -> Case | None:
    """The case that a person has said a post belongs to."""
    found = sorted(ties.cases(store, [post_id], ties.TOGETHER))
    return standing(store, found[0]) if found else None


def said_apart(store: Store, post_ids: Sequence[int]) -> set[int]:
    """The cases that, a person has said, tell another matter than these posts; mergers followed to their end."""
    return {case.id for i in ties.cases(store, post_ids, ties.APART) if (case := standing(store, i))}


def merge(store: Store, case: Case, into: Case, reason: str, who: str, now: datetime) -> Case:
    """并入: all posts of a case become another's; whatever is gathered later, they stay together. What was owed for the merged case
    is the caller's to end."""
    if case.id == into.id or CaseState.MERGED in (case.state, into.state):
        raise ValueError("不能并入：两件事是同一件，或其中一件已经并入别处")
    with store.transaction():
        theirs, ours = ties.posts(store, case.id), ties.posts(store, into.id)
        whole = gains.joined(case, cases.dates(store, case), into, cases.dates(store, into))
        ties.say(store, [(p, ours[0]) for p in theirs] if ours else [], ties.TOGETHER, reason, who, now)
        ties.forget(store, theirs, ours)
        sql = """UPDATE case_post SET case_id = ?, generation = ?, attached_by = ?, how = CASE how WHEN 'first' THEN 'by_hand' ELSE how END
                 WHERE case_id = ?"""
        store.execute(sql, into.id, into.generation, who, case.id)
        reports.move(store, case.id, into)
        ended = """UPDATE case_ SET state = 'merged', merged_into = ?, closed_at = ?, closing_reason = ?, waiting = NULL,
                   version = version + 1 WHERE id = ?"""
        store.execute(ended, into.id, to_text(now), reason, case.id)
        change(store, into, **whole.columns(into) | {"state": into.state.value})
        _tell_anew(store, into.id)
        detail = {"事件": into.number, "帖文": theirs, "理由": reason}
        audit.write(store, who, "并入", case.number, detail, now, case.id)
        audit.write(store, who, "并入事件", into.number, {"事件": case.number, "帖文": theirs, "理由": reason}, now, into.id)
    return cases.get(store, into.id) or into


def split(store: Store, case: Case, post_ids: Collection[int], reason: str, who: str, now: datetime) -> Case:
    """拆出: some posts of a case become a case of their own, and whatever is gathered later, they stay apart from the others."""
    held = ties.posts(store, case.id)
    leaving, staying = [p for p in held if p in post_ids], [p for p in held if p not in post_ids]
    if not leaving or not staying or len(leaving) < len(set(post_ids)):
        raise ValueError("不能拆出：只能拆出本事件的部分帖文，且至少留下一条")
    read = readings.current(store, leaving)
    told = [(post, read[p]) for p in leaving if p in read and (post := posts.get(store, p))]
    if not told:
        raise ValueError("不能拆出：帖文还没有研读")
    with store.transaction():
        store.execute("DELETE FROM case_post WHERE post_id = ?", told[0][0].id)
        new = open_case(store, *told[0], case.grade, now, opened_by=who)
        change(store, new, **gains.founded(told, case, now).columns(new))
        store.executemany(
            "UPDATE case_post SET case_id = ?, generation = ?, how = 'by_hand', attached_by = ? WHERE post_id = ?",
            [(new.id, new.generation, who, p) for p in leaving],
        )
        ties.part(store, leaving, staying, reason, who, now)
        change(store, case, state=case.state.value)
        store.execute("DELETE FROM account WHERE case_id = ?", case.id)  # it may quote what has left
        for one in (case.id, new.id):
            _tell_anew(store, one)
        audit.write(store, who, "拆出", case.number, {"新事件": new.number, "帖文": leaving, "理由": reason}, now, case.id)
        audit.write(store, who, "拆出立案", new.number, {"原事件": case.number, "帖文": leaving, "理由": reason}, now, new.id)
    return cases.get(store, new.id) or new


def _tell_anew(store: Store, case_id: int) -> None:
    """Sends a post of a case to be gathered again: the account of the case is written anew from the posts that it has now."""
    sql = """UPDATE post SET waiting = 'gather' WHERE waiting IS NULL AND id = (
                 SELECT min(p.post_id) FROM case_post p JOIN case_ c ON c.id = p.case_id AND c.generation = p.generation
                 JOIN reading r ON r.post_id = p.post_id AND r.current = 1 AND (r.scope = 'k12' OR r.redline IS NOT NULL)
                 WHERE p.case_id = ?)"""
    store.execute(sql, case_id)


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
    published = maybe_text(gains.believed(post))
    found: dict[str, str] = {}
    if post.dormant and not case.dormant:  # what is old starts nothing
        return found
    if published and (case.published_at is None or published < to_text(case.published_at)):
        found["published_at"] = published
    if post.collected_at < case.found_at:
        found["found_at"] = to_text(post.collected_at)
    return found


def posts_of_round(store: Store, case: Case) -> set[int]:
    """The posts of a case's present generation."""
    rows = store.rows("SELECT post_id FROM case_post WHERE case_id = ? AND generation = ?", case.id, case.generation)
    return {r["post_id"] for r in rows}


def with_replies(store: Store, case_id: int, post_ids: Collection[int]) -> list[int]:
    """These posts of a case with all replies beneath them that it holds, in the order in which they were collected."""
    replies = store.rows("SELECT p.post_id, post.parent_id FROM case_post p JOIN post ON post.id = p.post_id WHERE p.case_id = ?", case_id)
    found = set(post_ids)
    while more := {r["post_id"] for r in replies if r["parent_id"] in found} - found:
        found |= more
    return sorted(found)


def posts_of_source(store: Store, case_id: int) -> dict[str, int]:
    """How many posts of each source a case has, replies left out; counted up to a limit, for beyond it the number says nothing new."""
    sql = """SELECT source, count(*) AS n FROM (SELECT post.source FROM case_post JOIN post ON post.id = case_post.post_id
             WHERE case_post.case_id = ? AND case_post.how != 'reply' LIMIT ?) GROUP BY source"""
    return {r["source"]: r["n"] for r in store.rows(sql, case_id, COUNTED)}


def _number(store: Store, now: datetime) -> str:
    """The next number of the year: 教舆-2026-00001."""
    year = f"教舆-{local(now).year}-"
    sql = "SELECT max(number) FROM case_ WHERE bureau = ? AND number >= ? AND number < ?"
    last = store.value(sql, store.bureau, year, f"{year}:")
    return f"{year}{int(last[len(year):]) + 1 if last else 1:05d}"
