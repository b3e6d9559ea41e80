"""Who hears of it: the table of response.md, and what an outage, a raise or an answer makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from config.schema import Config
from pipeline.domain.cases import Obligation, Rung
from pipeline.domain.terms import Clock, Grade, ObligationKind, RungState, StartBasis
from pipeline.moments import parse
from responders.escalation import MOST, due, plan, replan

START = parse("2026-11-18 10:00")


def obligation(kind: str, hours: float) -> Obligation:
    """An obligation that began at 10:00 on a Wednesday."""
    return Obligation(
        ObligationKind(kind), "QY001", START, StartBasis.HANDED_OVER, START + timedelta(hours=hours), START, Clock.HOURS, hours, "依据",
        id=1,
    )


# kind · hours · grade → the rungs before the miss, as (name, wall time)
LADDER = [
    ("acknowledge", 0.5, "Ⅱ", [("ack-2-deputy", "2026-11-18 10:30"), ("ack-2-section", "2026-11-18 11:00")]),
    ("acknowledge", 1, "Ⅲ", [("ack-3-remind", "2026-11-18 11:00"), ("ack-3-principal", "2026-11-18 12:00")]),
    ("acknowledge", 6, "Ⅳ", [("ack-4-remind", "2026-11-18 16:30"), ("ack-4-principal", "2026-11-19 02:00")]),
    ("findings", 6, "Ⅲ", [("facts-3-principal", "2026-11-18 16:00")]),
    ("findings", 24, "Ⅳ", [("facts-4-remind", "2026-11-19 06:00"), ("facts-4-due", "2026-11-19 10:00")]),
    ("statement", 5, "Ⅳ", [("statement-director", "2026-11-18 13:00"), ("statement-last", "2026-11-18 14:00")]),
    (
        "conference", 24, "Ⅰ",
        [("conference-12", "2026-11-18 22:00"), ("conference-18", "2026-11-19 04:00"), ("conference-22", "2026-11-19 08:00")],
    ),
    ("first_response", 24, "Ⅲ", [("first-response-head", "2026-11-19 04:00"), ("first-response-director", "2026-11-19 08:00")]),
    ("first_response", 24, "Ⅱ", [("first-response-head", "2026-11-19 04:00"), ("first-response-director", "2026-11-19 08:00")]),
    ("response", 48, "Ⅳ", [("response-head", "2026-11-19 22:00"), ("response-last", "2026-11-20 06:00")]),
]


@pytest.mark.parametrize(("kind", "hours", "grade", "wanted"), LADDER)
def test_the_ladder_before_the_miss(config: Config, kind: str, hours: float, grade: str, wanted: list[tuple[str, str]]) -> None:
    owed = obligation(kind, hours)
    found = [(r.name, r.due_at) for r in plan(owed, Grade(grade), config) if "missed" not in r.name and r.name != "facts-2-due"]
    assert found == [(name, parse(at)) for name, at in wanted]


def test_in_the_night_twelve_hours_come_before_four_working_ones(config: Config) -> None:
    owed = replace(obligation("acknowledge", 14), start_at=parse("2026-11-20 17:30"))
    assert plan(owed, Grade.IV, config)[0] == Rung(1, "ack-4-remind", parse("2026-11-21 05:30"))


def test_a_grave_miss_is_told_hourly_and_at_most_so_often(config: Config) -> None:
    owed = obligation("response", 48)
    missed = [r.due_at for r in plan(owed, Grade.II, config) if r.name == "response-2-missed"]
    assert len(missed) == MOST
    assert missed[0] == owed.due_at + timedelta(seconds=1)
    assert {b - a for a, b in pairwise(missed)} == {timedelta(hours=1)}


def test_a_middling_miss_is_told_in_the_morning_and_the_afternoon(config: Config) -> None:
    missed = [r.due_at for r in plan(obligation("response", 48), Grade.III, config) if r.name == "response-3-missed"]
    assert missed[:3] == [parse("2026-11-20 15:00"), parse("2026-11-21 09:00"), parse("2026-11-21 15:00")]


def test_a_slight_miss_is_left_to_the_digest(config: Config) -> None:
    assert not [r for r in plan(obligation("response", 48), Grade.IV, config) if "missed" in r.name]


def test_rungs_are_numbered_in_the_order_in_which_they_come_due(config: Config) -> None:
    rungs = plan(obligation("response", 48), Grade.II, config)
    assert [r.n for r in rungs] == list(range(1, len(rungs) + 1))
    assert [r.due_at for r in rungs] == sorted(r.due_at for r in rungs)


OWED = obligation("response", 48)
RUNGS = [Rung(n, f"r{n}", START + timedelta(hours=n), id=n) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("now", "fires", "collapse"),
    [
        (START + timedelta(minutes=59, seconds=59), None, []),
        (START + timedelta(hours=1), 1, []),
        (START + timedelta(hours=3, minutes=30), 3, [1, 2]),
        (START + timedelta(days=3), 4, [1, 2, 3]),  # three days' outage, then one rung
    ],
)
def test_only_the_highest_missed_rung_fires(now: datetime, fires: int | None, collapse: list[int]) -> None:
    verdict = due(RUNGS, OWED, now, live=True)
    assert (verdict.fire.n if verdict.fire else None) == fires
    assert [r.n for r in verdict.collapse] == collapse
    assert verdict.stop == ()


def test_a_rung_that_fired_does_not_fire_again_when_the_clock_is_set_back() -> None:
    fired = [replace(RUNGS[0], state=RungState.FIRED), *RUNGS[1:]]
    for now in (START, START + timedelta(hours=1), START + timedelta(hours=1, minutes=30)):
        assert due(fired, OWED, now, live=True).fire is None


@pytest.mark.parametrize(
    ("owed", "live"),
    [(replace(OWED, met_at=START), True), (replace(OWED, waived_at=START), True), (OWED, False)],
    ids=["met", "waived", "dead"],
)
def test_what_is_over_stops_every_rung(owed: Obligation, live: bool) -> None:
    verdict = due(RUNGS, owed, START + timedelta(days=1), live=live)
    assert verdict.fire is None
    assert [r.n for r in verdict.stop] == [1, 2, 3, 4]


def test_a_new_plan_says_nothing_twice(config: Config) -> None:
    old = list(plan(OWED, Grade.IV, config))
    old[0] = replace(old[0], state=RungState.FIRED)
    left = replan(old, plan(OWED, Grade.II, config))
    assert "response-head" not in {r.name for r in left}
    assert {r.name for r in left} == {"response-last", "response-2-missed"}
    assert min(r.n for r in left) > max(r.n for r in old)


def test_a_new_plan_goes_on_with_a_recurring_rung_where_it_stood(config: Config) -> None:
    old = [replace(r, state=RungState.FIRED) if r.n <= 5 else r for r in plan(OWED, Grade.II, config)]
    said = max(r.due_at for r in old if r.state is RungState.FIRED)
    assert all(r.due_at > said for r in replan(old, plan(OWED, Grade.II, config)))


def test_without_a_calendar_a_reminder_comes_early_rather_than_never(config: Config) -> None:
    owed = replace(obligation("acknowledge", 24), start_at=parse("2026-12-31 17:00"))
    assert plan(owed, Grade.IV, config)[0].due_at == parse("2026-12-31 21:00")
