"""What staff do with a case: each form is read, handed to responders.actions, and answered with a redirect back to the case."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from starlette.responses import Response

from pipeline.domain.cases import Assignment
from pipeline.domain.posts import Evidence
from pipeline.domain.terms import AnswerKind, Disclosure, EmergencyGrade, Grade, ObligationKind
from pipeline.store import assignments, evidence, obligations, party_reports
from responders import actions
from responders.acts import Refused
from responders.console import auth
from responders.console.display import host
from responders.console.rights import Right
from responders.console.views.case import find
from responders.console.visit import Missing, Visit, to

T = TypeVar("T")

SHORT, LONG = 500, 4000
UNFETCHED = "未能抓取该网址（{}），请核对网址，或改为上传截图"


def choose_answer(visit: Visit) -> Response:
    """研判: the kind of answer."""
    form = visit.form
    kind = form.choice("kind", "回应方式", AnswerKind)
    reason = form.text("reason", "理由", most=SHORT, needed=kind is not AnswerKind.PUBLIC)
    form.settle()
    case = find(visit)
    actions.choose_answer(visit.store, visit.config, case.id, version(visit), sure(kind), reason, visit.who, visit.now)
    return back(case.id, Right.CHOOSE_ANSWER)


def dismiss(visit: Visit) -> Response:
    """不予处置."""
    return _with_reason(visit, actions.dismiss, "理由", Right.DISMISS)


def close(visit: Visit) -> Response:
    """办结."""
    return _with_reason(visit, actions.close, "办结意见", Right.CLOSE)


def reopen(visit: Visit) -> Response:
    """重开."""
    return _with_reason(visit, actions.reopen, "重开的理由", Right.REOPEN)


def confirm_redline(visit: Visit) -> Response:
    """确认红线."""
    case = find(visit)
    actions.confirm_redline(visit.store, visit.config, case.id, version(visit), visit.who, visit.now)
    return back(case.id, Right.CONFIRM_REDLINE)


def confirm_grade(visit: Visit) -> Response:
    """确定等级; a lower one takes a second person, who types a password of their own."""
    case, form = find(visit), visit.form
    grade = form.choice("grade", "等级", Grade)
    reason = form.text("reason", "理由", most=SHORT, needed=grade is not None and grade.severity < case.grade.severity)
    form.settle()
    chosen = sure(grade)
    second = auth.second_person(visit, Right.CONFIRM_GRADE) if chosen.severity < case.grade.severity else None
    actions.confirm_grade(visit.store, visit.config, case.id, version(visit), chosen, reason, visit.who, visit.now, second)
    return back(case.id, Right.CONFIRM_GRADE)


def emergency(visit: Visit) -> Response:
    """录入突发事件等级, from the government's document."""
    case, form = find(visit), visit.form
    grade = form.choice("grade", "突发事件等级", EmergencyGrade)
    document = form.text("document", "依据文件", most=SHORT)
    lower = grade is not None and case.emergency_grade is not None and grade.severity < case.emergency_grade.severity
    reason = form.text("reason", "降低的理由", most=SHORT, needed=lower)
    form.settle()
    second = auth.second_person(visit, Right.EMERGENCY) if lower else None
    actions.enter_emergency(
        visit.store, visit.config, case.id, version(visit), sure(grade), document, visit.who, visit.now, reason, second
    )
    return back(case.id, Right.EMERGENCY)


def answer(visit: Visit) -> Response:
    """登记回应, with its address, a screenshot, or the record of the original channel."""
    case, form = find(visit), visit.form
    url = form.text("url", "网址", most=1000, needed=False)
    at = form.moment("published_at", "回应时间", visit.now)
    wording = form.text("wording", "回应口径", most=20_000)
    channel = form.text("channel", "发布渠道", most=100)
    disclosure = form.choice("disclosure", "公开属性", Disclosure)
    shot = form.upload("截图")
    form.settle()
    page = Evidence(url, shot.body, visit.now, content_type=shot.kind) if shot else _sent(visit, case.id, url) or _fetched(visit, url)
    actions.record_answer(
        visit.store, visit.config, case.id, version(visit), url=url, published_at=sure(at), wording=wording, disclosure=sure(disclosure),
        channel=channel, evidence=page, who=visit.who, now=visit.now,
    )
    return back(case.id, Right.ANSWER)


