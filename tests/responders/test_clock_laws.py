"""Laws of the clocks, whatever staff do in whatever order: nothing moves to a later time, nothing is told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.advice import advise
from config.schema import Calendar, Config
from config.schema.rules import Amount
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.terms import AnswerKind, Disclosure, EmergencyGrade, Grade, ObligationKind, RedLine, RungState, StartBasis
from pipeline.moments import parse, to_text
from pipeline.store import assignments, cases, obligations
from pipeline.store.db import Store
from responders import actions
from responders.commands import remind
from responders.escalation import plan
from responders.worktime import after

Go = Callable[..., Any]
READ = {"schools": {"清源一中": "QY001"}}
ROOMY = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])


def again(store: Store, case_id: int) -> Case:
    """The case as it stands."""
    found = cases.get(store, case_id)
    assert found is not None
    return found


def dues(store: Store, case_id: int) -> dict[ObligationKind, datetime]:
    """What runs on a case, and until when."""
    return {o.kind: o.due_at for o in obligations.running(store, again(store, case_id))}


class Desk:
    """Somebody at a desk who does one thing after the other to a case; what is refused is left."""

    def __init__(self, store: Store, config: Config, case_id: int, now: datetime) -> None:
        self.store, self.config, self.id, self.now = store, config, case_id, now

    def do(self, name: str) -> None:
        """One action by its name."""
        with suppress(actions.Refused):
            getattr(self, name)()
            self.now += timedelta(minutes=17)

    def _on_case(self, act: Go, *args: Any, **more: Any) -> None:
        act(self.store, self.config, self.id, again(self.store, self.id).version, *args, now=self.now, **more)

    def _on_lead(self, act: Go, *args: Any) -> None:
        held = assignments.lead(self.store, again(self.store, self.id))
        assert held is not None
        act(self.store, self.config, held.id, held.version, *args, "甲", self.now)

    def hand_over(self) -> None:
        self._on_lead(actions.hand_over, "请核实")

    def acknowledge(self) -> None:
        self._on_lead(actions.acknowledge, "电话")

    def findings(self) -> None:
        self._on_lead(actions.record_findings, "已核实")

    def send_back(self) -> None:
        self._on_lead(actions.send_back, "没有说明原因")

    def dispute(self) -> None:
        self._on_lead(actions.dispute, "不是我校的事")

    def transfer(self) -> None:
        self._on_lead(actions.reassign, "QY002", "应由该校答复")

    def transfer_back(self) -> None:
        self._on_lead(actions.reassign, "QY001", "复核后仍由该校答复")

    def raise_grade(self) -> None:
        self._on_case(actions.confirm_grade, Grade.II, "", "甲")

    def lower_grade(self) -> None:
        self._on_case(actions.confirm_grade, Grade.IV, "热度下降", "甲", second="乙")

    def public(self) -> None:
        self._on_case(actions.choose_answer, AnswerKind.PUBLIC, "须公开", "甲")

    def report(self) -> None:
        self._on_case(actions.choose_answer, AnswerKind.REPORT, "移交", "甲")

    def emergency(self) -> None:
        self._on_case(actions.enter_emergency, EmergencyGrade.MAJOR, "清政办〔2026〕1号", "乙")

    def no_emergency(self) -> None:
        self._on_case(actions.enter_emergency, EmergencyGrade.ORDINARY, "清政办〔2026〕2号", "乙", reason="县政府改定", second="甲")

    def redline(self) -> None:
        self._on_case(actions.confirm_redline, "丁")


ACTIONS = [name for name in vars(Desk) if not name.startswith("_") and name != "do"]
SHIFTING = ["raise_grade", "lower_grade", "hand_over", "emergency"]
"""What starts and tightens clocks is drawn more often than the rest."""
DONE = st.lists(st.sampled_from(ACTIONS + SHIFTING * 3), min_size=4, max_size=14)


@given(DONE)
@ROOMY
def test_no_due_instant_ever_moves_to_a_later_time(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, done: list[str]
) -> None:
    case_id = gathered("清源一中有人想轻生", "A4", read=READ | {"redline": RedLine.SUICIDE_RISK}, grade="Ⅲ")
    routed(now)
    desk, known = Desk(store, config, case_id, now), dues(store, case_id)
    for name in done:
        desk.do(name)
        present = dues(store, case_id)
        later = {kind.value: (known[kind], due) for kind, due in present.items() if kind in known and due > known[kind]}
        assert not later, f"{name} moved {later}"
        known = known | present
    starts = {o.kind: o.start_at for o in obligations.of_case(store, again(store, case_id))}
    assert all(starts[kind] == now for kind in (ObligationKind.RESPONSE, ObligationKind.TRIAGE) if kind in starts)


@given(DONE, DONE, st.integers(-50, 50))
@ROOMY
def test_a_merge_keeps_of_each_kind_the_earlier_due_instant(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, ours: list[str], theirs: list[str], hours: int
) -> None:
    first = now - timedelta(hours=60)
    into = gathered("清源一中食堂有虫", "A5", read=READ, at=first)
    case_id = gathered("清源一中食堂菜里有虫", "A5", read=READ, at=first + timedelta(hours=hours))
    routed(now)
    for number, names in ((into, ours), (case_id, theirs)):
        for name in names:
            Desk(store, config, number, now).do(name)
    before = [dues(store, into), dues(store, case_id)]
    a, b = again(store, case_id), again(store, into)
    actions.merge(store, config, a.id, a.version, b.id, b.version, "同一件事", "甲", now, second="乙")
    after = dues(store, into)
    for kind, due in after.items():
        assert all(due <= known[kind] for known in before if kind in known), kind
    assert not dues(store, case_id)


def test_after_three_days_outage_each_obligation_is_told_of_once(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    gathered("清源一中食堂有虫", "A5", read=READ, grade="Ⅱ")
    routed(now)
    awake = now + timedelta(days=3)
    remind(store, config, awake)
    fired = Counter(r["obligation_id"] for r in store.rows("SELECT obligation_id FROM rung WHERE state = 'fired'"))
    due = {r["obligation_id"] for r in store.rows("SELECT DISTINCT obligation_id FROM rung WHERE due_at <= ?", to_text(awake))}
    assert due
    assert fired == dict.fromkeys(due, 1)
    assert store.value("SELECT count(*) FROM rung WHERE state = 'pending' AND due_at <= ?", to_text(awake)) == 0
    assert store.value("SELECT count(*) FROM rung WHERE state = 'collapsed'") > 3
    assert remind(store, config, awake).data == {"missed": 0, "fired": 0}


def test_a_clock_set_back_repeats_nothing_and_loses_nothing(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read=READ, grade="Ⅲ")
    routed(now)
    before, told = dues(store, case_id), []
    for hours in (19, 3, 0, 18, 19, 21.9, 23, 5, 23, 37):  # the machine's clock jumps to and fro
        told.append(remind(store, config, now + timedelta(hours=hours)).data)
    names = [r["name"] for r in store.rows("SELECT name FROM rung WHERE state = 'fired' ORDER BY due_at")]
    assert Counter(names)["first-response-head"] == Counter(names)["first-response-director"] == Counter(names)["response-head"] == 1
    assert [bool(t["fired"]) for t in told] == [True, False, False, False, False, False, True, False, False, True]
    assert dues(store, case_id) == before
    assert store.value("SELECT count(*) FROM obligation WHERE missed_at IS NOT NULL") == sum(t["missed"] for t in told)


@pytest.mark.parametrize(("seconds", "missed"), [(-1, False), (0, False), (1, True)])
def test_a_miss_is_recorded_a_second_after_the_due_instant_and_once(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, seconds: int, missed: bool
) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read=READ)
    routed(now)
    at = dues(store, case_id)[ObligationKind.TRIAGE] + timedelta(seconds=seconds)
    assert remind(store, config, at).data["missed"] == missed
    assert remind(store, config, at).data["missed"] == 0


TOLD_AT_ITS_START = {
    ObligationKind.TRIAGE: "the desk hears of the new case", ObligationKind.REDLINE_CHECK: "the duty officer is rung",
    ObligationKind.ACKNOWLEDGE: "the hand-over says its limits", ObligationKind.FIRST_REPORT: "the hand-over says its limits",
    ObligationKind.FINDINGS: "the hand-over says its limits", ObligationKind.CLOSING: "the hand-over says its limits",
}


@pytest.mark.parametrize("kind", [k for k in ObligationKind if k not in TOLD_AT_ITS_START])
def test_nothing_falls_due_of_which_nobody_was_told_before(config: Config, kind: ObligationKind, now: datetime) -> None:
    rule = config.deadlines[kind]
    length = Amount(amount=rule.amount or 24, clock=rule.clock)  # an instruction names its own limit
    due = after(now, length, config.calendar, config.settings.clocks.working_hours)
    owed = Obligation(kind, "QY001", now, StartBasis.FOUND, due, now, rule.clock, rule.amount, rule.basis)
    for grade in rule.applies.grades or tuple(Grade):
        rungs = plan(owed, grade, config)
        assert any(now < r.due_at <= due and r.state is RungState.PENDING for r in rungs), grade


@pytest.mark.parametrize(
    ("at", "says"), [("2026-11-01 00:00", None), ("2026-11-02 12:00", "2027"), ("2026-12-31 23:00", "2027")],
)  # fmt: skip
def test_a_year_without_calendar_is_told_by_check_sixty_days_ahead(config: Config, at: str, says: str | None) -> None:
    found = [str(fault) for fault in advise(config, parse(at)) if "calendar.csv" in str(fault)]
    assert bool(found) == bool(says)
    assert all(says in fault for fault in found if says)


def test_a_year_that_is_announced_late_computes_what_waited(store: Store, config: Config, gathered: Go, routed: Go) -> None:
    late = parse("2026-12-31 17:00")
    case_id = gathered("清源一中食堂有虫", "A5", read=READ, at=late)
    routed(late)
    assert ObligationKind.TRIAGE not in dues(store, case_id)
    years = replace(config.calendar, years=config.calendar.years | {2027}, off=config.calendar.off | {date(2027, 1, 1)})
    assert isinstance(years, Calendar)
    remind(store, replace(config, calendar=years), late)
    routed(late, replace(config, calendar=years))
    assert dues(store, case_id)[ObligationKind.TRIAGE] == parse("2027-01-04 12:00")


def test_an_answer_meets_only_what_an_answer_can(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    case_id = gathered("清源一中食堂有虫", "A5", read=READ, grade="Ⅲ")
    routed(now)
    for name in ("hand_over", "emergency", "public"):
        Desk(store, config, case_id, now).do(name)
    case = again(store, case_id)
    actions.record_answer(
        store, config, case.id, case.version, url="https://jyj.qingyuan.example/1", published_at=now, wording="已整改",
        disclosure=Disclosure.ACTIVE, channel="局网站", evidence=None, who="乙", now=now,
    )
    met = {o.kind.value for o in obligations.of_case(store, case) if o.met_at}
    assert met == {"triage", "statement", "response", "first_response", "disclosure"}
    assert ObligationKind.CONFERENCE in dues(store, case_id)
