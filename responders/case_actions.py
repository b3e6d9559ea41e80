"""What staff decide on a case: the kind of answer, its red line, its grade, that it needs nothing, that it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from config.schema import Config
from pipeline.domain.cases import Assignment, Case
from pipeline.domain.terms import AnswerKind, CaseState, EmergencyGrade, Grade, ObligationKind, OwnerKind, gravest
from pipeline.moments import to_text
from pipeline.store import assignments, audit, cases, notices, obligations
from pipeline.store.db import Store
from responders import clocks, dossier, telling
from responders.acts import REPORTED, TABLE, Act, Refused, Stale, needs, next_case


def begin(store: Store, case_id: int, version: int | None, act: Act) -> tuple[Case, CaseState]:
    """The case and the state that the action leads to. Raises `Stale` for an old page, `Refused` where it is not allowed."""
    case = cases.get(store, case_id)
    if case is None:
        raise Refused("没有这个事件")
    if version is not None and case.version != version:
        raise Stale
    return case, next_case(act, case.state)


def write(store: Store, case: Case, act: Act, who: str, detail: Mapping[str, Any], now: datetime, **columns: Any) -> Case:
    """Changes the case under its version, with its audit entry, and returns it as it then is. Raises ValueError where a column is
    written that does not stand in the action's line of the table."""
    if strange := set(columns) - TABLE[act].writes:
        raise ValueError(f"{act.value} does not write {', '.join(sorted(strange))}")
    if not cases.change(store, case.id, case.version, **columns):
        raise Stale
    audit.write(store, who, act.zh, case.number, detail, now, case.id)
    return fresh(store, case.id)


def fresh(store: Store, case_id: int) -> Case:
    """The case as it stands in this transaction."""
    case = cases.get(store, case_id)
    if case is None:
        raise Refused("没有这个事件")
    return case


def woken(case: Case, now: datetime) -> dict[str, Any]:
    """The columns by which an old case that a person takes up begins to run: its clocks count from then (发现)."""
    return {"dormant": 0, "taken_up_at": to_text(now)} if case.dormant else {}


def settled(store: Store, config: Config, case: Case, now: datetime) -> None:
    """Brings the clocks in line with the case as it stands."""
    clocks.settle(store, config, dossier.load(store, case).matter(), now)


def choose_answer(
    store: Store, config: Config, case_id: int, version: int, kind: AnswerKind, reason: str, who: str, now: datetime
) -> Case:
    """研判: chooses the kind of answer, which decides the clocks that run. Only 需公开回应 needs no reason, and
    even that does where the matter should be reported and handed over."""
    with store.transaction():
        case, state = begin(store, case_id, version, Act.CHOOSE_ANSWER)
        if kind is not AnswerKind.PUBLIC:
            needs(reason, f"选择「{kind.zh}」的理由")
        elif case.accusation or case.topic in REPORTED:
            needs(reason, "选择「需公开回应」的理由：检举控告、欺凌、性侵害、心理危机事项应报告移交，公开回应须另有理由")
        detail = {"选择": kind.zh, "理由": reason.strip()}
        case = write(store, case, Act.CHOOSE_ANSWER, who, detail, now, answer_kind=kind.value, state=state.value, **woken(case, now))
        clocks.meet(store, case, Act.CHOOSE_ANSWER, now, who, f"研判：{kind.zh}")
        matter = dossier.load(store, case).matter()
        ended = clocks.end_by_choice(store, config, matter, who, now)
        _record_end(store, case, ended, f"研判为{kind.zh}", who, now)
        clocks.settle(store, config, matter, now)
        return case


def _record_end(store: Store, case: Case, ended: tuple[str, ...], why: str, who: str, now: datetime) -> None:
    if ended:
        audit.write(store, who, "时限终止", case.number, {"时限": list(ended), "原因": why}, now, case.id)


