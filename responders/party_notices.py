"""What is told when a party speaks for itself: the desk hears that a matter was returned or answered, the party that its return was not
accepted."""

from __future__ import annotations

from datetime import datetime

from pipeline.domain.cases import Assignment, Case, Notice
from responders.telling import ANYBODY, DESK, for_desk, head


def reported(case: Case, assignment: Assignment, public: bool, number: int, now: datetime) -> Notice:
    """Tells the desk that a party has answered on its page; `public` when it says that it has answered in public, which staff must see
    for themselves before any clock is met."""
    claims = "该单位称已公开回应：请核实网址或截图后「登记回应」，核实前不算完成。" if public else "请在控制台查看，核实后研究公开回应。"
    return Notice(
        key=f"reported:{assignment.id}:{number}", party=DESK, roles=ANYBODY, urgency=for_desk(case), created_at=now, case_id=case.id,
        subject=f"[{case.number}] {assignment.party_name}已反馈", text=f"{head(case)}\n{assignment.party_name}已反馈核查情况。{claims}",
    )
