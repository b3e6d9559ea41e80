"""The three forms of the school's page, read into what a party says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from config.schema import Config
from pipeline.domain.links import ReportKind, SentFile, Speaker, Way, Words
from pipeline.domain.terms import AssignmentState
from pipeline.store import party_reports
from pipeline.store.db import Store
from responders import party_actions
from responders.acts import Act, Refused
from responders.console.forms import Form
from responders.links import Opened
from responders.party_actions import Told
from responders.school.sent import Sent

NAME, PHONE, URL, LONG = 40, 30, 1000, 4000
KINDS: Mapping[Act, ReportKind] = {
    Act.ACKNOWLEDGE: ReportKind.ACKNOWLEDGED, Act.DISPUTE: ReportKind.DISPUTED, Act.FINDINGS: ReportKind.ANSWERED,
}
DO: Mapping[Act, Callable[[Store, Config, int, Told, datetime], None]] = {
    Act.ACKNOWLEDGE: party_actions.sign, Act.DISPUTE: party_actions.give_back, Act.FINDINGS: party_actions.report,
}
"""What each form does."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A form that was filled in as it should be."""

    act: Act
    told: Told


def read(brought: Sent, found: Opened, now: datetime) -> Wish:
    """The form as what a party says. Raises `Misfilled` with every fault at once, `Refused` for a form of ours that is none."""
    form = brought.form
    act = next((a for a in KINDS if a.value == form.raw("act")), None)
    if act is None:
        form.settle()
        raise Refused("表单不完整，请返回重填")
    whole = act is Act.FINDINGS
    speaker = Speaker(
        Way.PAGE, form.text("name", "姓名", most=NAME), now, form.text("post", "职务", most=NAME, needed=whole),
        form.text("phone", "电话", most=PHONE, needed=whole),
    )
    words, files = _words(form, act, found, brought.files), brought.files if whole else ()
    form.settle()
    return Wish(act, Told(speaker, form.number("version"), words, files))


def taken(store: Store, found: Opened, wish: Wish) -> bool:
    """Whether this has been done before: the same form sent twice, or a hand-over that somebody has signed for already."""
    signed = wish.act is Act.ACKNOWLEDGE and found.assignment.state in (AssignmentState.ACKNOWLEDGED, AssignmentState.ANSWERED)
    return signed or party_reports.known(store, found.assignment.id, wish.told.digest(KINDS[wish.act]))


def _words(form: Form, act: Act, found: Opened, files: tuple[SentFile, ...]) -> Words:
    if act is Act.DISPUTE:
        return Words(reason=form.text("reason", "退回的理由", most=LONG))
    if act is Act.ACKNOWLEDGE:
        return Words()
    parts = [form.text(name, label, most=most, needed=False) for name, label, most in (
        ("findings", "核查情况", LONG), ("measures", "处理措施", LONG), ("wording", "拟公开的回应口径", LONG), ("public_url", "网址", URL),
    )]
    first = found.assignment.state is not AssignmentState.ANSWERED
    if not parts[0] and (first or not (any(parts) or files)):
        form.faults.append("请填写核查情况" if first else "请填写要补充的内容")
    return Words("", *parts)
