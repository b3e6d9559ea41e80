"""What meets a clock: the public answer with its evidence, the receipt of a report."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from config.schema import Config
from pipeline.domain.cases import Case
from pipeline.domain.posts import Evidence
from pipeline.domain.terms import AnswerKind, CaseState, Disclosure, ObligationKind
from pipeline.moments import shown, to_text
from pipeline.store import cases, evidence, obligations, responses
from pipeline.store.db import Store
from responders import clocks
from responders.acts import Act, Refused, meets, needs
from responders.case_actions import begin, settled, write

BY_PUBLIC_ANSWER = (ObligationKind.STATEMENT, ObligationKind.RESPONSE, ObligationKind.FIRST_RESPONSE)
ENDS = {
    ObligationKind.PETITION_ACCEPT: ((ObligationKind.PETITION_OBJECT,), "信访事项已受理，不再提出异议"),
    ObligationKind.PETITION_OBJECT: (
        (ObligationKind.PETITION_ACCEPT, ObligationKind.PETITION_CLOSE), "已提出异议，信访事项交还转送单位（信访工作条例第二十三条）",
    ),
}
"""What a receipt makes an end of beside what it meets: a petition is either taken or given back."""


def record_answer(
    store: Store, config: Config, case_id: int, version: int, *, url: str, published_at: datetime, wording: str,
    disclosure: Disclosure, channel: str, evidence: Evidence | None, who: str, now: datetime,
) -> Case:
    """登记回应: a public answer is met by its address or a screenshot, at the time at which it was public; an answer by the original
    channel (原渠道答复) by the record of channel and words. A mail that was sent meets nothing."""
    with store.transaction():
        case, state = begin_answer(store, case_id, version, published_at, now)
        public = case.answer_kind is AnswerKind.PUBLIC
        kept = _evidence(store, case, url, evidence, channel, wording)
        number = responses.record(
            store, case, url=url.strip(), published_at=published_at, wording=wording.strip(), disclosure=disclosure,
            channel=channel.strip(), evidence_id=kept, who=who, now=now,
        )
        proof = url.strip() or (f"evidence:{kept}" if kept else f"原渠道答复：{channel.strip()}，{shown(published_at)}")
        kinds = BY_PUBLIC_ANSWER if public else (ObligationKind.LETTER,)
        met = clocks.meet(store, case, Act.ANSWER, published_at, who, proof, kinds)
        detail = {"凭据": proof, "时间": shown(published_at), "公开属性": disclosure.zh, "渠道": channel.strip()}
        detail |= {"完成": "、".join(met), "回应": str(number)}
        case = write(store, case, Act.ANSWER, who, detail, now, state=state.value, answered_at=to_text(published_at))
        settled(store, config, case, now)
        _disclosure(store, case, url.strip(), disclosure, published_at, who, now)
        return case


def begin_answer(store: Store, case_id: int, version: int, published_at: datetime, now: datetime) -> tuple[Case, CaseState]:
    """The case, and the state after the answer: only a public one makes it 已公开回应."""
    case, state = begin(store, case_id, version, Act.ANSWER)
    if case.answer_kind not in (AnswerKind.PUBLIC, AnswerKind.ORIGINAL_CHANNEL):
        raise Refused(f"研判结论是「{case.answer_kind.zh if case.answer_kind else '未定'}」，不登记回应；报告移交事项请登记回执")
    if published_at > now:
        raise Refused("回应时间在将来，请核对")
    asked, basis = cases.asked_since(store, case)
    if published_at < asked:
        raise Refused(f"回应时间 {shown(published_at)} 早于事件的{basis.zh}时间 {shown(asked)}：回应不可能早于它所回应的事，请核对")
    return case, state if case.answer_kind is AnswerKind.PUBLIC else case.state


def _evidence(store: Store, case: Case, url: str, page: Evidence | None, channel: str, wording: str) -> int | None:
    """Checks that the answer can be proved, and keeps the page."""
    if url.strip() and not (urlsplit(url.strip()).scheme in ("http", "https") and urlsplit(url.strip()).netloc):
        raise Refused("网址须以 http:// 或 https:// 开头")
    if case.answer_kind is AnswerKind.PUBLIC and not url.strip() and page is None:
        raise Refused("公开回应须有网址或截图作为凭据，只发邮件、只口头答复不算完成")
    if case.answer_kind is AnswerKind.ORIGINAL_CHANNEL:
        needs(channel, "答复的渠道")
        needs(wording, "答复的内容")
    return evidence.keep(store, page) if page else None


def _disclosure(store: Store, case: Case, url: str, disclosure: Disclosure, at: datetime, who: str, now: datetime) -> None:
    """A published address is the disclosure; a screenshot alone leaves it owed; what is not 主动公开 owes none."""
    if url:
        clocks.meet(store, case, Act.ANSWER, at, who, url, (ObligationKind.DISCLOSURE,))
    elif disclosure is not Disclosure.ACTIVE:
        for owed in obligations.running(store, case):
            if owed.kind is ObligationKind.DISCLOSURE:
                obligations.waive(store, owed.id, who, None, f"公开属性为「{disclosure.zh}」，不属主动公开", now)


def record_receipt(
    store: Store, config: Config, case_id: int, version: int, kind: ObligationKind, receipt: str, who: str, now: datetime
) -> Case:
    """登记回执: a report, a hand-over to another department or a procedure is met by the record of its receipt."""
    with store.transaction():
        case, _ = begin(store, case_id, version, Act.RECEIPT)
        if kind not in meets(Act.RECEIPT):
            raise Refused(f"「{kind.zh}」不以回执完成")
        proof = needs(receipt, "回执（谁、何时、文号或接报人）")
        if not clocks.meet(store, case, Act.RECEIPT, now, who, proof, (kind,)):
            raise Refused(f"这个事件没有未完成的「{kind.zh}」")
        detail = {"时限": kind.zh, "回执": proof, "终止": list(_end_beside(store, case, kind, who, now))}
        case = write(store, case, Act.RECEIPT, who, detail, now)
        settled(store, config, case, now)
        return case


def _end_beside(store: Store, case: Case, kind: ObligationKind, who: str, now: datetime) -> tuple[str, ...]:
    kinds, reason = ENDS.get(kind, ((), ""))
    found = [o for o in obligations.running(store, case) if o.kind in kinds]
    for owed in found:
        obligations.waive(store, owed.id, who, None, reason, now)
    return tuple(o.kind.zh for o in found)
