"""What people are told and who is told: every notice of the answering side, as values; nothing here sends or stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.schema import Config
from config.schema.registry import Shift
from config.schema.rules import Addressee, RungRule
from pipeline.domain.cases import Assignment, Case, Decision, Notice, Obligation, Rung
from pipeline.domain.terms import Grade, OwnerKind, Role, Urgency
from pipeline.masking import masked
from pipeline.moments import shown
from responders.paper import one_line

DESK, DEPUTY, DIRECTOR = "desk", "deputy", "director"
ANYBODY = ("duty", "backup", "principal", "supervisor")
HEAD_FIRST = ("principal", "duty", "backup")
DUTY_ONLY = ("duty",)
MOST_NAMED = 5
"""So many schools a summary names; the others it counts."""
ASKED = {
    Role.LEAD: "请签收并按时反馈。",
    Role.SUPPORT: "请配合主责单位办理，按其要求提供情况。",
    Role.GUIDE: "以上为交主责单位的摘要。请指导、协调其办理，并掌握进展。",
}
"""What a party is asked to do in its role."""
BY_GRADE = {Grade.I: Urgency.URGENT, Grade.II: Urgency.URGENT, Grade.III: Urgency.PROMPT, Grade.IV: Urgency.ROUTINE}


HIDDEN = "检举控告类事项（内容不在邮件和短信中显示，请在控制台查看）"
"""What stands for the title and the words of an accusation wherever somebody is told of it: nobody knows who reads a mail."""


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds a case, as far as a rung asks. `confirmed` is false until staff have taken a decision on it: before that every rung
    goes to the desk. `accused` never hear anything; `only`, where it is given, is the one section that hears anything."""

    lead: Assignment | None
    section: str
    confirmed: bool
    accused: frozenset[str] = frozenset()
    only: str = ""


@dataclass(frozen=True, slots=True)
class To:
    """One addressee: a party and which of its people, in order of preference."""

    party: str
    roles: tuple[str, ...]
    school: bool = False


def new_case(case: Case, decision: Decision, link: str, handed: bool, now: datetime) -> Notice:
    """Tells the desk of a case that awaits its decision: a grave one at once, the others together. `handed` when its rule has already
    given it to the school by itself."""
    waits = f"\n待确认：{doubt(decision.pending)}" if decision.pending else ""
    why = HIDDEN if case.accusation else masked(decision.reason)
    asks = f"已按规则「{decision.rule}」自动交办{decision.name}，请复核，并研判回应方式。" if handed else "请研判并确认交办。"
    return Notice(
        key=f"case:{case.id}:{case.generation}", party=DESK, roles=ANYBODY, urgency=for_desk(case),
        subject=f"[{case.number}] 新事件{'已自动交办，请复核' if handed else '待研判'}：{_title(case)}",
        text=f"{head(case)}{_source(case, link)}\n{'已' if handed else '拟'}由：{decision.name}\n理由：{why}{waits}\n{asks}",
        created_at=now, case_id=case.id,
    )


def doubt(pending: str) -> str:
    """What a person has still to settle of a decision, without the word 待确认 that stands before it anyway."""
    return pending.removeprefix("待确认").lstrip("：") or "主责单位"


def neutral_summary(case: Case, topic: str, subjects: Sequence[str], public: bool) -> str:
    """A 转办摘要 that staff complete. It names the topic (without its code) and the schools that the matter is about, never whoever is to
    handle it; where all stood in `public` it quotes the title, so that a school knows what is meant. Of a letter and of an accusation it
    tells topic and number alone."""
    told = public and not case.accusation
    named = "、".join(subjects[:MOST_NAMED]) + (f"等{len(subjects)}所学校" if len(subjects) > MOST_NAMED else "")
    about = f"一项涉及{named}的反映" if told and named else "一项反映"
    title = f"网帖标题：{masked(one_line(case.title, 80))}。" if told and case.title.strip() else ""
    return (
        f"本局在信息监测中发现{about}，主题为「{topic or '教育'}」。{title}请核实有关情况，并按时限反馈核查结果与处理意见。"
        f"事件编号 {case.number}，发现时间 {shown(case.found_at)}。"
    )


