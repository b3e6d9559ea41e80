"""合并 and 拆分: which events are one and which posts are two, chosen on one page, and on the next told what it will do to the clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from pipeline.domain.cases import Case, Obligation
from pipeline.store import assignments, case_views, cases, gathering, likely, obligations
from pipeline.store.case_views import Attached
from responders import actions, event_actions
from responders.acts import Act, Refused, next_case
from responders.console import auth
from responders.console.rights import Right
from responders.console.views.case import HOW, find, topic_name
from responders.console.views.case_actions import SHORT
from responders.console.visit import Missing, Visit, to

CANDIDATES, PER_PAGE, MOST = 20, 50, 1000


@dataclass(frozen=True, slots=True)
class Change:
    """One obligation of the target before and after a merge."""

    after: Obligation
    before: Obligation | None

    @property
    def word(self) -> str:
        """What the merge does to it."""
        if self.after.met_at or self.after.waived_at:
            return "已完成，不再起算" if self.after.met_at else "已终止"
        if self.before is None:
            return "随合并计入"
        return "提前" if self.after.due_at < self.before.due_at else "不变"


def merge_page(visit: Visit) -> Response:
    """The cases to choose from; with one chosen, what merging will do."""
    case = find(visit)
    next_case(Act.MERGE, case.state)
    asked = visit.asked("into")
    if asked:
        return _confirm_merge(visit, case, _case(visit, int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 16 else -1))
    words = visit.asked("q").strip()
    found = likely.candidates(visit.store, case, words, CANDIDATES)
    return visit.page("merge.html", title="合并", case=case, found=found, words=words, topic_name=_topic(visit), most=CANDIDATES)


def _confirm_merge(visit: Visit, case: Case, into: Case) -> Response:
    foreseen = event_actions.foresee(visit.store, visit.config, case, into)
    told = [a.party_name for a in assignments.of_case(visit.store, case) if a.state.live and a.confirmed_at]
    running = obligations.running(visit.store, case)
    return visit.page(
        "merge_confirm.html", title="合并", case=case, into=into, whole=foreseen.whole, topic_name=_topic(visit),
        clocks=tuple(Change(after, before) for after, before in foreseen.clocks), waived=foreseen.waived, told=told, running=running,
        posts=case_views.count_attached(visit.store, case.id), into_posts=case_views.count_attached(visit.store, into.id),
        held=event_actions.accused_after(visit.store, visit.config, case, into),
    )


def merge(visit: Visit) -> Response:
    """合并, and on to the case that holds it all now."""
    case, form = find(visit), visit.form
    into = _case(visit, form.number("into"))
    reason = form.text("reason", "合并的理由", most=SHORT)
    form.settle()
    second = auth.second_person(visit, Right.WAIVE) if form.raw("second").strip() else None
    versions = form.number("version"), form.number("into_version")
    actions.merge(visit.store, visit.config, case.id, versions[0], into.id, versions[1], reason, visit.who, visit.now, second)
    return to(f"/cases/{into.id}", done=Right.MERGE.value)


def split_page(visit: Visit) -> Response:
    """The posts to tick, page by page; once they are chosen, what splitting will do."""
    case = find(visit)
    next_case(Act.SPLIT, case.state)
    chosen = _ticked(visit.request.query_params.getlist("post"))
    if visit.asked("go"):
        return _confirm_split(visit, case, chosen)
    ours = gathering.posts_of_round(visit.store, case)
    total = case_views.count_attached(visit.store, case.id)
    asked = visit.asked("page")
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1, 1), pages)
    shown = case_views.attached(visit.store, case.id, PER_PAGE, (page - 1) * PER_PAGE)
    elsewhere = sorted(set(chosen) - {a.post.id for a in shown})
    return visit.page(
        "split.html", title="拆分", case=case, shown=shown, chosen=frozenset(chosen), elsewhere=elsewhere, ours=ours, page=page,
        pages=pages, source_name=_source(visit), how=HOW,
    )


def _confirm_split(visit: Visit, case: Case, chosen: list[int]) -> Response:
    leaving = event_actions.leaving_posts(visit.store, case, chosen)
    new, owed = event_actions.foresee_split(visit.store, visit.config, case, leaving, visit.now)
    listed: tuple[Attached, ...] = case_views.these(visit.store, case.id, leaving[:PER_PAGE])
    return visit.page(
        "split_confirm.html", title="拆分", case=case, new=new, owed=owed.obligations, faults=owed.faults, leaving=leaving, listed=listed,
        replies=len(set(leaving) - set(chosen)), staying=case_views.count_attached(visit.store, case.id) - len(leaving),
        source_name=_source(visit), topic_name=_topic(visit),
    )


def split(visit: Visit) -> Response:
    """拆分, and on to the new case."""
    case, form = find(visit), visit.form
    reason = form.text("reason", "拆分的理由", most=SHORT)
    form.settle()
    chosen = _ticked(form.raw("posts").split(","))
    new = actions.split(visit.store, visit.config, case.id, form.number("version"), chosen, reason, visit.who, visit.now)
    return to(f"/cases/{new.id}", done=Right.SPLIT.value)


def _case(visit: Visit, case_id: int) -> Case:
    """The case that was chosen as the target."""
    found = cases.get(visit.store, case_id)
    if found is None:
        raise Missing("没有要并入的那个事件。")
    return found


def _topic(visit: Visit) -> Callable[[str | None], str]:
    return lambda code: topic_name(code, visit.config)


def _source(visit: Visit) -> Callable[[str], str]:
    known = visit.config.sources
    return lambda code: known[code].name if code in known else code


def _ticked(values: list[str]) -> list[int]:
    """The posts that were ticked; what is no number was tampered with."""
    found = [v for v in values if v]
    if len(found) > MOST:
        raise Refused(f"一次最多拆出 {MOST} 条帖文")
    if not all(v.isascii() and v.isdigit() and len(v) < 16 for v in found):
        raise Refused("表单不完整")
    return sorted({int(v) for v in found})
