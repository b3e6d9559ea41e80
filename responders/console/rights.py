"""Who may do what on the console: one closed table. Who keeps an eye on the record (留痕) does no casework, and the other way round."""

from __future__ import annotations

from pipeline.domain.terms import Term, UserRole


class Right(Term):
    """Something a user may do; those that change a case bear the names of responders.acts."""

    READ = "read", "查看"
    CHOOSE_ANSWER = "choose_answer", "研判"
    HAND_OVER = "hand_over", "交办"
    ACKNOWLEDGE = "acknowledge", "代签收"
    FINDINGS = "findings", "登记反馈"
    REASSIGN = "reassign", "转办"
    RECEIPT = "receipt", "登记回执"
    CONFIRM_REDLINE = "confirm_redline", "确认红线"
    REOPEN = "reopen", "重开"
    MERGE = "merge", "合并"
    SPLIT = "split", "拆分"
    PHONE = "phone", "登记电话督办"
    MAIL = "mail", "处理结果不明的邮件"
    INBOX = "inbox", "处理来信"
    ANSWER = "answer", "登记回应"
    CONFIRM_GRADE = "confirm_grade", "确定等级"
    EMERGENCY = "emergency", "录入突发事件等级"
    WAIVE = "waive", "免除时限"
    DISMISS = "dismiss", "不予处置"
    CLOSE = "close", "办结"
    AUDIT = "audit", "查看留痕"
    USERS = "users", "查看用户名单"


TRIAGE = frozenset({
    Right.READ, Right.CHOOSE_ANSWER, Right.HAND_OVER, Right.ACKNOWLEDGE, Right.FINDINGS, Right.REASSIGN, Right.RECEIPT,
    Right.CONFIRM_REDLINE, Right.REOPEN, Right.MERGE, Right.SPLIT, Right.PHONE, Right.MAIL, Right.INBOX,
})
APPROVE = TRIAGE | {Right.ANSWER, Right.CONFIRM_GRADE, Right.EMERGENCY, Right.WAIVE, Right.DISMISS, Right.CLOSE}

RIGHTS: dict[UserRole, frozenset[Right]] = {
    UserRole.VIEWER: frozenset({Right.READ}),
    UserRole.TRIAGER: TRIAGE,
    UserRole.APPROVER: APPROVE,
    UserRole.ADMIN: APPROVE | {Right.USERS},
    UserRole.AUDITOR: frozenset({Right.READ, Right.AUDIT}),
}


def may(role: UserRole, right: Right) -> bool:
    """Whether this role has this right."""
    return right in RIGHTS[role]
