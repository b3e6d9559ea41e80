"""Which waiting notices become a mail now, which wait, which need a call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.schema.settings import MailSettings
from pipeline.domain.cases import Notice
from pipeline.domain.mail import Waiting
from pipeline.domain.parties import Contact
from pipeline.domain.terms import ContactRole, ContactState, Grade, PartyKind, Urgency
from pipeline.moments import parse
from responders.mail.grouping import DESK_READS, NO_ADDRESS, SILENCED, History, plan, quiet

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
R, P, U = Urgency.ROUTINE, Urgency.PROMPT, Urgency.URGENT
OPEN = MailSettings(quiet_to="22:00")


def waiting(n: int, urgency: Urgency = R, party: str = "QY001", email: str = "a@edu.example", ago: float = 0, **given: Any) -> Waiting:
    since = NOW - timedelta(minutes=ago)
    notice = {"subject": f"s{n}", "text": f"t{n}"} | {k: given.pop(k) for k in ("subject", "text", "phone", "obligation_id") if k in given}
    contact = Contact(1, party, party, ContactRole.DUTY, "曾广霞", email, "", ContactState.CONFIRMED, since) if email else None
    kind = PartyKind.SECTION if party in ("desk", "basic") else PartyKind.SCHOOL
    return Waiting(n, Notice(f"k{n}", party, ("duty",), urgency, created_at=since, **notice), party, kind, contact, **given)


def ids(bundles: tuple[tuple[Waiting, ...], ...]) -> list[list[int]]:
    return [[w.id for w in b] for b in bundles]


@pytest.mark.parametrize(
    ("local", "is_quiet"),
    [
        ("21:59:59", False), ("22:00:00", True), ("23:30:00", True), ("00:00:00", True), ("06:59:59", True), ("07:00:00", False),
        ("12:00:00", False),
    ],
)  # fmt: skip
def test_the_quiet_hours_pass_midnight_and_end_on_the_minute(local: str, is_quiet: bool) -> None:
    assert quiet(MailSettings(), parse(f"2026-11-18T{local}")) is is_quiet


def test_equal_ends_mean_no_quiet_hours() -> None:
    assert not any(quiet(OPEN, NOW + timedelta(hours=h)) for h in range(24))


def test_quiet_hours_within_a_day() -> None:
    noon = MailSettings(quiet_from="12:00", quiet_to="14:00")
    assert quiet(noon, parse("2026-11-18T13:00"))
    assert not quiet(noon, parse("2026-11-18T14:00"))


@pytest.mark.parametrize(("urgency", "leaves"), [(R, False), (P, False), (U, True)])
def test_only_urgent_mail_leaves_at_night(urgency: Urgency, leaves: bool) -> None:
    night = parse("2026-11-18T23:00")
    assert bool(plan([waiting(1, urgency, ago=600)], History(), MailSettings(), night).bundles) is leaves


@pytest.mark.parametrize(
    ("urgency", "ago", "ready"),
    [(R, 0, False), (R, 9.9, False), (R, 10, True), (P, 0, True), (U, 0, True)],
)
def test_a_routine_group_waits_ten_minutes_for_company(urgency: Urgency, ago: float, ready: bool) -> None:
    assert bool(plan([waiting(1, urgency, ago=ago)], History(), OPEN, NOW).bundles) is ready


@pytest.mark.parametrize(("hours", "ready"), [(3.99, False), (4, True)])
def test_the_next_group_to_a_school_waits_four_hours(hours: float, ready: bool) -> None:
    history = History({("QY001", "a@edu.example"): NOW - timedelta(hours=hours)})
    assert bool(plan([waiting(1, ago=60)], history, OPEN, NOW).bundles) is ready


def test_routine_notices_to_one_address_are_one_mail_and_others_are_not() -> None:
    rows = [
        waiting(1, ago=11), waiting(2, ago=1), waiting(3, party="QY002", ago=11), waiting(4, email="b@edu.example", ago=11), waiting(5, P),
        waiting(6, P), waiting(7, U),
    ]  # fmt: skip
    assert sorted(ids(plan(rows, History(), OPEN, NOW).bundles)) == [[1, 2], [3], [4], [5], [6], [7]]


def test_the_same_words_to_the_same_address_are_one_mail() -> None:
    same = {"subject": "交办", "text": "请办理"}
    assert ids(plan([waiting(1, U, **same), waiting(2, U, **same)], History(), OPEN, NOW).bundles) == [[1, 2]]


@pytest.mark.parametrize(("today", "mails", "capped"), [(0, 1, ()), (5, 1, ()), (6, 0, ("QY001",)), (60, 0, ("QY001",))])
def test_a_school_gets_six_routine_mails_a_day(today: int, mails: int, capped: tuple[str, ...]) -> None:
    chosen = plan([waiting(1, ago=60)], History(today={"QY001": today}), OPEN, NOW)
    assert (len(chosen.bundles), chosen.capped) == (mails, capped)


def test_the_cap_holds_within_one_round_and_is_for_routine_mail_to_schools_alone() -> None:
    rows = [waiting(1, ago=60), waiting(2, email="b@edu.example", ago=60), waiting(3, U), waiting(4, P), waiting(5, party="desk", ago=60)]
    chosen = plan(rows, History(today={"QY001": 5, "desk": 50}), OPEN, NOW)
    assert sorted(ids(chosen.bundles)) == [[1], [3], [4], [5]]
    assert chosen.capped == ("QY001",)


@pytest.mark.parametrize(
    ("party", "email", "urgency", "phone", "calls", "mails", "dropped"),
    [
        ("QY001", "a@b.example", P, False, False, True, None),
        ("QY001", "a@b.example", P, True, True, True, None),
        ("QY001", "", P, False, True, False, NO_ADDRESS),
        ("QY001", "", R, True, True, False, NO_ADDRESS),
        ("外部:公安局", "", P, False, True, False, NO_ADDRESS),
        ("desk", "", R, False, False, False, DESK_READS),
        ("desk", "", U, False, True, False, NO_ADDRESS),
        ("desk", "", P, True, True, False, NO_ADDRESS),
    ],
)
def test_what_mail_cannot_reach_or_the_ladder_wants_phoned_becomes_a_call(
    party: str, email: str, urgency: Urgency, phone: bool, calls: bool, mails: bool, dropped: str | None
) -> None:
    chosen = plan([waiting(1, urgency, party, email, ago=60, phone=phone)], History(), OPEN, NOW)
    assert (bool(chosen.calls), bool(chosen.bundles)) == (calls, mails)
    assert [why for _, why in chosen.drops] == ([dropped] if dropped else [])
    assert bool(chosen.unreached) is (not email and party != "desk")


@pytest.mark.parametrize(
    ("grade", "party", "urgency", "obligation", "silenced"),
    [
        (Grade.II, "QY001", R, 7, True), (Grade.I, "QY001", R, 7, True), (Grade.III, "QY001", R, 7, False), (Grade.II, "desk", R, 7, False),
        (Grade.II, "QY001", U, 7, False), (Grade.II, "QY001", R, None, False),
    ],
)  # fmt: skip
def test_a_grave_case_silences_its_own_routine_reminders_to_the_school(
    grade: Grade, party: str, urgency: Urgency, obligation: int | None, silenced: bool
) -> None:
    chosen = plan([waiting(1, urgency, party, ago=60, obligation_id=obligation, grade=grade)], History(), OPEN, NOW)
    assert [why for _, why in chosen.drops] == ([SILENCED] if silenced else [])


def test_what_nobody_needs_any_more_is_dropped_with_the_reason_and_rings_nobody() -> None:
    chosen = plan([waiting(1, U, email="", phone=True, obsolete="交办已取消")], History(), OPEN, NOW)
    assert (chosen.bundles, chosen.calls, [why for _, why in chosen.drops]) == ((), (), ["交办已取消"])
