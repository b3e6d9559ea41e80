"""Who may do what on the console: one closed table. Who keeps an eye on the record (留痕) does no casework, and the other way round."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.domain.terms import Term, UserRole
from responders.acts import APPROVERS, MAY, TRIAGERS


class Right(Term):
    """Something a user may do; those that change a case bear the names of responders.acts."""

    READ = "read", "查看"
    CHOOSE_ANSWER = "choose_answer", "研判"
    HAND_OVER = "hand_over", "交办"
    ACKNOWLEDGE = "acknowledge", "代签收"
    FINDINGS = "findings", "登记反馈"
    SEND_BACK = "send_back", "退回重报"
    DISPUTE = "dispute", "登记非我单位"
    REASSIGN = "reassign", "转办"
    RECEIPT = "receipt", "登记回执"
    CONFIRM_REDLINE = "confirm_redline", "确认红线"
    REOPEN = "reopen", "重开"
    MERGE = "merge", "合并"
    SPLIT = "split", "拆分"
    INSTRUCT = "instruct", "登记批示来文"
    REPORT = "report", "起草报告、移交函"
    REPORT_RECEIPT = "report_receipt", "登记报告回执"
    PHONE = "phone", "登记电话督办"
    MAIL = "mail", "处理结果不明的邮件"
    INBOX = "inbox", "处理来信"
    ANSWER = "answer", "登记回应"
    CONFIRM_GRADE = "confirm_grade", "确定等级"
    EMERGENCY = "emergency", "录入突发事件等级"
    WAIVE = "waive", "免除时限"
    EXTEND = "extend", "延长时限"
    DISMISS = "dismiss", "不予处置"
    CLOSE = "close", "办结"
    CONFIRM_REPORT = "confirm_report", "审定报告"
    WITHDRAW_REPORT = "withdraw_report", "撤回报告"
    UNMASK = "unmask", "查看未遮蔽原文"
    AUDIT = "audit", "查看留痕"
    USERS = "users", "查看用户名单"


DESK_RIGHTS: Mapping[Right, frozenset[UserRole]] = {
    Right.READ: frozenset(UserRole),
    Right.PHONE: TRIAGERS,
    Right.MAIL: TRIAGERS,
    Right.INBOX: TRIAGERS,
    Right.UNMASK: APPROVERS,
    Right.AUDIT: frozenset({UserRole.AUDITOR}),
    Right.USERS: frozenset({UserRole.ADMIN}),
}
"""What is the console's own."""
WHO: Mapping[Right, frozenset[UserRole]] = {**DESK_RIGHTS, **{Right(act.value): roles for act, roles in MAY.items()}}
"""Which roles have a right: of casework, as the table of actions says."""
RIGHTS: Mapping[UserRole, frozenset[Right]] = {role: frozenset(r for r, roles in WHO.items() if role in roles) for role in UserRole}
"""The same, role by role."""


def may(role: UserRole, right: Right) -> bool:
    """Whether this role has this right."""
    return role in WHO[right]
