"""What staff do with what comes down and goes up: enter a 批示 or 来文, draft a report or a hand-over letter from the case, confirm it,
record its receipt. Nothing here is mailed: beyond the bureau and its schools a person carries it."""

from __future__ import annotations

from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.posts import Evidence
from pipeline.domain.reports import Instruction, InstructionKind, Report, ReportKind, ReportState
from pipeline.domain.terms import AssignmentState, Clock, ObligationKind, OwnerKind, StartBasis
from pipeline.masking import masked
from pipeline.moments import shown, to_text
from pipeline.store import assignments, audit, case_views, evidence, gathering, obligations, reports
from pipeline.store.db import Store
from responders import dossier
from responders.acts import Act, Refused, Stale, meets, needs, next_report
from responders.assignment_actions import acknowledge
from responders.case_actions import begin, settled, woken, write
from responders.deadlines import DESK
from responders.escalation import plan
from responders.routing import named

LENGTH = 6000
"""Characters of one document; a longer one is no report."""


def open_with_instruction(
    store: Store, config: Config, *, title: str, topic: str | None, kind: InstructionKind, sender: str, number: str, words: str,
    limit_at: datetime | None, received_at: datetime, attachment: Evidence | None, who: str, now: datetime,
) -> Case:
    """登记批示来文: opens a case of its own for one that tells of nothing known."""
    with store.transaction():
        case = gathering.open_bare(store, needs(title, "事由"), topic, received_at, who, now)
        audit.write(store, who, "立案", case.number, {"来由": kind.zh, "主题": topic}, now, case.id)
        case = instruct(
            store, config, case.id, case.version, kind=kind, sender=sender, number=number, words=words, limit_at=limit_at,
            received_at=received_at, attachment=attachment, who=who, now=now,
        )
        for owed in obligations.running(store, case) if kind is InstructionKind.INSTRUCTION else ():
            if owed.kind is ObligationKind.LETTER:
                obligations.waive(store, owed.id, who, None, "由领导批示立案，没有来信来电人，按批示要求报告", now)
        return case


def instruct(
    store: Store, config: Config, case_id: int, version: int, *, kind: InstructionKind, sender: str, number: str, words: str,
    limit_at: datetime | None, received_at: datetime, attachment: Evidence | None, who: str, now: datetime,
) -> Case:
    """登记批示来文: it joins a case; a limit that it names is owed by the bureau until the report on it has its receipt."""
    with store.transaction():
        case, _ = begin(store, case_id, version, Act.INSTRUCT)
        if received_at > now:
            raise Refused("收文时间在将来，请核对")
        if limit_at and limit_at <= received_at:
            raise Refused("要求的时限早于收文时间，请核对")
        entered = reports.enter(
            store, case, kind=kind, sender=needs(sender, "批示人或来文单位"), number=number.strip(),
            words=masked(needs(words, "批示或来文的内容")), limit_at=limit_at,
            attachment_id=evidence.keep(store, attachment) if attachment else None, received_at=received_at, who=who,
        )
        detail = {"类型": kind.zh, "来自": sender.strip(), "文号": number.strip(), "要求": shown(limit_at) if limit_at else "未注明时限"}
        case = write(store, case, Act.INSTRUCT, who, detail, now, **woken(case, now))
        if limit_at:
            _owe(store, config, case, next(i for i in reports.instructions(store, case.id) if i.id == entered), limit_at)
        settled(store, config, case, now)
        return case


def draft(
    store: Store, config: Config, case_id: int, *, kind: ReportKind, recipient: str, instruction_id: int | None, text: str, who: str,
    now: datetime,
) -> Report:
    """起草: stores what was written from the case; it is nothing yet until a person has read and confirmed it."""
    with store.transaction():
        case, _ = begin(store, case_id, None, Act.REPORT)
        to = needs(recipient, "主送单位")
        _fit(store, config, case, kind, to)
        if instruction_id and instruction_id not in {i.id for i in reports.instructions(store, case.id)}:
            raise Refused("没有所选的批示或来文")
        made = reports.draft(store, case, kind, to, instruction_id, _masked(text, config), who, now)
        audit.write(store, who, Act.REPORT.zh, case.number, {"文书": f"{kind.zh} {made.number}", "主送": to}, now, case.id)
        return made


