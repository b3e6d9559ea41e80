"""What can be done on a case now, by its state and the user's role: the forms that its page offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.cases import Assignment, Case, Obligation
from pipeline.domain.terms import AnswerKind, AssignmentState, CaseState, ObligationKind
from pipeline.store import case_views
from responders.acts import ASSIGNMENT, CASE, Act, meets
from responders.console.rights import Right
from responders.console.visit import Visit


@dataclass(frozen=True, slots=True)
class Offers:
    """The forms to show. `next` is what the case most likely needs now: it stands open, the others are folded."""

    case: tuple[Right, ...]
    next: Right | None
    assignments: tuple[tuple[int, Right], ...]

    def of(self, assignment: Assignment) -> tuple[Right, ...]:
        """What can be done with an assignment."""
        return tuple(right for i, right in self.assignments if i == assignment.id)


def of(visit: Visit, case: Case, held: Sequence[Assignment], owed: Sequence[Obligation]) -> Offers:
    """What this user can do with this case and its assignments, the likeliest first."""
    fitting = [r for r in map(_right, CASE) if r and r not in _OF_ASSIGNMENT and visit.may(r) and _fits(r, case, owed)]
    if case_views.count_attached(visit.store, case.id) < 2:
        fitting = [r for r in fitting if r is not Right.SPLIT]
    likeliest = _next(case, fitting, held)
    on_case = tuple(sorted(fitting, key=lambda r: r is not likeliest))
    on_assignments = tuple(
        (a.id, r) for a in held for r in map(_right, ASSIGNMENT)
        if r and visit.may(r) and case.state in CASE[Act(r.value)] and a.state in ASSIGNMENT[Act(r.value)]
    )
    return Offers(on_case, likeliest, on_assignments)


def receipts(owed: Sequence[Obligation]) -> list[ObligationKind]:
    """What a receipt would meet."""
    return [o.kind for o in owed if o.kind in meets(Act.RECEIPT) and o.running]


def done(action: str) -> str:
    """The sentence after an action: 「交办」已办理; empty for what is no action."""
    right = next((r for r in Right if r.value == action), None)
    return f"「{right.zh}」已记录" if right else ""


_OF_ASSIGNMENT = frozenset(Right(a.value) for a in ASSIGNMENT)


def _right(act: Act) -> Right | None:
    return next((r for r in Right if r.value == act.value), None)


def _fits(right: Right, case: Case, owed: Sequence[Obligation]) -> bool:
    """Whether an action makes sense in the case's state and with what is already known of it."""
    if case.state not in CASE[Act(right.value)]:
        return False
    match right:
        case Right.CONFIRM_REDLINE:
            return case.redline is not None and case.redline_confirmed_at is None
        case Right.ANSWER:
            return case.answer_kind in (AnswerKind.PUBLIC, AnswerKind.ORIGINAL_CHANNEL)
        case Right.RECEIPT:
            return bool(receipts(owed))
        case Right.WAIVE | Right.EXTEND | Right.CONFIRM_REPORT | Right.REPORT_RECEIPT | Right.WITHDRAW_REPORT:
            return False  # stands beside each obligation, on each report's own page
    return True


def _next(case: Case, can: Sequence[Right], held: Sequence[Assignment]) -> Right | None:
    """What the case most likely waits for."""
    waiting = any(a.state is AssignmentState.PROPOSED for a in held)
    order = [Right.CONFIRM_REDLINE]
    if case.answer_kind is None:
        order.append(Right.CHOOSE_ANSWER)
    elif not waiting:
        order += [Right.CLOSE] if case.state is CaseState.PUBLISHED else [Right.ANSWER, Right.RECEIPT]
    return next((r for r in order if r in can), None)
