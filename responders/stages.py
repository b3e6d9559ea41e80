"""The answering side's stages: cases get their owner and their clocks; rungs that are due fire; misses go on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Case, Decision, Obligation
from pipeline.domain.terms import AssignmentState, OwnerKind, Role, RungState
from pipeline.moments import shown
from pipeline.stage import Stage
from pipeline.store import assignments, audit, cases, notices, parties
from pipeline.store import obligations as stored
from pipeline.store.db import Store
from responders import clocks, dossier, telling
from responders.assignment_actions import BY_HAND, hand_over
from responders.deadlines import DESK
from responders.dossier import Dossier
from responders.escalation import due
from responders.guard import keep_from_accused
from responders.routing import named, outside, route

MACHINE = "系统"
BATCH = 200
ROUTE = "route"
GIVEN_UP = (AssignmentState.TRANSFERRED, AssignmentState.DISPUTED)
"""Whoever gave the matter up is not proposed again by the machine."""


@dataclass(frozen=True, slots=True)
class Routed:
    """A case with the decision on it; `renew` when a new generation must shed the old one's answers."""

    papers: Dossier
    decision: Decision
    renew: bool


def route_stage(store: Store, config: Config) -> Stage[Dossier, Routed]:
    """Cases that wait → who answers, by when, who is told. An unchanged case that is routed again changes nothing."""

    def select(limit: int) -> Sequence[Dossier]:
        return [dossier.load(store, case) for case in cases.waiting(store, limit)]

    def decide(batch: Sequence[Dossier], _: datetime) -> Sequence[Routed]:
        return [_decide(papers, config) for papers in batch]

    def insert(results: Sequence[Routed], now: datetime) -> None:
        for routed in results:
            _insert(store, config, routed, now)

    def set_aside(papers: Dossier) -> str:
        cases.routed(store, papers.case.id, changed=False)
        return papers.case.number

    return Stage(ROUTE, select, decide, insert, set_aside, lambda: cases.count_waiting(store), BATCH)


def remind_stage(store: Store, config: Config, now: datetime) -> Stage[Obligation, Obligation]:
    """Obligations of which a rung is due at `now` → the highest fires, those beneath collapse into it."""

    def insert(results: Sequence[Obligation], at: datetime) -> None:
        for owed in results:
            _climb(store, config, owed, at)

    def set_aside(owed: Obligation) -> str:
        stored.stop_rungs(store, owed.id, now)
        return f"obligation:{owed.id}"

    return Stage(
        "remind", lambda limit: stored.with_due_rungs(store, now, limit), lambda batch, _: batch, insert, set_aside,
        lambda: stored.count_with_due_rungs(store, now), BATCH,
    )


def miss_stage(store: Store, now: datetime) -> Stage[Obligation, Obligation]:
    """Obligations that are overdue at `now` → their miss is recorded, once."""

    def insert(results: Sequence[Obligation], at: datetime) -> None:
        for owed in results:
            case = cases.get(store, owed.case_id)
            stored.record_miss(store, owed.id, at)
            holder = outside(parties.name_of(store, owed.party))
            detail = {"时限": owed.kind.zh, "到期": shown(owed.due_at), "依据": owed.basis, "承办": holder}
            audit.write(store, MACHINE, "超期", case.number if case else str(owed.case_id), detail, at, owed.case_id)

    def set_aside(owed: Obligation) -> str:
        stored.record_miss(store, owed.id, now)
        return f"obligation:{owed.id}"

    return Stage(
        "miss", lambda limit: stored.missed(store, now, limit), lambda batch, _: batch, insert, set_aside,
        lambda: len(stored.missed(store, now, -1)), BATCH,
    )


def _decide(papers: Dossier, config: Config) -> Routed:
    decision = route(papers.facts(config), config)
    if decision.kind is OwnerKind.NONE:  # a case is somebody's: what no rule wants is the desk's
        desk = named(DESK, config)
        decision = replace(decision, kind=desk.kind, party=desk.code, name=desk.name, pending="待确认")
    decision = replace(decision, auto=decision.auto and papers.harmless)
    return Routed(papers, decision, _leavings(papers))


def _leavings(papers: Dossier) -> bool:
    """Whether a new generation has begun (重开) whose row still carries the last one's answers."""
    case, dates = papers.case, papers.dates
    begun = case.generation > 1 and not papers.assignments
    return begun and bool(case.answer_kind or case.handed_over_at or dates.answered_at or dates.closed_at)


