"""What staff do with a hand-over: confirm it with a summary, record its acknowledgement and findings, give it to another party."""

from __future__ import annotations

from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Assignment, Case
from pipeline.domain.parties import OUTSIDE
from pipeline.domain.terms import AssignmentState, ObligationKind, OwnerKind, Role
from pipeline.masking import masked
from pipeline.moments import shown, to_text
from pipeline.store import assignments, audit, notices, parties, school_links
from pipeline.store import obligations as stored
from pipeline.store.db import Store
from responders import clocks, dossier, telling
from responders.acts import Act, Refused, Stale, needs, next_assignment
from responders.case_actions import begin, settled, tell_withdrawn, woken, write
from responders.guard import kept_from
from responders.routing import Party, named

BY_HAND = "人工"
"""The rule of an assignment that a person made."""
AFTER_HAND_OVER = (ObligationKind.ACKNOWLEDGE, ObligationKind.FIRST_REPORT, ObligationKind.FINDINGS, ObligationKind.CLOSING)


def begin_with(store: Store, assignment_id: int, version: int, act: Act) -> tuple[Assignment, Case, AssignmentState]:
    """The assignment, its case and the state that the action leads to."""
    assignment = assignments.get(store, assignment_id)
    if assignment is None:
        raise Refused("没有这项交办")
    if assignment.version != version:
        raise Stale
    case, _ = begin(store, assignment.case_id, None, act)
    if assignment.generation != case.generation:
        raise Refused("这项交办属于重开以前，不能再办理")
    return assignment, case, next_assignment(act, assignment.state)


def hand_over(store: Store, config: Config, assignment_id: int, version: int, summary: str, who: str, now: datetime) -> Assignment:
    """交办: confirms an assignment with the summary that alone leaves the bureau (转办摘要), starts the clocks that count from it and
    tells the party. Numbers that identify a person are masked. Never to a party that is accused."""
    with store.transaction():
        assignment, case, state = begin_with(store, assignment_id, version, Act.HAND_OVER)
        said = masked(needs(summary, "转办摘要"))
        papers = dossier.load(store, case)
        _not_accused(assignment.party, assignment.owner, papers, config)
        columns = {"summary": said, "confirmed_at": to_text(now), "confirmed_by": who}
        if not assignments.change(store, assignment.id, assignment.version, state, **columns):
            raise Stale
        lead = assignment.role is Role.LEAD
        first = {"handed_over_at": to_text(now)} if lead and case.handed_over_at is None else {}
        detail = {"单位": assignment.party_name, "角色": assignment.role.zh, "转办摘要": said, "规则": assignment.rule}
        case = write(store, case, Act.HAND_OVER, who, detail, now, **first, **woken(case, now))
        settled(store, config, case, now)
        told = read(store, assignment.id)
        _tell(store, config, case, told, now)
        if lead:
            _with_guides(store, config, case, said, who, now)
        return told


def acknowledge(
    store: Store, config: Config, assignment_id: int, version: int, how: str, who: str, now: datetime, at: datetime | None = None
) -> Assignment:
    """签收, or 代签收 recorded by staff: in which way and by whom, and `at` which moment where that was before `now`."""
    with store.transaction():
        assignment, case, state = begin_with(store, assignment_id, version, Act.ACKNOWLEDGE)
        way = needs(how, "签收方式（谁、以何种方式签收）")
        signed = _since(assignment, at or now, now)
        moved(store, assignment, state, acknowledged_at=to_text(signed))
        first = assignment.role is Role.LEAD
        if first:
            clocks.meet(store, case, Act.ACKNOWLEDGE, signed, who, f"签收：{way}")
        detail = {"单位": assignment.party_name, "方式": way, "时间": shown(signed)}
        case = write(store, case, Act.ACKNOWLEDGE, who, detail, now, **({"acknowledged_at": to_text(signed)} if first else {}))
        settled(store, config, case, now)
        return read(store, assignment.id)


def record_findings(
    store: Store, config: Config, assignment_id: int, version: int, findings: str, who: str, now: datetime,  # noqa: ARG001 — as every action
    at: datetime | None = None, how: str = "",
) -> Assignment:
    """登记反馈: what the party found, in which way it was told and `at` which moment; again where it adds something. It meets the internal
    clocks of the hand-over and nothing statutory."""
    with store.transaction():
        assignment, case, state = begin_with(store, assignment_id, version, Act.FINDINGS)
        said = masked(needs(findings, "反馈内容"))
        told = _since(assignment, at or now, now)
        moved(store, assignment, state, answered_at=to_text(told))
        met: tuple[str, ...] = ()
        if assignment.role is Role.LEAD:
            met = clocks.meet(store, case, Act.FINDINGS, told, who, f"反馈：{said[:200]}")
        detail = {"单位": assignment.party_name, "方式": how, "反馈": said, "完成": list(met)}
        write(store, case, Act.FINDINGS, who, detail, now)
        return read(store, assignment.id)