def receipt(visit: Visit) -> Response:
    """登记回执."""
    case, form = find(visit), visit.form
    kind = form.choice("kind", "时限", ObligationKind)
    text = form.text("receipt", "回执", most=SHORT)
    form.settle()
    actions.record_receipt(visit.store, visit.config, case.id, version(visit), sure(kind), text, visit.who, visit.now)
    return back(case.id, Right.RECEIPT)


def waive(visit: Visit) -> Response:
    """免除时限, by two people."""
    return _by_two(visit, actions.waive, Right.WAIVE)


def extend(visit: Visit) -> Response:
    """延长时限, by two people."""
    return _by_two(visit, actions.extend, Right.EXTEND)


def hand_over(visit: Visit) -> Response:
    """交办, with the 转办摘要 that alone leaves the bureau."""
    held = assignment_of(visit)
    summary = visit.form.text("summary", "转办摘要", most=LONG)
    visit.form.settle()
    actions.hand_over(visit.store, visit.config, held.id, version(visit), summary, visit.who, visit.now)
    return back(held.case_id, Right.HAND_OVER)


def send_back(visit: Visit) -> Response:
    """退回重报: what the findings lack."""
    held = assignment_of(visit)
    reason = visit.form.text("reason", "退回的理由", most=SHORT)
    visit.form.settle()
    actions.send_back(visit.store, visit.config, held.id, version(visit), reason, visit.who, visit.now)
    return back(held.case_id, Right.SEND_BACK)


def reassign(visit: Visit) -> Response:
    """转办 to another party."""
    held, form = assignment_of(visit), visit.form
    party = form.text("party", "转给的单位", most=100)
    reason = form.text("reason", "理由", most=SHORT)
    form.settle()
    actions.reassign(visit.store, visit.config, held.id, version(visit), party, reason, visit.who, visit.now)
    return back(held.case_id, Right.REASSIGN)


def sure(value: T | None) -> T:
    """A value that the form was found to hold."""
    if value is None:
        raise Refused("表单不完整")
    return value


def _by_two(visit: Visit, act: Callable[..., object], right: Right) -> Response:
    owed = obligations.get(visit.store, visit.number("obligation"))
    if owed is None:
        raise Missing("没有这个时限。")
    reason = visit.form.text("reason", "理由", most=SHORT)
    visit.form.settle()
    second = auth.second_person(visit, right)
    act(visit.store, visit.config, owed.id, visit.who, second, reason, visit.now)
    return back(owed.case_id, right)


def _with_reason(visit: Visit, act: Callable[..., object], label: str, right: Right) -> Response:
    case = find(visit)
    reason = visit.form.text("reason", label, most=SHORT)
    visit.form.settle()
    act(visit.store, visit.config, case.id, version(visit), reason, visit.who, visit.now)
    return back(case.id, right)


def assignment_of(visit: Visit) -> Assignment:
    """The hand-over that the address names."""
    held = assignments.get(visit.store, visit.number("assignment"))
    if held is None:
        raise Missing("没有这项交办。")
    return held


def _sent(visit: Visit, case_id: int, url: str) -> Evidence | None:
    """The screenshot that a party sent along, where staff took it as the proof."""
    if not visit.form.raw("sent"):
        return None
    file = party_reports.file(visit.store, case_id, visit.form.number("sent"))
    body = evidence.read(visit.store, file.evidence_id) if file else None
    if file is None or body is None:
        raise Refused("没有这个附件，或文件已损坏")
    return Evidence(url, body, visit.now, content_type=file.kind)


def _fetched(visit: Visit, url: str) -> Evidence | None:
    """The published page itself, where the roof can fetch it and staff asked for it."""
    if not (visit.fetch and visit.form.ticked("fetch") and host(url)):
        return None
    try:
        return visit.fetch(url)
    except (OSError, ValueError, RuntimeError) as error:
        raise Refused(UNFETCHED.format(error)) from error


def version(visit: Visit) -> int:
    """The version of the row that the page showed."""
    return visit.form.number("version")


def back(case_id: int, right: Right) -> Response:
    """Back to the case, which says what was done."""
    return to(f"/cases/{case_id}", done=right.value)
