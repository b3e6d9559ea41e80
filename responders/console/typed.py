"""What somebody typed or chose in a form, to be given back with its label when the form could not be taken."""

from __future__ import annotations

from dataclasses import dataclass

from config.schema.registry import Registry
from pipeline.domain.links import Way
from pipeline.domain.reports import InstructionKind, ReportKind
from pipeline.domain.terms import AnswerKind, Disclosure, EmergencyGrade, Grade, ObligationKind, Term
from responders.console.forms import Form

TEXTS = {
    "reason": "理由或意见", "document": "依据文件", "url": "网址", "published_at": "回应时间", "channel": "发布渠道", "wording": "回应口径",
    "receipt": "回执", "second": "第二人用户名", "summary": "转办摘要", "findings": "核查情况", "measures": "处理措施",
    "speaker": "对方姓名", "post": "职务", "phone": "电话", "given_at": "时间", "public_url": "已公开回应的网址", "outcome": "通话结果",
    "sender": "批示人或来文单位", "number": "文号", "words": "批示或来文的内容", "limit_at": "要求的时限", "received_at": "收到的时间",
    "title": "事由", "text": "正文", "to": "主送单位", "other": "其他主送单位",
}
"""What is typed. Whatever is not named here or below (tokens, versions, passwords) is never given back."""
CHOICES: tuple[tuple[str, str, type[Term]], ...] = (
    ("kind", "回应方式", AnswerKind), ("kind", "完成的时限", ObligationKind),
    ("came", "类型", InstructionKind), ("paper", "文书", ReportKind), ("grade", "舆情等级", Grade),
    ("grade", "突发事件等级", EmergencyGrade), ("disclosure", "公开属性", Disclosure), ("way", "方式", Way),
)
TICKS = {"fetch": ("由系统抓取该网页", {"1": "是"}), "arrived": ("邮件结果", {"yes": "对方已收到", "no": "重新发送"})}
PARTY = "party"
FILE = "截图、附件"
LINE = 40
"""A text longer than this is shown in a box of several lines."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A field as its form showed it: its label, and what stood in it."""

    label: str
    text: str

    @property
    def long(self) -> bool:
        """Whether it takes a box of several lines."""
        return len(self.text) > LINE or "\n" in self.text


def kept(form: Form, registry: Registry) -> tuple[Typed, ...]:
    """Everything that somebody typed or chose, in the words of the page and in the form's order."""
    found = [t for name, value in form.fields if value.strip() and (t := _typed(name, value.replace("\r\n", "\n"), registry))]
    return (*found, Typed(FILE, "文件不能保留，请重新选择")) if form.file else tuple(found)


def _typed(name: str, value: str, registry: Registry) -> Typed | None:
    if name in TEXTS:
        return Typed(TEXTS[name], value)
    for field, label, terms in CHOICES:
        term = next((t for t in terms if field == name and t.value == value), None)
        if term:
            return Typed(label, term.zh)
    if name in TICKS and value in TICKS[name][1]:
        return Typed(TICKS[name][0], TICKS[name][1][value])
    if name == PARTY:
        party = registry.school(value) or registry.section(value)
        return Typed("转给的单位", party.name) if party else None
    return None
