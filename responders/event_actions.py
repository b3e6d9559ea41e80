"""What staff say of events: that two are one (合并), that one is two (拆分). No clock is lost by it, and none begins anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Assignment, Case
from pipeline.domain.terms import ObligationKind
from pipeline.moments import shown
from pipeline.store import audit, case_views, cases, gains, gathering, notices, posts, readings
from pipeline.store import obligations as stored
from pipeline.store.db import Store
from responders import clocks, dossier, joining, telling
from responders.acts import Act, Refused, Stale, needs
from responders.case_actions import begin, fresh, settled, two_people, withdraw
from responders.deadlines import Matter, Owed, obligations
from responders.guard import keep_from_accused
from responders.joining import Outlook


def foresee(store: Store, config: Config, case: Case, into: Case) -> Outlook:
    """What merging will do to the clocks; raises `Refused` where it may not be."""
    theirs, ours = ([o for o in stored.of_case(store, c) if not o.about] for c in (case, into))  # what was instructed moves as it is
    joining.check(case, into, theirs, ours)
    return joining.outlook(theirs, ours, _matter(store, case, into), config)


def merge(
    store: Store, config: Config, case_id: int, version: int, into_id: int, into_version: int, reason: str, who: str, now: datetime,
    second: str | None = None,
) -> Case:
    """合并: a case's posts and clocks become another's, whatever was given out for it is withdrawn; returns the other. A second person is
    needed where a statutory limit would come under a waiver of the other."""
    with store.transaction():
        case, _ = begin(store, case_id, version, Act.MERGE)
        into = cases.get(store, into_id)
        if into is None:
            raise Refused("没有要并入的那个事件")
        if into.version != into_version:
            raise Stale
        why = needs(reason, "合并的理由")
        found = foresee(store, config, case, into)
        if found.waived:
            names = "、".join(kind.zh for kind in found.waived)
            two_people(who, second, f"目标事件的「{names}」已由两人免除，并入后本事件的同一法定时限随之免除：")
            detail = {"时限": names, "本事件": case.number, "第二人": second, "理由": why}
            audit.write(store, who, Act.WAIVE.zh, into.number, detail, now, into.id)
        accused = dossier.load(store, case).accused(config)
        whole = gathering.merge(store, case, into, why, who, now)
        papers = dossier.load(store, whole)
        _carry(store, whole, found, who, now)
        ended = f"并入 {into.number}：{why}"
        withdraw(store, case, Act.MERGE, ended, accused | papers.accused(config), now)
        clocks.end_all(store, case, who, f"事件{ended}", now)
        settled(store, config, whole, now)
        keep_from_accused(store, config, papers, now)
        _ring(store, config, whole, now)
        return fresh(store, whole.id)


def split(
    store: Store, config: Config, case_id: int, version: int, post_ids: Collection[int], reason: str, who: str, now: datetime
) -> Case:
    """拆分: posts of a case, with their replies, become a case of their own that waits for its owner; its clocks count from its own posts.
    The old case keeps its clocks. Returns the new one."""
    with store.transaction():
        case, _ = begin(store, case_id, version, Act.SPLIT)
        why = needs(reason, "拆分的理由")
        leaving = leaving_posts(store, case, post_ids)
        try:
            new = gathering.split(store, case, leaving, why, who, now)
        except ValueError as error:
            raise Refused(str(error)) from error
        settled(store, config, new, now)
        _ring(store, config, new, now)
        return fresh(store, new.id)


def foresee_split(store: Store, config: Config, case: Case, leaving: Sequence[int], now: datetime) -> tuple[Case, Owed]:
    """The new case as it will stand, and what will be owed on it before anybody has decided anything."""
    read = readings.current(store, leaving)
    told = [(post, read[p]) for p in leaving if p in read and (post := posts.get(store, p))]
    if not told:
        raise Refused("不能拆出：帖文还没有研读")
    whole = gains.founded(told, case, now)
    counted = replace(whole.case, found_at=whole.since, published_at=None) if whole.since else whole.case
    return whole.case, obligations(Matter(counted, sources=frozenset(p.source for p, _ in told)), config)


def accused_after(store: Store, config: Config, case: Case, into: Case) -> tuple[Assignment, ...]:
    """What a party already holds of the target that the merged whole accuses."""
    theirs, ours = dossier.load(store, case), dossier.load(store, into)
    told = sorted((*theirs.posts, *ours.posts), key=lambda pair: pair[0].id)
    whole = replace(ours, posts=tuple(told), case=replace(into, accusation=case.accusation or into.accusation))
    accused = whole.accused(config)
    return tuple(a for a in ours.assignments if a.state.live and a.confirmed_at and a.party in accused)


def leaving_posts(store: Store, case: Case, post_ids: Collection[int]) -> list[int]:
    """The posts that leave: those that were chosen, of the present round, with the replies beneath them."""
    if not post_ids:
        raise Refused("请勾选要拆出的帖文")
    if not set(post_ids) <= gathering.posts_of_round(store, case):
        raise Refused("只能拆出本事件本轮办理的帖文；以前各轮的帖文已有办理结果，留在原事件")
    leaving = gathering.with_replies(store, case.id, post_ids)
    if case_views.count_attached(store, case.id) == len(leaving):
        raise Refused("不能拆出全部帖文：原事件至少留下一条（跟帖随主帖一起拆出）")
    return leaving


def _ring(store: Store, config: Config, case: Case, now: datetime) -> None:
    """The duty officer hears at once of a red line that nobody has confirmed, as of every other."""
    if case.redline and not case.redline_confirmed_at and not case.dormant:
        notices.put(store, telling.red_line(case, config.registry.on_duty(now), dossier.load(store, case).link, now))


def _matter(store: Store, case: Case, into: Case) -> Matter:
    """What the clocks of the target will look at."""
    theirs, ours = dossier.load(store, case), dossier.load(store, into)
    whole = gains.joined(case, theirs.dates, into, ours.dates)
    mixed = not (theirs.all_public and ours.all_public)
    rounds = [into, *(replace(case, generation=n) for n in range(1, case.generation + 1))]  # posts of every round come along
    since = [cases.public_since(store, c) for c in rounds] if mixed else []
    return replace(
        ours.matter(), case=replace(whole.case, found_at=whole.since, published_at=None) if whole.since else whole.case,
        sources=theirs.sources | ours.sources, limit_at=_first(theirs.dates.limit_at, ours.dates.limit_at),
        public_found_at=_first(*(found for found, _ in since)), public_published_at=_first(*(published for _, published in since)),
    )


def _first(*moments: datetime | None) -> datetime | None:
    return min((m for m in moments if m), default=None)


def _carry(store: Store, whole: Case, found: Outlook, who: str, now: datetime) -> None:
    """Writes what becomes of the target's clocks. Who has been told by a rung of the merged case is not told again."""
    for one in found.carried:
        ours = one.before.id if one.before else stored.insert(store, one.owed)
        if one.before:
            stored.date_back(store, ours, one.owed)
        if one.theirs.met_at:
            stored.meet(store, ours, one.theirs.met_at, who, one.theirs.evidence or "")
        stored.carry_told(store, one.theirs.id, ours)
    if whole.answer_kind:
        clocks.meet(store, whole, Act.MERGE, now, who, f"研判：{whole.answer_kind.zh}", (ObligationKind.TRIAGE,))
    if whole.redline_confirmed_at:
        clocks.meet(store, whole, Act.MERGE, now, who, "核实：并入的事件红线已确认", (ObligationKind.REDLINE_CHECK,))
    owed = [c.owed for c in found.carried]
    if owed:
        detail = {o.kind.zh: f"{shown(o.due_at)} 到期，自{o.start_basis.zh} {shown(o.start_at)} 起算" for o in owed}
        audit.write(store, who, "时限并入", whole.number, detail, now, whole.id)
