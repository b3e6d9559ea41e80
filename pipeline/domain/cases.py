"""What is answered for: cases, hand-overs, obligations, and the notices that tell people of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.domain.readings import Span
from pipeline.domain.terms import (
    AnswerKind,
    AssignmentState,
    CaseState,
    Clock,
    EmergencyGrade,
    Grade,
    ObligationKind,
    ObligationStatus,
    OwnerKind,
    RedLine,
    Role,
    RungState,
    StartBasis,
    Urgency,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """Who answers, and why (谁主管谁负责): the rule that fired, the words that led to it, and a reason that staff can read.

    `party` is a registry code (a school's 内部编号 or a section's 编号), or the name of an outside department. `auto` allows a
    hand-over without a click; routing.toml can never give it to the matters that a person must confirm. `names` says how staff call
    those who guide and support, code by code.
    """

    kind: OwnerKind
    party: str
    name: str
    role: Role
    rule: str
    version: str
    reason: str
    words: tuple[Span, ...] = ()
    confidence: float = 1.0
    guides: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    auto: bool = False
    pending: str = ""
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One matter (舆情事件), with every post that tells of it. Times are those from which clocks may count."""

    id: int
    number: str
    generation: int
    state: CaseState
    title: str
    topic: str | None
    grade: Grade
    public: bool
    dormant: bool
    found_at: datetime
    published_at: datetime | None
    version: int
    grade_confirmed: bool = False
    emergency_grade: EmergencyGrade | None = None
    answer_kind: AnswerKind | None = None
    redline: RedLine | None = None
    redline_confirmed_at: datetime | None = None
    accusation: bool = False
    handed_over_at: datetime | None = None
    muted_until: datetime | None = None
    opened_by: str = ""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A hand-over (交办) to one party in one role."""

    id: int
    case_id: int
    generation: int
    party: str
    role: Role
    state: AssignmentState
    rule: str
    rule_version: str
    reason: str
    version: int
    owner: OwnerKind = OwnerKind.NONE
    party_name: str = ""
    pending: str = ""
    summary: str = ""
    auto: bool = False
    confirmed_at: datetime | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Obligation:
    """What is owed by when (时限): stored facts only; how it stands is computed from them and `now`. `extended_from` is the due instant
    before two people extended it (延长), which the law allows of few limits, and once. `about` is the 批示 or 来文 that set it; every
    other kind is owed once a round, and has 0."""

    kind: ObligationKind
    party: str
    start_at: datetime
    start_basis: StartBasis
    due_at: datetime
    warn_at: datetime
    clock: Clock
    amount: float
    basis: str
    id: int = 0
    case_id: int = 0
    generation: int = 1
    met_at: datetime | None = None
    evidence: str | None = None
    waived_at: datetime | None = None
    waive_reason: str | None = None
    waived_second: str | None = None
    waived_by: str | None = None
    met_by: str | None = None
    missed_at: datetime | None = None
    extended_from: datetime | None = None
    extended_by: str | None = None
    extended_second: str | None = None
    extend_reason: str | None = None
    about: int = 0

    @property
    def running(self) -> bool:
        """Whether it is still owed: neither met nor waived."""
        return self.met_at is None and self.waived_at is None

    def status(self, now: datetime) -> ObligationStatus:
        """How it stands at `now`. The due instant itself is still in time; one second later is not."""
        if self.waived_at:
            return ObligationStatus.WAIVED
        if self.met_at:
            return ObligationStatus.MET if self.met_at <= self.due_at else ObligationStatus.LATE
        if now > self.due_at:
            return ObligationStatus.OVERDUE
        return ObligationStatus.DUE_SOON if now >= self.warn_at else ObligationStatus.PENDING


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of an obligation's ladder (升级台阶): `n` counts along it, `name` is its table in ladder.toml."""

    n: int
    name: str
    due_at: datetime
    id: int = 0
    state: RungState = RungState.PENDING


@dataclass(frozen=True, slots=True)
class Notice:
    """One reason to tell somebody something. Its key names the event and never expires, so it is told once.

    `party` is a registry code; `roles` which of its contacts, in order of preference.
    """

    key: str
    party: str
    roles: tuple[str, ...]
    urgency: Urgency
    subject: str
    text: str
    created_at: datetime
    case_id: int | None = None
    assignment_id: int | None = None
    obligation_id: int | None = None
    not_before: datetime | None = None
    phone: bool = False
