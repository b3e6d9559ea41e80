"""Brings the stored clocks of a case in line with what is owed on it now: new ones start, none ever moves to a later time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Case, Obligation, Rung
from pipeline.domain.terms import ObligationKind, RungState
from pipeline.moments import shown
from pipeline.stage import record
from pipeline.store import audit, cases, notices, reports
from pipeline.store import obligations as stored
from pipeline.store.db import Store
from responders import telling
from responders.acts import Act, meets
from responders.deadlines import Matter, Owed, applies, extended, obligations
from responders.escalation import plan, replan, still_told
from responders.worktime import CalendarMissing

STAGE = "clocks"
MACHINE = "系统"
CHOICE, EMERGENCY = "研判为", "突发事件等级定为"
"""How the reason begins of an obligation that ended by the choice of an answer, by a lower emergency grade: another choice revives it."""


def settle(store: Store, config: Config, matter: Matter, now: datetime, owed: Owed | None = None) -> bool:
    """Starts, advances and hands on the obligations of a case; returns whether anything changed. Safe to repeat."""
    owed = owed or obligations(matter, config)
    known = {o.kind: o for o in stored.of_case(store, matter.case)}
    started, advanced = [], []
    for wanted in owed.obligations:
        old = known.get(wanted.kind)
        if old is None:
            stored.add_rungs(store, stored.insert(store, wanted), plan(wanted, matter.case.grade, config))
            started.append(wanted)
        elif old.running:
            sooner = _extended(wanted, config) if old.extended_from else wanted
            if sooner and sooner.due_at < old.due_at:
                stored.advance(store, old.id, sooner)
                advanced.append(sooner)
            if wanted.party != old.party:
                stored.give_to(store, old.id, wanted.party)
    changed = _rungs(store, config, matter.case, now)
    _record(store, matter.case, "起算时限", started, now)
    _record(store, matter.case, "时限提前", advanced, now)
    _gaps(store, matter.case, owed, now)
    return bool(started or advanced or changed)


def _extended(wanted: Obligation, config: Config) -> Obligation | None:
    """What the rules say of an obligation that two people have extended; None where they cannot say, and nothing moves then."""
    try:
        return extended(wanted, config)
    except CalendarMissing:
        return None


def end_by_choice(store: Store, config: Config, matter: Matter, who: str, now: datetime) -> tuple[str, ...]:
    """Ends what the chosen kind of answer ends, revives what an earlier choice had ended, and returns the labels of what ended."""
    choice = matter.case.answer_kind
    kinds = [kind for kind, rule in config.deadlines.items() if rule.applies.answer_kind]
    return _end_by(store, config, matter, CHOICE, choice.zh, kinds, who, now) if choice else ()


def end_by_emergency(store: Store, config: Config, matter: Matter, who: str, now: datetime) -> tuple[str, ...]:
    """Ends what a lowered emergency grade no longer asks, revives what a raised one asks again from its first start."""
    grade = matter.case.emergency_grade
    kinds = [kind for kind, rule in config.deadlines.items() if rule.applies.emergency is not None]
    return _end_by(store, config, matter, EMERGENCY, grade.zh, kinds, who, now) if grade else ()


def _end_by(
    store: Store, config: Config, matter: Matter, decision: str, chosen: str, kinds: Collection[ObligationKind], who: str, now: datetime
) -> tuple[str, ...]:
    """Of the obligations of these kinds ends those that apply no longer, and revives those that the same kind of decision had ended."""
    ended = []
    for old in stored.of_case(store, matter.case):
        if old.kind not in kinds or old.met_at:
            continue
        owing = applies(config.deadlines[old.kind].applies, matter)
        if not owing and not old.waived_at:
            stored.waive(store, old.id, who, None, f"{decision}「{chosen}」，「{old.kind.zh}」时限终止（{old.basis}）", now)
            ended.append(old.kind.zh)
        elif owing and (old.waive_reason or "").startswith(decision):
            stored.revive(store, old.id)
    return tuple(ended)


def meet(
    store: Store, case: Case, act: Act, at: datetime, who: str, evidence: str, only: Collection[ObligationKind] | None = None
) -> tuple[str, ...]:
    """Meets, by its evidence, whatever runs that this action meets by the closed table, or `only` some of it; returns their labels."""
    found = [o for o in stored.running(store, case) if o.kind in meets(act) and (only is None or o.kind in only)]
    for owed in found:
        stored.meet(store, owed.id, at, who, evidence)
    return tuple(o.kind.zh for o in found)


def statutory(case: Case, store: Store, config: Config) -> list[Obligation]:
    """The running obligations that only their evidence, or two people, can end."""
    return [o for o in stored.running(store, case) if (rule := config.deadlines.get(o.kind)) and rule.statutory]


def end_all(store: Store, case: Case, who: str, reason: str, now: datetime) -> None:
    """Ends whatever still runs, for a case that is finished, with the reason; who gave an instruction still waits for the answer."""
    for owed in stored.running(store, case):
        if owed.kind is not ObligationKind.INSTRUCTION:
            stored.waive(store, owed.id, who, None, reason, now)


def end_earlier(store: Store, case: Case, now: datetime) -> None:
    """Ends what rounds before the present one still owed: a case that was reopened (重开) owes it anew, or goes on owing it."""
    reports.carry(store, case)
    for generation in range(1, case.generation):
        end_all(store, replace(case, generation=generation), MACHINE, "事件重开，改按新一轮计时", now)


def _rungs(store: Store, config: Config, case: Case, now: datetime) -> bool:
    """Plans anew what of each running obligation's ladder is still to come (the grade, the due instant or the ladder changed)."""
    changed = False
    for owed in stored.running(store, case):
        old = stored.rungs(store, owed.id)
        new = plan(owed, case.grade, config)
        left = replan(still_told([r for r in old if r.state is not RungState.STOPPED], new, owed), new)
        waiting = [r for r in old if r.state is RungState.PENDING]
        wanted = {(r.name, r.due_at) for r in left}
        held = {(r.name, r.due_at) for r in waiting}
        if wanted == held:
            continue
        stored.set_rungs(store, [r for r in waiting if (r.name, r.due_at) not in wanted], RungState.STOPPED, now)
        first = max((r.n for r in old), default=0) + 1
        added = [r for r in left if (r.name, r.due_at) not in held]
        stored.add_rungs(store, owed.id, [Rung(n, r.name, r.due_at) for n, r in enumerate(added, first)])
        changed = True
    return changed


def _record(store: Store, case: Case, action: str, owed: list[Obligation], now: datetime) -> None:
    if owed:
        detail = {o.kind.zh: f"{shown(o.due_at)} 到期，自{o.start_basis.zh} {shown(o.start_at)} 起算；{o.basis}" for o in owed}
        audit.write(store, MACHINE, action, case.number, detail, now, case.id)


def _gaps(store: Store, case: Case, owed: Owed, now: datetime) -> None:
    """Keeps on record which clocks could not be computed, tells the desk once a year, and clears what has been mended."""
    open_ones = {s for s in cases.open_setbacks(store, STAGE) if s.startswith(f"{case.number}:")}
    for subject in open_ones - {f"{case.number}:{year}" for year in owed.years}:
        cases.resolve_setback(store, STAGE, subject, now)
    for year in owed.years:
        if f"{case.number}:{year}" not in open_ones:
            record(store, STAGE, f"{case.number}:{year}", "；".join(owed.faults), now)
        notices.put(store, telling.no_calendar(year, "；".join(owed.faults), now))
