"""What comes in by mail: messages as they are kept, as they are understood, and what was made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.terms import Term


class InboundKind(Term):
    """What a message that came in is (来信类别)."""

    REPLY = "reply", "回信"
    BOUNCE = "bounce", "退信"
    DELAYED = "delayed", "暂未送达"
    AUTOMATIC = "automatic", "自动回复"
    OWN = "own", "本系统发出的邮件"
    UNMATCHED = "unmatched", "待认领"
    UNREADABLE = "unreadable", "无法读取"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of a mailbox as the server knows it: UIDs mean something within it only, as long as `uidvalidity` stays."""

    place: str
    uidvalidity: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A message that stands in the inbox: its UID and its size in bytes, as the server gives them."""

    uid: int
    size: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A message whose bytes are kept and that nobody has read yet; `raw` None: the bytes are gone or not the same any more."""

    id: int
    raw: bytes | None
    cut: bool
    size: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report (DSN) says of one recipient: `action` failed, delayed …; `status` such as 5.1.1; in words what was `said`."""

    recipient: str
    action: str
    status: str
    said: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as its bytes say. `answers` are the ids in In-Reply-To and References, the nearest first; `returned` those of the
    mails that it gives back or names. `automatic`: its headers say that a machine wrote it; `daemon`: its sender is a mail system.
    Nothing of it is to be believed: anybody may have written it."""

    message_id: str = ""
    answers: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    text: str = ""
    attachments: tuple[str, ...] = ()
    automatic: bool = False
    daemon: bool = False
    reports: tuple[Report, ...] = ()


@dataclass(frozen=True, slots=True)
class Ours:
    """One of our own mails that a message answers or gives back, with the cases and the assignments that it told of."""

    id: int
    message_id: str
    party: str
    recipient: str
    name: str
    cases: tuple[int, ...] = ()
    assignments: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A case whose number a message names; `parties` hold or held it."""

    id: int
    number: str
    parties: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message belongs; `remark` says why, or how it was matched. With `pen` staff have to decide (待认领). `party`: whose contact
    wrote it or whose mail came back; `known`: the sender is a registered contact of that party."""

    remark: str
    case_id: int | None = None
    assignment_id: int | None = None
    message_id: int | None = None
    party: str = ""
    known: bool = False
    pen: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """A message as staff see it. `party` and `known`: whose registered contact sent it; `cut`: only its beginning was fetched."""

    id: int
    kind: InboundKind
    received_at: datetime
    sender: str
    sender_name: str
    subject: str
    text: str
    attachments: tuple[str, ...]
    remark: str
    party: str
    known: bool
    cut: bool
    size: int
    evidence_id: int | None
    case_id: int | None
    case_number: str
    accusation: bool
    version: int
    waiting: bool
    settlement: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """How the inbox was last found; `since` and `reason` are set while it cannot be reached (收信中断)."""

    looked_at: datetime
    next_at: datetime
    since: datetime | None = None
    reason: str = ""
    tries: int = 0
