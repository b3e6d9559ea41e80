"""批示来文与报送: entering what came in, drafting what goes out, each document's own page with its receipt."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from pipeline.domain.cases import Case
from pipeline.domain.posts import Evidence
from pipeline.domain.reports import InstructionKind, Report, ReportKind
from pipeline.moments import from_text, shown
from pipeline.store import audit, case_views, cases, evidence, reports
from responders import actions, dossier
from responders.acts import Refused
from responders.console import account, papers
from responders.console.forms import Form
from responders.console.history import details
from responders.console.rights import Right
from responders.console.views.case import find, saved, topic_name
from responders.console.views.case_actions import sure
from responders.console.visit import Missing, Visit, to
from responders.paper import one_line
from responders.report_actions import LENGTH
from responders.reports import Done, Told, written

SHORT, WORDS = 500, 4000
LATEST = timedelta(days=3650)
"""A demanded limit further away than this is a slip of the pen."""
BODIES = 10
"""So many bodies at most get a report at once."""


def instruction_page(visit: Visit) -> Response:
    """The form for a 批示 or 来文 that opens a case of its own."""
    shown = papers.Papers((), (), visit.config.settings.reports)
    return visit.page("instruction.html", title="登记批示来文", papers=shown, topics=visit.config.topics)


def open_with_instruction(visit: Visit) -> Response:
    """登记批示来文 that opens a case."""
    form = visit.form
    title = form.text("title", "事由", most=100)
    topic = form.raw("topic") if form.raw("topic") in visit.config.topics else None
    given = _instruction(visit, form)
    case = actions.open_with_instruction(
        visit.store, visit.config, title=title, topic=topic, who=visit.who, now=visit.now, **given
    )
    return _to_case(case.id, Right.INSTRUCT)


def instruct(visit: Visit) -> Response:
    """登记批示来文 that joins a case."""
    case = find(visit)
    given = _instruction(visit, visit.form)
    actions.instruct(visit.store, visit.config, case.id, visit.form.number("version"), who=visit.who, now=visit.now, **given)
    return _to_case(case.id, Right.INSTRUCT)


def attachment(visit: Visit) -> Response:
    """What came with a 批示 or 来文, as a file to save."""
    case = find(visit)
    number = visit.number("instruction")
    found = next((i for i in reports.instructions(visit.store, case.id) if i.id == number), None)
    return _file(visit, found.attachment_id if found else None, f"instruction-{number}")


def draft(visit: Visit) -> Response:
    """起草: one draft a body, written from the case."""
    case, form = find(visit), visit.form
    kind = form.choice("paper", "文书", ReportKind)
    bodies, number = _bodies(form), form.number("instruction")
    answers = next((i for i in reports.instructions(visit.store, case.id) if i.id == number), None)
    if answers and len(bodies) > 1:  # another body's receipt would pass for the answer
        form.faults.append(f"答复「{answers.title}」的只写一个主送单位，给其他单位的请另行起草")
    form.settle()
    told, earlier = _told(visit, case), reports.of_case(visit.store, case.id)
    with visit.store.transaction():
        made = [
            actions.draft(
                visit.store, visit.config, case.id, kind=sure(kind), recipient=body, instruction_id=answers.id if answers else None,
                text=written(sure(kind), told, body, answers, earlier, visit.config, visit.now), who=visit.who, now=visit.now,
            )
            for body in bodies
        ]
    return to(f"/reports/{made[0].id}", done=Right.REPORT.value) if len(made) == 1 else _to_case(case.id, Right.REPORT)


def page(visit: Visit) -> Response:
    """A document as it is printed, with what can be done about it."""
    report, case = _found(visit)
    answers = next((i for i in reports.instructions(visit.store, case.id) if i.id == report.instruction_id), None)
    return visit.page(
        "report.html", title=f"{report.kind.zh} {report.number}", report=report, case=case, answers=answers, longest=LENGTH,
        done=next((f"「{r.zh}」已记录" for r in Right if r.value == visit.asked("done")), ""),
    )


def revise(visit: Visit) -> Response:
    """Keeps a draft as it was rewritten."""
    report, _ = _found(visit)
    text = _text(visit)
    actions.revise(visit.store, visit.config, report.id, visit.form.number("version"), text, visit.who, visit.now)
    return _to_report(report, Right.REPORT)


def confirm(visit: Visit) -> Response:
    """审定."""
    report, _ = _found(visit)
    text = _text(visit)
    actions.confirm(visit.store, visit.config, report.id, visit.form.number("version"), text, visit.who, visit.now)
    return _to_report(report, Right.CONFIRM_REPORT)


def receipt(visit: Visit) -> Response:
    """登记报告回执, with a scan where there is one."""
    report, _ = _found(visit)
    form = visit.form
    words = form.text("receipt", "回执", most=SHORT)
    at = form.moment("received_at", "回执时间", visit.now)
    scan = _upload(visit, "回执扫描件")
    form.settle()
    actions.record_report_receipt(
        visit.store, visit.config, report.id, form.number("version"), receipt=words, received_at=sure_moment(at), scan=scan, who=visit.who,
        now=visit.now,
    )
    return _to_report(report, Right.REPORT_RECEIPT)


def withdraw(visit: Visit) -> Response:
    """撤回."""
    report, _ = _found(visit)
    reason = visit.form.text("reason", "理由", most=SHORT)
    visit.form.settle()
    actions.withdraw_report(visit.store, visit.config, report.id, visit.form.number("version"), reason, visit.who, visit.now)
    return _to_report(report, Right.WITHDRAW_REPORT)


def scan(visit: Visit) -> Response:
    """The scan of a receipt, as a file to save."""
    report, _ = _found(visit)
    return _file(visit, report.receipt_id, f"receipt-{report.id}")


def sure_moment(at: datetime | None) -> datetime:
    """A moment that the form was found to hold."""
    if at is None:
        raise Refused("表单不完整")
    return at


def _instruction(visit: Visit, form: Form) -> dict[str, Any]:
    """The fields of a 批示 or 来文, as the actions take them."""
    kind = form.choice("came", "类型", InstructionKind)
    sender = form.text("sender", "批示人或来文单位", most=100)
    number = form.text("number", "文号", most=100, needed=False)
    words = form.text("words", "批示或来文的内容", most=WORDS)
    received = form.moment("received_at", "收到的时间", visit.now)
    limit = form.moment("limit_at", "要求的时限", visit.now + LATEST) if form.raw("limit_at").strip() else None
    attached = _upload(visit, "附件")
    form.settle()
    return {
        "kind": sure(kind), "sender": sender, "number": number, "words": words, "received_at": sure_moment(received), "limit_at": limit,
        "attachment": attached,
    }


def _upload(visit: Visit, label: str) -> Evidence | None:
    found = visit.form.upload(label)
    return Evidence("", found.body, visit.now, content_type=found.kind) if found else None


def _bodies(form: Form) -> list[str]:
    """The bodies that were ticked, and the one that was typed."""
    named = [value.strip() for name, value in form.fields if name in ("to", "other") and value.strip()]
    if not named:
        form.faults.append("请勾选或填写主送单位")
    if len(named) > BODIES or any(len(body) > 60 for body in named):
        form.faults.append(f"主送单位最多 {BODIES} 个，名称不超过 60 字")
    return list(dict.fromkeys(named))


def _text(visit: Visit) -> str:
    text = visit.form.text("text", "正文", most=LENGTH)
    visit.form.settle()
    return text


def _told(visit: Visit, case: Case) -> Told:
    """The facts that a draft is written from."""
    seen = account.compose(visit.store, visit.config, case.id)
    record = dossier.load(visit.store, case)
    lead = record.lead
    return Told(
        case, topic_name(case.topic, visit.config).partition(" ")[2] or "未定", lead.party_name if lead else "",
        done=tuple(Done(from_text(e.at), e.action, dict(details(e.detail))) for e in audit.history(visit.store, case.id)),
        answers=tuple(_answer(a) for a in case_views.answers(visit.store, case)), link=record.link,
        closing=case_views.milestones(visit.store, case).closing_reason,
        quotes=tuple(q.words for q in seen.quotes) if seen else (), posts=seen.posts if seen else 0,
        platforms=seen.platforms if seen else (), first=seen.first if seen else "",
    )


def _answer(answer: case_views.Answered) -> str:
    said = [shown(answer.published_at), answer.channel, answer.url, one_line(answer.wording, 200)]
    return " ".join(filter(None, said))


def _found(visit: Visit) -> tuple[Report, Case]:
    """The document that the address names, and its case."""
    report = reports.get(visit.store, visit.number("report"))
    case = cases.get(visit.store, report.case_id) if report else None
    if report is None or case is None:
        raise Missing("没有这份文书，可能编号有误。")
    if not visit.sees(case.accusation):
        raise Refused("检举控告事项只对办理人员显示（信访工作条例第三十条）")
    return report, case


def _file(visit: Visit, evidence_id: int | None, name: str) -> Response:
    body = evidence.read(visit.store, evidence_id) if evidence_id else None
    if body is None:
        raise Missing("没有附件，或文件已损坏。")
    return saved(body, name)


def _to_case(case_id: int, right: Right) -> Response:
    return to(f"/cases/{case_id}", done=right.value)


def _to_report(report: Report, right: Right) -> Response:
    return to(f"/reports/{report.id}", done=right.value)
