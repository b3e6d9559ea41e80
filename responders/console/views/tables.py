"""The plain tables: 邮件与电话, 日报, 留痕."""

from __future__ import annotations

import json
from datetime import date

from starlette.responses import HTMLResponse, Response

from pipeline.domain.terms import MessageState
from pipeline.store import audit, desk_views, inbound_views, outbox, phone_tasks
from pipeline.store.audit import Head
from responders.acts import Refused
from responders.console.history import details
from responders.console.visit import Missing, Visit, to

ROWS = 50
DIGEST_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
)
"""A digest is a page of its own with its styles within: nothing runs in it, and it belongs to no site."""
TROUBLED = "troubled"


def mail(visit: Visit) -> Response:
    """The outbox and the telephone tasks."""
    asked = visit.asked("state")
    one = next((s for s in MessageState if s.value == asked), None)
    states = desk_views.TROUBLED if asked == TROUBLED else (one,) if one else ()
    return visit.page(
        "mail.html", title="邮件与电话", asked=asked if states else "", counts=desk_views.mail_counts(visit.store),
        mails=desk_views.mails(visit.store, states, ROWS), breaker=outbox.breaker(visit.store),
        calls=desk_views.phone_tasks(visit.store, ROWS), made=desk_views.phone_tasks(visit.store, 20, done=True),
        done="已记录" if visit.asked("done") else "", limit=ROWS, pen=inbound_views.count_pen(visit.store),
    )


def called(visit: Visit) -> Response:
    """已电话: who was reached and what came of it."""
    outcome = visit.form.text("outcome", "通话结果", most=500)
    visit.form.settle()
    task = desk_views.phone_task(visit.store, visit.number("task"))
    if task is None:
        raise Missing("没有这项电话督办。")
    with visit.store.transaction():
        if not phone_tasks.done(visit.store, task.id, visit.who, outcome, visit.now):
            raise Refused("这个电话已经有人登记过结果")
        detail = {"单位": task.party, "接听人": task.name, "结果": outcome}
        audit.write(visit.store, visit.who, "电话督办", task.case_number or task.party, detail, visit.now, task.case_id)
    return to("/mail", done="1")


def settle(visit: Visit) -> Response:
    """A person found out whether a mail of unknown fate arrived; otherwise it is sent again."""
    arrived, number = visit.form.raw("arrived") == "yes", visit.number("message")
    with visit.store.transaction():
        if not outbox.settle(visit.store, number, arrived=arrived, now=visit.now):
            raise Refused("这封邮件的结果已经明确")
        detail = {"处理": "确认已送达" if arrived else "重新发送"}
        audit.write(visit.store, visit.who, "邮件结果核实", f"邮件 {number}", detail, visit.now)
    return to("/mail", done="1")


def digests(visit: Visit) -> Response:
    """The list of digests."""
    return visit.page("digests.html", title="日报", found=desk_views.digests(visit.store, 60))


def digest(visit: Visit) -> Response:
    """A digest's text, with a way to the page that was mailed."""
    return visit.page("digest.html", title="日报", found=_digest(visit))


def digest_html(visit: Visit) -> Response:
    """A digest as it was mailed, shut off from everything."""
    return HTMLResponse(_digest(visit).html, headers={"Content-Security-Policy": DIGEST_POLICY})


def record(visit: Visit) -> Response:
    """留痕: the record, and whether its chain is whole."""
    asked = visit.asked("before")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 12 else None
    lines = desk_views.record(visit.store, ROWS, before)
    broken = audit.verify(visit.store) if visit.asked("verify") else None
    head: Head = audit.head(visit.store)
    return visit.page(
        "audit.html", title="留痕", lines=[(line, details(json.loads(line.detail))) for line in lines], head=head,
        verified=bool(visit.asked("verify")), broken=broken, more=lines[-1].n if len(lines) == ROWS else None,
    )


def _digest(visit: Visit) -> desk_views.DigestPage:
    day = visit.request.path_params["day"]
    try:
        found = desk_views.digest(visit.store, date.fromisoformat(day).isoformat())
    except ValueError:
        found = None
    if found is None:
        raise Missing("没有这一天的日报。")
    return found

