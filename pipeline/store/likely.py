"""Which live cases may tell the matter of another one: what staff choose from when they merge (合并), the likeliest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.cases import Case
from pipeline.domain.terms import CaseState, Grade
from pipeline.moments import from_text, to_text
from pipeline.store.db import Store

LIVE = "('triage', 'open', 'published')"
SCHOOLS = "SELECT m.school FROM case_post p JOIN matter m ON m.post_id = p.post_id WHERE p.case_id = {}"
LED = """SELECT a.party FROM assignment a WHERE a.case_id = {} AND a.role = 'lead' AND a.owner_kind = 'school'
         AND a.state NOT IN ('disputed', 'transferred', 'cancelled')"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that another may be merged into, and what the two have in common."""

    id: int
    number: str
    title: str
    state: CaseState
    grade: Grade
    grade_confirmed: bool
    topic: str | None
    accusation: bool
    found_at: datetime
    posts: int
    same_school: bool
    same_topic: bool


def candidates(store: Store, case: Case, words: str, limit: int) -> tuple[Candidate, ...]:
    """The live cases beside this one, those of the same school or topic first, then the nearest in time. `words` are a part of the number
    or of the title; empty asks nothing."""
    schools = " UNION ".join(sql.format("?") for sql in (SCHOOLS, LED))
    theirs = " UNION ".join(sql.format("c.id") for sql in (SCHOOLS, LED))
    asked = "AND (instr(c.number, ?) > 0 OR instr(c.title, ?) > 0)" if words else ""
    rows = store.rows(
        f"""WITH mine(school) AS ({schools})
            SELECT c.*, (SELECT count(*) FROM case_post p WHERE p.case_id = c.id) AS posts,
                   EXISTS (SELECT * FROM mine WHERE school IN ({theirs})) AS same_school, coalesce(c.topic = ?, 0) AS same_topic
            FROM case_ c WHERE c.bureau = ? AND c.state IN {LIVE} AND c.id != ? {asked}
            ORDER BY same_school + same_topic DESC, same_school DESC, abs(julianday(c.found_at) - julianday(?)), c.id DESC LIMIT ?""",
        case.id, case.id, case.topic, store.bureau, case.id, *([words] * 2 if words else []), to_text(case.found_at), limit,
    )
    return tuple(
        Candidate(
            r["id"], r["number"], r["title"], CaseState(r["state"]), Grade(r["grade"]), bool(r["grade_confirmed"]), r["topic"],
            bool(r["accusation"]), from_text(r["found_at"]), r["posts"], bool(r["same_school"]), bool(r["same_topic"]),
        )
        for r in rows
    )
