"""What is told when a matter comes back: a party answers (反馈) or says that it is not its own (非我单位), staff ask for findings anew
(退回重报)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Assignment, Case, Notice, Obligation
from pipeline.domain.terms import Urgency
from pipeline.moments import shown
from responders.telling import ANYBODY, BY_GRADE, DESK, HIDDEN, basis_for, for_desk, head


def reported(case: Case, assignment: Assignment, public: bool, number: int, now: datetime) -> Notice:
    """Tells the desk that a party has answered on its page; `public` when it says that it has answered in public, which staff must see
    for themselves before any clock is met."""
    claims = "该单位称已公开回应：请核实网址或截图后「登记回应」，核实前不算完成。" if public else "请在控制台查看，核实后研究公开回应。"
    return Notice(
        key=f"reported:{assignment.id}:{number}", party=DESK, roles=ANYBODY, urgency=for_desk(case), created_at=now, case_id=case.id,
        subject=f"[{case.number}] {assignment.party_name}已反馈", text=f"{head(case)}\n{assignment.party_name}已反馈核查情况。{claims}",
    )


def disputed(case: Case, assignment: Assignment, reason: str, now: datetime) -> Notice:
    """Tells the desk, and nobody else, that a party does not hold the matter for its own: staff decide who has it next."""
    return Notice(
        key=f"disputed:{assignment.id}", party=DESK, roles=ANYBODY, urgency=_at_once(case), created_at=now,
        case_id=case.id, subject=f"[{case.number}] {assignment.party_name}认为非本单位事项",
        text=f"事件：{case.number}（{case.grade.zh}）\n{assignment.party_name}退回交办：{HIDDEN if case.accusation else reason}\n\n"
        "请核定回应主体：确属该单位的，转办回该单位并说明理由；否则转办给应当回应的单位。时限照走，现由舆情值班室承担。",
    )


def sent_back(
    case: Case, assignment: Assignment, reason: str, owed: Sequence[Obligation], config: Config, now: datetime
) -> Notice:
    """Tells a party what its findings lack, and by when they were due from the first."""
    limits = "\n".join(f"· {o.kind.zh}：{shown(o.due_at)} 前（{basis_for(assignment.owner, o, config)}）" for o in owed)
    return Notice(
        key=f"sentback:{assignment.id}:{assignment.version}", party=assignment.party, roles=ANYBODY,
        urgency=_at_once(case), created_at=now, case_id=case.id,
        assignment_id=assignment.id, subject=f"[{case.number}] 反馈退回重报",
        text=f"事件 {case.number} 的反馈须补充后重报：{reason}\n\n" + (f"时限不重新起算：\n{limits}\n\n" if limits else "")
        + "可电话或回信反馈。",
    )


def _at_once(case: Case) -> Urgency:
    """Neither waits to be grouped, for a clock goes on meanwhile; a grave one is urgent."""
    return Urgency.URGENT if BY_GRADE[case.grade] is Urgency.URGENT else Urgency.PROMPT
