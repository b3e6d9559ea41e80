"""What a report (首报 续报 终报) or a hand-over letter (移交函) says of a case, as a draft that a person completes and confirms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Case
from pipeline.domain.reports import Instruction, Report, ReportKind
from pipeline.masking import masked
from pipeline.moments import shown
from responders import paper
from responders.acts import Act

MOST = 12
"""So many measures are told, the newest; who wants all of them reads the case."""
MEASURES = {
    Act.CHOOSE_ANSWER: "选择", Act.CONFIRM_REDLINE: "红线", Act.CONFIRM_GRADE: "定为", Act.EMERGENCY: "突发事件等级", Act.HAND_OVER: "单位",
    Act.REASSIGN: "转给", Act.ACKNOWLEDGE: "单位", Act.FINDINGS: "反馈", Act.ANSWER: "凭据", Act.RECEIPT: "回执",
    Act.REPORT_RECEIPT: "文书", Act.CLOSE: "意见",
}
"""What of the record (留痕) is a measure that was taken, and the detail that says which."""


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done on a case, with its particulars."""

    at: datetime
    action: str
    detail: dict[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """The facts of a case that a document tells: what was said, how far it went, what was done, how it was answered."""

    case: Case
    topic: str = ""
    unit: str = ""
    quotes: tuple[str, ...] = ()
    posts: int = 0
    platforms: tuple[tuple[str, int], ...] = ()
    first: str = ""
    link: str = ""
    done: tuple[Done, ...] = ()
    answers: tuple[str, ...] = ()
    closing: str = ""


def written(
    kind: ReportKind, told: Told, recipient: str, instruction: Instruction | None, earlier: Iterable[Report], config: Config, now: datetime
) -> str:
    """The draft. A 续报 tells what was done since the last document that the same body was given; of an accusation (检举控告) topic and
    number alone are told, for nobody knows through whose hands a paper goes."""
    secret = told.case.accusation
    given = [r.confirmed_at for r in earlier if r.recipient == recipient and r.confirmed_at]
    since = max(given) if given and kind is ReportKind.FURTHER else None
    facts = {
        "kind": kind.zh, "recipient": recipient, "bureau": config.settings.bureau, "number": told.case.number, "secret": secret,
        "title": "检举控告类事项" if secret else masked(paper.one_line(told.case.title, 80)), "topic": told.topic,
        "grade": told.case.grade.zh + ("" if told.case.grade_confirmed else "（建议等级，尚未确定）"),
        "redline": told.case.redline.zh if told.case.redline else "", "redline_confirmed": told.case.redline_confirmed_at is not None,
        "published": shown(told.case.published_at), "found": shown(told.case.found_at), "unit": "" if secret else told.unit,
        "quotes": () if secret else told.quotes, "posts": told.posts, "first": told.first,
        "platforms": "、".join(f"{name} {n} 条" for name, n in told.platforms),
        "link": "" if secret else told.link, "since": shown(since) if since else "",
        "measures": measures(told.done, since, secret=secret), "answers": () if secret else told.answers, "closing": masked(told.closing),
        "asked": instruction.title if instruction else "", "now": shown(now),
    }  # fmt: skip
    return paper.text("handover.txt" if kind is ReportKind.HANDOVER else "report.txt", config.texts, **facts)


def measures(done: Iterable[Done], since: datetime | None, *, secret: bool) -> tuple[str, ...]:
    """What was done, one line each, the newest last; of an accusation without particulars."""
    known = {act.zh: key for act, key in MEASURES.items()}
    lines = []
    for one in done:
        if one.action in known and (since is None or one.at > since):
            said = "" if secret else one.detail.get(known[one.action], "")
            lines.append(f"{shown(one.at)} {one.action}" + (f"：{masked(paper.one_line(said, 200))}" if said else ""))
    return tuple(lines[-MOST:])
