"""What becomes of a case's clocks when it is merged into another (并入): the target owes each kind from the earliest start, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.terms import CaseState, Clock, ObligationKind
from responders.acts import Refused
from responders.deadlines import DESK, Matter, obligations, reckoned

OWN_ANSWER = frozenset({
    ObligationKind.LETTER, ObligationKind.PETITION_ACCEPT, ObligationKind.PETITION_OBJECT, ObligationKind.PETITION_CLOSE,
})
"""Owed to whoever wrote: what was done for another writer does not meet it."""


@dataclass(frozen=True, slots=True)
class Carried:
    """An obligation as the target owes it after the merge; `theirs` is the merged case's, `before` the target's own, if it had one."""

    owed: Obligation
    theirs: Obligation
    before: Obligation | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a merge will do: the target afterwards, what its clocks become, which of them is new, earlier or as it was, and which
    statutory limits of the merged case come under a waiver that two people gave the target."""

    whole: Case
    carried: tuple[Carried, ...]
    clocks: tuple[tuple[Obligation, Obligation | None], ...]
    waived: tuple[ObligationKind, ...]


def outlook(theirs: Sequence[Obligation], ours: Sequence[Obligation], whole: Matter, config: Config) -> Outlook:
    """Decides a merge from the obligations of both cases and the target as it will stand."""
    known = {o.kind: o for o in ours}
    carried = tuple(c for o in theirs if (c := _carried(o, known.get(o.kind), whole, config)))
    after = dict(known) | {c.owed.kind: c.owed for c in carried}
    for owed in obligations(whole, config).obligations:
        held = after.get(owed.kind)
        if held is None or (_running(held) and owed.due_at < held.due_at):
            after[owed.kind] = owed
    clocks = tuple((o, known.get(o.kind)) for o in sorted(after.values(), key=lambda o: o.due_at))
    waived = tuple(
        o.kind for o in theirs
        if _running(o) and (rule := config.deadlines.get(o.kind)) and rule.statutory and (old := known.get(o.kind)) and old.waived_second
    )
    return Outlook(whole.case, carried, clocks, waived)


def check(case: Case, into: Case, theirs: Sequence[Obligation], ours: Sequence[Obligation]) -> None:
    """Refuses a merge that would lose a red line, an accusation or somebody's answer."""
    if case.id == into.id:
        raise Refused("不能把事件并入它自己")
    if not into.state.live:
        raise Refused(f"目标事件现在是「{into.state.zh}」，不能并入；请选择在办的事件，或先「重开」目标事件")
    news = (case.redline is not None and case.redline is not into.redline) or (case.accusation and not into.accusation)
    if into.state is CaseState.PUBLISHED and news:
        raise Refused("目标事件已公开回应，而本事件带有新的红线或检举控告；请先「重开」目标事件，再合并")
    done = {o.kind for o in ours if not _running(o)}
    unanswered = [o.kind.zh for o in theirs if _running(o) and o.kind in OWN_ANSWER & done]
    if unanswered:
        raise Refused(f"本事件的「{'、'.join(unanswered)}」还没有完成，目标事件的同类时限已经终结；每位来信人都应得到答复，请先办完再合并")


def _running(owed: Obligation) -> bool:
    return not owed.met_at and not owed.waived_at


def _carried(their: Obligation, our: Obligation | None, whole: Matter, config: Config) -> Carried | None:
    """What one obligation of the merged case makes of the target's. What has ended there moves nothing here; what was met there is not
    started again."""
    if their.waived_at or (our and their.met_at):
        return None
    if our is None:
        mine = replace(
            their, id=0, case_id=whole.case.id, generation=whole.case.generation, party=_party(their.kind, whole, config)
        )
        return Carried(mine if their.met_at else _earliest(mine, mine, whole, config), their, None)
    if their.start_at >= our.start_at and their.due_at >= our.due_at:
        return None
    return Carried(_earliest(our, their, whole, config), their, our)


def _earliest(our: Obligation, their: Obligation, whole: Matter, config: Config) -> Obligation:
    """The target's obligation from the earlier start of the two, due when the earliest reckoning says."""
    first = min(our, their, key=lambda o: o.start_at)
    limits: list[tuple[datetime, float, Clock, str]] = [(o.due_at, o.amount, o.clock, o.basis) for o in (our, their)]
    found = reckoned(our.kind, whole, config, first.start_at)
    if found:
        length, due, basis = found
        limits.insert(0, (due, length.amount, length.clock, basis))
    due, amount, clock, basis = min(limits, key=lambda limit: limit[0])
    rule = config.deadlines.get(our.kind)
    warn = first.start_at + (due - first.start_at) * (rule.warn_share if rule else 1.0)
    return replace(
        our, start_at=first.start_at, start_basis=first.start_basis, due_at=due, amount=amount, clock=clock, basis=basis,
        warn_at=max(first.start_at, min(warn, our.warn_at, their.warn_at)),
    )


def _party(kind: ObligationKind, whole: Matter, config: Config) -> str:
    rule = config.deadlines.get(kind)
    return whole.lead or DESK if rule and rule.party == "lead" else DESK