def _source(case: Case, link: str) -> str:
    """The line with the first public post's address; none for an accusation."""
    return f"\n链接：{one_line(link, 500)}" if link and not case.accusation else ""


def for_desk(case: Case) -> Urgency:
    """The desk sees the console all day: only what is grave deserves a mail of its own."""
    return Urgency.URGENT if case.grade.severity >= Grade.II.severity else Urgency.ROUTINE


def graver(case: Case, now: datetime) -> Notice:
    """Tells the desk that the suggested grade of a known case has risen."""
    return Notice(
        key=f"grade:{case.id}:{case.generation}:{case.grade.value}", party=DESK, roles=ANYBODY, urgency=for_desk(case),
        subject=f"[{case.number}] 等级上升为{case.grade.zh}：{_title(case)}", text=f"{head(case)}\n时限已按新等级收紧，请复核。",
        created_at=now, case_id=case.id,
    )


def red_line(case: Case, shift: Shift | None, link: str, now: datetime) -> Notice:
    """Rings the duty officer, and nobody else, for a red line that no person has confirmed (红线待确认)."""
    kind = case.redline.zh if case.redline else ""
    officer = f"{shift.name} {shift.phone}".strip() if shift else "值班表上此刻无人，请舆情值班室接办"
    return Notice(
        key=f"redline:{case.id}:{case.generation}:{case.redline or ''}", party=DESK, roles=DUTY_ONLY, urgency=Urgency.URGENT,
        subject=f"[{case.number}] 红线待确认：{kind}", phone=True, created_at=now, case_id=case.id,
        text=f"{head(case)}{_source(case, link)}\n疑似红线：{kind}\n当班：{officer}\n"
        "请立即核实，并在系统中确认红线或降级。",
    )


def misplaced(case: Case, assignment: Assignment, now: datetime) -> Notice:
    """Tells the desk that a case was already given to a party that a later post accuses."""
    return Notice(
        key=f"accused:{assignment.id}", party=DESK, roles=ANYBODY, urgency=Urgency.URGENT, created_at=now, case_id=case.id, phone=True,
        subject=f"[{case.number}] 已交办单位被检举，请立即处理",
        text=f"{head(case)}\n新帖涉及对{assignment.party_name}的检举控告，而事件已交办给该单位。依信访工作条例第三十条，"
        "请立即改由其他单位办理；系统已停止向该单位发送催办。",
    )


def no_calendar(year: int, text: str, now: datetime) -> Notice:
    """Tells the desk that working days of a year cannot be counted."""
    return Notice(
        key=f"calendar:{year}", party=DESK, roles=ANYBODY, urgency=Urgency.PROMPT, created_at=now,
        subject=f"缺少{year}年放假安排，部分时限无法计算", text=f"{text}\n补齐 calendar.csv 后，系统会自动补算。",
    )


def handed_over(case: Case, assignment: Assignment, topic: str, owed: list[Obligation], config: Config, now: datetime) -> list[Notice]:
    """Tells the party what it has been given and by when; of a grave case the head hears of it too, each in a mail of its own."""
    if assignment.owner is OwnerKind.EXTERNAL:
        return [_to_department(case, assignment, now)]
    grave = case.grade.severity >= Grade.II.severity
    roles = ["duty", "principal"] if grave and assignment.owner is OwnerKind.SCHOOL else ["duty"]
    limits = "\n".join(f"· {o.kind.zh}：{shown(o.due_at)} 前（{basis_for(assignment.owner, o, config)}）" for o in owed)
    text = f"{assignment.role.zh}单位：{assignment.party_name}\n舆情等级：{case.grade.zh}\n\n{assignment.summary}\n\n"
    text += (f"时限：\n{limits}\n\n" if limits else "") + ASKED[assignment.role]
    return [
        Notice(
            key=f"assign:{assignment.id}:{assignment.version}:{role}", party=assignment.party, created_at=now, case_id=case.id,
            roles=HEAD_FIRST if role == "principal" else ANYBODY, urgency=BY_GRADE[case.grade], assignment_id=assignment.id,
            subject=f"[{case.number}] 交办：关于{topic}的事项", text=text,
        )
        for role in roles
    ]