def _insert(store: Store, config: Config, routed: Routed, now: datetime) -> None:
    seen = routed.papers.case
    case = cases.get(store, seen.id)
    if case is None or case.version != seen.version:
        return  # staff were quicker: it still waits, and is decided again on what they did
    if not case.state.live:
        cases.routed(store, case.id, changed=False)
        return
    if routed.renew:
        cases.renew(store, case.id)
    if not routed.papers.assignments:
        clocks.end_earlier(store, case, now)
    changed = _assign(store, config, routed, now)
    if case.dormant:
        cases.routed(store, case.id, changed=changed)
        return
    papers = dossier.load(store, cases.get(store, case.id) or case)
    changed |= clocks.settle(store, config, papers.matter(), now)
    cases.routed(store, case.id, changed=changed)
    handed = _by_itself(store, config, papers, routed.decision, now)
    _tell(store, config, routed, papers, handed, now)


def _assign(store: Store, config: Config, routed: Routed, now: datetime) -> bool:
    """Proposes whom the decision names. What staff have confirmed or chosen stays; a proposal that no longer fits is replaced."""
    case, decision, held = routed.papers.case, routed.decision, routed.papers.assignments
    live = [a for a in held if a.state.live]
    lead = routed.papers.lead
    ours = lead is None or (lead.state is AssignmentState.PROPOSED and lead.rule != BY_HAND)
    wanted = [(decision.party, Role.LEAD)] if ours else []
    wanted += [(code, Role.GUIDE) for code in decision.guides] + [(code, Role.SUPPORT) for code in decision.supports]
    if ours and lead and (lead.party, lead.rule) != (decision.party, decision.rule):
        for old in live:
            if old.state is AssignmentState.PROPOSED and old.rule != BY_HAND:
                assignments.end(store, old.id, AssignmentState.CANCELLED, "有新情况，重新确定回应主体", now)
        live = [a for a in live if a.state is not AssignmentState.PROPOSED or a.rule == BY_HAND]
    known = {a.party for a in live} | {a.party for a in held if a.rule == BY_HAND or a.state in GIVEN_UP}
    led = any(a.role is Role.LEAD for a in live)
    new = [(code, role) for code, role in wanted if code not in known or (role is Role.LEAD and not led)]
    for code, role in new:
        _propose(store, config, case, decision, code, role, now)
    if new:
        detail = {"主责": decision.name, "规则": decision.rule, "版本": decision.version, "理由": decision.reason}
        detail |= {"待确认": telling.doubt(decision.pending)} if decision.pending else {}
        audit.write(store, MACHINE, "拟交办", case.number, detail, now, case.id)
    return bool(new)


def _propose(store: Store, config: Config, case: Case, decision: Decision, code: str, role: Role, now: datetime) -> None:
    party = named(code, config)
    leads = role is Role.LEAD
    assignments.propose(
        store, case, party=code, name=decision.name if leads else party.name, owner=decision.kind if leads else party.kind, role=role,
        rule=decision.rule, version=decision.version, reason=decision.reason, now=now, words=decision.words, confidence=decision.confidence,
        auto=decision.auto and leads, pending=decision.pending if leads else "",
    )


def _tell(store: Store, config: Config, routed: Routed, papers: Dossier, handed: bool, now: datetime) -> None:
    """The desk hears of a new case or a graver one; an unconfirmed red line rings the duty officer and no principal. `papers` are those
    from before the rule `handed` the case over by itself."""
    case, decision, told = papers.case, routed.decision, papers.dates.told_grade
    news = telling.new_case(case, decision, papers.link, handed, now)
    if (papers.confirmed or not notices.put(store, news)) and told and case.grade.severity > told.severity:
        notices.put(store, telling.graver(case, now))
    if case.redline and not case.redline_confirmed_at:
        notices.put(store, telling.red_line(case, config.registry.on_duty(now), papers.link, now))
    keep_from_accused(store, config, papers, now)


def _by_itself(store: Store, config: Config, papers: Dossier, decision: Decision, now: datetime) -> bool:
    """Hands over at once where the rule may, with the neutral summary, and returns whether it did."""
    lead = papers.lead
    if not decision.auto or lead is None or not lead.auto or lead.state is not AssignmentState.PROPOSED or lead.party != decision.party:
        return False
    hand_over(store, config, lead.id, lead.version, papers.summary(config), f"规则 {decision.rule}", now)
    return True


def _climb(store: Store, config: Config, owed: Obligation, now: datetime) -> None:
    case = cases.get(store, owed.case_id)
    if case is None:
        stored.stop_rungs(store, owed.id, now)
        return
    live = case.state.live and case.generation == owed.generation
    verdict = due(stored.rungs(store, owed.id), owed, now, live=live)
    stored.set_rungs(store, verdict.stop, RungState.STOPPED, now)
    stored.set_rungs(store, verdict.collapse, RungState.COLLAPSED, now)
    if verdict.fire:
        stored.set_rungs(store, [verdict.fire], RungState.FIRED, now)
        holders = dossier.load(store, case).holders(config)
        rule = config.ladder.get(verdict.fire.name)
        for notice in telling.rung_fired(verdict.fire, rule, owed, case, holders, config, now):
            notices.put(store, notice)

