"""The school's page: links that open one hand-over, and what a party reports on it (签收、退回、反馈)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.terms import Term


class LinkScope(Term):
    """How far a link reaches; each scope includes the one before it."""

    VIEW = "view", "查看"
    ACK = "ack", "签收"
    ANSWER = "answer", "签收和反馈"


class ReportKind(Term):
    """What a party says of its hand-over."""

    ACKNOWLEDGED = "acknowledged", "签收"
    DISPUTED = "disputed", "退回"
    ANSWERED = "answered", "反馈"


class Way(Term):
    """How it reached the bureau; all but the page are taken down by staff."""

    PAGE = "page", "网页"
    PHONE = "phone", "电话"
    LETTER = "letter", "回信"
    IN_PERSON = "in_person", "当面"


@dataclass(frozen=True, slots=True)
class Link:
    """A link as its row stands; the id that opens it is in the mail alone."""

    id: int
    assignment_id: int
    contact_id: int
    contact_name: str
    scope: LinkScope
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_why: str
    uses: int
    most_uses: int

    def good(self, now: datetime) -> bool:
        """Whether it opens anything at `now`; its last moment is the one before it expires."""
        return self.revoked_at is None and now < self.expires_at

    @property
    def spent(self) -> bool:
        """Whether it has been used as often as it may be: then it shows and takes nothing more."""
        return self.uses >= self.most_uses


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who spoke for a party, by which way and when."""

    way: Way
    name: str
    at: datetime
    post: str = ""
    phone: str = ""

    @property
    def label(self) -> str:
        """As the record names the speaker: 曾广霞（教导主任），电话."""
        return f"{self.name}{f'（{self.post}）' if self.post else ''}，{self.way.zh}"


@dataclass(frozen=True, slots=True)
class Words:
    """What a report says: why it is returned, or findings, measures, a proposed wording, and where it was answered in public."""

    reason: str = ""
    findings: str = ""
    measures: str = ""
    wording: str = ""
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a report; `kind` is what its bytes say it is, `name` is never trusted."""

    name: str
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a report as it is kept."""

    id: int
    name: str
    kind: str
    size: int
    evidence_id: int


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it is kept; `recorded_by` is empty where it came by the page."""

    id: int
    assignment_id: int
    kind: ReportKind
    speaker: Speaker
    words: Words
    recorded_by: str
    recorded_at: datetime
    files: tuple[KeptFile, ...] = ()
