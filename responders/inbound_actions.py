"""What staff do with mail that came in: give it to a case, take it out of one, say that it asks for nothing, save the original.

Each is one transaction of change and audit entry. They raise `Refused` with a sentence for staff, and `Stale` where somebody was quicker.
None changes the state of a case or an assignment: what a reply says is recorded by its own action (签收, 登记反馈)."""

from __future__ import annotations

from datetime import datetime

from pipeline.domain.cases import Case
from pipeline.domain.inbound import Received
from pipeline.masking import masked
from pipeline.store import audit, cases, evidence, gathering, inbound, inbound_views
from pipeline.store.db import Store
from responders.acts import Refused, Stale, needs
from responders.mail.matching import numbers


def claim(store: Store, inbound_id: int, version: int, number: str, who: str, now: datetime) -> Case:
    """认领: a mail of the holding pen is attached to the case with this number; to the one that stands, where that was merged."""
    with store.transaction():
        mail = _found(store, inbound_id)
        if not mail.waiting:
            raise Refused("这封来信已经处理过")
        case = _case(store, number)
        held = inbound.held_by(store, case.id, inbound.parties_at(store, mail.sender))
        if not inbound.attach(store, mail.id, version, case.id, held, f"由{who}认领"):
            raise Stale
        audit.write(store, who, "认领来信", case.number, _detail(mail, untold=case.accusation), now, case.id)
        return case


def release(store: Store, inbound_id: int, version: int, reason: str, who: str, now: datetime) -> Received:
    """移出: a mail that belongs to another case goes back to the holding pen, with the reason."""
    with store.transaction():
        mail, why = _found(store, inbound_id), needs(reason, "移出的理由")
        if mail.case_id is None:
            raise Refused("这封来信不在任何案件中")
        if not inbound.release(store, mail.id, version, f"{who}从 {mail.case_number} 移出：{why}"):
            raise Stale
        audit.write(store, who, "移出来信", mail.case_number, {**_detail(mail, untold=mail.accusation), "理由": why}, now, mail.case_id)
        return mail


def put_aside(store: Store, inbound_id: int, version: int, reason: str, who: str, now: datetime) -> None:
    """不必处理: a mail of the holding pen asks for nothing, and why."""
    with store.transaction():
        mail, why = _found(store, inbound_id), needs(reason, "不必处理的理由")
        if not mail.waiting:
            raise Refused("这封来信已经处理过")
        if not inbound.settle(store, mail.id, version, who, why, now):
            raise Stale
        audit.write(store, who, "来信不必处理", f"来信 {mail.id}", {**_detail(mail, untold=True), "理由": why}, now)


def original(store: Store, mail: Received, who: str, now: datetime) -> bytes:
    """The bytes as they came, which show what is masked elsewhere: who took them is recorded."""
    body = evidence.read(store, mail.evidence_id) if mail.evidence_id else None
    if body is None:
        raise Refused("没有留存原件，请直接在邮箱中查看")
    detail = _detail(mail, untold=mail.accusation or mail.case_id is None)
    with store.transaction():
        audit.write(store, who, "下载来信原件", mail.case_number or f"来信 {mail.id}", detail, now, mail.case_id)
    return body


def _found(store: Store, inbound_id: int) -> Received:
    found = inbound_views.get(store, inbound_id)
    if found is None:
        raise Refused("没有这封来信")
    return found


def _case(store: Store, typed: str) -> Case:
    found = [case for n in numbers(typed) if (case := cases.by_number(store, n))]
    standing = gathering.standing(store, found[0].id) if len(found) == 1 else None
    if standing is None:
        raise Refused(f"没有编号为「{typed.strip()[:40]}」的事件，请写成 教舆-2026-00012 这样的形式")
    return standing


def _detail(mail: Received, *, untold: bool) -> dict[str, str]:
    """What the record says of a mail; its title is left `untold` where it is, or may be, an accusation: the record has readers of its
    own."""
    who = mail.party or masked(mail.sender_name) or "未登记的发件人"
    return {"来信人": who} if untold else {"来信人": who, "标题": masked(mail.subject)}