def _to_department(case: Case, assignment: Assignment, now: datetime) -> Notice:
    return Notice(
        key=f"assign:{assignment.id}:{assignment.version}:desk", party=DESK, roles=ANYBODY, urgency=BY_GRADE[case.grade], created_at=now,
        case_id=case.id, assignment_id=assignment.id, subject=f"[{case.number}] 请移交{assignment.party_name}并登记回执",
        text=f"{head(case)}\n移交单位：{assignment.party_name}\n\n{assignment.summary}\n\n本系统不向外单位发送邮件，请按移交程序办理，取得回执后登记。",
    )


def unreachable(case: Case, assignment: Assignment, now: datetime) -> Notice:
    """Tells the desk that a party has no address to which a mail could go."""
    return Notice(
        key=f"nocontact:{assignment.id}", party=DESK, roles=ANYBODY, urgency=Urgency.PROMPT, created_at=now, case_id=case.id,
        subject=f"[{case.number}] {assignment.party_name}没有可用的联系邮箱",
        text=f"{head(case)}\n{assignment.party_name}没有可用的联系邮箱，交办通知已转为电话督办。请打电话交办并登记签收，并补齐联系人。",
    )


def withdrawn(case: Case, assignment: Assignment, now: datetime) -> Notice:
    """Tells a party that it no longer holds a case (转办, 取消)."""
    return Notice(
        key=f"withdrawn:{assignment.id}", party=assignment.party, roles=ANYBODY, urgency=Urgency.ROUTINE, created_at=now, case_id=case.id,
        assignment_id=assignment.id, subject=f"[{case.number}] 交办事项已撤回",
        text=f"事件 {case.number} 的交办已撤回，贵单位不必再办理。",
    )


def rung_fired(
    rung: Rung, rule: RungRule | None, owed: Obligation, case: Case, holders: Holders, config: Config, now: datetime
) -> list[Notice]:
    """The notices of one rung: one an addressee, keyed by the rung so that it is told once."""
    to = addressees(rule.to if rule else ("desk",), holders, config)
    words = rung_words(rung, rule, owed, case, holders, config)
    if now > owed.due_at:
        words = _late(words, rule, owed)
    calls_school = any(t.school for t in to)
    return [
        Notice(
            key=f"rung:{owed.id}:{rung.n}:{t.party}:{t.roles[0]}", party=t.party, roles=t.roles, created_at=now, case_id=case.id,
            obligation_id=owed.id, assignment_id=holders.lead.id if holders.lead and t.school else None,
            urgency=_urgency(rule, t), phone=bool(rule and rule.phone) and t.school == calls_school,
            subject=f"[{case.number}] 催办：{words}", text=_rung_text(owed, case, t, config, now),
        )
        for t in to
    ]


def rung_words(rung: Rung, rule: RungRule | None, owed: Obligation, case: Case, holders: Holders, config: Config) -> str:
    """What a rung says, its names filled in."""
    lead = holders.lead.party_name if holders.lead else config.settings.bureau.name
    fill = {"number": case.number, "name": owed.kind.zh, "due": shown(owed.due_at), "party": lead}
    return rule.words.format_map(fill) if rule else f"{owed.kind.zh}：升级台阶「{rung.name}」已不在 ladder.toml 中"


