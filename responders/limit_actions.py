"""What two people may do to a clock: let its debtor off (免除), give the longer time that the law knows (延长). Each with a reason."""

from __future__ import annotations

from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Case, Obligation
from pipeline.moments import shown
from pipeline.store import audit, obligations
from pipeline.store.db import Store
from responders import clocks, dossier
from responders.acts import Act, Refused, Stale, needs
from responders.case_actions import begin, two_people
from responders.deadlines import extended
from responders.worktime import CalendarMissing


def waive(store: Store, config: Config, obligation_id: int, who: str, second: str, reason: str, now: datetime) -> None:
    """免除时限. Refused where the law lets nobody off."""
    with store.transaction():
        owed, case = _running(store, obligation_id, Act.WAIVE)
        rule = config.deadlines.get(owed.kind)
        if rule and not rule.waivable:
            raise Refused(f"「{owed.kind.zh}」依法不得免除（{owed.basis}），只能以凭据完成")
        two_people(who, second, "免除时限")
        why = needs(reason, "免除时限的理由")
        obligations.waive(store, owed.id, who, second.strip(), why, now)
        detail = {"时限": owed.kind.zh, "理由": why, "第二人": second.strip()}
        audit.write(store, who, Act.WAIVE.zh, case.number, detail, now, case.id)


def extend(store: Store, config: Config, obligation_id: int, who: str, second: str, reason: str, now: datetime) -> None:
    """延长时限: once, before it is due, and only where its rule knows an extension. The ladder is planned anew."""
    with store.transaction():
        owed, case = _running(store, obligation_id, Act.EXTEND)
        rule = config.deadlines.get(owed.kind)
        if rule is None or rule.extension is None:
            raise Refused(f"「{owed.kind.zh}」没有可以延长的规定")
        later = _later(owed, config)
        if owed.extended_from:
            raise Refused(f"「{owed.kind.zh}」已经延长过一次（原到期 {shown(owed.extended_from)}），不能再延长")
        if now > owed.due_at:
            raise Refused(f"「{owed.kind.zh}」已于 {shown(owed.due_at)} 到期，延长须在到期以前办理")
        two_people(who, second, "延长时限")
        why = needs(reason, "延长时限的理由")
        obligations.extend(store, owed.id, later, who, second.strip(), why)
        detail = {"时限": owed.kind.zh, "由": shown(owed.due_at), "延至": shown(later.due_at), "理由": why, "第二人": second.strip()}
        audit.write(store, who, Act.EXTEND.zh, case.number, detail | {"依据": rule.extension.basis}, now, case.id)
        clocks.settle(store, config, dossier.load(store, case).matter(), now)


def _running(store: Store, obligation_id: int, act: Act) -> tuple[Obligation, Case]:
    owed = obligations.get(store, obligation_id)
    if owed is None or not owed.running:
        raise Refused("这个时限已经完成、终止或免除")
    case, _ = begin(store, owed.case_id, None, act)
    if case.generation != owed.generation:
        raise Stale
    return owed, case


def _later(owed: Obligation, config: Config) -> Obligation:
    try:
        found = extended(owed, config)
    except CalendarMissing as gap:
        raise Refused(f"「{owed.kind.zh}」延长后的到期时间无法计算：{gap}") from gap
    if found is None or found.due_at <= owed.due_at:
        raise Refused(f"「{owed.kind.zh}」按延长的规定重算，并不晚于现在的到期时间")
    return found
