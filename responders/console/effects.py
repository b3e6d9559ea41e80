"""What a button will do, in one sentence beside it: which clocks start or end, and who is written to or telephoned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.cases import Assignment, Case
from pipeline.domain.terms import AnswerKind, AssignmentState, Grade, OwnerKind, Role
from pipeline.store import parties
from pipeline.store.db import Store
from responders import dossier, telling
from responders.console.rights import Right
from responders.console.visit import Visit

BARRED = "检举控告事项不得转交被举报人及其单位，提交会被拒绝；请先「转办」给其他单位"
OUTSIDE = "本系统不向外单位发送邮件；将提醒舆情值班室按移交程序办理，并登记回执"
TO_FILE = "（目前邮件只写成文件，没有真正发出）"
ON_CASE = {
    Right.CHOOSE_ANSWER: "将记下研判结论，相应的时限随之起算或终止；不向任何单位发送邮件",
    Right.CONFIRM_GRADE: "将按新等级收紧时限和催办；降低等级不延长已起算的时限",
    Right.EMERGENCY: "「重大」以上的，法定时限将从原起算点计算，可能已经超期；降到「较大」以下的，这些时限终止，再升高时恢复",
    Right.RECEIPT: "所选时限将以这份回执为凭据完成",
    Right.CLOSE: "案件将转为「已办结」，其余内部时限和催办终止；不发送邮件",
    Right.INSTRUCT: "注明了时限的，从收文时起由本局承担，报告上去取得回执才算完成；不发送邮件",
    Right.REPORT: "只生成草稿，审定后打印或抄送，取得回执才算送达；本系统不向外单位发送邮件",
    Right.REOPEN: "将作为新一轮办理，重新确定回应主体和时限，原有记录保留",
}
ON_ASSIGNMENT = {
    Right.ACKNOWLEDGE: "将记为对方已签收，「签收」时限按此刻完成；不发送邮件",
    Right.FINDINGS: "「签收」「反馈核查结果」等内部时限将完成；法定的回应时限不受影响",
    Right.SEND_BACK: "将把退回的理由告知该单位；「反馈核查结果」时限恢复，仍从原起算点计，可能已经超期",
}


@dataclass(frozen=True, slots=True)
class Effects:
    """The sentences of one case's page."""

    case: tuple[tuple[Right, str], ...]
    assignments: tuple[tuple[int, Right, str], ...]

    def on_case(self, right: Right) -> str:
        """What an action on the case will do; empty where its form says so itself."""
        return next((s for r, s in self.case if r is right), "")

    def on(self, assignment: Assignment, right: Right) -> str:
        """What an action on an assignment will do."""
        return next((s for i, r, s in self.assignments if (i, r) == (assignment.id, right)), "")


def of(visit: Visit, case: Case, held: Sequence[Assignment]) -> Effects:
    """What each button on this case's page will do; nothing for those who have none."""
    if not visit.may(Right.CHOOSE_ANSWER):
        return Effects((), ())
    live = [a for a in held if a.state.live]
    accused = dossier.load(visit.store, case).accused(visit.config) if case.accusation else frozenset()
    on_case = {**ON_CASE, Right.ANSWER: _answer(case), Right.DISMISS: _dismiss(live, accused)}
    on_assignments: list[tuple[int, Right, str]] = []
    for a in live:
        handed = _hand_over(visit, case, a, live, accused)
        sentences = {**ON_ASSIGNMENT, Right.REASSIGN: _reassign(a), Right.HAND_OVER: handed, Right.DISPUTE: _dispute(a)}
        on_assignments += [(a.id, right, sentence) for right, sentence in sentences.items()]
    return Effects(tuple(on_case.items()), tuple(on_assignments))


def _answer(case: Case) -> str:
    if case.answer_kind is AnswerKind.PUBLIC:
        return "案件将转为「已公开回应」，回应时限按所填时间完成"
    return "「来信来电答复」时限将按所填时间完成"


def _dismiss(live: Sequence[Assignment], accused: frozenset[str]) -> str:
    told = "、".join(a.party_name for a in live if a.confirmed_at and a.owner is not OwnerKind.EXTERNAL and a.party not in accused)
    return "将撤销交办，终止全部未完成的时限和催办；" + (f"并向 {told} 发送撤回通知" if told else "不发送邮件")


def _dispute(held: Assignment) -> str:
    if held.role is Role.LEAD:
        return "案件将退回舆情值班室，由工作人员重新确定回应主体，不会直接转给别的学校；时限照走"
    return f"{held.party_name}将不再{held.role.zh}，并告知舆情值班室；主责单位和时限不变"


def _reassign(held: Assignment) -> str:
    if held.state is AssignmentState.PROPOSED:
        return "将改为拟交办给新单位，尚不发送邮件；再「交办」才会通知对方"
    return f"将撤回对 {held.party_name} 的交办并通知该单位；新单位须再「交办」才会收到，时限不重新起算"


def _hand_over(visit: Visit, case: Case, held: Assignment, live: Sequence[Assignment], accused: frozenset[str]) -> str:
    """Who will be written to, or telephoned where no mail can arrive; the guiding sections hear of it together with the lead."""
    if held.party in accused or (case.accusation and not accused and held.owner is OwnerKind.SCHOOL):
        return BARRED
    if held.owner is OwnerKind.EXTERNAL:
        return OUTSIDE
    guides = [
        a.party_name for a in live
        if held.role is Role.LEAD and a.role is Role.GUIDE and a.state is AssignmentState.PROPOSED and a.owner is OwnerKind.BUREAU
    ]
    grave = held.owner is OwnerKind.SCHOOL and case.grade.severity >= Grade.II.severity
    said = _reached(visit.store, held, grave) + (f"；同时告知 {'、'.join(guides)}" if guides else "")
    return said + (TO_FILE if visit.config.settings.mail.transport == "file" else "")


def _reached(store: Store, held: Assignment, grave: bool) -> str:
    orders = (telling.ANYBODY, telling.HEAD_FIRST) if grave else (telling.ANYBODY,)
    found = [c for c in (parties.contact_for(store, held.party, order) for order in orders) if c]
    if found:
        roles = "、".join(dict.fromkeys(c.role.zh for c in found))
        return f"将向 {held.party_name} {roles} 发送邮件"
    school = "该校" if held.owner is OwnerKind.SCHOOL else "该单位"
    broken = any(c.email for c in parties.contacts(store, held.party))
    phone = parties.phone_for(store, held.party)
    number = f"（{phone.name} {phone.phone}）" if phone else "（没有登记电话，请查通讯录）"
    return f"{school}{'邮箱已退信或停用' if broken else '没有邮箱'}，将转电话督办{number}"