def _late(words: str, rule: RungRule | None, owed: Obligation) -> str:
    """The words of a rung that fires when the limit has passed (an outage, a rung at the very limit): none that still gives time."""
    if rule and not rule.missed and "已超期" not in words:
        words = f"{owed.kind.zh}已超期，请立即办理"
    return f"{words}（{shown(owed.due_at)} 到期）"


def _urgency(rule: RungRule | None, to: To) -> Urgency:
    """The desk's own reminders are grouped unless they are urgent."""
    urgency = rule.urgency if rule else Urgency.PROMPT
    return Urgency.ROUTINE if to.party == DESK and urgency is Urgency.PROMPT else urgency


def addressees(to: tuple[Addressee, ...], holders: Holders, config: Config) -> list[To]:
    """Whom a rung reaches, each once. Nothing goes to a party that is accused, nor past the desk before staff have decided; where the
    bureau as a whole is accused, only 纪检 hears."""
    if holders.only:
        return [To(holders.only, ANYBODY)]
    if not holders.confirmed:
        return [To(DESK, DUTY_ONLY if to == ("duty_officer",) else ANYBODY)]
    found = [_addressee(who, holders) for who in to]
    known = config.registry.sections
    allowed = [
        t if t.party not in holders.accused and (t.school or not known or config.registry.section(t.party)) else To(DESK, ANYBODY)
        for t in found
    ]
    return list({(t.party, t.roles[0]): t for t in allowed}.values())


def _addressee(who: Addressee, holders: Holders) -> To:
    lead = holders.lead
    if who in ("duty", "principal"):
        roles = HEAD_FIRST if who == "principal" else ANYBODY
        if lead is None or lead.confirmed_at is None or lead.owner not in (OwnerKind.SCHOOL, OwnerKind.BUREAU):
            return To(DESK, ANYBODY)
        return To(lead.party, roles, lead.owner is OwnerKind.SCHOOL)
    return {
        "section": To(holders.section, ANYBODY), "section_head": To(holders.section, HEAD_FIRST), "deputy": To(DEPUTY, HEAD_FIRST),
        "director": To(DIRECTOR, HEAD_FIRST), "duty_officer": To(DESK, DUTY_ONLY),
    }.get(who, To(DESK, ANYBODY))


def _rung_text(owed: Obligation, case: Case, to: To, config: Config, now: datetime) -> str:
    late = now > owed.due_at
    basis = basis_for(OwnerKind.SCHOOL if to.school else OwnerKind.BUREAU, owed, config)
    state = "已超期" if late else "尚在时限内"
    first = f"事件：{case.number}（{case.grade.zh}）" if to.school else head(case)
    clock = f"{owed.kind.zh}，{shown(owed.start_at)} 起算（{owed.start_basis.zh}），{shown(owed.due_at)} 到期，{state}"
    return f"{first}\n时限：{clock}\n依据：{basis}"


def basis_for(owner: OwnerKind, owed: Obligation, config: Config) -> str:
    """The basis of a duty as its reader may be told: a school is bound by the bureau's own document, else the text is a 参照."""
    if owner is not OwnerKind.SCHOOL:
        return owed.basis
    document = config.settings.bureau.document
    return f"依据{document}" if document else f"参照{owed.basis}"


def _title(case: Case) -> str:
    return HIDDEN if case.accusation else masked(case.title)


def head(case: Case) -> str:
    """How a notice to the desk begins: number, grade, title and times; of an accusation without its title."""
    public = f"首发：{shown(case.published_at)}，发现：{shown(case.found_at)}"
    return f"事件：{case.number}（{case.grade.zh}{'' if case.grade_confirmed else '，建议等级'}）\n标题：{_title(case)}\n{public}"


def section_of(assignments: list[Assignment]) -> str:
    """The section that watches a case: the guiding one, else the leading one, else the desk."""
    live = [a for a in assignments if a.state.live and a.owner is OwnerKind.BUREAU]
    guides = [a.party for a in live if a.role is Role.GUIDE]
    return next(iter(guides + [a.party for a in live if a.role is Role.LEAD]), DESK)
