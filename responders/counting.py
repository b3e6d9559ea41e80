"""How a length of time is counted, stretch by stretch (逐段说明): which days and hours count, which do not, and why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import ceil

from config.schema import Calendar
from config.schema.rules import Amount
from pipeline.domain.terms import Clock
from pipeline.moments import LOCAL, local
from responders.worktime import DAY, Hours, after, is_workday

NOT_FIRST = "起算当日不计"
NATURAL = "夜间、周末、节假日都计"
SHUT = "不在工作时间"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of time on the bureau's wall. `counted` is what it adds on its clock's own scale, in hours or days: 0 where it adds nothing."""

    begin: datetime
    end: datetime
    counted: float
    why: str


def stretches(start: datetime, length: Amount, calendar: Calendar, hours: Hours) -> tuple[Stretch, ...]:
    """The way from `start` to where `length` has passed. Its last end is the instant that `worktime.after` gives, and what it counts
    adds up to `length`. Raises `CalendarMissing` as that does."""
    due, begin = local(after(start, length, calendar, hours)), local(start)
    if length.clock is Clock.HOURS:
        return (Stretch(begin, due, length.amount, NATURAL),)
    first = _midnight(begin.date() + DAY)
    if length.clock is Clock.DAYS:
        whole = ceil(length.amount)
        return (Stretch(begin, first, 0, NOT_FIRST), *([Stretch(first, due, whole, NATURAL)] if whole else []))
    if length.clock is Clock.WORKING_DAYS:
        days = _days(first, due, calendar) if length.amount else ()
        return (Stretch(begin, first, 0, NOT_FIRST), *_joined(days))
    return tuple(_joined(_with_gaps(begin, list(_open(begin, due, calendar, hours)), calendar)))


def kind_of(day: date, calendar: Calendar) -> tuple[bool, str]:
    """Whether a day is worked, and why: an ordinary day, a make-up workday (调休), a holiday, a weekend. Raises `CalendarMissing`."""
    worked, name = is_workday(day, calendar), calendar.names.get(day, "")
    if day in calendar.worked:
        return worked, f"{name or '调休'}，上班"
    if day in calendar.off:
        return worked, f"{name or '节假日'}放假"
    return worked, "工作日" if worked else "周末"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


def _days(first: datetime, due: datetime, calendar: Calendar) -> Iterator[Stretch]:
    day = first.date()
    while day <= due.date():
        worked, why = kind_of(day, calendar)
        yield Stretch(_midnight(day), min(due, _midnight(day + DAY)), int(worked), why)
        day += DAY


def _open(begin: datetime, due: datetime, calendar: Calendar, hours: Hours) -> Iterator[Stretch]:
    """The hours between two moments in which the bureau works."""
    day = begin.date()
    while day <= due.date():
        worked, why = kind_of(day, calendar)
        for opens, closes in hours if worked else ():
            since, until = max(begin, datetime.combine(day, opens, LOCAL)), min(due, datetime.combine(day, closes, LOCAL))
            if since < until:
                yield Stretch(since, until, (until - since) / timedelta(hours=1), why)
        day += DAY


def _with_gaps(begin: datetime, open_hours: Sequence[Stretch], calendar: Calendar) -> Iterator[Stretch]:
    at = begin
    for stretch in open_hours:
        if at < stretch.begin:
            yield Stretch(at, stretch.begin, 0, _why_shut(at.date(), stretch.begin.date(), calendar))
        yield stretch
        at = stretch.end


def _why_shut(first: date, last: date, calendar: Calendar) -> str:
    """Why nothing counts from within one day to within another: the days off between them, else that the bureau is shut."""
    between = [first + DAY * n for n in range((last - first).days + 1)]
    reasons = [why for worked, why in (kind_of(day, calendar) for day in between) if not worked]
    return "、".join(dict.fromkeys(reasons)) or SHUT


def _joined(days: Iterator[Stretch] | Sequence[Stretch]) -> list[Stretch]:
    """Stretches that follow each other for the same reason, as one."""
    found: list[Stretch] = []
    for one in days:
        if found and (found[-1].why, found[-1].end) == (one.why, one.begin):
            found[-1] = replace(found[-1], end=one.end, counted=found[-1].counted + one.counted)
        else:
            found.append(one)
    return found
