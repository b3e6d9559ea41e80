"""Who hears of it when it does not happen: the rungs (升级台阶) of an obligation, and which of them fires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, islice

from config.schema import Config
from config.schema.rules import Amount, Repeat, RungRule
from pipeline.domain.cases import Obligation, Rung
from pipeline.domain.terms import Clock, Grade, RungState
from pipeline.moments import LOCAL, local
from responders.worktime import CalendarMissing, after, before

MOST = 24
"""A recurring rung comes at most so often; after that the daily digest alone keeps asking."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an obligation's rungs at a moment: at most one fires."""

    fire: Rung | None = None
    collapse: tuple[Rung, ...] = ()
    stop: tuple[Rung, ...] = ()


def plan(obligation: Obligation, grade: Grade, config: Config) -> tuple[Rung, ...]:
    """Every rung of the obligation under a grade, numbered in the order in which they come due."""
    moments = [
        (moment, name)
        for name, rule in config.ladder.items()
        if rule.obligation is obligation.kind and grade in rule.grades
        for moment in _occurrences(rule, obligation, config)
    ]
    return tuple(Rung(n, name, moment) for n, (moment, name) in enumerate(sorted(moments, key=lambda m: m[0]), 1))


def due(rungs: Sequence[Rung], obligation: Obligation, now: datetime, *, live: bool) -> Verdict:
    """The highest rung that is due fires and those beneath it collapse into it, however long nobody looked (停机补发只发一级).

    Of an obligation that is met or waived, or of a case that no longer lives, every rung that still waits is stopped.
    """
    waiting = sorted((r for r in rungs if r.state is RungState.PENDING), key=lambda r: (r.due_at, r.n))
    if not live or obligation.met_at or obligation.waived_at:
        return Verdict(stop=tuple(waiting))
    missed = [r for r in waiting if r.due_at <= now]
    return Verdict(fire=missed[-1], collapse=tuple(missed[:-1])) if missed else Verdict()


def replan(old: Sequence[Rung], new: Sequence[Rung]) -> tuple[Rung, ...]:
    """What of a new plan is still to come, numbered behind the old one: nothing that has been said is said again."""
    said = [r for r in old if r.state in (RungState.FIRED, RungState.COLLAPSED)]
    latest = {name: max(r.due_at for r in said if r.name == name) for name in {r.name for r in said}}
    first = max((r.n for r in old), default=0) + 1
    repeated = {r.name for r in new if sum(other.name == r.name for other in new) > 1}
    left = [r for r in new if r.name not in latest or (r.name in repeated and r.due_at > latest[r.name])]
    return tuple(Rung(n, r.name, r.due_at) for n, r in enumerate(left, first))


def still_told(old: Sequence[Rung], new: Sequence[Rung], owed: Obligation) -> tuple[Rung, ...]:
    """The rungs whose telling still holds: once two people have extended a limit (延长), what was said of its first due instant says
    nothing of the later one."""
    if owed.extended_from is None:
        return tuple(old)
    later = {r.name for r in new if r.due_at > owed.extended_from}
    return tuple(r for r in old if r.name not in later or r.due_at > owed.extended_from)


def _occurrences(rule: RungRule, obligation: Obligation, config: Config) -> Iterator[datetime]:
    first = _first(rule, obligation, config)
    if rule.repeat is None:
        return iter((first,))
    return islice(_repeats(first, rule.repeat), min(rule.repeat.times, MOST))


def _first(rule: RungRule, obligation: Obligation, config: Config) -> datetime:
    if rule.after:
        lengths = [rule.after] + ([rule.or_after] if rule.or_after else [])
        return min(_reckon(obligation.start_at, length, config) for length in lengths)
    if rule.before:
        return _reckon(obligation.due_at, rule.before, config, back=True)
    return obligation.due_at + timedelta(seconds=1)  # the due instant itself is still in time


def _reckon(moment: datetime, length: Amount, config: Config, back: bool = False) -> datetime:
    """In a year without a calendar a reminder's working time is counted as natural time: it comes early rather than never."""
    calendar, hours = config.calendar, config.settings.clocks.working_hours
    try:
        return before(moment, length, calendar, hours) if back else after(moment, length, calendar, hours)
    except CalendarMissing:
        natural = length.amount * (24 if length.clock is Clock.WORKING_DAYS else 1)
        return moment + timedelta(hours=-natural if back else natural)


def _repeats(first: datetime, repeat: Repeat) -> Iterator[datetime]:
    if repeat.every_hours:
        step = timedelta(hours=repeat.every_hours)
        yield from (first + step * n for n in count())
    for days in count():
        day = local(first).date() + timedelta(days=days)
        moments = (datetime.combine(day, clock, LOCAL).astimezone(first.tzinfo) for clock in sorted(repeat.at))
        yield from (m for m in moments if m >= first)
