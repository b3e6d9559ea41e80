"""What may be done to a case or an assignment, from which state to which, by whom, and what it writes: one closed table that the actions
obey, that the console draws its buttons from and that the tests walk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pipeline.domain.cases import Case
from pipeline.domain.reports import ReportState as R
from pipeline.domain.terms import AnswerKind, Term, UserRole
from pipeline.domain.terms import AssignmentState as A
from pipeline.domain.terms import CaseState as C
from pipeline.domain.terms import ObligationKind as O

S = TypeVar("S", C, A)


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
    SEND_BACK = "send_back", "退回重报"
    DISPUTE = "dispute", "登记非我单位"
    REASSIGN = "reassign", "转办"
    ANSWER = "answer", "登记回应"
    RECEIPT = "receipt", "登记回执"
    CONFIRM_REDLINE = "confirm_redline", "确认红线"
    CONFIRM_GRADE = "confirm_grade", "确定等级"
    EMERGENCY = "emergency", "录入突发事件等级"
    WAIVE = "waive", "免除时限"
    EXTEND = "extend", "延长时限"
    DISMISS = "dismiss", "不予处置"
    CLOSE = "close", "办结"
    REOPEN = "reopen", "重开"
    MERGE = "merge", "合并"
    SPLIT = "split", "拆分"
    INSTRUCT = "instruct", "登记批示来文"
    REPORT = "report", "起草报告"
    CONFIRM_REPORT = "confirm_report", "审定报告"
    REPORT_RECEIPT = "report_receipt", "登记报告回执"
    WITHDRAW_REPORT = "withdraw_report", "撤回报告"


@dataclass(frozen=True, slots=True)
class Line:
    """One action: who may, the states of the case that it leads from and to, those of the assignment that it is done to, those of every
    other assignment of the case, the columns of the case that it writes, and the obligations (时限) that its evidence meets."""

    who: frozenset[UserRole]
    case: Mapping[C, C]
    assignment: Mapping[A, A] = field(default_factory=dict)
    others: Mapping[A, A] = field(default_factory=dict)
    writes: frozenset[str] = frozenset()
    meets: frozenset[O] = frozenset()


TRIAGERS = frozenset({UserRole.TRIAGER, UserRole.APPROVER, UserRole.ADMIN})
APPROVERS = frozenset({UserRole.APPROVER, UserRole.ADMIN})
WOKEN = frozenset({"dormant", "taken_up_at"})
"""What is written of an old case that a person takes up."""


def _stay(*states: S) -> dict[S, S]:
    return {s: s for s in states}


def _all(states: Iterable[S], after: S) -> dict[S, S]:
    return dict.fromkeys(states, after)


LIVE = _stay(C.TRIAGE, C.OPEN, C.PUBLISHED)
REPORTED_ON = LIVE | _stay(C.CLOSED, C.DISMISSED)
"""What is reported may be finished: a 终报 tells of the end, and receipts come late."""
HELD = tuple(a for a in A if a.live)

TABLE: Mapping[Act, Line] = {
    Act.CHOOSE_ANSWER: Line(
        TRIAGERS, {C.TRIAGE: C.OPEN, C.OPEN: C.OPEN, C.PUBLISHED: C.PUBLISHED},
        writes=WOKEN | {"state", "answer_kind"}, meets=frozenset({O.TRIAGE}),
    ),
    Act.HAND_OVER: Line(TRIAGERS, LIVE, {A.PROPOSED: A.CONFIRMED}, writes=WOKEN | {"handed_over_at"}),
    Act.ACKNOWLEDGE: Line(
        TRIAGERS, LIVE, {A.CONFIRMED: A.ACKNOWLEDGED}, writes=frozenset({"acknowledged_at"}), meets=frozenset({O.ACKNOWLEDGE}),
    ),
    Act.FINDINGS: Line(
        TRIAGERS, LIVE, _all((A.CONFIRMED, A.ACKNOWLEDGED, A.RETURNED, A.ANSWERED), A.ANSWERED),
        meets=frozenset({O.ACKNOWLEDGE, O.FINDINGS}),
    ),
    Act.SEND_BACK: Line(TRIAGERS, LIVE, {A.ANSWERED: A.RETURNED}),
    Act.DISPUTE: Line(TRIAGERS, LIVE, _all((A.CONFIRMED, A.ACKNOWLEDGED, A.RETURNED), A.DISPUTED)),
    Act.REASSIGN: Line(
        TRIAGERS, LIVE, _all((A.PROPOSED, A.CONFIRMED, A.ACKNOWLEDGED, A.ANSWERED, A.RETURNED), A.TRANSFERRED),
    ),
    Act.ANSWER: Line(
        APPROVERS, {C.OPEN: C.PUBLISHED, C.PUBLISHED: C.PUBLISHED}, writes=frozenset({"state", "answered_at"}),
        meets=frozenset({O.STATEMENT, O.RESPONSE, O.FIRST_RESPONSE, O.LETTER, O.DISCLOSURE}),
    ),
    Act.RECEIPT: Line(
        TRIAGERS, LIVE, meets=frozenset({
            O.PHONE_REPORT, O.FIRST_REPORT, O.CONFERENCE, O.LETTER, O.BULLYING, O.RECORD_FORM, O.RECORD_CHECK, O.RECORD_STUDY,
            O.PETITION_ACCEPT, O.PETITION_OBJECT, O.DISCLOSURE,
        }),
    ),
    Act.CONFIRM_REDLINE: Line(
        TRIAGERS, LIVE, writes=WOKEN | {"redline_confirmed_at", "grade", "grade_confirmed"}, meets=frozenset({O.REDLINE_CHECK}),
    ),
    Act.CONFIRM_GRADE: Line(
        APPROVERS, LIVE, writes=frozenset({"grade", "grade_confirmed"}), meets=frozenset({O.REDLINE_CHECK}),
    ),
    Act.EMERGENCY: Line(APPROVERS, LIVE, writes=WOKEN | {"emergency_grade"}),
    Act.WAIVE: Line(APPROVERS, LIVE),
    Act.EXTEND: Line(APPROVERS, LIVE),
    Act.DISMISS: Line(
        APPROVERS, {C.TRIAGE: C.DISMISSED, C.OPEN: C.DISMISSED}, others=_all(HELD, A.CANCELLED),
        writes=frozenset({"state", "closing_reason", "closed_at"}), meets=frozenset({O.TRIAGE, O.REDLINE_CHECK}),
    ),
    Act.CLOSE: Line(
        APPROVERS, {C.OPEN: C.CLOSED, C.PUBLISHED: C.CLOSED}, others=_all(HELD, A.ACCEPTED) | {A.PROPOSED: A.CANCELLED},
        writes=frozenset({"state", "closing_reason", "closed_at"}),
        meets=frozenset({O.CLOSING, O.RECORD_CLOSE, O.PETITION_CLOSE}),
    ),
    Act.REOPEN: Line(
        TRIAGERS, {C.PUBLISHED: C.TRIAGE, C.CLOSED: C.TRIAGE, C.DISMISSED: C.TRIAGE},
        writes=WOKEN | {"state", "generation", "waiting"},
    ),
    Act.MERGE: Line(
        TRIAGERS, {C.TRIAGE: C.MERGED, C.OPEN: C.MERGED}, others=_all(HELD, A.CANCELLED),
        meets=frozenset({O.TRIAGE, O.REDLINE_CHECK}),
    ),
    Act.SPLIT: Line(TRIAGERS, LIVE),
    Act.INSTRUCT: Line(TRIAGERS, LIVE, writes=WOKEN),
    Act.REPORT: Line(TRIAGERS, REPORTED_ON),
    Act.CONFIRM_REPORT: Line(APPROVERS, REPORTED_ON),
    Act.REPORT_RECEIPT: Line(TRIAGERS, REPORTED_ON, meets=frozenset({O.INSTRUCTION, O.FIRST_REPORT, O.PHONE_REPORT, O.LETTER})),
    Act.WITHDRAW_REPORT: Line(APPROVERS, REPORTED_ON, meets=frozenset({O.FIRST_REPORT})),
}
"""Everything that a person may do (研判 proposes and hands over, 审签 decides what ends or grades a case); the other roles only look.
What stands in no line is refused; `IN_STATE` and `AS_HELD` say what is open instead."""

CASE: Mapping[Act, Mapping[C, C]] = {act: line.case for act, line in TABLE.items()}
"""From which state of a case an action is allowed, and to which it leads."""
ASSIGNMENT: Mapping[Act, Mapping[A, A]] = {act: line.assignment for act, line in TABLE.items() if line.assignment}
"""The same for the assignment that an action is done to."""
MAY: Mapping[Act, frozenset[UserRole]] = {act: line.who for act, line in TABLE.items()}
"""Who may do what."""

REPORT: Mapping[Act, Mapping[R, R]] = {
    Act.REPORT: {R.DRAFT: R.DRAFT},
    Act.CONFIRM_REPORT: {R.DRAFT: R.CONFIRMED},
    Act.REPORT_RECEIPT: {R.CONFIRMED: R.RECEIVED},
    Act.WITHDRAW_REPORT: {R.DRAFT: R.WITHDRAWN, R.CONFIRMED: R.WITHDRAWN},
}
"""The same for a report or a hand-over letter. What has its receipt stands."""

IN_STATE: Mapping[C, str] = {
    C.TRIAGE: "请先「研判」，定下回应方式",
    C.OPEN: "事件正在办理，请直接办理",
    C.PUBLISHED: "请「办结」；确需另行处理的，先「重开」",
    C.CLOSED: "确需再办的，先「重开」",
    C.DISMISSED: "确需办理的，先「重开」",
    C.MERGED: "请到并入的那个事件办理",
}
"""What is open instead in a state of the case that refuses an action."""
AS_HELD: Mapping[A, str] = {
    A.PROPOSED: "还没有交办，请先「交办」或「转办」",
    A.CONFIRMED: "已经交给该单位，等它签收、反馈",
    A.ACKNOWLEDGED: "该单位已签收，等它反馈",
    A.ANSWERED: "该单位已反馈；不合要求的请「退回重报」",
    A.ACCEPTED: "反馈已采纳；确需再办的，先「重开」事件",
    A.RETURNED: "已退回该单位，等它重报",
    A.DISPUTED: "该单位已不承办，请在现在的承办单位下办理",
    A.TRANSFERRED: "已转交别的单位，请在现在的承办单位下办理",
    A.CANCELLED: "交办已取消，请在现在的承办单位下办理",
}
"""The same of an assignment."""

REPORTED = frozenset({"A2", "A3", "A4"})
"""Topics that are reported or handed over rather than answered in public, unless a person decides otherwise."""


def may(role: UserRole, act: Act) -> bool:
    """Whether a user of this role may do this."""
    return role in MAY[act]


def next_case(act: Act, state: C) -> C:
    """The case's state after an action. Raises `Refused`, with what is open instead, where the table has none."""
    after = TABLE[act].case.get(state)
    if after is None:
        mend = "事件还没有了结，不必重开" if act is Act.REOPEN and state.live else IN_STATE[state]
        raise Refused(f"事件现在是「{state.zh}」，不能{act.zh}：{mend}")
    return after


def next_assignment(act: Act, state: A) -> A:
    """The assignment's state after an action. Raises `Refused`, with what is open instead, where the table has none."""
    after = TABLE[act].assignment.get(state)
    if after is None:
        raise Refused(f"这项交办现在是「{state.zh}」，不能{act.zh}：{AS_HELD[state]}")
    return after


def meets(act: Act) -> frozenset[O]:
    """The obligations that the evidence of this action meets; nothing else ever does."""
    return TABLE[act].meets


def next_report(act: Act, state: R) -> R:
    """The report's state after an action. Raises `Refused` where the table has none."""
    after = REPORT[act].get(state)
    if after is None:
        raise Refused(f"这份文书现在是「{state.zh}」，不能{act.zh}")
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
