"""What may be done to a case or an assignment, from which state to which, and by whom: closed tables that the actions obey."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.domain.cases import Case
from pipeline.domain.terms import AnswerKind, Term, UserRole
from pipeline.domain.terms import AssignmentState as A
from pipeline.domain.terms import CaseState as C


class Refused(Exception):
    """What was asked for is not allowed; the message is a sentence for staff."""


class Stale(Exception):
    """Somebody changed the row after the page was loaded."""

    def __init__(self) -> None:
        super().__init__("这件事刚刚被别人处理过，页面已过时，请刷新后再试")


class Act(Term):
    """An action of staff; its label is what the history shows (留痕)."""

    CHOOSE_ANSWER = "choose_answer", "研判"
    HAND_OVER = "hand_over", "交办"
    ACKNOWLEDGE = "acknowledge", "签收"
    FINDINGS = "findings", "登记反馈"
    REASSIGN = "reassign", "转办"
    DISPUTE = "dispute", "退回"
    INSIST = "insist", "维持交办"
    ANSWER = "answer", "登记回应"
    RECEIPT = "receipt", "登记回执"
    CONFIRM_REDLINE = "confirm_redline", "确认红线"
    CONFIRM_GRADE = "confirm_grade", "确定等级"
    EMERGENCY = "emergency", "录入突发事件等级"
    WAIVE = "waive", "免除时限"
    DISMISS = "dismiss", "不予处置"
    CLOSE = "close", "办结"
    REOPEN = "reopen", "重开"
    MERGE = "merge", "合并"
    SPLIT = "split", "拆分"


SAME: Mapping[C, C] = {C.TRIAGE: C.TRIAGE, C.OPEN: C.OPEN, C.PUBLISHED: C.PUBLISHED}
"""An action that leaves a live case where it stands."""

CASE: Mapping[Act, Mapping[C, C]] = {
    Act.CHOOSE_ANSWER: {C.TRIAGE: C.OPEN, C.OPEN: C.OPEN, C.PUBLISHED: C.PUBLISHED},
    Act.HAND_OVER: SAME,
    Act.ACKNOWLEDGE: SAME,
    Act.FINDINGS: SAME,
    Act.REASSIGN: SAME,
    Act.DISPUTE: SAME,
    Act.INSIST: SAME,
    Act.ANSWER: {C.OPEN: C.PUBLISHED, C.PUBLISHED: C.PUBLISHED},
    Act.RECEIPT: SAME,
    Act.CONFIRM_REDLINE: SAME,
    Act.CONFIRM_GRADE: SAME,
    Act.EMERGENCY: SAME,
    Act.WAIVE: SAME,
    Act.DISMISS: {C.TRIAGE: C.DISMISSED, C.OPEN: C.DISMISSED},
    Act.CLOSE: {C.OPEN: C.CLOSED, C.PUBLISHED: C.CLOSED},
    Act.REOPEN: {C.PUBLISHED: C.TRIAGE, C.CLOSED: C.TRIAGE, C.DISMISSED: C.TRIAGE},
    Act.MERGE: {C.TRIAGE: C.MERGED, C.OPEN: C.MERGED},
    Act.SPLIT: SAME,
}
"""From which state of a case an action is allowed, and to which it leads."""

ASSIGNMENT: Mapping[Act, Mapping[A, A]] = {
    Act.HAND_OVER: {A.PROPOSED: A.CONFIRMED},
    Act.ACKNOWLEDGE: {A.CONFIRMED: A.ACKNOWLEDGED},
    Act.FINDINGS: {A.CONFIRMED: A.ANSWERED, A.ACKNOWLEDGED: A.ANSWERED, A.RETURNED: A.ANSWERED, A.ANSWERED: A.ANSWERED},
    Act.REASSIGN: {
        A.PROPOSED: A.TRANSFERRED, A.CONFIRMED: A.TRANSFERRED, A.ACKNOWLEDGED: A.TRANSFERRED, A.ANSWERED: A.TRANSFERRED,
        A.RETURNED: A.TRANSFERRED, A.DISPUTED: A.TRANSFERRED,
    },
    Act.DISPUTE: {A.CONFIRMED: A.DISPUTED, A.ACKNOWLEDGED: A.DISPUTED},
    Act.INSIST: {A.DISPUTED: A.CONFIRMED},
}
"""The same for an assignment."""

REPORTED = frozenset({"A2", "A3", "A4"})
"""Topics that are reported or handed over rather than answered in public, unless a person decides otherwise."""

TRIAGERS = frozenset({UserRole.TRIAGER, UserRole.APPROVER, UserRole.ADMIN})
APPROVERS = frozenset({UserRole.APPROVER, UserRole.ADMIN})

MAY: Mapping[Act, frozenset[UserRole]] = {
    Act.CHOOSE_ANSWER: TRIAGERS,
    Act.HAND_OVER: TRIAGERS,
    Act.ACKNOWLEDGE: TRIAGERS,
    Act.FINDINGS: TRIAGERS,
    Act.REASSIGN: TRIAGERS,
    Act.DISPUTE: TRIAGERS,
    Act.INSIST: TRIAGERS,
    Act.ANSWER: APPROVERS,
    Act.RECEIPT: TRIAGERS,
    Act.CONFIRM_REDLINE: TRIAGERS,
    Act.CONFIRM_GRADE: APPROVERS,
    Act.EMERGENCY: APPROVERS,
    Act.WAIVE: APPROVERS,
    Act.DISMISS: APPROVERS,
    Act.CLOSE: APPROVERS,
    Act.REOPEN: TRIAGERS,
    Act.MERGE: TRIAGERS,
    Act.SPLIT: TRIAGERS,
}
"""Who may do what, for the console too (研判 proposes and hands over, 审签 decides what ends or grades a case); the others only look."""


def may(role: UserRole, act: Act) -> bool:
    """Whether a user of this role may do this."""
    return role in MAY[act]


def next_case(act: Act, state: C) -> C:
    """The case's state after an action. Raises `Refused` where the table has none."""
    after = CASE[act].get(state)
    if after is None:
        raise Refused(f"事件现在是「{state.zh}」，不能{act.zh}")
    return after


def next_assignment(act: Act, state: A) -> A:
    """The assignment's state after an action. Raises `Refused` where the table has none."""
    after = ASSIGNMENT[act].get(state)
    if after is None:
        raise Refused(f"这项交办现在是「{state.zh}」，不能{act.zh}")
    return after


def advised(case: Case) -> AnswerKind:
    """The kind of answer that the form offers first (研判建议): 报告移交 for what must be handed over, else where it was asked."""
    if case.accusation or case.topic in REPORTED:
        return AnswerKind.REPORT
    return AnswerKind.PUBLIC if case.public else AnswerKind.ORIGINAL_CHANNEL


def needs(text: str, what: str) -> str:
    """A text that may not be left empty, trimmed."""
    if not text.strip():
        raise Refused(f"请填写{what}")
    return text.strip()
