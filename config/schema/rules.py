"""routing.toml, deadlines.toml, ladder.toml: who answers, by when, and who hears of it when it does not happen."""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import Field

from config.schema.base import Frozen
from pipeline.domain.terms import (
    AccusedKind,
    AnswerKind,
    Clock,
    Grade,
    Nature,
    ObligationKind,
    OwnerKind,
    RedLine,
    Scope,
    StartBasis,
    Urgency,
)

BY_HAND_ONLY = frozenset({"A2", "A3", "A4", "B1", "F3"})
"""Topics that no rule may hand over by itself (转办须经人确认): `check` refuses such a rule, and routing would not obey it."""


class When(Frozen):
    """What must hold for a rule to fire: every condition that is given; of a list, any one. Empty conditions hold always.

    `topics` asks for the main topic, `topics_any` for a topic anywhere among those read. `words` and `words_too` must each be met.
    """

    scope: tuple[Scope, ...] = ()
    topics: tuple[str, ...] = ()
    topics_any: tuple[str, ...] = ()
    nature: tuple[Nature, ...] = ()
    redline: tuple[RedLine, ...] = ()
    accused: tuple[AccusedKind, ...] = ()
    schools: tuple[Literal["none", "one", "several", "ambiguous", "unknown"], ...] = ()
    ownership: tuple[str, ...] = ()
    stage: tuple[str, ...] = ()
    lead: Literal["school", "bureau"] | None = None
    sources: tuple[str, ...] = ()
    public: bool | None = None
    foreign: bool | None = None
    words: tuple[str, ...] = ()
    words_too: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()


class RoutingRule(Frozen):
    """One rule (谁主管谁负责). The first whose `when` holds decides; the last, `default`, has no condition.

    party: `school` (the school's 回应主体), `topic_section`, `drafting_section`, a section's 编号, or an outside department as `外部:名称`.
    guides: the same words, or `supervising_section`; supports: the same words, or `schools` (the 回应主体 of every school named).
    A rule whose party cannot be found (no school linked, no policy named) does not hold. `reason` is shown to staff;
    {topic} {school} {words} {place} {policy} are filled in.
    """

    order: int = Field(ge=0)
    owner: OwnerKind
    party: str
    when: When = When()
    guides: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    reason: str
    basis: str = ""
    auto: bool = False
    pending: str = ""


class Applies(Frozen):
    """For which cases an obligation exists; every condition given must hold."""

    public: bool | None = None
    answer_kind: tuple[AnswerKind | Literal["undecided"], ...] = ()
    emergency: bool | None = None
    grades: tuple[Grade, ...] = ()
    topics: tuple[str, ...] = ()
    redline: tuple[RedLine, ...] = ()
    handed_over: bool | None = None
    owner: tuple[OwnerKind, ...] = ()
    redline_confirmed: bool | None = None
    answered: bool | None = None
    sources: tuple[str, ...] = ()


class Amount(Frozen):
    """A length of time on one kind of clock."""

    amount: float = Field(ge=0)
    clock: Clock


class Extension(Amount):
    """By how much two people may extend a limit, once and before it is due (延长), on the same kind of clock; and on what basis."""

    basis: str


class ObligationRule(Frozen):
    """One obligation (时限), keyed by its kind. `by_grade` overrides the length; `start` is the moment it counts from, where
    `counted` stands for the bureau's choice between 首发 and 发现; `basis` is printed wherever the number is printed.
    `waivable` is false where the law lets nobody off, not even two people."""

    amount: float = Field(ge=0)
    clock: Clock
    start: StartBasis | Literal["counted"]
    basis: str
    statutory: bool = False
    party: Literal["lead", "bureau"] = "lead"
    applies: Applies = Applies()
    by_grade: dict[Grade, Amount] = Field(default_factory=dict)
    waivable: bool = True
    extension: Extension | None = None
    warn_share: float = Field(0.75, gt=0, le=1)


class Repeat(Frozen):
    """How a rung comes again: every so many hours, or at hours of the day; each occurrence is a rung of its own."""

    every_hours: float | None = Field(None, gt=0)
    at: tuple[time, ...] = ()
    times: int = Field(24, ge=1, le=24)


Addressee = Literal["duty", "principal", "section", "section_head", "deputy", "director", "desk", "duty_officer"]


class RungRule(Frozen):
    """One rung (升级台阶), keyed by its name. Exactly one of after, before, missed says when: so long after the obligation's start,
    so long before it is due, at the miss. With `or_after` the earlier of the two counts."""

    obligation: ObligationKind
    grades: tuple[Grade, ...]
    after: Amount | None = None
    or_after: Amount | None = None
    before: Amount | None = None
    missed: bool = False
    to: tuple[Addressee, ...]
    phone: bool = False
    urgency: Urgency = Urgency.PROMPT
    repeat: Repeat | None = None
    words: str
