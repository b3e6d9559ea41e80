"""Where a mail that came in belongs: what it answers decides, then the number in its title. It is never guessed; what fits nothing, or
more than one case, is left to staff (待认领)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.domain.inbound import InboundKind, Incoming, Named, Ours, Place
from responders.mail.returns import Judged

NUMBER = re.compile(r"教舆\s*[-—－–]\s*(\d{4})\s*[-—－–]\s*(\d{1,9})(?!\d)")
QUOTE = re.compile(
    r"^(>|[^\S\n]*(-{2,}[^\S\n]*(原始邮件|原邮件|回复的原邮件|转发的?邮件|original message)|(发件人|from)[^\S\n]*[:：]|"
    r"在.{4,80}写道[:：]|on .{5,120} wrote:))",
    re.IGNORECASE | re.MULTILINE,
)
"""Begins what a mail program adds of the mail that is answered."""
STRANGER = "；发件人不是登记的联系人，请核实"
NUMBERS = 20


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows about a message: our mails that it answers, the cases that its title and its own words name, and whose
    contact its sender is."""

    ours: Sequence[Ours] = ()
    in_title: Sequence[Named] = ()
    in_text: Sequence[Named] = ()
    sender: frozenset[str] = frozenset()


def numbers(text: str) -> tuple[str, ...]:
    """The case numbers in a text, in the form that we write them in, each once."""
    found = (f"教舆-{int(year)}-{int(n):05d}" for year, n in NUMBER.findall(text))
    return tuple(dict.fromkeys(found))[:NUMBERS]


def own_words(text: str) -> str:
    """What the writer added to what is quoted; the whole where nothing stands before the quote."""
    quote = QUOTE.search(text)
    before = text[: quote.start()].strip() if quote else text
    return before or text


def place(mail: Incoming, judged: Judged, known: Known) -> Place:
    """Where a message belongs. Nothing that it says is believed beyond that: no case and no assignment changes its state by it."""
    if judged.kind in (InboundKind.BOUNCE, InboundKind.DELAYED):
        return _came_back(judged, known)
    if judged.kind is InboundKind.OWN:
        return Place("本系统发出的邮件又回到了收信邮箱")
    found = _answering(known) or _numbered(mail, known)
    if judged.kind is InboundKind.AUTOMATIC:
        return Place("自动回复，不必处理") if found.pen else found
    if found.pen and known.sender:  # staff see at least whose it is
        return replace(found, party=min(known.sender), known=True)
    return found


def _came_back(judged: Judged, known: Known) -> Place:
    if not known.ours:
        return Place(f"认不出是哪封邮件的退信：{judged.said}", pen=True)
    mail = known.ours[0]
    return Place(judged.said, _only(mail.cases), _only(mail.assignments), mail.id, mail.party)


def _answering(known: Known) -> Place | None:
    """By what it answers; None where that is no mail of ours."""
    answered = next((o for o in known.ours if o.cases), None)
    if answered is None:
        return Place("回复的邮件不涉及具体事件", message_id=known.ours[0].id, pen=True) if known.ours and not known.in_title else None
    case = _only(answered.cases) or _only([n.id for n in known.in_title or known.in_text if n.id in answered.cases])
    whose = _whose(answered.party, known)
    if case is None:
        return Place(f"回复的邮件涉及 {len(answered.cases)} 个事件，请确定是哪一个", message_id=answered.id, pen=True)
    remark = "回复了本系统发出的邮件" + ("" if whose else STRANGER)
    assignment = _only(answered.assignments) if len(answered.cases) == 1 else None
    return Place(remark, case, assignment, answered.id, whose, bool(whose))


def _numbered(mail: Incoming, known: Known) -> Place:
    """By the number in its title, else in its own words."""
    found = known.in_title or known.in_text
    if len(found) > 1:
        return Place(f"写有 {len(found)} 个事件编号：{'、'.join(n.number for n in found)}", pen=True)
    if not found:
        typed = numbers(mail.subject) or numbers(own_words(mail.text))
        return Place(f"没有编号为 {'、'.join(typed)} 的事件" if typed else "不是对本系统邮件的回复，也没有写事件编号", pen=True)
    [case] = found
    if known.sender and not known.sender & case.parties:
        return Place(f"写的编号是 {case.number}，但该事件没有交给发件单位，请核对", pen=True)
    whose = min(known.sender & case.parties, default="")
    return Place("写有事件编号" + ("" if whose else STRANGER), case.id, None, None, whose, bool(whose))


def _whose(party: str, known: Known) -> str:
    """The party in whose name the sender may write: the one that was written to, if the sender is its contact."""
    return party if party in known.sender else ""


def _only(ids: Sequence[int]) -> int | None:
    return ids[0] if len(set(ids)) == 1 else None
