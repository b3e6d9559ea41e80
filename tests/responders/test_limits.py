"""What starts, meets, ends and lengthens a limit beside the answer itself: red lines, petitions, emergency grades, two people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.cases import Case, Obligation
from pipeline.domain.terms import AnswerKind, Disclosure, EmergencyGrade, Grade, ObligationKind, RedLine, Role
from pipeline.moments import to_text
from pipeline.store import assignments, audit, cases, obligations
from pipeline.store.db import Store
from responders import actions
from responders.acts import TABLE, Act
from responders.commands import remind

Go = Callable[..., Any]
READ = {"schools": {"清源一中": "QY001"}}
SENTENCE = "清源一中有人想轻生"


def again(store: Store, case: Case | int) -> Case:
    """The case as it stands."""
    found = cases.get(store, case if isinstance(case, int) else case.id)
    assert found is not None
    return found


def owed(store: Store, case: Case, kind: str) -> Obligation:
    """One obligation of a case."""
    [found] = [o for o in obligations.of_case(store, again(store, case)) if o.kind.value == kind]
    return found


@pytest.fixture
def suspected(store: Store, gathered: Go, routed: Go, now: datetime) -> Case:
    """A case with a red line that nobody has looked at."""
    case_id = gathered(SENTENCE, "A4", read=READ | {"redline": RedLine.SUICIDE_RISK}, grade="Ⅱ")
    routed(now)
    return again(store, case_id)


@pytest.fixture
def petition(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> tuple[Case, Config]:
    """A case from the petition office, and the configuration that knows its source."""
    rules = {
        kind: rule.model_copy(update={"applies": rule.applies.model_copy(update={"sources": ("forum",)})}) if rule.applies.sources else rule
        for kind, rule in config.deadlines.items()
    }
    settled = replace(config, deadlines=rules)
    case_id = gathered("清源一中食堂有虫", "A5", read=READ, public=False)
    routed(now, settled)
    return again(store, case_id), settled


# ── a red line that nobody has confirmed ────────────────────────────────────────────────────────────────────────────


def test_the_tightest_limit_of_a_suspected_red_line_is_the_duty_officers(store: Store, suspected: Case, now: datetime) -> None:
    first = obligations.running(store, suspected)[0]
    assert (first.kind, first.due_at, first.party) == (ObligationKind.REDLINE_CHECK, now + timedelta(minutes=30), "desk")


def test_it_rings_the_duty_officer_and_nobody_else(store: Store, config: Config, suspected: Case, now: datetime) -> None:
    for minutes in (15, 31, 91):
        remind(store, config, now + timedelta(minutes=minutes))
    found = store.rows("SELECT party, roles, phone, urgency FROM notice WHERE key LIKE 'rung:%' AND subject LIKE '%红线%'")
    assert [tuple(r.values()) for r in found] == [("desk", '["duty"]', 1, "urgent")] * 3


def judge(how: str, store: Store, config: Config, case: Case, now: datetime) -> None:
    """What the duty officer may find."""
    if how == "confirmed":
        actions.confirm_redline(store, config, case.id, case.version, "丁", now)
    elif how == "lowered":
        actions.confirm_grade(store, config, case.id, case.version, Grade.IV, "是歌词", "甲", now, "乙")
    elif how == "raised":
        actions.confirm_grade(store, config, case.id, case.version, Grade.I, "", "甲", now)
    else:
        actions.dismiss(store, config, case.id, case.version, "是歌词", "甲", now)


@pytest.mark.parametrize(("how", "met"), [("confirmed", True), ("lowered", True), ("dismissed", True), ("raised", False)])
def test_only_a_finding_meets_it(store: Store, config: Config, suspected: Case, now: datetime, how: str, met: bool) -> None:
    judge(how, store, config, suspected, now)
    check = owed(store, suspected, "redline_check")
    assert bool(check.met_at) == met
    assert ("核实" in (check.evidence or "")) == (how in ("confirmed", "lowered"))


@pytest.mark.parametrize("first", [True, False])
def test_a_confirmed_red_line_is_not_to_be_looked_at_again_after_a_merge(
    store: Store, config: Config, suspected: Case, gathered: Go, routed: Go, now: datetime, first: bool
) -> None:
    other = gathered("清源一中又有人说想轻生", "A4", read=READ | {"redline": RedLine.SUICIDE_RISK}, grade="Ⅱ")
    routed(now)
    confirmed = suspected if first else again(store, other)
    actions.confirm_redline(store, config, confirmed.id, confirmed.version, "丁", now)
    case, into = again(store, other), again(store, suspected)
    actions.merge(store, config, case.id, case.version, into.id, into.version, "同一件事", "甲", now)
    assert not owed(store, suspected, "redline_check").running
    assert owed(store, suspected, "phone_report").running


# ── what meets what, and nothing else ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def everything(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> Case:
    """A case that owes something of every kind, handed over and to be answered in public."""
    case_id = gathered(SENTENCE, "A4", read=READ | {"redline": RedLine.SUICIDE_RISK}, grade="Ⅱ")
    routed(now)
    case, [sample, *_] = again(store, case_id), obligations.of_case(store, again(store, case_id))
    with store.transaction():
        known = {o.kind for o in obligations.of_case(store, case)}
        for kind in set(ObligationKind) - known:
            obligations.insert(store, replace(sample, kind=kind))
    [lead] = [a for a in assignments.of_case(store, case) if a.role is Role.LEAD]
    actions.hand_over(store, config, lead.id, lead.version, "请核实", "甲", now)
    return again(store, case_id)


def do(act: Act, store: Store, config: Config, case: Case, now: datetime) -> None:
    """An action that brings its evidence."""
    lead = assignments.lead(store, case)
    assert lead is not None
    match act:
        case Act.CHOOSE_ANSWER:
            actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "须公开", "甲", now)
        case Act.ACKNOWLEDGE:
            actions.acknowledge(store, config, lead.id, lead.version, "电话", "甲", now)
        case Act.FINDINGS:
            actions.record_findings(store, config, lead.id, lead.version, "属实", "甲", now)
        case Act.CONFIRM_REDLINE:
            actions.confirm_redline(store, config, case.id, case.version, "丁", now)
        case Act.ANSWER:
            chosen = actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "须公开", "甲", now)
            actions.record_answer(
                store, config, case.id, chosen.version, url="https://jyj.example/1", published_at=now, wording="已处理",
                disclosure=Disclosure.ACTIVE, channel="局网站", evidence=None, who="乙", now=now,
            )


@pytest.mark.parametrize(
    ("done", "meets"),
    [
        (Act.CHOOSE_ANSWER, {"triage"}), (Act.ACKNOWLEDGE, {"acknowledge"}), (Act.FINDINGS, {"acknowledge", "findings"}),
        (Act.CONFIRM_REDLINE, {"redline_check"}), (Act.ANSWER, {"triage", "statement", "response", "first_response"}),
    ],
)  # fmt: skip
def test_an_action_meets_its_own_and_nothing_else(
    store: Store, config: Config, everything: Case, now: datetime, done: Act, meets: set[str]
) -> None:
    do(done, store, config, everything, now)
    assert {o.kind.value for o in obligations.of_case(store, everything) if o.met_at} == meets


@pytest.mark.parametrize("kind", list(ObligationKind))
def test_a_receipt_meets_the_one_that_it_names_where_a_receipt_is_its_proof(
    store: Store, config: Config, everything: Case, now: datetime, kind: ObligationKind
) -> None:
    receipt = (store, config, everything.id, everything.version, kind)
    if kind not in TABLE[Act.RECEIPT].meets:
        with pytest.raises(actions.Refused, match="不以回执完成"):
            actions.record_receipt(*receipt, "县公安局 王某接报", "甲", now)
        return
    with pytest.raises(actions.Refused, match="请填写回执"):
        actions.record_receipt(*receipt, " ", "甲", now)
    actions.record_receipt(*receipt, "县公安局 王某接报", "甲", now)
    assert {o.kind: o.evidence for o in obligations.of_case(store, everything) if o.met_at} == {kind: "县公安局 王某接报"}


@pytest.mark.parametrize("kind", list(ObligationKind))
def test_two_people_waive_what_the_law_lets_them(
    store: Store, config: Config, everything: Case, now: datetime, kind: ObligationKind
) -> None:
    one = owed(store, everything, kind.value)
    if config.deadlines[kind].waivable:
        actions.waive(store, config, one.id, "甲", "乙", "县政府统一处置", now)
        assert (owed(store, everything, kind.value).waived_by, owed(store, everything, kind.value).waived_second) == ("甲", "乙")
    else:
        with pytest.raises(actions.Refused, match="依法不得免除"):
            actions.waive(store, config, one.id, "甲", "乙", "县政府统一处置", now)


# ── two people ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_report_of_suspected_harm_is_waived_by_nobody(store: Store, config: Config, suspected: Case, now: datetime) -> None:
    actions.confirm_redline(store, config, suspected.id, suspected.version, "丁", now)
    report = owed(store, suspected, "phone_report")
    with pytest.raises(actions.Refused, match="依法不得免除"):
        actions.waive(store, config, report.id, "甲", "乙", "误报", now)
    assert owed(store, suspected, "phone_report").running


def test_every_other_limit_may_be_waived_by_two(config: Config) -> None:
    assert [k for k, rule in config.deadlines.items() if not rule.waivable] == [ObligationKind.PHONE_REPORT]


@pytest.mark.parametrize(
    ("second", "reason", "says"), [("", "复杂", "第二人"), ("甲", "复杂", "本人"), ("乙", " ", "理由")],
)  # fmt: skip
def test_an_extension_takes_two_people_and_a_reason(
    store: Store, petition: tuple[Case, Config], now: datetime, second: str, reason: str, says: str
) -> None:
    case, config = petition
    with pytest.raises(actions.Refused, match=says):
        actions.extend(store, config, owed(store, case, "petition_close").id, "甲", second, reason, now)


def test_a_petition_is_extended_once_by_thirty_days_and_stays_so(store: Store, petition: tuple[Case, Config], now: datetime) -> None:
    case, config = petition
    close = owed(store, case, "petition_close")
    actions.extend(store, config, close.id, "甲", "乙", "须外出调查", now + timedelta(days=50))
    after = owed(store, case, "petition_close")
    assert (after.due_at - close.due_at, after.extended_from) == (timedelta(days=30), close.due_at)
    assert (after.extended_by, after.extended_second, after.extend_reason) == ("甲", "乙", "须外出调查")
    assert store.value("SELECT due_at FROM rung WHERE name = 'petition-close-near' AND state = 'pending'") == to_text(
        after.due_at - timedelta(days=7)
    )
    with pytest.raises(actions.Refused, match="已经延长过"):
        actions.extend(store, config, close.id, "甲", "乙", "还要", now + timedelta(days=51))
    actions.confirm_grade(store, config, case.id, again(store, case).version, Grade.II, "", "甲", now)  # settles the clocks anew
    assert owed(store, case, "petition_close").due_at == after.due_at
    assert "须外出调查" in str([e.detail for e in audit.history(store, case.id)])


def test_a_reminder_of_the_first_limit_is_none_of_the_later_one(
    store: Store, petition: tuple[Case, Config], now: datetime
) -> None:
    case, config = petition
    close = owed(store, case, "petition_close")
    remind(store, config, now + timedelta(days=55))
    actions.extend(store, config, close.id, "甲", "乙", "须外出调查", now + timedelta(days=56))
    for days in (57, 84, 85):
        remind(store, config, now + timedelta(days=days))
    rungs = obligations.rungs(store, close.id)
    assert [(r.due_at - close.due_at).days for r in rungs if r.state.value == "fired"] == [-7, 23]


def test_an_extension_comes_before_the_limit_and_only_where_the_law_knows_one(
    store: Store, petition: tuple[Case, Config], now: datetime
) -> None:
    case, config = petition
    close = owed(store, case, "petition_close")
    with pytest.raises(actions.Refused, match="到期以前"):
        actions.extend(store, config, close.id, "甲", "乙", "复杂", close.due_at + timedelta(seconds=1))
    with pytest.raises(actions.Refused, match="没有可以延长的规定"):
        actions.extend(store, config, owed(store, case, "petition_accept").id, "甲", "乙", "复杂", now)
    assert {k for k, rule in config.deadlines.items() if rule.extension} == {ObligationKind.PETITION_CLOSE}


# ── a petition is taken or given back ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "left"),
    [("petition_accept", {"petition_close"}), ("petition_object", set())],
)  # fmt: skip
def test_a_petition_is_taken_or_given_back(
    store: Store, petition: tuple[Case, Config], now: datetime, kind: str, left: set[str]
) -> None:
    case, config = petition
    actions.record_receipt(store, config, case.id, case.version, ObligationKind(kind), "县信访局 王某 收", "甲", now)
    assert owed(store, case, kind).met_at == now
    assert {o.kind.value for o in obligations.running(store, case) if o.kind.value.startswith("petition")} == left
    actions.confirm_grade(store, config, case.id, again(store, case).version, Grade.II, "", "甲", now)
    assert {o.kind.value for o in obligations.running(store, case) if o.kind.value.startswith("petition")} == left


# ── 突发事件等级, kept apart from 舆情等级 ─────────────────────────────────────────────────────────────────────────────

EXTREME, MAJOR, LARGER, ORDINARY = EmergencyGrade


@pytest.fixture
def disaster(store: Store, config: Config, suspected: Case, now: datetime) -> Case:
    """A case that the government has graded 重大, eight hours after it was found."""
    later = now + timedelta(hours=8)
    return actions.enter_emergency(store, config, suspected.id, suspected.version, MAJOR, "清政办〔2026〕1号", "乙", later)


def test_our_own_grade_never_starts_the_governments_clocks(store: Store, config: Config, suspected: Case, now: datetime) -> None:
    actions.confirm_grade(store, config, suspected.id, suspected.version, Grade.I, "", "甲", now)
    assert not {"statement", "conference"} & {o.kind.value for o in obligations.of_case(store, suspected)}


def test_the_governments_grade_leaves_ours_alone(disaster: Case, suspected: Case) -> None:
    assert (disaster.grade, disaster.grade_confirmed) == (suspected.grade, suspected.grade_confirmed)


@pytest.mark.parametrize(
    ("second", "reason", "says"), [(None, "改定", "第二人"), ("乙", "改定", "本人"), ("甲", "", "理由")],
)  # fmt: skip
def test_lowering_it_takes_two_people_and_a_reason(
    store: Store, config: Config, disaster: Case, now: datetime, second: str | None, reason: str, says: str
) -> None:
    with pytest.raises(actions.Refused, match=says):
        actions.enter_emergency(
            store, config, disaster.id, disaster.version, LARGER, "清政办〔2026〕2号", "乙", now, reason, second
        )


@pytest.mark.parametrize("lower", [LARGER, ORDINARY])
def test_a_lower_one_ends_its_clocks_and_a_higher_one_brings_them_back_from_the_first_start(
    store: Store, config: Config, disaster: Case, now: datetime, lower: EmergencyGrade
) -> None:
    before = owed(store, disaster, "statement")
    later = now + timedelta(hours=9)
    after = actions.enter_emergency(store, config, disaster.id, disaster.version, lower, "清政办〔2026〕2号", "乙", later, "改定", "甲")
    ended = owed(store, disaster, "statement")
    assert (ended.running, ended.waived_second) == (False, None)
    assert lower.zh in (ended.waive_reason or "")
    assert store.value("SELECT count(*) FROM rung WHERE obligation_id = ? AND state = 'pending'", ended.id) == 0
    actions.enter_emergency(store, config, disaster.id, after.version, EXTREME, "清政办〔2026〕3号", "乙", later)
    back = owed(store, disaster, "statement")
    assert (back.running, back.start_at, back.due_at) == (True, before.start_at, before.due_at)


def test_a_lower_one_that_still_asks_ends_nothing(store: Store, config: Config, suspected: Case, now: datetime) -> None:
    case = actions.enter_emergency(store, config, suspected.id, suspected.version, EXTREME, "清政办〔2026〕1号", "乙", now)
    actions.enter_emergency(store, config, case.id, case.version, MAJOR, "清政办〔2026〕2号", "乙", now, "改定", "甲")
    assert owed(store, case, "statement").running
    assert owed(store, case, "conference").running


def test_a_new_round_is_graded_anew(store: Store, config: Config, disaster: Case, routed: Go, now: datetime) -> None:
    later = now + timedelta(days=1)
    closed = actions.dismiss(store, config, disaster.id, disaster.version, "县政府统一处置", "甲", later)
    actions.reopen(store, config, disaster.id, closed.version, "确需再办", "甲", later)
    routed(later)
    fresh = again(store, disaster)
    assert (fresh.generation, fresh.emergency_grade) == (2, None)
    assert not {"statement", "conference"} & {o.kind.value for o in obligations.of_case(store, fresh)}
    at = later + timedelta(hours=9)
    actions.enter_emergency(store, config, fresh.id, fresh.version, MAJOR, "清政办〔2026〕4号", "乙", at)
    statement = owed(store, fresh, "statement")
    assert (statement.start_at, statement.generation) == (later, 2)
    assert statement.due_at == later + timedelta(hours=5)
