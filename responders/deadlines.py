"""By when: the obligations (时限) of a case as it stands, from deadlines.toml; each with its start, its due instant, its basis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from config.schema import Config
from config.schema.rules import Amount, Applies, ObligationRule
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.terms import Clock, ObligationKind, OwnerKind, StartBasis
from responders.worktime import CalendarMissing, after

DESK = "desk"
"""The bureau's triage desk: whatever nobody else holds is held there."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A case with what else its clocks depend on. `limit_at` is the limit that an incoming letter names itself (来文时限);
    `sources` are the sources of its posts; `public_found_at` and `public_published_at` tell of the first public one, where letters came
    before it."""

    case: Case
    lead: str = ""
    owner: OwnerKind = OwnerKind.NONE
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    limit_at: datetime | None = None
    sources: frozenset[str] = frozenset()
    public_found_at: datetime | None = None
    public_published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Owed:
    """The obligations of a case, and, in words for staff, those whose due instant cannot be computed."""

    obligations: tuple[Obligation, ...] = ()
    faults: tuple[str, ...] = ()
    years: tuple[int, ...] = ()


def obligations(matter: Matter, config: Config) -> Owed:
    """What is owed on a case as it stands. A dormant or finished case owes nothing."""
    if matter.case.dormant or not matter.case.state.live:
        return Owed()
    found: list[Obligation] = []
    faults: list[str] = []
    years: set[int] = set()
    for kind, rule in config.deadlines.items():
        start = _start(rule, matter, config)
        if start is None or not applies(rule.applies, matter):
            continue
        try:
            found.append(_obligation(kind, rule, matter, config, *start))
        except CalendarMissing as gap:
            faults.append(f"「{kind.zh}」无法计算到期时间：{gap}")
            years.add(gap.year)
    return Owed(tuple(sorted(found, key=lambda o: o.due_at)), tuple(faults), tuple(sorted(years)))


def ended_word(owed: Obligation) -> str:
    """How an obligation ended that is owed no longer, with the reason: two people waived it (免除), or it merely came to its end with a
    choice of answer, a dismissal, the closing (终止). Empty while it is owed, and when it was met."""
    if owed.waived_at is None:
        return ""
    word = "已免除" if owed.waived_second else "已终止"
    return f"{word}：{owed.waive_reason}" if owed.waive_reason else word


def applies(rule: Applies, matter: Matter) -> bool:
    """Whether every condition that is given holds for the case."""
    return all(_conditions(rule, matter))


def _conditions(rule: Applies, matter: Matter) -> Iterator[bool]:
    case = matter.case
    emergency = case.emergency_grade is not None and case.emergency_grade.statutory
    yield rule.public in (None, case.public)
    yield not rule.answer_kind or (case.answer_kind or "undecided") in rule.answer_kind
    yield rule.emergency in (None, emergency)
    yield not rule.grades or case.grade in rule.grades
    yield not rule.topics or case.topic in rule.topics
    yield not rule.redline or case.redline in rule.redline
    yield rule.handed_over in (None, case.handed_over_at is not None)
    yield not rule.owner or matter.owner in rule.owner
    yield rule.redline_confirmed in (None, case.redline_confirmed_at is not None)
    yield rule.answered in (None, matter.answered_at is not None)
    yield not rule.sources or bool(matter.sources & set(rule.sources))


def _start(rule: ObligationRule, matter: Matter, config: Config) -> tuple[datetime, StartBasis] | None:
    """From when the rule counts; None while that moment has not come."""
    case = matter.case
    found, published = case.found_at, case.published_at
    if rule.applies.public and matter.public_found_at and matter.public_found_at > found:
        found, published = matter.public_found_at, matter.public_published_at
    basis = StartBasis(config.settings.clocks.count_from) if rule.start == "counted" else rule.start
    if basis is StartBasis.PUBLISHED and (published is None or published > found):
        basis = StartBasis.FOUND  # a time that is unknown, or lies after we saw the post, is not believed
    moment = {
        StartBasis.PUBLISHED: published,
        StartBasis.FOUND: found,
        StartBasis.HANDED_OVER: case.handed_over_at,
        StartBasis.ACKNOWLEDGED: matter.acknowledged_at,
        StartBasis.RED_LINE: case.redline_confirmed_at,
        StartBasis.ANSWERED: matter.answered_at,
        StartBasis.RECEIVED: None,  # a 批示 or 来文 sets its own limit when it is entered; no case owes it by itself
    }[basis]
    return (moment, basis) if moment else None


def _obligation(
    kind: ObligationKind, rule: ObligationRule, matter: Matter, config: Config, start: datetime, basis: StartBasis
) -> Obligation:
    length, due, says = _length(kind, rule, matter, config, start)
    return Obligation(
        kind=kind, party=matter.lead or DESK if rule.party == "lead" else DESK, start_at=start, start_basis=basis, due_at=due,
        warn_at=max(start, start + (due - start) * rule.warn_share), clock=length.clock, amount=length.amount, basis=says,
        case_id=matter.case.id, generation=matter.case.generation,
    )


def extended(owed: Obligation, config: Config) -> Obligation | None:
    """The obligation as it stands when two people have extended it (延长), from its own start; None where its rule allows no extension."""
    rule = config.deadlines.get(owed.kind)
    if rule is None or rule.extension is None:
        return None
    length = Amount(amount=owed.amount + rule.extension.amount, clock=owed.clock)
    due = after(owed.start_at, length, config.calendar, config.settings.clocks.working_hours)
    warn = max(owed.start_at, owed.start_at + (due - owed.start_at) * rule.warn_share)
    return replace(owed, amount=length.amount, due_at=due, warn_at=warn)


def reckoned(kind: ObligationKind, matter: Matter, config: Config, start: datetime) -> tuple[Amount, datetime, str] | None:
    """How long an obligation lasts under the case's grade if it counts from `start`, until when, and on what basis; None where there is
    no rule for it any more, or no calendar for the year."""
    rule = config.deadlines.get(kind)
    try:
        return _length(kind, rule, matter, config, start) if rule else None
    except CalendarMissing:
        return None


def _length(kind: ObligationKind, rule: ObligationRule, matter: Matter, config: Config, start: datetime) -> tuple[Amount, datetime, str]:
    """How long, until when, and on what basis: the letter's own limit, else its source's, else the grade's, else the rule's."""
    calendar, hours = config.calendar, config.settings.clocks.working_hours
    if kind is ObligationKind.LETTER and matter.limit_at:
        length = Amount(amount=max(0.0, (matter.limit_at - start).total_seconds() / 3600), clock=Clock.HOURS)
        return length, matter.limit_at, "来文注明的时限"
    if kind is ObligationKind.LETTER:
        answers = [a for s in matter.sources if (source := config.sources.get(s)) and (a := source.answer)]
        lengths = [(Amount(amount=a.amount, clock=a.clock), a.basis) for a in answers]
        if lengths:
            limits = [(after(start, length, calendar, hours), length, says) for length, says in lengths]
            due, length, says = min(limits, key=lambda limit: limit[0])
            return length, due, says
    length = rule.by_grade.get(matter.case.grade, Amount(amount=rule.amount, clock=rule.clock))
    return length, after(start, length, calendar, hours), rule.basis
