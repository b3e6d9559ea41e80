"""Cases (舆情事件): loading them, changing them under their version, and the queue of those that wait for an owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.domain.cases import Case
from pipeline.domain.terms import AnswerKind, CaseState, EmergencyGrade, Grade, RedLine, StartBasis
from pipeline.moments import from_text, maybe_from, to_text
from pipeline.store.db import Store

TELLING = 40
"""So many posts of a case decide who answers; the echo of a hot case is counted and not read again each time."""


@dataclass(frozen=True, slots=True)
class Dates:
    """What happened when, beside what `Case` holds, in the case's present generation; `told_grade` is what the desk last heard."""

    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    found_at: datetime | None = None
    published_at: datetime | None = None
    limit_at: datetime | None = None
    told_grade: Grade | None = None


def get(store: Store, case_id: int) -> Case | None:
    """One case by its id."""
    row = store.row("SELECT * FROM case_ WHERE bureau = ? AND id = ?", store.bureau, case_id)
    return case_of(row) if row else None


def by_number(store: Store, number: str) -> Case | None:
    """One case by its number (教舆-2026-00001)."""
    row = store.row("SELECT * FROM case_ WHERE bureau = ? AND number = ?", store.bureau, number)
    return case_of(row) if row else None


def waiting(store: Store, limit: int) -> list[Case]:
    """The next cases that wait for an owner, oldest first."""
    sql = "SELECT * FROM case_ WHERE bureau = ? AND waiting = 'route' ORDER BY id LIMIT ?"
    return [case_of(r) for r in store.rows(sql, store.bureau, limit)]


def count_waiting(store: Store) -> int:
    """How many cases wait for an owner."""
    return int(store.value("SELECT count(*) FROM case_ WHERE bureau = ? AND waiting = 'route'", store.bureau))


def routed(store: Store, case_id: int, *, changed: bool) -> None:
    """Takes a case out of the queue; a page that was loaded before is stale only when something changed."""
    sql = "UPDATE case_ SET waiting = NULL, told_grade = grade, version = version + ? WHERE id = ?"
    store.execute(sql, int(changed), case_id)


def ask_again(store: Store, case_id: int) -> None:
    """Puts a case back into the queue."""
    store.execute("UPDATE case_ SET waiting = 'route' WHERE bureau = ? AND id = ?", store.bureau, case_id)


def change(store: Store, case_id: int, version: int, **columns: Any) -> bool:
    """Writes these columns if the row still has this version, which then counts up; False when somebody was quicker."""
    names = "".join(f"{name} = ?, " for name in columns)
    cursor = store.execute(
        f"UPDATE case_ SET {names}version = version + 1 WHERE bureau = ? AND id = ? AND version = ?",
        *columns.values(), store.bureau, case_id, version,
    )
    return cursor.rowcount == 1


def renew(store: Store, case_id: int) -> None:
    """Clears what belonged to the last generation of a case that is reopened (重开); its history stays in the record."""
    store.execute(
        """UPDATE case_ SET answer_kind = NULL, handed_over_at = NULL, acknowledged_at = NULL, answered_at = NULL, closed_at = NULL,
           closing_reason = NULL, redline_confirmed_at = NULL, emergency_grade = NULL, taken_up_at = NULL WHERE id = ?""",
        case_id,
    )


def dates(store: Store, case: Case) -> Dates:
    """The moments that clocks count from. A later generation was found with the post that reopened it; an old case that a person
    took up counts from then."""
    row = store.row("SELECT acknowledged_at, answered_at, closed_at, taken_up_at, told_grade FROM case_ WHERE id = ?", case.id) or {}
    limit = store.value("SELECT min(limit_at) FROM instruction WHERE case_id = ? AND kind = 'letter'", case.id)
    taken_up = maybe_from(row.get("taken_up_at"))
    found, published = (taken_up or case.found_at, None if taken_up else case.published_at)
    if case.generation > 1:
        first = store.row(
            """SELECT min(post.collected_at) AS found, min(CASE WHEN post.precision != 'unknown' THEN post.published_at END) AS published
               FROM case_post JOIN post ON post.id = case_post.post_id WHERE case_post.case_id = ? AND case_post.generation = ?""",
            case.id, case.generation,
        ) or {}
        if first.get("found") and not taken_up:
            found, published = from_text(first["found"]), maybe_from(first["published"])
    return Dates(
        acknowledged_at=maybe_from(row.get("acknowledged_at")), answered_at=maybe_from(row.get("answered_at")),
        closed_at=maybe_from(row.get("closed_at")), found_at=found, published_at=published, limit_at=maybe_from(limit),
        told_grade=Grade(row["told_grade"]) if row.get("told_grade") else None,
    )