def revise(store: Store, config: Config, report_id: int, version: int, text: str, who: str, now: datetime) -> Report:
    """Keeps a draft as it was rewritten; numbers that identify a person are masked."""
    with store.transaction():
        report, case, state = _begin(store, report_id, version, Act.REPORT)
        done = _change(store, report, state, text=_masked(_whole(text), config))
        audit.write(store, who, "修改草稿", case.number, {"文书": f"{report.kind.zh} {report.number}"}, now, case.id)
        return done


def confirm(store: Store, config: Config, report_id: int, version: int, text: str, who: str, now: datetime) -> Report:
    """审定: from here on it may be printed or copied and carried to its addressee; it meets nothing before its receipt."""
    with store.transaction():
        report, case, state = _begin(store, report_id, version, Act.CONFIRM_REPORT)
        _fit(store, config, case, report.kind, report.recipient, but=report.id)
        done = _change(store, report, state, text=_masked(_whole(text), config), confirmed_by=who, confirmed_at=to_text(now))
        detail = {"文书": f"{report.kind.zh} {report.number}", "主送": report.recipient}
        audit.write(store, who, Act.CONFIRM_REPORT.zh, case.number, detail, now, case.id)
        return done


def withdraw(store: Store, config: Config, report_id: int, version: int, reason: str, who: str, now: datetime) -> Report:
    """撤回 with a reason. Where every other 首报 has its receipt, the first report is met with the last of them."""
    with store.transaction():
        report, case, state = _begin(store, report_id, version, Act.WITHDRAW_REPORT)
        why = needs(reason, "撤回的理由")
        gone = _change(store, report, state, withdrawn_reason=why)
        detail: dict[str, object] = {"文书": f"{report.kind.zh} {report.number}", "主送": report.recipient, "理由": why}
        arrived = [r for r in _firsts(store, case) if r.received_at]
        if report.kind is ReportKind.FIRST and arrived:
            detail["完成"] = _meet(store, config, case, Act.WITHDRAW_REPORT, _latest(arrived), who)
        audit.write(store, who, Act.WITHDRAW_REPORT.zh, case.number, detail, now, case.id)
        return gone


def record_report_receipt(
    store: Store, config: Config, report_id: int, version: int, *, receipt: str, received_at: datetime, scan: Evidence | None, who: str,
    now: datetime,
) -> Report:
    """登记报告回执: only now has it arrived, and only now does it meet what was owed: a 首报 the first report once every body it went to
    has given its receipt, an answer its 批示 or 来文, a hand-over to 公安 or 民政 the phone report."""
    with store.transaction():
        report, case, state = _begin(store, report_id, version, Act.REPORT_RECEIPT)
        proof = needs(receipt, "回执（谁、何时、文号或接报人）")
        if received_at > now:
            raise Refused("回执时间在将来，请核对")
        if report.confirmed_at and received_at < report.confirmed_at.replace(second=0):  # a form gives no seconds
            raise Refused(f"回执时间早于审定时间 {shown(report.confirmed_at)}，请核对")
        kept = evidence.keep(store, scan) if scan else None
        done = _change(
            store, report, state, receipt=proof, received_at=to_text(received_at), receipt_by=who, receipt_id=kept,
        )
        met = _meet(store, config, case, Act.REPORT_RECEIPT, done, who)
        _taken(store, config, case, done, who, now)
        detail = {"文书": f"{report.kind.zh} {report.number}", "主送": report.recipient, "回执": proof, "完成": met}
        audit.write(store, who, Act.REPORT_RECEIPT.zh, case.number, detail, now, case.id)
        return done


def _owe(store: Store, config: Config, case: Case, instruction: Instruction, limit_at: datetime) -> None:
    """Starts the clock of one 批示 or 来文, with its rungs."""
    start = instruction.received_at
    rule = config.deadlines.get(ObligationKind.INSTRUCTION)
    owed = Obligation(
        kind=ObligationKind.INSTRUCTION, about=instruction.id, party=DESK, start_at=start, start_basis=StartBasis.RECEIVED, due_at=limit_at,
        warn_at=start + (limit_at - start) * (rule.warn_share if rule else 0.75), clock=Clock.HOURS, case_id=case.id,
        amount=round((limit_at - start).total_seconds() / 3600, 2), basis=f"{instruction.title}注明的时限", generation=case.generation,
    )
    obligations.add_rungs(store, obligations.insert(store, owed), plan(owed, case.grade, config))


