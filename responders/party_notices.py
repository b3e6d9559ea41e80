"""What is told when a party speaks for itself: the desk hears that a matter was returned or answered, the party that its return was not
accepted."""

from __future__ import annotations

from datetime import datetime

from pipeline.domain.cases import Assignment, Case, Notice
from pipeline.masking import masked
from responders.telling import ANYBODY, ASKED, BY_GRADE, DESK, HIDDEN, for_desk, head


def disputed(case: Case, assignment: Assignment, reason: str, now: datetime) -> Notice:
    """Tells the desk that a party returns a matter as not its own (退回): staff decide whose it is, no other school is asked by itself."""
    said = HIDDEN if case.accusation else masked(reason)
    return Notice(
        key=f"disputed:{assignment.id}:{assignment.version}", party=DESK, roles=ANYBODY, urgency=for_desk(case), created_at=now,
        case_id=case.id, subject=f"[{case.number}] {assignment.party_name}退回交办，请处理",
        text=f"{head(case)}\n{assignment.party_name}退回，理由：{said}\n时限照常计算。请转办其他单位，或说明理由维持交办。",
    )


def insisted(case: Case, assignment: Assignment, reason: str, now: datetime) -> Notice:
    """Tells a party that the matter it returned stays with it (维持交办), and why."""
    return Notice(
        key=f"insisted:{assignment.id}:{assignment.version}", party=assignment.party, roles=ANYBODY, urgency=BY_GRADE[case.grade],
        created_at=now, case_id=case.id, assignment_id=assignment.id, subject=f"[{case.number}] 退回未获同意，请继续办理",
        text=f"事件 {case.number} 仍由贵单位办理。理由：{reason}\n\n{assignment.summary}\n\n时限照原定计算。{ASKED[assignment.role]}",
    )


def reported(case: Case, assignment: Assignment, public: bool, number: int, now: datetime) -> Notice:
    """Tells the desk that a party has answered on its page; `public` when it says that it has answered in public, which staff must see
    for themselves before any clock is met."""
    claims = "该单位称已公开回应：请核实网址或截图后「登记回应」，核实前不算完成。" if public else "请在控制台查看，核实后研究公开回应。"
    return Notice(
        key=f"reported:{assignment.id}:{number}", party=DESK, roles=ANYBODY, urgency=for_desk(case), created_at=now, case_id=case.id,
        subject=f"[{case.number}] {assignment.party_name}已反馈", text=f"{head(case)}\n{assignment.party_name}已反馈核查情况。{claims}",
    )
