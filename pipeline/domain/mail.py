"""What leaves by mail: waiting notices with all that decides on them, letters as they are frozen, and messages on their way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.cases import Notice
from pipeline.domain.parties import Contact
from pipeline.domain.terms import Grade, MessageState, PartyKind, Urgency


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is not a message yet, and what decides on its way.

    `contact` is whom a mail reaches (None: nobody), `name` and `phone` whom a call reaches. `obsolete` says why nobody needs the
    notice any more. `number`, `grade` and `accusation` are those of its case.
    """

    id: int
    notice: Notice
    party_name: str
    kind: PartyKind | None
    contact: Contact | None
    name: str = ""
    phone: str = ""
    number: str = ""
    grade: Grade | None = None
    accusation: bool = False
    obsolete: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail with everything frozen that a second copy of it must share: `message_id`, `date`, words, recipient, thread root."""

    message_id: str
    date: datetime
    party: str
    contact_id: int | None
    recipient: str
    recipient_name: str
    subject: str
    text: str
    html: str
    thread: str | None
    urgency: Urgency
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this sender alone may send until its lease runs out; `attempts` counts this one."""

    id: int
    letter: Letter
    attempts: int
    repeated: bool
    owner: str


@dataclass(frozen=True, slots=True)
class Breaker:
    """The mail server is out of reach (邮件中断): since when, why, and when it is tried next."""

    since: datetime
    reason: str
    tries: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """A mail that did not arrive as far as is known, as the digest and the console name it."""

    id: int
    state: MessageState
    recipient_name: str
    subject: str
    error: str
    date: datetime


@dataclass(frozen=True, slots=True)
class PhoneTask:
    """A call that a person has to make (电话督办)."""

    id: int
    notice_id: int
    party: str
    party_name: str
    name: str
    phone: str
    text: str
    why: str
    created_at: datetime
    number: str = ""
    command_error: str = ""