def _fit(store: Store, config: Config, case: Case, kind: ReportKind, recipient: str, but: int = 0) -> None:
    """Refuses a document to the accused or their unit, and a second 首报 or 终报 to the same body."""
    accused = {named(code, config).name for code in dossier.load(store, case).accused(config)}
    if any(name and (name in recipient or recipient in name) for name in accused):
        raise Refused("检举控告事项不得发给被举报人及其单位（信访工作条例第三十条）")
    live = [r for r in reports.of_case(store, case.id) if r.generation == case.generation and r.state is not ReportState.WITHDRAWN]
    if kind.single and any((r.kind, r.recipient) == (kind, recipient) and r.id != but for r in live):
        raise Refused(f"已有给{recipient}的{kind.zh}；后续情况请写续报，写错的请先撤回")


def _meet(store: Store, config: Config, case: Case, act: Act, report: Report, who: str) -> list[str]:
    """Meets what the receipt of this document meets and the table lets the action meet, at its time; returns the labels."""
    found = [o for o in obligations.running(store, case) if o.kind in meets(act) and _meets(store, config, case, report, o)]
    for owed in found:
        proof = _latest(_firsts(store, case)) if owed.kind is ObligationKind.FIRST_REPORT else report
        words = f"{proof.recipient}回执：{proof.receipt}（{proof.number}）"
        obligations.meet(store, owed.id, proof.received_at or proof.drafted_at, who, words)
    return [o.kind.zh for o in found]


def _latest(firsts: list[Report]) -> Report:
    """The one that arrived last, in whatever order the receipts were entered."""
    return max((r for r in firsts if r.received_at), key=lambda r: r.received_at or r.drafted_at)


def _meets(store: Store, config: Config, case: Case, report: Report, owed: Obligation) -> bool:
    if owed.kind is ObligationKind.INSTRUCTION:
        return owed.about == report.instruction_id
    if owed.generation != report.generation:  # of a round that is over
        return False
    if owed.kind is ObligationKind.FIRST_REPORT and report.kind is ReportKind.FIRST:
        return all(r.state is not ReportState.CONFIRMED for r in _firsts(store, case))
    if owed.kind is ObligationKind.PHONE_REPORT and report.kind is ReportKind.HANDOVER:
        return any(word in report.recipient for word in config.settings.reports.child_harm)
    if owed.kind is ObligationKind.LETTER and report.instruction_id:  # nobody but the 来文 asked: its answer is the answer
        return not case_views.count_attached(store, case.id)
    return False


def _taken(store: Store, config: Config, case: Case, report: Report, who: str, now: datetime) -> None:
    """The receipt of a hand-over letter is the acknowledgement (签收) of the department that holds the matter."""
    for held in assignments.of_case(store, case) if report.kind is ReportKind.HANDOVER and case.state.live else ():
        if held.owner is OwnerKind.EXTERNAL and held.state is AssignmentState.CONFIRMED and held.party_name in report.recipient:
            signed = max(report.received_at or now, held.confirmed_at or now)
            acknowledge(store, config, held.id, held.version, f"移交函 {report.number} 回执：{report.receipt}", who, now, signed)


def _firsts(store: Store, case: Case) -> list[Report]:
    return [r for r in reports.of_case(store, case.id) if r.kind is ReportKind.FIRST and r.generation == case.generation]


def _begin(store: Store, report_id: int, version: int, act: Act) -> tuple[Report, Case, ReportState]:
    report = reports.get(store, report_id)
    if report is None:
        raise Refused("没有这份文书")
    if report.version != version:
        raise Stale
    case, _ = begin(store, report.case_id, None, act)
    return report, case, next_report(act, report.state)


def _change(store: Store, report: Report, state: ReportState, **columns: str | int | None) -> Report:
    if not reports.change(store, report, state, **columns):
        raise Stale
    found = reports.get(store, report.id)
    if found is None:
        raise Refused("没有这份文书")
    return found


def _masked(text: str, config: Config) -> str:
    """Numbers that identify a person are hidden; the bureau's own telephone stands as it is."""
    return masked(text, (config.settings.bureau.phone,))


def _whole(text: str) -> str:
    said = needs(text, "正文")
    if len(said) > LENGTH:
        raise Refused(f"正文最多 {LENGTH} 字")
    return said
