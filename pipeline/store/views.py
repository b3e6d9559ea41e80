"""What the console lists: cases by what burns and by filter, each row a frozen record. Every query is bounded and stands on an index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.domain.terms import AssignmentState, CaseState, Grade, ObligationKind, RedLine, Term
from pipeline.moments import from_text, maybe_from, to_text
from pipeline.store.db import Store
from pipeline.store.obligations import kind_of

RUNNING = "o.met_at IS NULL AND o.waived_at IS NULL"
AWAITING = "('triage', 'open')"
LIVE = "('triage', 'open', 'published')"
GOING = "c.state NOT IN ('dismissed', 'merged')"
GONE = "('disputed', 'transferred', 'cancelled')"

OWED = f"FROM obligation o WHERE o.case_id = c.id AND o.generation = c.generation AND {RUNNING}"
NEXT = f"{OWED} ORDER BY o.due_at LIMIT 1"
LEAD = f"FROM assignment a WHERE a.case_id = c.id AND a.generation = c.generation AND a.role = 'lead' AND a.state NOT IN {GONE}"
BY_RULE = "a.auto = 1 AND a.confirmed_by LIKE '规则 %'"
"""A hand-over that no person clicked."""
REVIEWED = timedelta(hours=24)
"""So long what a rule handed over stands before the eyes of those who should review it."""
SOONEST = "next_due IS NULL, next_due, c.grade, c.id DESC"
NEWEST = "c.found_at DESC, c.id DESC"


class Burning(Term):
    """What staff look at first (今日)."""

    RED_LINE = "redline", "红线待确认"
    RED_LINE_GOING = "redline_going", "红线已确认在办"
    UNDECIDED = "undecided", "待研判超时"
    OVERDUE = "overdue", "超期"
    DUE_SOON = "due_soon", "临期"
    RETURNED = "returned", "退回待处理"
    HAND_OVER = "hand_over", "拟交办待确认"
    BY_ITSELF = "by_itself", "系统已自动交办"


OWING = (Burning.UNDECIDED, Burning.OVERDUE, Burning.DUE_SOON)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases to list; an empty field asks nothing. `posts` are hits of a text search; `accusations` False leaves out
    检举控告, for those who may not know what is in them."""

    burning: Burning | None = None
    states: tuple[CaseState, ...] = ()
    grade: Grade | None = None
    owner: str = ""
    topic: str = ""
    number: str = ""
    posts: tuple[int, ...] | None = None
    since: datetime | None = None
    accusations: bool = True

    @property
    def urgent(self) -> bool:
        """Whether what is due next comes first; a list that reaches back through all history has the newest first."""
        live = bool(self.states) and all(s.live for s in self.states)
        return live or self.burning is not None or self.posts is not None or self.since is not None or bool(self.number)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as one row of a list, with what is due next on it."""

    id: int
    number: str
    title: str
    state: CaseState
    grade: Grade
    grade_confirmed: bool
    topic: str | None
    redline: RedLine | None
    redline_confirmed: bool
    accusation: bool
    public: bool
    dormant: bool
    published_at: datetime | None
    found_at: datetime
    posts: int
    owner: str
    owner_state: AssignmentState | None
    by_rule: bool
    due_kind: ObligationKind | None
    due_at: datetime | None
    warn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, and how many rows the whole of it has."""

    lines: tuple[CaseLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came in since a moment: posts, those of education among them, and the cases opened, by grade."""

    posts: int
    education: int
    cases: tuple[tuple[Grade, int], ...]


def cases(store: Store, wanted: Wanted, now: datetime, limit: int = 50, offset: int = 0) -> Listing:
    """The cases that are wanted, in the order that `Wanted.urgent` says."""
    origin, conditions, values = _query(store, wanted, now)
    total = int(store.value(f"SELECT count(*) FROM {origin} WHERE {conditions}", *values))
    order = SOONEST if wanted.urgent else NEWEST
    rows = store.rows(
        f"""SELECT c.*, (SELECT count(*) FROM case_post p WHERE p.case_id = c.id) AS posts,
                   (SELECT a.party_name {LEAD}) AS owner, (SELECT a.state {LEAD}) AS owner_state,
                   (SELECT {BY_RULE} {LEAD}) AS by_rule,
                   (SELECT o.kind {NEXT}) AS due_kind, (SELECT o.warn_at {NEXT}) AS warn_at
            FROM (SELECT c.*, (SELECT o.due_at {NEXT}) AS next_due FROM {origin} WHERE {conditions} ORDER BY {order} LIMIT ? OFFSET ?) c
            ORDER BY {order}""",
        *values, limit, offset,
    ) if total else []
    return Listing(tuple(map(_line, rows)), total)


def arrivals(store: Store, since: datetime, *, accusations: bool = True) -> Arrivals:
    """What came in since `since`; `accusations` False does not grade what the reader may not know."""
    at = to_text(since)
    known = "" if accusations else "AND accusation = 0"
    by_grade = {r["grade"]: r["n"] for r in store.rows(
        f"SELECT grade, count(*) AS n FROM case_ WHERE bureau = ? AND found_at >= ? {known} GROUP BY grade", store.bureau, at
    )}
    return Arrivals(
        posts=int(store.value("SELECT count(*) FROM post WHERE bureau = ? AND collected_at >= ?", store.bureau, at)),
        education=int(store.value(
            """SELECT count(*) FROM post JOIN reading r ON r.post_id = post.id AND r.current = 1
               WHERE post.bureau = ? AND post.collected_at >= ? AND r.scope = 'k12'""", store.bureau, at,
        )),
        cases=tuple((g, by_grade.get(g.value, 0)) for g in Grade),
    )


def _query(store: Store, wanted: Wanted, now: datetime) -> tuple[str, str, list[Any]]:
    """Where a list comes from, its conditions, and the values of both in step. What is few leads, and finds its cases by their ids:
    the whole history of cases is never walked for it."""
    leading: list[tuple[str, list[Any]]] = []
    if wanted.burning in OWING:
        owed, values = _owing(wanted.burning, to_text(now))
        leading.append((f"(SELECT DISTINCT o.case_id, o.generation FROM obligation o WHERE o.bureau = ? AND {RUNNING} AND {owed}) w",
                        [store.bureau, *values]))
    if wanted.posts is not None:
        marks = ", ".join("?" * len(wanted.posts))
        leading.append((f"(SELECT DISTINCT case_id FROM case_post WHERE post_id IN ({marks})) h", list(wanted.posts)))
    parts = list(_conditions(store, wanted, now))
    origin = " CROSS JOIN ".join([*(sql for sql, _ in leading), "case_ c"])
    return origin, " AND ".join(sql for sql, _ in parts), [v for _, values in (*leading, *parts) for v in values]


def _conditions(store: Store, wanted: Wanted, now: datetime) -> Iterator[tuple[str, list[Any]]]:
    yield "c.bureau = ?", [store.bureau]
    if wanted.burning:
        yield _burning(wanted.burning, now)
    if wanted.posts is not None:
        yield "c.id = h.case_id", []
    if wanted.states:
        yield f"c.state IN ({', '.join('?' * len(wanted.states))})", [s.value for s in wanted.states]
    if wanted.grade:
        yield "c.grade = ?", [wanted.grade.value]
    if wanted.topic:
        yield "c.topic = ?", [wanted.topic]
    if wanted.owner:
        yield f"EXISTS (SELECT 1 {LEAD} AND a.party = ?)", [wanted.owner]
    if wanted.number:
        yield "c.number = ?", [wanted.number]
    if wanted.since:
        yield "c.found_at >= ?", [to_text(wanted.since)]
    if not wanted.accusations:
        yield "c.accusation = 0", []


def _owing(burning: Burning | None, now: str) -> tuple[str, list[Any]]:
    """Which running obligations make a case burn."""
    if burning is Burning.UNDECIDED:
        return "o.kind = 'triage' AND o.due_at < ?", [now]
    if burning is Burning.OVERDUE:
        return "o.kind != 'triage' AND o.due_at < ?", [now]
    return "o.due_at >= ? AND o.warn_at <= ?", [now, now]


def _burning(burning: Burning, now: datetime) -> tuple[str, list[Any]]:
    """What else must hold of the case. What is dormant (存量) burns no longer; what is overdue is not due soon as well."""
    owing = "c.id = w.case_id AND c.generation = w.generation"
    match burning:
        case Burning.RED_LINE:
            return f"c.redline IS NOT NULL AND c.redline_confirmed_at IS NULL AND c.dormant = 0 AND c.state IN {LIVE}", []
        case Burning.RED_LINE_GOING:
            return f"c.redline IS NOT NULL AND c.redline_confirmed_at IS NOT NULL AND c.state IN {LIVE}", []
        case Burning.UNDECIDED:
            return f"{owing} AND c.state = 'triage'", []
        case Burning.OVERDUE:
            return f"{owing} AND {GOING}", []
        case Burning.DUE_SOON:
            return f"{owing} AND {GOING} AND NOT EXISTS (SELECT 1 {OWED} AND o.due_at < ?)", [to_text(now)]
        case Burning.RETURNED:
            given_up = "EXISTS (SELECT 1 FROM assignment p WHERE p.id = a.previous_id AND p.state = 'disputed')"
            return f"c.state IN {LIVE} AND EXISTS (SELECT 1 {LEAD} AND a.state = 'proposed' AND {given_up})", []
        case Burning.HAND_OVER:
            return f"c.state IN {AWAITING} AND c.dormant = 0 AND EXISTS (SELECT 1 {LEAD} AND a.state = 'proposed')", []
        case Burning.BY_ITSELF:
            return f"c.state IN {LIVE} AND EXISTS (SELECT 1 {LEAD} AND {BY_RULE} AND a.confirmed_at >= ?)", [to_text(now - REVIEWED)]


def _line(row: dict[str, Any]) -> CaseLine:
    return CaseLine(
        id=row["id"], number=row["number"], title=row["title"], state=CaseState(row["state"]), grade=Grade(row["grade"]),
        grade_confirmed=bool(row["grade_confirmed"]), topic=row["topic"], redline=RedLine(row["redline"]) if row["redline"] else None,
        redline_confirmed=bool(row["redline_confirmed_at"]), accusation=bool(row["accusation"]), public=bool(row["public"]),
        dormant=bool(row["dormant"]), published_at=maybe_from(row["published_at"]), found_at=from_text(row["found_at"]), posts=row["posts"],
        owner=row["owner"] or "", owner_state=AssignmentState(row["owner_state"]) if row["owner_state"] else None,
        by_rule=bool(row["by_rule"]), due_kind=kind_of(row["due_kind"]) if row["due_kind"] else None,
        due_at=maybe_from(row["next_due"]), warn_at=maybe_from(row["warn_at"]),
    )
