"""Assignments (交办): who was given a case, in which role, by which rule, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.domain.cases import Assignment, Case
from pipeline.domain.readings import Span
from pipeline.domain.terms import AssignmentState, OwnerKind, Role
from pipeline.moments import maybe_from, to_text
from pipeline.store import school_links
from pipeline.store.audit import canonical
from pipeline.store.db import Store

GONE = "('disputed', 'transferred', 'cancelled')"


def get(store: Store, assignment_id: int) -> Assignment | None:
    """One assignment by its id."""
    row = store.row(
        "SELECT a.* FROM assignment a JOIN case_ c ON c.id = a.case_id WHERE c.bureau = ? AND a.id = ?", store.bureau, assignment_id
    )
    return assignment_of(row) if row else None


def of_case(store: Store, case: Case) -> list[Assignment]:
    """Every assignment of the case's present generation, past ones included, oldest first."""
    sql = "SELECT * FROM assignment WHERE case_id = ? AND generation = ? ORDER BY id"
    return [assignment_of(r) for r in store.rows(sql, case.id, case.generation)]


def lead(store: Store, case: Case) -> Assignment | None:
    """Who leads now (主责)."""
    sql = f"SELECT * FROM assignment WHERE case_id = ? AND generation = ? AND role = 'lead' AND state NOT IN {GONE}"
    row = store.row(sql, case.id, case.generation)
    return assignment_of(row) if row else None


def propose(
    store: Store, case: Case, *, party: str, name: str, owner: OwnerKind, role: Role, rule: str, version: str, reason: str, now: datetime,
    words: Sequence[Span] = (), confidence: float = 1.0, auto: bool = False, pending: str = "", previous: int | None = None,
) -> int:
    """Proposes to give the case to a party (拟交办) and returns the assignment's id."""
    return store.insert(
        "assignment", case_id=case.id, generation=case.generation, party=party, party_name=name, owner_kind=owner.value, role=role.value,
        state=AssignmentState.PROPOSED.value, rule=rule, rule_version=version, reason=reason,
        words=canonical([[w.surface, w.start, w.end] for w in words]), confidence=confidence, auto=int(auto), pending=pending,
        previous_id=previous, proposed_at=to_text(now),
    )


def change(store: Store, assignment_id: int, version: int, state: AssignmentState, **columns: Any) -> bool:
    """Moves an assignment to a state if its row still has this version; False when somebody was quicker."""
    names = "".join(f"{name} = ?, " for name in columns)
    cursor = store.execute(
        f"UPDATE assignment SET state = ?, {names}version = version + 1 WHERE id = ? AND version = ?",
        state.value, *columns.values(), assignment_id, version,
    )
    return cursor.rowcount == 1


def end(store: Store, assignment_id: int, state: AssignmentState, reason: str, now: datetime) -> None:
    """Ends an assignment (已取消, 已转交, 已采纳) with the reason. Unless the matter was done, its links end with it."""
    if state is not AssignmentState.ACCEPTED:
        school_links.revoke_assignment(store, assignment_id, f"{state.zh}：{reason}", now)
    store.execute(
        "UPDATE assignment SET state = ?, ended_at = ?, end_reason = ?, version = version + 1 WHERE id = ?",
        state.value, to_text(now), reason, assignment_id,
    )


def assignment_of(row: dict[str, Any]) -> Assignment:
    """The assignment that a whole row holds."""
    return Assignment(
        id=row["id"], case_id=row["case_id"], generation=row["generation"], party=row["party"], role=Role(row["role"]),
        state=AssignmentState(row["state"]), rule=row["rule"], rule_version=row["rule_version"], reason=row["reason"],
        version=row["version"], owner=OwnerKind(row["owner_kind"]), party_name=row["party_name"], pending=row["pending"],
        summary=row["summary"], auto=bool(row["auto"]), confirmed_at=maybe_from(row["confirmed_at"]),
        acknowledged_at=maybe_from(row["acknowledged_at"]),
    )
