"""The closed vocabularies: the value is stored and printed by programs, `.zh` is the word that staff read."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A member of a closed vocabulary, with its Chinese label."""

    zh: str

    def __new__(cls, value: str, zh: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh or value
        return member


class Scope(Term):
    """Whose field a post touches; only `K12` is this bureau's."""

    K12 = "k12", "基础教育"
    HIGHER_ED = "higher_ed", "高等与成人教育"
    NONE = "none", "与教育无关"


class Nature(Term):
    """What the writer wants (诉求性质)."""

    QUESTION = "咨询"
    HELP = "求助"
    COMPLAINT = "投诉"
    ACCUSATION = "举报"
    SUGGESTION = "建议"
    PRAISE = "表扬"
    OTHER = "其他"


class Tag(Term):
    """Whom a post concerns (标签)."""

    PUPIL = "学生"
    PARENT = "家长"
    TEACHER = "教师"
    POLICY = "政策"


class RedLine(Term):
    """A matter that staff must see at once (红线), whatever its heat and whatever the relevance says."""

    DEATH_OR_INJURY = "death_or_injury", "死亡或重伤"
    SUICIDE_RISK = "suicide_risk", "自伤自杀风险"
    MISSING_CHILD = "missing_child", "儿童失踪"
    SEXUAL_OFFENCE = "sexual_offence", "性侵猥亵"
    SERIOUS_BULLYING = "serious_bullying", "严重欺凌"
    FOOD_ILLNESS = "food_illness", "多人食源性不适"
    EXAM_LEAK = "exam_leak", "泄题舞弊"
    JOINT_ACTION = "joint_action", "五人以上联名聚集"

    @property
    def legal(self) -> bool:
        """A kind that the law names: at least Ⅱ whatever the heat. Joint action alone is at least Ⅲ."""
        return self is not RedLine.JOINT_ACTION

    @property
    def least(self) -> Grade:
        """The least grade of a case that has it."""
        return Grade.II if self.legal else Grade.III


class Grade(Term):
    """舆情等级, our own scale; Ⅰ is the gravest. Not the government's emergency grade."""

    I = "Ⅰ", "Ⅰ级 特别重大·红"  # noqa: E741 — the scale's own name
    II = "Ⅱ", "Ⅱ级 重大·橙"
    III = "Ⅲ", "Ⅲ级 较大·黄"
    IV = "Ⅳ", "Ⅳ级 一般·蓝"

    @property
    def severity(self) -> int:
        """4 for Ⅰ down to 1 for Ⅳ, so that a graver grade compares greater."""
        return "ⅣⅢⅡⅠ".index(self.value) + 1

    @property
    def colour(self) -> str:
        """The English colour word, used as a style class."""
        return {"Ⅰ": "red", "Ⅱ": "orange", "Ⅲ": "yellow", "Ⅳ": "blue"}[self.value]


def gravest(*grades: Grade) -> Grade:
    """The gravest of one or more grades."""
    return max(grades, key=lambda g: g.severity)


class EmergencyGrade(Term):
    """突发事件等级, set by the government's document and entered by a person; never derived from ours."""

    EXTREME = "extreme", "特别重大"
    MAJOR = "major", "重大"
    LARGER = "larger", "较大"
    ORDINARY = "ordinary", "一般"

    @property
    def statutory(self) -> bool:
        """Whether the 5 h and 24 h clocks run (国办发〔2016〕61号, 80号)."""
        return self in (EmergencyGrade.EXTREME, EmergencyGrade.MAJOR)

    @property
    def severity(self) -> int:
        """4 for 特别重大 down to 1 for 一般, so that a graver grade compares greater."""
        return len(EmergencyGrade) - list(EmergencyGrade).index(self)


class AnswerKind(Term):
    """The kind of answer a person chooses (研判); it decides which clocks run."""

    PUBLIC = "public", "需公开回应"
    ORIGINAL_CHANNEL = "original_channel", "原渠道答复"
    REPORT = "report", "报告移交"
    NONE = "none", "不予回应"


class CaseState(Term):
    """Where a case (舆情事件) stands."""

    TRIAGE = "triage", "待研判"
    OPEN = "open", "办理中"
    PUBLISHED = "published", "已公开回应"
    CLOSED = "closed", "已办结"
    DISMISSED = "dismissed", "不予处置"
    MERGED = "merged", "已并入"

    @property
    def live(self) -> bool:
        """Whether the case still asks something of somebody."""
        return self in (CaseState.TRIAGE, CaseState.OPEN, CaseState.PUBLISHED)


class AssignmentState(Term):
    """Where a hand-over (交办) stands."""

    PROPOSED = "proposed", "拟交办"
    CONFIRMED = "confirmed", "已交办"
    ACKNOWLEDGED = "acknowledged", "已签收"
    ANSWERED = "answered", "已反馈"
    ACCEPTED = "accepted", "已采纳"
    RETURNED = "returned", "退回重报"
    DISPUTED = "disputed", "非我单位"
    TRANSFERRED = "transferred", "已转交"
    CANCELLED = "cancelled", "已取消"

    @property
    def live(self) -> bool:
        """Whether the party still holds the matter."""
        return self not in (AssignmentState.DISPUTED, AssignmentState.TRANSFERRED, AssignmentState.CANCELLED)


class Role(Term):
    """The part a party plays in a case; exactly one leads."""

    LEAD = "lead", "主责"
    SUPPORT = "support", "配合"
    GUIDE = "guide", "指导"


class OwnerKind(Term):
    """Who answers (回应主体), by kind."""

    SCHOOL = "school", "学校"
    BUREAU = "bureau", "教育局"
    EXTERNAL = "external", "其他部门"
    NONE = "none", "无"


class PartyKind(Term):
    """What kind of body a party is."""

    BUREAU = "bureau", "教育局"
    SECTION = "section", "股室"
    SCHOOL = "school", "学校"
    OFFICE = "office", "其他部门"


class ContactRole(Term):
    """What a contact is for."""

    DUTY = "duty", "舆情联络员"
    BACKUP = "backup", "备岗联络员"
    PRINCIPAL = "principal", "负责人"
    SUPERVISOR = "supervisor", "主管"


class ContactState(Term):
    """Whether a contact's address is known to work."""

    UNCONFIRMED = "unconfirmed", "未确认"
    CONFIRMED = "confirmed", "已确认"
    BOUNCED = "bounced", "退信"
    INACTIVE = "inactive", "停用"


class AccusedKind(Term):
    """Who an accusation is against."""

    PERSON = "person", "个人"
    HEAD = "head", "负责人"
    UNIT = "unit", "单位"
    BUREAU = "bureau", "教育局及股室"


class ObligationKind(Term):
    """What is owed (时限). The numbers stand in deadlines.toml."""

    STATEMENT = "statement", "权威信息发布"
    CONFERENCE = "conference", "新闻发布会"
    RESPONSE = "response", "政务舆情回应"
    LETTER = "letter", "来信来电答复"
    REDLINE_CHECK = "redline_check", "红线核实"
    PHONE_REPORT = "phone_report", "电话报告"
    TRIAGE = "triage", "研判"
    ACKNOWLEDGE = "acknowledge", "签收"
    FIRST_REPORT = "first_report", "首报"
    FIRST_RESPONSE = "first_response", "首次回应（内控）"
    FINDINGS = "findings", "反馈核查结果"
    CLOSING = "closing", "办结"
    RECORD_FORM = "record_form", "学籍问题：出具核查单"
    RECORD_CHECK = "record_check", "学籍问题：学校核查"
    RECORD_STUDY = "record_study", "学籍问题：研究"
    RECORD_CLOSE = "record_close", "学籍问题：办结"
    BULLYING = "bullying", "欺凌事件调查"
    PETITION_ACCEPT = "petition_accept", "信访受理"
    PETITION_OBJECT = "petition_object", "信访异议"
    PETITION_CLOSE = "petition_close", "信访办结"
    DISCLOSURE = "disclosure", "主动公开"
    INSTRUCTION = "instruction", "批示来文报告"


class ObligationStatus(Term):
    """How an obligation stands at a moment; computed on reading, never stored."""

    PENDING = "pending", "未到期"
    DUE_SOON = "due_soon", "临期"
    OVERDUE = "overdue", "超期"
    MET = "met", "按时完成"
    LATE = "late", "逾期完成"
    WAIVED = "waived", "已免除"


class Clock(Term):
    """What kind of time a deadline counts."""

    HOURS = "hours", "自然小时"
    WORKING_HOURS = "working_hours", "工作小时"
    DAYS = "days", "自然日"
    WORKING_DAYS = "working_days", "工作日"


class StartBasis(Term):
    """From which recorded moment a clock counts (起算点)."""

    PUBLISHED = "published", "首发"
    FOUND = "found", "发现"
    HANDED_OVER = "handed_over", "交办"
    ACKNOWLEDGED = "acknowledged", "签收"
    RED_LINE = "red_line", "红线确认"
    ANSWERED = "answered", "公开回应"
    RECEIVED = "received", "收文"


class Urgency(Term):
    """How a message travels: routine mail waits for its group, its hours and its cap."""

    ROUTINE = "routine", "常规"
    PROMPT = "prompt", "不合并"
    URGENT = "urgent", "紧急"


class MessageState(Term):
    """Where a mail (邮件) stands in the outbox."""

    QUEUED = "queued", "待发送"
    SENDING = "sending", "发送中"
    DEFERRED = "deferred", "稍后重试"
    SENT = "sent", "已发送"
    FAILED = "failed", "被拒收"
    UNCERTAIN = "uncertain", "结果不明"
    DEAD = "dead", "已放弃"
    SUPERSEDED = "superseded", "不再需要"


class RungState(Term):
    """Where a rung of the ladder (升级台阶) stands."""

    PENDING = "pending", "未到"
    FIRED = "fired", "已触发"
    COLLAPSED = "collapsed", "并入更高一级"
    STOPPED = "stopped", "已停止"


class Precision(Term):
    """How exactly a publication time is known."""

    SECOND = "second", "精确到秒"
    MINUTE = "minute", "精确到分"
    HOUR = "hour", "约到小时"
    DAY = "day", "精确到日"
    UNKNOWN = "unknown", "时间不明"


class CrawlOutcome(Term):
    """How a source's last run ended."""

    OK = "ok", "正常"
    UNCHANGED = "unchanged", "正常，无新帖"
    EMPTY = "empty", "少于应有条数"
    DRIFT = "drift", "版式有变"
    WALL = "wall", "需登录或验证码"
    ROBOTS = "robots", "robots.txt 不允许"
    UNREACHABLE = "unreachable", "无法访问"
    TIMEOUT = "timeout", "超时"
    FAILED = "failed", "出错"

    @property
    def seen(self) -> bool:
        """Whether the source was really seen: only then may a digest say that nothing was found there."""
        return self in (CrawlOutcome.OK, CrawlOutcome.UNCHANGED)


class UserRole(Term):
    """What a user of the console may do, each role with the rights of its own column in the table of actions."""

    VIEWER = "viewer", "查看"
    TRIAGER = "triager", "研判"
    APPROVER = "approver", "审签"
    ADMIN = "admin", "管理"
    AUDITOR = "auditor", "审计"


class Disclosure(Term):
    """公开属性 of a response (政府信息公开条例)."""

    ACTIVE = "active", "主动公开"
    ON_REQUEST = "on_request", "依申请公开"
    NOT = "not", "不予公开"
