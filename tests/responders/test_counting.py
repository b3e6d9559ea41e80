"""How a length of time is counted, stretch by stretch, and that the whole agrees with a slow calendar for 2024–2026."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import load
from config.schema.rules import Amount
from pipeline.domain.terms import Clock
from pipeline.moments import LOCAL, local, parse
from responders.counting import NATURAL, NOT_FIRST, SHUT, kind_of, stretches
from responders.worktime import CalendarMissing, after

CALENDAR = load(None).calendar
HOURS = load(None).settings.clocks.working_hours

# start · length → [from, to, counted, why]
COUNTED = [
    ("2026-11-18 10:00", 48, "hours", [("2026-11-18 10:00", "2026-11-20 10:00", 48, NATURAL)]),
    (
        "2026-11-18 10:00", 10, "days",
        [("2026-11-18 10:00", "2026-11-19 00:00", 0, NOT_FIRST), ("2026-11-19 00:00", "2026-11-29 00:00", 10, NATURAL)],
    ),
    (
        "2026-02-12 10:00", 3, "working_days",
        [
            ("2026-02-12 10:00", "2026-02-13 00:00", 0, NOT_FIRST), ("2026-02-13 00:00", "2026-02-14 00:00", 1, "工作日"),
            ("2026-02-14 00:00", "2026-02-15 00:00", 1, "春节调休，上班"), ("2026-02-15 00:00", "2026-02-24 00:00", 0, "春节放假"),
            ("2026-02-24 00:00", "2026-02-24 17:30", 1, "工作日"),
        ],
    ),
    (
        "2026-11-20 16:30", 4, "working_hours",
        [
            ("2026-11-20 16:30", "2026-11-20 17:30", 1, "工作日"), ("2026-11-20 17:30", "2026-11-23 08:30", 0, "周末"),
            ("2026-11-23 08:30", "2026-11-23 11:30", 3, "工作日"),
        ],
    ),
    (
        "2026-11-18 11:00", 2, "working_hours",
        [
            ("2026-11-18 11:00", "2026-11-18 12:00", 1, "工作日"), ("2026-11-18 12:00", "2026-11-18 14:30", 0, SHUT),
            ("2026-11-18 14:30", "2026-11-18 15:30", 1, "工作日"),
        ],
    ),
    (
        "2026-09-30 17:00", 1, "working_hours",
        [
            ("2026-09-30 17:00", "2026-09-30 17:30", 0.5, "工作日"), ("2026-09-30 17:30", "2026-10-08 08:30", 0, "国庆节放假"),
            ("2026-10-08 08:30", "2026-10-08 09:00", 0.5, "工作日"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("start", "amount", "clock", "wanted"), COUNTED)
def test_each_stretch_says_what_it_counts_and_why(
    start: str, amount: float, clock: str, wanted: list[tuple[str, str, float, str]]
) -> None:
    found = stretches(parse(start), Amount(amount=amount, clock=Clock(clock)), CALENDAR, HOURS)
    assert [(f"{s.begin:%Y-%m-%d %H:%M}", f"{s.end:%Y-%m-%d %H:%M}", s.counted, s.why) for s in found] == wanted


@pytest.mark.parametrize(
    ("day", "worked", "why"),
    [
        (date(2026, 2, 14), True, "春节调休，上班"), (date(2026, 2, 16), False, "春节放假"), (date(2026, 11, 21), False, "周末"),
        (date(2026, 11, 20), True, "工作日"), (date(2024, 10, 12), True, "国庆节调休，上班"),
    ],
)  # fmt: skip
def test_a_day_says_by_which_notice_it_is_worked_or_off(day: date, worked: bool, why: str) -> None:
    assert kind_of(day, CALENDAR) == (worked, why)


MINUTES = st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 1)).map(lambda d: d.replace(second=0, microsecond=0, tzinfo=LOCAL))  # noqa: DTZ001 — hypothesis wants naive bounds
LENGTHS = st.one_of(
    st.builds(Amount, amount=st.sampled_from([0.25, 0.5, 1, 4, 20, 33.5]), clock=st.sampled_from([Clock.HOURS, Clock.WORKING_HOURS])),
    st.builds(Amount, amount=st.integers(1, 25), clock=st.sampled_from([Clock.DAYS, Clock.WORKING_DAYS])),
)


@given(MINUTES, LENGTHS)
@settings(max_examples=120, deadline=None)
def test_the_stretches_meet_end_where_the_clock_ends_and_add_up(start: datetime, length: Amount) -> None:
    found = stretches(start.astimezone(UTC), length, CALENDAR, HOURS)
    assert found[0].begin == start
    assert all(a.end == b.begin for a, b in pairwise(found))
    assert found[-1].end == local(after(start.astimezone(UTC), length, CALENDAR, HOURS))
    assert sum(s.counted for s in found) == pytest.approx(length.amount)


# The State Council's notices again, written down apart from calendar.csv: off from – to, and the weekend days that are worked.
OFF = [
    ("2024-01-01", "2024-01-01"), ("2024-02-10", "2024-02-17"), ("2024-04-04", "2024-04-06"), ("2024-05-01", "2024-05-05"),
    ("2024-06-10", "2024-06-10"), ("2024-09-15", "2024-09-17"), ("2024-10-01", "2024-10-07"), ("2025-01-01", "2025-01-01"),
    ("2025-01-28", "2025-02-04"), ("2025-04-04", "2025-04-06"), ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"),
    ("2025-10-01", "2025-10-08"), ("2026-01-01", "2026-01-03"), ("2026-02-15", "2026-02-23"), ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"), ("2026-09-25", "2026-09-27"), ("2026-10-01", "2026-10-07"),
]  # fmt: skip
WORKED = {
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12", "2025-01-26",
    "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11", "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20",
    "2026-10-10",
}  # fmt: skip


def works(day: date) -> bool:
    """The slow oracle: looks a day up in the notices themselves."""
    text = day.isoformat()
    return text in WORKED or (day.weekday() < 5 and not any(first <= text <= last for first, last in OFF))


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_every_day_of_the_year_agrees_with_the_oracle(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(366)]
    assert [d for d in days if d.year == year and kind_of(d, CALENDAR)[0] != works(d)] == []


@given(MINUTES, st.integers(1, 20))
@settings(max_examples=120, deadline=None)
def test_working_days_agree_with_the_oracle(start: datetime, n: int) -> None:
    day, left = start.date(), n
    while left:
        day += timedelta(days=1)
        left -= works(day)
    due = local(after(start.astimezone(UTC), Amount(amount=n, clock=Clock.WORKING_DAYS), CALENDAR, HOURS))
    assert (due.date(), due.time()) == (day, HOURS[-1][1])


@pytest.mark.parametrize("clock", [Clock.WORKING_DAYS, Clock.WORKING_HOURS])
def test_a_year_that_nobody_has_announced_is_not_explained_either(clock: Clock) -> None:
    with pytest.raises(CalendarMissing, match="2027"):
        stretches(parse("2026-12-31 17:29"), Amount(amount=5, clock=clock), CALENDAR, HOURS)
