"""The facts of one digest (舆情日报), collected at one moment; what is said of them is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pipeline.domain.cases import Case, Obligation
from pipeline.domain.inbound import Inbox, Received
from pipeline.domain.mail import Breaker, Trouble
from pipeline.domain.retention import Cleared
from pipeline.domain.terms import AssignmentState, CrawlOutcome, Grade


@dataclass(frozen=True, slots=True)
class Watched:
    """A source that the machine should have seen: its newest ended run, and when it was last really seen."""

    id: str
    name: str
    every_minutes: int
    outcome: CrawlOutcome | None = None
    finished_at: datetime | None = None
    last_seen: datetime | None = None
    new: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class CaseFact:
    """A case as a digest tells of it: its spread, its first link, who leads, how far they are."""

    case: Case
    posts: int = 0
    sources: tuple[str, ...] = ()
    views: int | None = None
    replies: int | None = None
    url: str = ""
    lead: str = ""
    lead_state: AssignmentState | None = None
    reason: str = ""
    pending: str = ""


@dataclass(frozen=True, slots=True)
class News:
    """What is new on a case that has been reported before: posts that joined it, what was done on it. `again` marks a reopened one."""

    case: Case
    posts: int = 0
    actions: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True)
class Owed:
    """A running obligation with what a table shows beside it."""

    obligation: Obligation
    case: Case
    party: str
    missed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RedLined:
    """A live case with a red line that still asks something of somebody: nobody has confirmed it, or a clock runs (the soonest is told)."""

    case: Case
    tightest: Obligation | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A phone task that is still open."""

    party: str
    name: str
    phone: str
    subject: str
    why: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that one issue is made of. `fresh` are the live cases never reported before, the gravest first; `owed` what runs, the
    soonest first, as far as `owed_total` says; `undecided` the cases whose 研判 is overdue; `lapsed` the statutory limits that have passed;
    `calls_coming` how many calls the waiting notices will ask for."""

    date: date
    number: int
    since: datetime
    until: datetime
    posts: int = 0
    education: int = 0
    live: tuple[tuple[Grade, int], ...] = ()
    triage: int = 0
    published: int = 0
    closed: int = 0
    fresh: tuple[CaseFact, ...] = ()
    fresh_total: int = 0
    news: tuple[News, ...] = ()
    undecided: tuple[Owed, ...] = ()
    undecided_total: int = 0
    redlines: tuple[RedLined, ...] = ()
    lapsed: tuple[Owed, ...] = ()
    lapsed_total: int = 0
    owed: tuple[Owed, ...] = ()
    owed_total: int = 0
    due_soon: int = 0
    overdue: int = 0
    missed_since: int = 0
    sources: tuple[Watched, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    stuck: int = 0
    breaker: Breaker | None = None
    bounced: tuple[str, ...] = ()
    unclaimed: tuple[Received, ...] = ()
    unclaimed_total: int = 0
    inbox: Inbox | None = None
    calls: tuple[Call, ...] = ()
    calls_total: int = 0
    calls_coming: int = 0
    setbacks: tuple[tuple[str, int], ...] = ()
    model: str = ""
    cleared: Cleared | None = None
    audit_count: int = 0
    audit_hash: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """One issue as it goes out."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue as it is kept."""

    date: date
    number: int
    made_at: datetime
    digest: Digest
