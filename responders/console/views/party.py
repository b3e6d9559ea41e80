"""What staff take down for a party that telephoned, wrote or came (代签收、登记反馈、登记非我单位), and its files."""

from __future__ import annotations

from starlette.responses import Response

from pipeline.domain.links import SentFile, Speaker, Way, Words
from pipeline.store import evidence, party_reports
from responders import actions
from responders.console.rights import Right
from responders.console.views.case import find
from responders.console.views.case_actions import LONG, assignment_of, back, sure, version
from responders.console.visit import Missing, Visit
from responders.party_actions import NOTHING
from responders.school.sent import ENDINGS

NAME = 40


def acknowledge(visit: Visit) -> Response:
    """代签收: who signed, in which way, and when."""
    held, speaker = assignment_of(visit), _speaker(visit)
    visit.form.settle()
    actions.sign(visit.store, visit.config, held.id, _told(visit, speaker), visit.now)
    return back(held.case_id, Right.ACKNOWLEDGE)


def findings(visit: Visit) -> Response:
    """登记反馈: what a party found, as it was told by telephone, letter or in person."""
    held, form, speaker = assignment_of(visit), visit.form, _speaker(visit)
    words = Words(
        findings=form.text("findings", "核查情况", most=LONG), measures=form.text("measures", "处理措施", most=LONG, needed=False),
        wording=form.text("wording", "拟公开的回应口径", most=LONG, needed=False),
        public_url=form.text("public_url", "已公开回应的网址", most=1000, needed=False),
    )
    upload = form.upload("附件")
    form.settle()
    files = (SentFile(f"附件.{ENDINGS[upload.kind]}", upload.kind, upload.body),) if upload else ()
    actions.report(visit.store, visit.config, held.id, _told(visit, speaker, words, files), visit.now)
    return back(held.case_id, Right.FINDINGS)


def dispute(visit: Visit) -> Response:
    """登记非我单位: a party says that the matter is not its own."""
    held, speaker = assignment_of(visit), _speaker(visit)
    words = Words(reason=visit.form.text("reason", "退回的理由", most=LONG))
    visit.form.settle()
    actions.give_back(visit.store, visit.config, held.id, _told(visit, speaker, words), visit.now)
    return back(held.case_id, Right.DISPUTE)


def file(visit: Visit) -> Response:
    """A file that a party sent along, to be saved under a name of ours: never shown as a page."""
    case = find(visit)
    kept = party_reports.file(visit.store, case.id, visit.number("file"))
    body = evidence.read(visit.store, kept.evidence_id) if kept else None
    if kept is None or body is None:
        raise Missing("没有这个附件，或文件已损坏。")
    name = f"report-{case.id}-{kept.id}.{ENDINGS.get(kept.kind, 'bin')}"
    return Response(body, media_type="application/octet-stream", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _speaker(visit: Visit) -> Speaker | None:
    """Who spoke for the party, in which way and when; None, with its faults noted, where that is not whole."""
    form = visit.form
    way, name = form.choice("way", "方式", Way), form.text("speaker", "对方姓名", most=NAME)
    at = form.moment("given_at", "时间", visit.now)
    post, phone = (form.text(field, label, most=NAME, needed=False) for field, label in (("post", "职务"), ("phone", "电话")))
    if way is Way.PAGE:
        form.faults.append("网页上的由对方自己填写，不由值班室登记")
    return Speaker(way, name, at, post, phone) if way and at else None


def _told(visit: Visit, speaker: Speaker | None, words: Words = NOTHING, files: tuple[SentFile, ...] = ()) -> actions.Told:
    return actions.Told(sure(speaker), version(visit), words, files, staff=visit.who)
