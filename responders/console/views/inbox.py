"""来信: mail that came in. What waits for somebody (待认领) stands first; what belongs to a case stands there too."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from pipeline.domain.inbound import Received
from pipeline.store import inbound_views
from pipeline.store.db import Store
from responders import inbound_actions
from responders.acts import Refused
from responders.console.visit import Missing, Visit, to
from responders.mail.matching import numbers, own_words

ROWS = 50
REASON = 500
DONE = {"claimed": "已归入案件", "aside": "已记为不必处理", "released": "已移出，现为待认领"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as a page shows it: what its writer added, then what was quoted, and the number that it names."""

    mail: Received
    own: str
    quoted: str
    number: str


def letter(mail: Received) -> Letter:
    """A mail, its quotation apart."""
    own = own_words(mail.text)
    named = numbers(mail.subject) or numbers(mail.text)
    return Letter(mail, own, mail.text[len(own) :].strip() if mail.text.startswith(own) else "", named[0] if len(named) == 1 else "")


def of_case(store: Store, case_id: int) -> tuple[Letter, ...]:
    """The mails of a case."""
    return tuple(map(letter, inbound_views.of_case(store, case_id)))


def page(visit: Visit) -> Response:
    """The holding pen, and what came in last."""
    pen = inbound_views.pen(visit.store, ROWS)
    return visit.page(
        "inbox.html", title="来信", pen=tuple(map(letter, pen)), count=inbound_views.count_pen(visit.store),
        newest=inbound_views.newest(visit.store, ROWS), inbox=inbound_views.inbox(visit.store), limit=ROWS,
        configured=bool(visit.config.settings.inbox.host), done=DONE.get(visit.asked("done"), ""),
    )


def claim(visit: Visit) -> Response:
    """归入案件."""
    number = visit.form.text("number", "事件编号", most=40)
    visit.form.settle()
    inbound_actions.claim(visit.store, visit.number("mail"), visit.form.number("version"), number, visit.who, visit.now)
    return to("/inbox", done="claimed")


def put_aside(visit: Visit) -> Response:
    """不必处理."""
    reason = visit.form.text("reason", "理由", most=REASON)
    visit.form.settle()
    inbound_actions.put_aside(visit.store, visit.number("mail"), visit.form.number("version"), reason, visit.who, visit.now)
    return to("/inbox", done="aside")


def release(visit: Visit) -> Response:
    """移出案件."""
    reason = visit.form.text("reason", "理由", most=REASON)
    visit.form.settle()
    _seen(visit)
    inbound_actions.release(visit.store, visit.number("mail"), visit.form.number("version"), reason, visit.who, visit.now)
    return to("/inbox", done="released")


def original(visit: Visit) -> Response:
    """The mail as it came, as a file to save: never shown as a page."""
    mail = _seen(visit)
    body = inbound_actions.original(visit.store, mail, visit.who, visit.now)
    headers = {"Content-Disposition": f'attachment; filename="mail-{mail.id}.eml"'}
    return Response(body, media_type="application/octet-stream", headers=headers)


def _seen(visit: Visit) -> Received:
    found = inbound_views.get(visit.store, visit.number("mail"))
    if found is None:
        raise Missing("没有这封来信。")
    if not visit.sees(found.accusation):
        raise Refused("检举控告事项只对办理人员显示（信访工作条例第三十条）")
    return found