def confirm_redline(store: Store, config: Config, case_id: int, version: int, who: str, now: datetime) -> Case:
    """确认红线: the duty officer confirms it; the clock of the phone report begins, and a legal kind is at least Ⅱ."""
    with store.transaction():
        case, _ = begin(store, case_id, version, Act.CONFIRM_REDLINE)
        if case.redline is None:
            raise Refused("这个事件没有红线可确认")
        if case.redline_confirmed_at:
            raise Refused("红线已经确认过")
        grade = gravest(case.grade, case.redline.least)
        detail = {"红线": case.redline.zh, "等级": grade.zh}
        case = write(
            store, case, Act.CONFIRM_REDLINE, who, detail, now, redline_confirmed_at=to_text(now), grade=grade.value, grade_confirmed=1,
            **woken(case, now),
        )
        clocks.meet(store, case, Act.CONFIRM_REDLINE, now, who, "核实：确认红线")
        settled(store, config, case, now)
        return case


def confirm_grade(
    store: Store, config: Config, case_id: int, version: int, grade: Grade, reason: str, who: str, now: datetime, second: str | None = None
) -> Case:
    """确定等级. Raising tightens clocks and adds rungs; lowering needs a reason and another person, and never gives more time. A grade
    below the least that its red line would have says that there is none (核实并非红线)."""
    with store.transaction():
        case, _ = begin(store, case_id, version, Act.CONFIRM_GRADE)
        if grade.severity < case.grade.severity:
            needs(reason, "降低等级的理由")
            two_people(who, second, "降低等级")
        detail = {"由": case.grade.zh, "定为": grade.zh, "理由": reason.strip(), "第二人": second or ""}
        case = write(store, case, Act.CONFIRM_GRADE, who, detail, now, grade=grade.value, grade_confirmed=1)
        if case.redline and grade.severity < case.redline.least.severity:
            clocks.meet(store, case, Act.CONFIRM_GRADE, now, who, f"核实：并非红线，定为{grade.zh}，{reason.strip()}")
        settled(store, config, case, now)
        return case


def enter_emergency(
    store: Store, config: Config, case_id: int, version: int, grade: EmergencyGrade, document: str, who: str, now: datetime,
    reason: str = "", second: str | None = None,
) -> Case:
    """录入突发事件等级 from the government's document, never from our own grade; the 5 h and 24 h clocks count from the first start, though
    that may be long past. A lower one than was entered takes two people and a reason: what it no longer asks ends, and comes back with
    its first start when the grade is raised again."""
    with store.transaction():
        case, _ = begin(store, case_id, version, Act.EMERGENCY)
        before = case.emergency_grade
        detail = {"突发事件等级": grade.zh, "依据文件": needs(document, "认定突发事件等级的文件")}
        if before and grade.severity < before.severity:
            detail |= {"由": before.zh, "理由": needs(reason, "降低突发事件等级的理由")}
            two_people(who, second, "降低突发事件等级")
            detail["第二人"] = second or ""
        case = write(store, case, Act.EMERGENCY, who, detail, now, emergency_grade=grade.value, **woken(case, now))
        matter = dossier.load(store, case).matter()
        ended = clocks.end_by_emergency(store, config, matter, who, now)
        _record_end(store, case, ended, f"突发事件等级定为{grade.zh}", who, now)
        clocks.settle(store, config, matter, now)
        return case


def dismiss(store: Store, config: Config, case_id: int, version: int, reason: str, who: str, now: datetime) -> Case:
    """不予处置: cancels assignments, clocks and rungs, with the reason."""
    with store.transaction():
        case, state = begin(store, case_id, version, Act.DISMISS)
        why = needs(reason, "不予处置的理由")
        if case.redline_confirmed_at:
            _nothing_statutory(store, config, case, "红线已确认的事件不能不予处置")
        _nothing_asked(store, case, "不能不予处置")
        ended = {"closing_reason": why, "closed_at": to_text(now)}
        case = write(store, case, Act.DISMISS, who, {"理由": why}, now, state=state.value, **ended)
        clocks.meet(store, case, Act.DISMISS, now, who, f"研判：不予处置，{why}")
        withdraw(store, case, Act.DISMISS, f"不予处置：{why}", dossier.load(store, case).accused(config), now)
        clocks.end_all(store, case, who, f"事件不予处置：{why}", now)
        return case


