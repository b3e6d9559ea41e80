"""查看未遮蔽原文: with a reason and another approver's consent, on record before anything is shown (未成年人网络保护条例第三十六条)."""

from __future__ import annotations

from starlette.responses import Response

from pipeline.store import audit, case_views
from responders.console import auth
from responders.console.rights import Right
from responders.console.views.case import find
from responders.console.visit import Missing, Visit

ACTION = "查看未遮蔽原文"
SHORT = 500


def page(visit: Visit) -> Response:
    """One post of a case as it stands, shown once: the answer to the form itself, which no address leads to."""
    case, number = find(visit), visit.number("post")
    reason = visit.form.text("reason", "理由", most=SHORT)
    visit.form.settle()
    found = next(iter(case_views.these(visit.store, case.id, [number])), None)
    if found is None:
        raise Missing("这个事件没有这条帖文。")
    second = auth.second_person(visit, Right.UNMASK)
    with visit.store.transaction():
        detail = {"帖文": number, "理由": reason, "批准人": second}
        audit.write(visit.store, visit.who, ACTION, case.number, detail, visit.now, case.id)
    return visit.page("unmask.html", title=ACTION, case=case, post=found.post, reason=reason, second=second)
