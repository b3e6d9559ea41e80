"""Time as the law and the bureau count it: natural hours and days, working hours and days (工作日) with their make-up days (调休)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from math import ceil

from config.schema import Calendar
from config.schema.rules import Amount
from pipeline.domain.terms import Clock
from pipeline.moments import LOCAL, local

Hours = Sequence[tuple[time, time]]
DAY = timedelta(days=1)
WARN_AHEAD = timedelta(days=60)


class CalendarMissing(Exception):
    """A working day was asked of a year whose holidays are not in calendar.csv: shown to staff, never guessed."""

    def __init__(self, year: int) -> None:
        super().__init__(f"calendar.csv 没有 {year} 年的放假安排，无法计算工作日（请按国务院办公厅当年通知补入该年放假日与调休上班日）")
        self.year = year


def is_workday(day: date, calendar: Calendar) -> bool:
    """Whether the bureau works on this day. Raises `CalendarMissing` for a year that is not covered."""
    if day.year not in calendar.years:
        raise CalendarMissing(day.year)
    return day in calendar.worked or (day.weekday() < 5 and day not in calendar.off)


def missing_year(calendar: Calendar, now: datetime) -> int | None:
    """The year within the next 60 days that has no calendar yet; None when all is well."""
    years = (local(now).year, local(now + WARN_AHEAD).year)
    return next((y for y in years if y not in calendar.years), None)


def after(start: datetime, length: Amount, calendar: Calendar, hours: Hours) -> datetime:
    """The instant at which `length`, begun at `start`, has passed; being on time includes that instant itself.

    Hours run from the moment itself, working hours only while the bureau is open. Days begin on the following day and end with
    the last one, calendar days at midnight, working days when the bureau closes (民法典 §200–203).
    """
    if length.clock is Clock.HOURS:
        return start + timedelta(seconds=round(length.amount * 3600))
    if length.clock is Clock.WORKING_HOURS:
        return _working_hours(local(start), timedelta(hours=length.amount), calendar, hours)
    if length.clock is Clock.DAYS:
        return _at(local(start).date() + DAY * (ceil(length.amount) + 1), time())
    return _at(_working_day(local(start).date(), ceil(length.amount), calendar), hours[-1][1])


def before(due: datetime, length: Amount, calendar: Calendar, hours: Hours) -> datetime:
    """The instant so long before `due`, on the same clocks."""
    if length.clock is Clock.HOURS:
        return due - timedelta(hours=length.amount)
    if length.clock is Clock.DAYS:
        return due - DAY * length.amount
    if length.clock is Clock.WORKING_DAYS:
        return _at(_working_day(local(due).date(), -ceil(length.amount), calendar), local(due).time())
    return _working_hours_back(local(due), timedelta(hours=length.amount), calendar, hours)


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LOCAL).astimezone(UTC)


def _working_day(day: date, n: int, calendar: Calendar) -> date:
    """The n-th working day after (or, for a negative n, before) `day`; `day` itself is never counted."""
    step, left = (DAY, n) if n >= 0 else (-DAY, -n)
    while left:
        day += step
        left -= is_workday(day, calendar)
    return day


def _working_hours(start: datetime, left: timedelta, calendar: Calendar, hours: Hours) -> datetime:
    day = start.date()
    while True:
        for opens, closes in hours if is_workday(day, calendar) else ():
            begin = max(start, datetime.combine(day, opens, LOCAL))
            end = datetime.combine(day, closes, LOCAL)
            if begin < end:  # at the very minute of closing the clock waits for the next opening
                if left <= end - begin:
                    return (begin + left).astimezone(UTC)
                left -= end - begin
        day += DAY


def _working_hours_back(due: datetime, left: timedelta, calendar: Calendar, hours: Hours) -> datetime:
    day = due.date()
    while True:
        for opens, closes in reversed(hours) if is_workday(day, calendar) else ():
            begin = datetime.combine(day, opens, LOCAL)
            end = min(due, datetime.combine(day, closes, LOCAL))
            if begin < end:
                if left <= end - begin:
                    return (end - left).astimezone(UTC)
                left -= end - begin
        day -= DAY