def telling_posts(store: Store, case: Case) -> list[int]:
    """The posts that decide who answers, in their order: those of this generation that speak of education or carry a red line,
    accusations first among equals; of a case without such posts, all there are."""
    sql = """SELECT p.post_id FROM case_post p LEFT JOIN reading r ON r.post_id = p.post_id AND r.current = 1
             WHERE p.case_id = ? AND p.generation = ? ORDER BY (r.scope = 'k12' OR r.redline IS NOT NULL) DESC, (r.nature = '举报') DESC,
             (r.redline IS NOT NULL) DESC, p.post_id LIMIT ?"""
    found = store.rows(sql, case.id, case.generation, TELLING) or store.rows(sql, case.id, 1, TELLING)
    return sorted(r["post_id"] for r in found)


def sources(store: Store, case_id: int) -> frozenset[str]:
    """The sources of a case's posts."""
    sql = "SELECT DISTINCT post.source FROM case_post JOIN post ON post.id = case_post.post_id WHERE case_post.case_id = ?"
    return frozenset(r["source"] for r in store.rows(sql, case_id))


def all_public(store: Store, case_id: int) -> bool:
    """Whether every post of a case stood in public: one letter among them makes it none that hands itself over."""
    sql = "SELECT 1 FROM case_post JOIN post ON post.id = case_post.post_id WHERE case_post.case_id = ? AND post.public = 0 LIMIT 1"
    return store.value(sql, case_id) is None


def public_since(store: Store, case: Case) -> tuple[datetime | None, datetime | None]:
    """When the first public post of the case's present generation was collected and when it was published: what has lain there as a
    letter is 政务舆情 only from then on."""
    row = store.row(
        """SELECT min(post.collected_at) AS found, min(CASE WHEN post.precision != 'unknown' THEN post.published_at END) AS published
           FROM case_post p JOIN post ON post.id = p.post_id WHERE p.case_id = ? AND p.generation = ? AND post.public = 1""",
        case.id, case.generation,
    ) or {}
    return maybe_from(row.get("found")), maybe_from(row.get("published"))


def asked_since(store: Store, case: Case) -> tuple[datetime, StartBasis]:
    """Since when that stands in the world which a case's present generation asks about: published (首发), or else found (发现)."""
    found, published = case.found_at, case.published_at
    if case.generation > 1:
        again = dates(store, case)
        first = store.value("SELECT 1 FROM case_post WHERE case_id = ? AND generation = ? LIMIT 1", case.id, case.generation)
        found, published = (again.found_at or found, again.published_at) if first and again.found_at else (found, published)
    if published is None or published > found:  # a time that is unknown, or lies after we saw the post, is not believed
        return found, StartBasis.FOUND
    return published, StartBasis.PUBLISHED


def open_setbacks(store: Store, stage: str) -> list[str]:
    """The subjects of a stage's setbacks that nobody has mended yet."""
    sql = "SELECT DISTINCT subject FROM setback WHERE bureau = ? AND stage = ? AND resolved_at IS NULL ORDER BY subject"
    return [r["subject"] for r in store.rows(sql, store.bureau, stage)]


def set_aside_before(store: Store, stage: str, before: datetime) -> list[str]:
    """What a stage has set aside and may try again: it was tried no later than that, or another configuration has come since."""
    sql = """SELECT subject FROM setback WHERE bureau = ? AND stage = ? AND resolved_at IS NULL GROUP BY subject
             HAVING max(at) <= ? OR max(at) < (SELECT max(seen_at) FROM config_version WHERE bureau = ?) ORDER BY subject"""
    return [r["subject"] for r in store.rows(sql, store.bureau, stage, to_text(before), store.bureau)]


def resolve_setback(store: Store, stage: str, subject: str, now: datetime) -> None:
    """Closes a setback that has been mended."""
    sql = "UPDATE setback SET resolved_at = ? WHERE bureau = ? AND stage = ? AND subject = ? AND resolved_at IS NULL"
    store.execute(sql, to_text(now), store.bureau, stage, subject)


def case_of(row: dict[str, Any]) -> Case:
    """The case that a whole row of `case_` holds."""
    return Case(
        id=row["id"], number=row["number"], generation=row["generation"], state=CaseState(row["state"]), title=row["title"],
        topic=row["topic"], grade=Grade(row["grade"]), public=bool(row["public"]), dormant=bool(row["dormant"]),
        found_at=from_text(row["found_at"]), published_at=maybe_from(row["published_at"]), version=row["version"],
        grade_confirmed=bool(row["grade_confirmed"]),
        emergency_grade=EmergencyGrade(row["emergency_grade"]) if row["emergency_grade"] else None,
        answer_kind=AnswerKind(row["answer_kind"]) if row["answer_kind"] else None,
        redline=RedLine(row["redline"]) if row["redline"] else None, redline_confirmed_at=maybe_from(row["redline_confirmed_at"]),
        accusation=bool(row["accusation"]), handed_over_at=maybe_from(row["handed_over_at"]),
        muted_until=maybe_from(row["muted_until"]), opened_by=row["opened_by"],
    )
