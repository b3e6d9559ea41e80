"""What the desk is told of mail that came in, and under which words the record keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipeline.domain.cases import Case, Notice
from pipeline.domain.inbound import Ours
from pipeline.domain.terms import Urgency
from responders.mail.grouping import DESK
from responders.paper import one_line
from responders.telling import ANYBODY

REPLIED, CAME_BACK = "收到回信", "退信"
"""The record's words (留痕)."""


def replied(case: Case, inbound_id: int, who: str, now: datetime) -> Notice:
    """A reply has been attached to a case. What it says stands on the console only: it may name children."""
    return Notice(
        key=f"reply:{inbound_id}", party=DESK, roles=ANYBODY, urgency=Urgency.ROUTINE, created_at=now, case_id=case.id,
        subject=f"[{case.number}] 收到回信", text=f"事件：{case.number}\n来信人：{one_line(who)}\n"
        "回信已附在事件页面，请查看；签收、反馈仍须由人登记。",
    )


def came_back(mail: Ours, party: str, cases: Sequence[Case], *, flagged: bool, said: str, now: datetime) -> Notice:
    """One of our mails came back from a party."""
    numbers = "、".join(case.number for case in cases)
    tag = f"[{cases[0].number}] " if len(cases) == 1 else ""
    mend = "该联系人已标为退信，不再向其发信；请打电话通知，并更正邮箱（改名册后运行 huiyin registry import）。"
    lost = "地址未见有误（如信箱已满），以后仍会向其发信；这封邮件请打电话通知。"
    return Notice(
        key=f"bounce:{mail.id}", party=DESK, roles=ANYBODY, urgency=Urgency.PROMPT, created_at=now,
        case_id=cases[0].id if len(cases) == 1 else None, subject=f"{tag}邮件被退回：{party}",
        text=f"发给{party} {mail.name}（{mail.recipient}）的邮件被退回。" + (f"\n涉及事件：{numbers}" if numbers else "")
        + f"\n原因：{one_line(said)}\n{mend if flagged else lost}",
    )