def reassign(
    store: Store, config: Config, assignment_id: int, version: int, party: str, reason: str, who: str, now: datetime
) -> Assignment:
    """转办: the matter goes to another party, which is handed it anew; the clocks go on and only change their debtor."""
    with store.transaction():
        assignment, case, state = begin_with(store, assignment_id, version, Act.REASSIGN)
        why = needs(reason, "转办的理由")
        to = _party(party.strip(), config)
        papers = dossier.load(store, case)
        if to.code == assignment.party:
            raise Refused("转办的单位就是现在的单位")
        _not_accused(to.code, to.kind, papers, config)
        assignments.end(store, assignment.id, state, why, now)
        _shut(store, case, now)
        new = assignments.propose(
            store, case, party=to.code, name=to.name, owner=to.kind, role=assignment.role, rule=BY_HAND, version="", reason=why,
            now=now, previous=assignment.id,
        )
        tell_withdrawn(store, case, assignment, papers.accused(config), now)
        detail = {"由": assignment.party_name, "转给": to.name, "理由": why}
        case = write(store, case, Act.REASSIGN, who, detail, now)
        if assignment.role is Role.LEAD:
            handed_on(store, case, assignment, to.code)
            settled(store, config, case, now)
        return read(store, new)


def _shut(store: Store, case: Case, now: datetime) -> None:
    """Who said that the matter is not theirs could read on what became of their word; once somebody else has it, no more."""
    for gone in assignments.of_case(store, case):
        if gone.state is AssignmentState.DISPUTED:
            school_links.revoke_assignment(store, gone.id, "已转办", now)


def _since(assignment: Assignment, at: datetime, now: datetime) -> datetime:
    """A moment between the hand-over and the present: nobody signs or answers before, nor in the future."""
    if at > now:
        raise Refused("所填时间在将来，请核对")
    if assignment.confirmed_at and at < assignment.confirmed_at.replace(second=0):  # people write minutes
        raise Refused(f"所填时间 {shown(at)} 早于交办时间 {shown(assignment.confirmed_at)}，请核对")
    return max(at, assignment.confirmed_at or at)


def _not_accused(party: str, owner: OwnerKind, papers: dossier.Dossier, config: Config) -> None:
    """信访工作条例第三十条: an accusation is not handed to the accused or their unit; while the accused is not known, to no school."""
    if kept_from(papers, config, party, owner):
        raise Refused("检举控告事项不得转交被举报人及其单位（信访工作条例第三十条），请改由其他单位办理")


def _party(code: str, config: Config) -> Party:
    """The party that staff named; a school without legal personality stands for the one that answers for it."""
    school = config.registry.school(code)
    if school:
        school = config.registry.answering(school)
        if not (school.legal_person and school.open):
            raise Refused(f"{school.name}不能作为回应主体")
    elif not config.registry.section(code) and not code.startswith(OUTSIDE):
        raise Refused(f"没有编号为「{code}」的学校或股室；其他部门请写成「外部:部门名称」")
    return named(school.code if school else code, config)


def _with_guides(store: Store, config: Config, case: Case, summary: str, who: str, now: datetime) -> None:
    """The bureau's own guiding sections are told together with the lead: they need no click of their own."""
    for guide in assignments.of_case(store, case):
        if guide.role is Role.GUIDE and guide.state is AssignmentState.PROPOSED and guide.owner is OwnerKind.BUREAU:
            columns = {"summary": summary, "confirmed_at": to_text(now), "confirmed_by": who}
            assignments.change(store, guide.id, guide.version, next_assignment(Act.HAND_OVER, guide.state), **columns)
            audit.write(store, who, Act.HAND_OVER.zh, case.number, {"单位": guide.party_name, "角色": guide.role.zh}, now, case.id)
            _tell(store, config, case, read(store, guide.id), now)


def _tell(store: Store, config: Config, case: Case, assignment: Assignment, now: datetime) -> None:
    topic = config.topics.get(case.topic or "")
    lead = assignment.role is Role.LEAD
    owed = [o for o in stored.running(store, case) if lead and o.kind in AFTER_HAND_OVER]
    for notice in telling.handed_over(case, assignment, topic.name if topic else "教育", owed, config, now):
        notices.put(store, notice)
    if assignment.owner is not OwnerKind.EXTERNAL and parties.contact_for(store, assignment.party) is None:
        notices.put(store, telling.unreachable(case, assignment, now))


def handed_on(store: Store, case: Case, assignment: Assignment, to: str) -> None:
    """Gives what a party owed on the case to another; no clock moves."""
    for owed in stored.running(store, case):
        if owed.party == assignment.party:
            stored.give_to(store, owed.id, to)


def moved(store: Store, assignment: Assignment, state: AssignmentState, **columns: str) -> None:
    """Moves an assignment under its version. Raises `Stale` when somebody was quicker."""
    if not assignments.change(store, assignment.id, assignment.version, state, **columns):
        raise Stale


def read(store: Store, assignment_id: int) -> Assignment:
    """The assignment as it stands in this transaction."""
    found = assignments.get(store, assignment_id)
    if found is None:
        raise Refused("没有这项交办")
    return found