def close(store: Store, config: Config, case_id: int, version: int, reason: str, who: str, now: datetime) -> Case:
    """办结: only when what the law demands is met by its evidence or was waived by two people."""
    with store.transaction():
        case, state = begin(store, case_id, version, Act.CLOSE)
        why = needs(reason, "办结意见")
        clocks.meet(store, case, Act.CLOSE, now, who, f"办结：{why}")
        _nothing_statutory(store, config, case, "还不能办结")
        _nothing_asked(store, case, "还不能办结")
        ended = {"closing_reason": why, "closed_at": to_text(now)}
        case = write(store, case, Act.CLOSE, who, {"意见": why}, now, state=state.value, **ended)
        for assignment in assignments.of_case(store, case):
            if assignment.state.live:
                assignments.end(store, assignment.id, TABLE[Act.CLOSE].others[assignment.state], "事件办结", now)
        clocks.end_all(store, case, who, "事件办结时终止", now)
        return case


def reopen(
    store: Store, config: Config, case_id: int, version: int, reason: str, who: str, now: datetime  # noqa: ARG001 — as every action
) -> Case:
    """重开 as the next generation, with an owner and clocks of its own; what was is kept."""
    with store.transaction():
        case, state = begin(store, case_id, version, Act.REOPEN)
        detail = {"理由": needs(reason, "重开的理由"), "第几次": case.generation + 1}
        clocks.end_all(store, case, who, "事件重开，改按新一轮计时", now)
        cases.renew(store, case.id)
        return write(
            store, case, Act.REOPEN, who, detail, now, state=state.value, generation=case.generation + 1, waiting="route",
            taken_up_at=to_text(now), dormant=0,
        )


def two_people(who: str, second: str | None, what: str) -> None:
    """Refuses where there is no second person, or the second is the first."""
    if not second or second.strip() == who.strip():
        raise Refused(f"{what}须有第二人同意，且不能是本人")


def _nothing_statutory(store: Store, config: Config, case: Case, what: str) -> None:
    left = clocks.statutory(case, store, config)
    if left:
        names = "、".join(o.kind.zh for o in left)
        raise Refused(f"{what}：法定时限「{names}」尚未以凭据完成，请先登记回应或回执，或由两人批准免除")


def _nothing_asked(store: Store, case: Case, what: str) -> None:
    """Refuses while somebody's 批示 or 来文 waits for its answer."""
    left = [o.basis for o in obligations.running(store, case) if o.kind is ObligationKind.INSTRUCTION]
    if left:
        raise Refused(f"{what}：{'、'.join(left)}，还没有报告并取得回执；请先报告，或由两人批准免除")


def withdraw(store: Store, case: Case, act: Act, reason: str, accused: frozenset[str], now: datetime) -> None:
    """Cancels every live assignment; who was told of it is told that it is over, the accused excepted."""
    for assignment in assignments.of_case(store, case):
        if assignment.state.live:
            assignments.end(store, assignment.id, TABLE[act].others[assignment.state], reason, now)
            tell_withdrawn(store, case, assignment, accused, now)


def tell_withdrawn(store: Store, case: Case, assignment: Assignment, accused: frozenset[str], now: datetime) -> None:
    """Tells a party that was handed a matter that it holds it no longer; the accused are told nothing."""
    if assignment.confirmed_at and assignment.party not in accused and assignment.owner is not OwnerKind.EXTERNAL:
        notices.put(store, telling.withdrawn(case, assignment, now))
