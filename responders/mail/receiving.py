"""Reading what came in: each message is understood, placed, and has its effect, in one transaction. A bounce flags the contact and asks
for a call; a reply is attached and told of. No message changes the state of a case or an assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from config.schema import Config
from pipeline.domain.cases import Case
from pipeline.domain.inbound import InboundKind, Incoming, Kept, Ours, Place
from pipeline.masking import masked
from pipeline.stage import Stage
from pipeline.store import audit, gathering, inbound, notices, outbox, parties
from pipeline.store.db import Store
from responders.mail import tidings
from responders.mail.grouping import DESK
from responders.mail.incoming import understand
from responders.mail.matching import Known, numbers, own_words, place
from responders.mail.outbox import call
from responders.mail.returns import Fate, Judged, judged
from responders.paper import one_line

INBOX = "inbox"
SYSTEM = "系统"
BATCH = 20
BIG = "来信过大（{:.1f} MB），只取了开头；全文请在邮箱中查看"


@dataclass(frozen=True, slots=True)
class Read:
    """A kept message and what it says."""

    kept: Kept
    mail: Incoming


def receive_stage(store: Store, config: Config, now: datetime) -> Stage[Kept, Read]:
    """Messages that nobody has read. One that cannot be understood is left to staff with its bytes, and the next goes on."""

    def decide(batch: Sequence[Kept], _: datetime) -> list[Read]:
        return [Read(kept, _understood(kept)) for kept in batch]

    def insert(results: Sequence[Read], at: datetime) -> None:
        for read in results:
            _take(store, config, read, at)

    def set_aside(kept: Kept) -> str:
        inbound.unread(store, kept.id, "看不懂这封来信的格式，请下载原件或直接在邮箱中查看", now)
        return f"来信 {kept.id}"

    return Stage(INBOX, lambda n: inbound.waiting(store, n), decide, insert, set_aside, lambda: inbound.count_waiting(store), BATCH)


def _understood(kept: Kept) -> Incoming:
    if kept.raw is None:
        raise ValueError("留存的原件不在了，或与留存时不同")
    return understand(kept.raw)


def _take(store: Store, config: Config, read: Read, now: datetime) -> None:
    """What is known of the message is looked up, what it is and where it belongs is decided, and both are written with the effect."""
    mail = read.mail
    ours = inbound.ours(store, tuple(filter(None, (mail.message_id, *mail.returned, *mail.answers))))
    what = judged(mail, config.settings.mail.sender, ours)
    if what.kind in (InboundKind.BOUNCE, InboundKind.DELAYED):  # a thread's root says which matter, not which mail and to whom
        ours = [o for o in ours if o.message_id in (*mail.returned, *mail.answers)]
    where = _placed(store, mail, what, ours)
    if read.kept.cut:
        where = replace(where, remark=f"{where.remark}；{BIG.format(read.kept.size / 1e6)}")
    unclaimed = where.pen and what.kind is InboundKind.REPLY
    if not inbound.write(store, read.kept.id, InboundKind.UNMATCHED if unclaimed else what.kind, mail, where):
        return  # another receiver was quicker: its effect is there
    if what.kind is InboundKind.REPLY and not where.pen:
        _attached(store, read.kept.id, mail, where, now)
    if what.kind is InboundKind.BOUNCE and ours:
        _returned(store, ours[0], what, now)


def _placed(store: Store, mail: Incoming, what: Judged, ours: Sequence[Ours]) -> Place:
    known = Known(
        ours, inbound.named(store, numbers(mail.subject)), inbound.named(store, numbers(own_words(mail.text))),
        inbound.parties_at(store, mail.sender),
    )
    found = place(mail, what, known)
    if found.case_id is None:
        return found
    return replace(found, assignment_id=found.assignment_id or inbound.held_by(store, found.case_id, {found.party}))


def _attached(store: Store, inbound_id: int, mail: Incoming, where: Place, now: datetime) -> None:
    """A reply came to a case: in its history, and the desk is told, unless the desk wrote it."""
    case = gathering.standing(store, where.case_id) if where.case_id else None
    if case is None:
        return
    who = parties.name_of(store, where.party) if where.known else f"未登记的发件人{masked(mail.sender_name)}"
    detail = {"来信人": who, "标题": "" if case.accusation else masked(mail.subject), "依据": where.remark}
    audit.write(store, SYSTEM, tidings.REPLIED, case.number, detail, now, case.id)
    if where.party != DESK:
        notices.put(store, tidings.replied(case, inbound_id, who, now))


def _returned(store: Store, mail: Ours, what: Judged, now: datetime) -> None:
    """One of our mails came back: it has failed after all. A wrong address flags the contact (退信); in any case a person telephones.
    Only who got our mail knows its Message-ID: a bounce that does not name it flags nobody."""
    if not outbox.returned(store, mail.id, f"{InboundKind.BOUNCE.zh}：{what.said}", now):
        return  # told before, or of a mail that is on its way once more
    flagged = what.fate is Fate.BAD_ADDRESS and parties.returned(store, mail.party, mail.recipient, now)
    call(store, mail.id, "邮件被退回", now)
    found: list[Case | None] = [gathering.standing(store, case_id) for case_id in mail.cases]
    name = parties.name_of(store, mail.party)
    for case in filter(None, found):
        detail = {"单位": name, "收件人": mail.name, "原因": one_line(what.said), "联系人": "已标为退信" if flagged else ""}
        audit.write(store, SYSTEM, tidings.CAME_BACK, case.number, detail, now, case.id)
    if mail.party != DESK:  # a mail to the desk about mail to the desk would come back as well, and again
        cases = [case for case in found if case]
        notices.put(store, tidings.came_back(mail, name, cases, flagged=flagged, said=what.said, now=now))
