"""By when: start → due, as the law and the bureau count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import load
from config.schema import Calendar, Config
from config.schema.rules import Amount
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.terms import (
    AnswerKind,
    CaseState,
    Clock,
    EmergencyGrade,
    Grade,
    ObligationKind,
    ObligationStatus,
    OwnerKind,
    RedLine,
    StartBasis,
)
from pipeline.moments import LOCAL, local, parse
from responders.deadlines import Matter, ended_word, obligations
from responders.worktime import CalendarMissing, after, before, is_workday, missing_year

CALENDAR = load(None).calendar
HOURS = load(None).settings.clocks.working_hours

# start · length → due (wall time in the bureau)
LENGTHS = [
    ("2026-11-18 10:00", 48, "hours", "2026-11-20 10:00"),
    ("2026-12-31 20:00", 48, "hours", "2027-01-02 20:00"),  # natural hours need no calendar
    ("2026-11-18 09:00", 4, "working_hours", "2026-11-18 15:30"),
    ("2026-11-18 08:30", 3.5, "working_hours", "2026-11-18 12:00"),  # the last minute before noon, not the first after it
    ("2026-11-18 12:30", 1, "working_hours", "2026-11-18 15:30"),
    ("2026-11-18 17:30", 1, "working_hours", "2026-11-19 09:30"),
    ("2026-11-18 23:00", 4, "working_hours", "2026-11-19 15:00"),  # found at night: begins when the bureau opens
    ("2026-11-20 16:30", 4, "working_hours", "2026-11-23 11:30"),  # over a weekend
    ("2026-09-18 16:30", 4, "working_hours", "2026-09-20 11:30"),  # Saturday off, Sunday a make-up workday
    ("2026-09-30 17:00", 1, "working_hours", "2026-10-08 09:00"),  # over the national holiday
    ("2025-12-31 16:30", 4, "working_hours", "2026-01-04 11:30"),  # over the year's end to a make-up Sunday
    ("2026-11-18 10:00", 5, "working_days", "2026-11-25 17:30"),
    ("2026-11-18 23:59", 5, "working_days", "2026-11-25 17:30"),
    ("2026-02-12 10:00", 3, "working_days", "2026-02-24 17:30"),  # Friday, the make-up Saturday, then after Spring Festival
    ("2025-12-31 10:00", 1, "working_days", "2026-01-04 17:30"),
    ("2026-11-18 10:00", 10, "days", "2026-11-29 00:00"),
    ("2026-12-25 10:00", 10, "days", "2027-01-05 00:00"),
]


@pytest.mark.parametrize(("start", "amount", "clock", "due"), LENGTHS)
def test_a_length_of_time_ends_where_the_calendar_says(start: str, amount: float, clock: str, due: str) -> None:
    assert after(parse(start), Amount(amount=amount, clock=Clock(clock)), CALENDAR, HOURS) == parse(due)


@pytest.mark.parametrize(
    ("due", "amount", "clock", "moment"),
    [
        ("2026-11-20 10:00", 12, "hours", "2026-11-19 22:00"),
        ("2026-11-19 09:30", 1, "working_hours", "2026-11-19 08:30"),
        ("2026-11-23 09:30", 2, "working_hours", "2026-11-20 16:30"),
        ("2026-11-23 17:30", 1, "working_days", "2026-11-20 17:30"),
        ("2026-11-23 00:00", 2, "days", "2026-11-21 00:00"),
    ],
)
def test_so_long_before_a_due_instant(due: str, amount: float, clock: str, moment: str) -> None:
    assert before(parse(due), Amount(amount=amount, clock=Clock(clock)), CALENDAR, HOURS) == parse(moment)


@pytest.mark.parametrize(("clock", "amount"), [("working_hours", 4), ("working_days", 1)])
def test_a_year_without_a_calendar_is_an_error_never_a_guess(clock: str, amount: float) -> None:
    with pytest.raises(CalendarMissing) as raised:
        after(parse("2026-12-31 17:00"), Amount(amount=amount, clock=Clock(clock)), CALENDAR, HOURS)
    assert raised.value.year == 2027
    assert "2027" in str(raised.value)


def test_the_missing_year_is_shown_sixty_days_ahead() -> None:
    assert missing_year(CALENDAR, parse("2026-11-01 00:00")) is None
    assert missing_year(CALENDAR, parse("2026-11-02 12:00")) == 2027


def test_a_makeup_saturday_counts_and_its_holiday_does_not() -> None:
    assert is_workday(date(2026, 2, 14), CALENDAR)
    assert not is_workday(date(2026, 2, 16), CALENDAR)
    assert not is_workday(date(2026, 2, 22), CALENDAR)


MINUTES = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1)).map(lambda d: d.replace(second=0, microsecond=0, tzinfo=LOCAL))  # noqa: DTZ001 — hypothesis wants naive bounds


@given(MINUTES, st.integers(1, 16 * 60))
@settings(max_examples=60, deadline=None)
def test_working_hours_agree_with_a_walk_minute_by_minute(start: datetime, minutes: int) -> None:
    found = after(start.astimezone(UTC), Amount(amount=minutes / 60, clock=Clock.WORKING_HOURS), CALENDAR, HOURS)
    assert local(found) == walk(start, minutes, CALENDAR)


def walk(start: datetime, minutes: int, calendar: Calendar) -> datetime:
    """The slow way: every minute of every day is looked at, and counted when the bureau is open."""
    at = start
    while minutes:
        day = at.date()
        works = day in calendar.worked or (day.weekday() < 5 and day not in calendar.off)
        if works and any(opens <= at.time() < closes for opens, closes in HOURS):
            minutes -= 1
        at += timedelta(minutes=1)
    return at


@given(MINUTES, st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_more_time_is_never_due_earlier(start: datetime, n: int) -> None:
    for clock in Clock:
        short, long = (after(start, Amount(amount=k, clock=clock), CALENDAR, HOURS) for k in (n, n + 1))
        assert short < long


CASE = Case(
    id=7, number="教舆-2026-00007", generation=1, state=CaseState.TRIAGE, title="x", topic="A5", grade=Grade.IV, public=True, dormant=False,
    found_at=parse("2026-11-18 10:00"), published_at=parse("2026-11-18 08:00"), version=1,
)


@pytest.fixture
def owed(config: Config) -> Callable[..., dict[str, Obligation]]:
    """What is owed on the case above with some things changed; what `Matter` holds is told apart by name."""

    def make(settings: Config = config, **given: object) -> dict[str, Obligation]:
        beside = {k: given.pop(k) for k in list(given) if k in ("lead", "owner", "acknowledged_at", "answered_at", "limit_at", "sources")}
        held = {"lead": "QY001", "owner": OwnerKind.SCHOOL, "sources": frozenset({"forum"})} | beside
        matter = Matter(case=replace(CASE, **given), **held)
        return {o.kind.value: o for o in obligations(matter, settings).obligations}

    return make


HANDED = parse("2026-11-18 10:30")

# what the case is like → what is owed by when
STANDING = [
    ("undecided, public", {}, {"triage": "2026-11-18 16:30", "response": "2026-11-20 10:00"}),
    (
        "grave enough for the internal limit", {"grade": Grade.III},
        {"triage": "2026-11-18 16:30", "first_response": "2026-11-19 10:00", "response": "2026-11-20 10:00"},
    ),
    ("public answer chosen", {"answer_kind": AnswerKind.PUBLIC}, {"response": "2026-11-20 10:00"}),
    ("answered where it was asked", {"answer_kind": AnswerKind.ORIGINAL_CHANNEL}, {}),
    ("reported", {"answer_kind": AnswerKind.REPORT}, {}),
    ("not answered", {"answer_kind": AnswerKind.NONE}, {}),
    (
        "handed over, Ⅳ", {"answer_kind": AnswerKind.PUBLIC, "handed_over_at": HANDED},
        {"acknowledge": "2026-11-18 17:00", "findings": "2026-11-19 10:30", "response": "2026-11-20 10:00", "closing": "2026-11-25 17:30"},
    ),
    (
        "handed over, Ⅲ", {"answer_kind": AnswerKind.REPORT, "handed_over_at": HANDED, "grade": Grade.III},
        {
            "acknowledge": "2026-11-18 11:30", "first_report": "2026-11-18 12:30", "findings": "2026-11-18 16:30",
            "closing": "2026-11-25 17:30",
        },
    ),
    (
        "handed over, Ⅱ", {"answer_kind": AnswerKind.REPORT, "handed_over_at": HANDED, "grade": Grade.II},
        {"acknowledge": "2026-11-18 11:00", "first_report": "2026-11-18 11:30", "findings": "2026-11-18 12:30"},
    ),
    (
        "handed over, Ⅰ", {"answer_kind": AnswerKind.REPORT, "handed_over_at": HANDED, "grade": Grade.I},
        {"acknowledge": "2026-11-18 10:45", "first_report": "2026-11-18 11:10", "findings": "2026-11-18 12:30"},
    ),
    (
        "emergency entered later counts from the same start", {"answer_kind": AnswerKind.PUBLIC, "emergency_grade": EmergencyGrade.MAJOR},
        {"statement": "2026-11-18 15:00", "conference": "2026-11-19 10:00", "response": "2026-11-20 10:00"},
    ),
    ("a lesser emergency starts nothing", {"answer_kind": AnswerKind.REPORT, "emergency_grade": EmergencyGrade.LARGER}, {}),
    (
        "our own gravest grade starts no statement", {"answer_kind": AnswerKind.PUBLIC, "grade": Grade.I},
        {"first_response": "2026-11-19 10:00", "response": "2026-11-20 10:00"},
    ),
    (
        "Ⅱ is no laxer than Ⅲ", {"answer_kind": AnswerKind.PUBLIC, "grade": Grade.II},
        {"first_response": "2026-11-19 10:00", "response": "2026-11-20 10:00"},
    ),
    (
        "red line confirmed", {"answer_kind": AnswerKind.REPORT, "redline": RedLine.SUICIDE_RISK, "redline_confirmed_at": HANDED},
        {"phone_report": "2026-11-18 11:00"},
    ),
    (
        "red line not confirmed: the duty officer is asked to look, nothing else",
        {"answer_kind": AnswerKind.REPORT, "redline": RedLine.SUICIDE_RISK}, {"redline_check": "2026-11-18 10:30"},
    ),
    ("no red line, nothing to look at", {"answer_kind": AnswerKind.REPORT}, {}),
    ("letter, no limit said", {"answer_kind": AnswerKind.ORIGINAL_CHANNEL, "public": False}, {"letter": "2026-11-25 17:30"}),
    (
        "letter with its own limit", {"answer_kind": AnswerKind.ORIGINAL_CHANNEL, "public": False, "limit_at": parse("2026-11-20 12:00")},
        {"letter": "2026-11-20 12:00"},
    ),
    ("bullying", {"answer_kind": AnswerKind.REPORT, "topic": "A2"}, {"bullying": "2026-11-29 00:00"}),
    (
        "student records", {"answer_kind": AnswerKind.REPORT, "topic": "C3", "owner": OwnerKind.BUREAU, "lead": "basic"},
        {"record_form": "2026-11-23 17:30"},
    ),
    (
        "student records handed over",
        {"answer_kind": AnswerKind.REPORT, "topic": "C3", "owner": OwnerKind.BUREAU, "lead": "basic", "handed_over_at": HANDED},
        {
            "acknowledge": "2026-11-18 17:00", "findings": "2026-11-19 10:30", "record_form": "2026-11-23 17:30",
            "closing": "2026-11-25 17:30", "record_check": "2026-11-25 17:30", "record_study": "2026-12-02 17:30",
            "record_close": "2026-12-09 17:30",
        },
    ),
    (
        "petition", {"answer_kind": AnswerKind.REPORT, "sources": frozenset({"petition"})},
        {"petition_object": "2026-11-25 17:30", "petition_accept": "2026-12-04 00:00", "petition_close": "2027-01-18 00:00"},
    ),
    (
        "published with a screenshot", {"answer_kind": AnswerKind.PUBLIC, "answered_at": HANDED, "state": CaseState.PUBLISHED},
        {"response": "2026-11-20 10:00", "disclosure": "2026-12-16 17:30"},
    ),
    ("dormant", {"dormant": True}, {}),
    ("dismissed", {"state": CaseState.DISMISSED}, {}),
]


@pytest.mark.parametrize(("given", "wanted"), [row[1:] for row in STANDING], ids=[row[0] for row in STANDING])
def test_a_case_owes_what_its_standing_says(
    owed: Callable[..., dict[str, Obligation]], given: dict[str, object], wanted: dict[str, str]
) -> None:
    assert {kind: o.due_at for kind, o in owed(**given).items()} == {kind: parse(at) for kind, at in wanted.items()}


def test_every_clock_says_its_basis_and_its_start(owed: Callable[..., dict[str, Obligation]]) -> None:
    response = owed()["response"]
    assert "国办发〔2016〕61号" in response.basis
    assert (response.start_basis, response.start_at, response.party) == (StartBasis.FOUND, CASE.found_at, "QY001")
    assert response.warn_at == parse("2026-11-19 22:00")


def test_the_bureau_may_count_from_the_publication(config: Config, owed: Callable[..., dict[str, Obligation]]) -> None:
    clocks = config.settings.clocks.model_copy(update={"count_from": "published"})
    counted = replace(config, settings=config.settings.model_copy(update={"clocks": clocks}))
    assert owed(counted)["response"].due_at == parse("2026-11-20 08:00")
    assert owed(counted, published_at=None)["response"].start_basis is StartBasis.FOUND
    assert owed(counted, published_at=parse("2026-12-01 08:00"))["response"].start_at == CASE.found_at


def test_a_missing_calendar_is_told_and_stops_no_natural_clock(config: Config) -> None:
    case = replace(CASE, found_at=parse("2026-12-31 17:00"))
    found = obligations(Matter(case=case, lead="QY001", owner=OwnerKind.SCHOOL), config)
    assert [o.kind for o in found.obligations] == [ObligationKind.RESPONSE]
    assert found.years == (2027,)
    assert "研判" in found.faults[0]


@pytest.mark.parametrize(
    ("seconds", "status"), [(-1, ObligationStatus.DUE_SOON), (0, ObligationStatus.DUE_SOON), (1, ObligationStatus.OVERDUE)]
)
def test_the_due_instant_itself_is_in_time(owed: Callable[..., dict[str, Obligation]], seconds: int, status: ObligationStatus) -> None:
    response = owed()["response"]
    assert response.status(response.due_at + timedelta(seconds=seconds)) is status


def test_being_met_a_second_late_is_late(owed: Callable[..., dict[str, Obligation]]) -> None:
    response = owed()["response"]
    now = response.due_at + timedelta(days=1)
    assert replace(response, met_at=response.due_at).status(now) is ObligationStatus.MET
    assert replace(response, met_at=response.due_at + timedelta(seconds=1)).status(now) is ObligationStatus.LATE


def test_every_kind_of_obligation_has_its_clock_and_basis(config: Config) -> None:
    assert set(config.deadlines) == set(ObligationKind)
    assert all(rule.basis for rule in config.deadlines.values())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, ""), ({"met_at": HANDED}, ""), ({"waived_at": HANDED, "waive_reason": "事件办结时终止"}, "已终止：事件办结时终止"),
        ({"waived_at": HANDED, "waive_reason": "另案处理", "waived_second": "乙"}, "已免除：另案处理"), ({"waived_at": HANDED}, "已终止"),
    ],
)  # fmt: skip
def test_only_what_two_people_waived_is_called_waived(
    owed: Callable[..., dict[str, Obligation]], given: dict[str, object], says: str
) -> None:
    assert ended_word(replace(owed()["response"], **given)) == says
