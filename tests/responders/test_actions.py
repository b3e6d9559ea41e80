"""What staff do: each action from each state, what it starts and ends, who is told, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.cases import Assignment, Case
from pipeline.domain.posts import Evidence
from pipeline.domain.terms import (
    AnswerKind,
    AssignmentState,
    CaseState,
    Disclosure,
    EmergencyGrade,
    Grade,
    Nature,
    ObligationKind,
    ObligationStatus,
    RedLine,
    UserRole,
)
from pipeline.masking import masked
from pipeline.moments import parse, to_text
from pipeline.store import assignments, audit, cases, obligations
from pipeline.store.db import Store
from responders import actions
from responders.acts import ASSIGNMENT, CASE, MAY, Act, advised, next_assignment, next_case
from responders.commands import remind
from responders.console.rights import Right
from responders.console.rights import may as granted

Go = Callable[..., Any]
READ = {"schools": {"清源一中": "QY001"}}


@pytest.fixture
def case(store: Store, gathered: Go, routed: Go, now: datetime) -> Case:
    """A public Ⅳ case on one school, with its lead proposed."""
    return routed_case(store, gathered("清源一中食堂有虫", "A5", read=READ), routed, now)


def routed_case(store: Store, case_id: int, routed: Go, now: datetime) -> Case:
    """The case after routing."""
    routed(now)
    return again(store, case_id)


def again(store: Store, case_id: int) -> Case:
    """The case as it stands now."""
    found = cases.get(store, case_id)
    assert found is not None
    return found


def lead(store: Store, case: Case) -> Assignment:
    """Who leads now."""
    found = assignments.lead(store, again(store, case.id))
    assert found is not None
    return found


def standing(store: Store, case: Case, now: datetime) -> dict[str, str]:
    """How each obligation stands."""
    return {o.kind.value: o.status(now).value for o in obligations.of_case(store, again(store, case.id))}


def notices(store: Store) -> dict[str, list[str]]:
    """The parties told, by what they are told of."""
    found: dict[str, list[str]] = {}
    for row in store.rows("SELECT party, key FROM notice ORDER BY id"):
        found.setdefault(row["key"].split(":")[0], []).append(row["party"])
    return found


def hand(store: Store, config: Config, case: Case, now: datetime, summary: str = "请核实食堂情况") -> Assignment:
    """Hands the case to whoever is proposed to lead."""
    held = lead(store, case)
    return actions.hand_over(store, config, held.id, held.version, summary, "甲", now)


def answer(store: Store, config: Config, case: Case, now: datetime, **given: Any) -> Case:
    """Records a public answer, some of it changed."""
    values: dict[str, Any] = {
        "url": "https://jyj.qingyuan.example/hy/1", "published_at": now, "wording": "已整改", "disclosure": Disclosure.ACTIVE,
        "channel": "局网站", "evidence": None, "who": "乙", "now": now,
    } | given
    return actions.record_answer(store, config, case.id, again(store, case.id).version, **values)


CHOICES = [
    (AnswerKind.PUBLIC, "pending", "triage met, the response goes on"),
    (AnswerKind.ORIGINAL_CHANNEL, "waived", "ends with 原渠道答复"),
    (AnswerKind.REPORT, "waived", "ends with 报告移交"),
    (AnswerKind.NONE, "waived", "ends with 不予回应"),
]


@pytest.mark.parametrize(("kind", "response", "why"), CHOICES, ids=[row[2] for row in CHOICES])
def test_the_kind_of_answer_decides_which_clocks_run(
    store: Store, config: Config, case: Case, now: datetime, kind: AnswerKind, response: str, why: str
) -> None:
    after = actions.choose_answer(store, config, case.id, case.version, kind, "理由", "甲", now)
    assert (after.state, after.answer_kind) == (CaseState.OPEN, kind)
    assert standing(store, case, now) == {"triage": "met", "response": response}
    owed = next(o for o in obligations.of_case(store, after) if o.kind is ObligationKind.RESPONSE)
    assert (owed.waive_reason is not None) == (response == "waived")
    assert owed.met_at is None
    assert {r.state for r in obligations.rungs(store, owed.id)} == {"pending" if response == "pending" else "stopped"}


ADVICE = [
    ({}, AnswerKind.PUBLIC), ({"public": False}, AnswerKind.ORIGINAL_CHANNEL), ({"accusation": True}, AnswerKind.REPORT),
    ({"topic": "A2"}, AnswerKind.REPORT), ({"topic": "A3"}, AnswerKind.REPORT), ({"topic": "A4", "public": False}, AnswerKind.REPORT),
]


@pytest.mark.parametrize(("given", "kind"), ADVICE, ids=[str(row[0]) for row in ADVICE])
def test_what_must_be_handed_over_is_offered_as_a_report_first(case: Case, given: dict[str, Any], kind: AnswerKind) -> None:
    assert advised(replace(case, **given)) is kind


def test_a_choice_that_is_taken_back_revives_the_clock_from_its_first_start(
    store: Store, config: Config, case: Case, now: datetime
) -> None:
    after = actions.choose_answer(store, config, case.id, case.version, AnswerKind.REPORT, "移交", "甲", now)
    later = now + timedelta(hours=20)
    actions.choose_answer(store, config, case.id, after.version, AnswerKind.PUBLIC, "", "甲", later)
    owed = next(o for o in obligations.of_case(store, case) if o.kind is ObligationKind.RESPONSE)
    assert (owed.start_at, owed.due_at, owed.waived_at) == (now, now + timedelta(hours=48), None)
    assert {r.name for r in obligations.rungs(store, owed.id) if r.state == "pending"} == {"response-head", "response-last"}


def test_only_a_public_answer_needs_no_reason(store: Store, config: Config, case: Case, now: datetime) -> None:
    for kind in (AnswerKind.REPORT, AnswerKind.NONE, AnswerKind.ORIGINAL_CHANNEL):
        with pytest.raises(actions.Refused, match="理由"):
            actions.choose_answer(store, config, case.id, case.version, kind, " ", "甲", now)
    assert actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "", "甲", now).state is CaseState.OPEN


@pytest.mark.parametrize("columns", ["accusation = 1", "topic = 'A2'", "topic = 'A3'", "topic = 'A4'"])
def test_what_should_be_handed_over_is_answered_in_public_only_with_a_reason(
    store: Store, config: Config, case: Case, now: datetime, columns: str
) -> None:
    with store.transaction():
        store.execute(f"UPDATE case_ SET {columns}")
    with pytest.raises(actions.Refused, match="报告移交"):
        actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, " ", "甲", now)
    assert actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "已有官方通报", "甲", now).state is CaseState.OPEN


@pytest.mark.parametrize(
    ("published", "at", "says"),
    [(None, -1, "早于事件的发现时间"), (-60, -61, "早于事件的首发时间"), (-60, -60, ""), (-60, -1, ""), (60, -1, "早于事件的发现时间")],
)
def test_an_answer_is_no_older_than_what_it_answers(
    store: Store, config: Config, case: Case, now: datetime, published: int | None, at: int, says: str
) -> None:
    with store.transaction():
        first = None if published is None else to_text(now + timedelta(minutes=published))
        store.execute("UPDATE case_ SET published_at = ?", first)
    actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "", "甲", now)
    if says:
        with pytest.raises(actions.Refused, match=says):
            answer(store, config, case, now, published_at=now + timedelta(minutes=at))
    else:
        assert answer(store, config, case, now, published_at=now + timedelta(minutes=at)).state is CaseState.PUBLISHED


@pytest.mark.parametrize("act", list(Act))
def test_console_and_actions_agree_on_who_may_do_what(act: Act) -> None:
    assert {role for role in UserRole if granted(role, Right(act.value))} == MAY[act]
    assert UserRole.TRIAGER not in MAY[Act.DISMISS] | MAY[Act.CONFIRM_GRADE]


def test_a_stale_page_is_told_so_and_changes_nothing(store: Store, config: Config, case: Case, now: datetime) -> None:
    actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "", "甲", now)
    entries = audit.head(store).count
    with pytest.raises(actions.Stale, match="刷新"):
        actions.choose_answer(store, config, case.id, case.version, AnswerKind.NONE, "理由", "乙", now)
    held = lead(store, case)
    with pytest.raises(actions.Stale):
        actions.hand_over(store, config, held.id, held.version + 1, "请核实", "乙", now)
    assert audit.head(store).count == entries


HANDED = [
    ("Ⅳ", {"acknowledge", "findings", "closing"}, ["QY001"], "routine"),
    ("Ⅲ", {"acknowledge", "first_report", "findings", "closing"}, ["QY001"], "prompt"),
    ("Ⅱ", {"acknowledge", "first_report", "findings"}, ["QY001", "QY001"], "urgent"),
    ("Ⅰ", {"acknowledge", "first_report", "findings"}, ["QY001", "QY001"], "urgent"),
]


@pytest.mark.parametrize(("grade", "clocks", "told", "urgency"), HANDED, ids=[row[0] for row in HANDED])
def test_a_hand_over_starts_its_clocks_and_tells_the_school(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, grade: str, clocks: set[str], told: list[str], urgency: str
) -> None:
    case = routed_case(store, gathered("清源一中食堂有虫", "A5", read=READ, grade=grade), routed, now)
    handed = hand(store, config, case, now)
    assert handed.state is AssignmentState.CONFIRMED
    assert again(store, case.id).handed_over_at == now
    assert clocks == {o.kind.value for o in obligations.of_case(store, case) if o.start_basis == "handed_over"}
    rows = store.rows("SELECT party, roles, urgency FROM notice WHERE assignment_id = ?", handed.id)
    assert [r["party"] for r in rows] == told
    assert {r["urgency"] for r in rows} == {urgency}
    assert [r["roles"].split('"')[1] for r in rows] == ["duty", "principal"][: len(told)]


def test_the_guiding_sections_are_told_with_the_lead(store: Store, config: Config, case: Case, now: datetime) -> None:
    hand(store, config, case, now)
    states = {a.party: a.state.value for a in assignments.of_case(store, again(store, case.id))}
    assert states == {"QY001": "confirmed", "safety": "confirmed", "basic": "confirmed"}
    assert notices(store)["assign"] == ["QY001", "safety", "basic"]


def test_a_hand_over_needs_a_summary_and_hides_personal_numbers(store: Store, config: Config, case: Case, now: datetime) -> None:
    with pytest.raises(actions.Refused, match="转办摘要"):
        hand(store, config, case, now, "  ")
    handed = hand(store, config, case, now, "家长 139 0000 1234，身份证11010520080101123X，请核实")
    assert "139" not in handed.summary
    assert "110105" not in handed.summary
    assert all("1234" not in r["text"] for r in store.rows("SELECT text FROM notice"))


NUMBERS = [
    ("13900001234", "［手机号］"), ("+86 139-0000-1234", "［手机号］"), ("１３９００００１２３４", "［手机号］"),
    ("11010520080101123X", "［身份证号］"), ("0999-5550100", "［电话号码］"), ("someone@mail.example", "［邮箱］"),
    ("6222020200001234567", "［长号码］"), ("2026年3月5日12:30", "2026年3月5日12:30"),
]


@pytest.mark.parametrize(("text", "shown"), NUMBERS, ids=[row[0] for row in NUMBERS])
def test_numbers_that_identify_a_person_are_masked(text: str, shown: str) -> None:
    assert masked(f"请联系{text}。") == f"请联系{shown}。"


def test_a_school_is_told_the_bureaus_document_as_basis(store: Store, config: Config, case: Case, now: datetime) -> None:
    hand(store, config, case, now)
    text = store.value("SELECT text FROM notice WHERE party = 'QY001'")
    assert "依据清教办〔2026〕5号" in text
    assert "有虫" not in text


def test_a_school_without_an_address_is_told_all_the_same_and_the_desk_hears_of_it(
    store: Store, config: Config, case: Case, now: datetime
) -> None:
    hand(store, config, case, now)
    assert notices(store)["nocontact"] == ["desk", "desk", "desk"]
    assert "QY001" in notices(store)["assign"]


def accusation(store: Store, gathered: Go, routed: Go, now: datetime, accused: dict[str, tuple[str, str | None]]) -> Case:
    """An accusation, routed."""
    read = READ | {"accused": accused, "nature": Nature.ACCUSATION}
    return routed_case(store, gathered("举报清源一中校长吃回扣", "F3", read=read), routed, now)


def test_an_accusation_is_not_given_to_the_accused_by_hand_either(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    case = accusation(store, gathered, routed, now, {"清源一中校长": ("head", "QY001")})
    held = lead(store, case)
    with pytest.raises(actions.Refused, match="信访工作条例第三十条"):
        actions.reassign(store, config, held.id, held.version, "QY001", "让学校说明", "甲", now)
    with store.transaction():
        store.execute("UPDATE assignment SET party = 'QY001', owner_kind = 'school' WHERE id = ?", held.id)
    with pytest.raises(actions.Refused, match="信访工作条例第三十条"):
        actions.hand_over(store, config, held.id, held.version, "请说明", "甲", now)
    assert again(store, case.id).handed_over_at is None


def test_while_nobody_knows_who_is_accused_no_school_gets_it(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    read = {"accused": {"某人": ("person", None)}, "nature": Nature.ACCUSATION}
    case = routed_case(store, gathered("举报某人", "F3", read=read), routed, now)
    held = lead(store, case)
    with pytest.raises(actions.Refused):
        actions.reassign(store, config, held.id, held.version, "QY001", "x", "甲", now)
    assert actions.reassign(store, config, held.id, held.version, "office", "由办公室受理", "甲", now).party == "office"


def test_an_outside_department_is_handed_it_by_the_desk(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    case = routed_case(store, gathered("清源一中门口没有红绿灯", "A6", read=READ), routed, now)
    handed = hand(store, config, case, now)
    assert handed.party == "外部:公安交管和交通部门"
    assert set(notices(store)["assign"]) == {"desk", "safety"}
    assert "acknowledge" not in standing(store, case, now)


def test_acknowledging_meets_its_clock_and_says_how(store: Store, config: Config, case: Case, now: datetime) -> None:
    held = hand(store, config, case, now)
    with pytest.raises(actions.Refused, match="签收方式"):
        actions.acknowledge(store, config, held.id, held.version, "", "甲", now)
    after = actions.acknowledge(store, config, held.id, held.version, "电话，曾老师", "甲", now + timedelta(minutes=20))
    assert (after.state, after.acknowledged_at) == (AssignmentState.ACKNOWLEDGED, now + timedelta(minutes=20))
    assert standing(store, case, now)["acknowledge"] == "met"


def test_what_the_school_finds_meets_nothing_statutory(store: Store, config: Config, case: Case, now: datetime) -> None:
    held = hand(store, config, case, now)
    actions.record_findings(store, config, held.id, held.version, "已查实，联系13900001234", "甲", now)
    assert standing(store, case, now) == {
        "triage": "pending", "acknowledge": "met", "findings": "met", "response": "pending", "closing": "pending",
    }


def test_a_transfer_changes_the_debtor_and_not_the_clock(store: Store, config: Config, case: Case, now: datetime) -> None:
    held = hand(store, config, case, now)
    before = {o.id: (o.start_at, o.due_at) for o in obligations.of_case(store, case)}
    later = now + timedelta(hours=3)
    new = actions.reassign(store, config, held.id, held.version, "QY036", "实为云雾教学点", "甲", later)
    assert (new.party, new.state) == ("QY025", AssignmentState.PROPOSED)
    after = obligations.of_case(store, again(store, case.id))
    assert {o.id: (o.start_at, o.due_at) for o in after} == before
    assert {o.party for o in after} == {"desk", "QY025"}
    assert notices(store)["withdrawn"] == ["QY001"]
    actions.hand_over(store, config, new.id, new.version, "请核实", "甲", later)
    assert {o.id: (o.start_at, o.due_at) for o in obligations.of_case(store, case)} == before
    assert again(store, case.id).handed_over_at == now


@pytest.mark.parametrize("party", ["QY999", "nobody", "QY001"])
def test_a_transfer_needs_a_party_that_exists_and_is_another(store: Store, config: Config, case: Case, now: datetime, party: str) -> None:
    held = lead(store, case)
    with pytest.raises(actions.Refused):
        actions.reassign(store, config, held.id, held.version, party, "x", "甲", now)


def test_a_public_answer_is_met_at_the_time_at_which_it_was_public(store: Store, config: Config, case: Case, now: datetime) -> None:
    actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "", "甲", now)
    at = now + timedelta(hours=48)
    after = answer(store, config, case, at + timedelta(days=1), published_at=at)
    assert after.state is CaseState.PUBLISHED
    assert standing(store, case, at + timedelta(days=1)) == {"triage": "met", "response": "met", "disclosure": "met"}
    assert {o.evidence for o in obligations.of_case(store, after) if o.kind is ObligationKind.RESPONSE} == {"https://jyj.qingyuan.example/hy/1"}


def test_an_answer_a_second_late_is_late(store: Store, config: Config, case: Case, now: datetime) -> None:
    actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "", "甲", now)
    at = now + timedelta(hours=48, seconds=1)
    answer(store, config, case, at, published_at=at)
    assert standing(store, case, at)["response"] == ObligationStatus.LATE


def test_a_screenshot_proves_the_answer_but_leaves_the_disclosure_owed(store: Store, config: Config, case: Case, now: datetime) -> None:
    actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "", "甲", now)
    answer(store, config, case, now, url="", evidence=Evidence("", b"a picture", now, content_type="image/png"))
    assert standing(store, case, now) == {"triage": "met", "response": "met", "disclosure": "pending"}
    assert (store.value("SELECT evidence FROM obligation WHERE kind = 'response'") or "").startswith("evidence:")


def test_what_is_not_disclosed_actively_owes_no_disclosure(store: Store, config: Config, case: Case, now: datetime) -> None:
    actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "", "甲", now)
    answer(store, config, case, now, url="", evidence=Evidence("", b"a picture", now), disclosure=Disclosure.ON_REQUEST)
    assert standing(store, case, now)["disclosure"] == "waived"


WITHOUT_PROOF = [
    ({"url": ""}, "凭据"), ({"url": "javascript:alert(1)"}, "http"), ({"url": "jyj.example/1"}, "http"),
    ({"published_at": datetime(2030, 1, 1, tzinfo=UTC)}, "将来"),
]


@pytest.mark.parametrize(("given", "says"), WITHOUT_PROOF, ids=["nothing", "script", "no scheme", "future"])
def test_an_answer_without_proof_is_refused(
    store: Store, config: Config, case: Case, now: datetime, given: dict[str, Any], says: str
) -> None:
    actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "", "甲", now)
    with pytest.raises(actions.Refused, match=says):
        answer(store, config, case, now, **given)
    assert standing(store, case, now)["response"] == "pending"
    assert store.value("SELECT count(*) FROM response") == 0


def test_an_answer_before_the_decision_is_refused(store: Store, config: Config, case: Case, now: datetime) -> None:
    with pytest.raises(actions.Refused, match="待研判"):
        answer(store, config, case, now)


def test_a_letter_is_answered_by_the_record_of_its_channel(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    case = routed_case(store, gathered("清源一中食堂有虫", "A5", read=READ, public=False), routed, now)
    actions.choose_answer(store, config, case.id, case.version, AnswerKind.ORIGINAL_CHANNEL, "热线件", "甲", now)
    with pytest.raises(actions.Refused, match="渠道"):
        answer(store, config, case, now, url="", channel="")
    after = answer(store, config, case, now, url="", channel="12345热线")
    assert after.state is CaseState.OPEN
    assert standing(store, case, now)["letter"] == "met"


def test_a_confirmed_red_line_starts_the_phone_report_and_is_at_least_grave(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    read = READ | {"redline": RedLine.SUICIDE_RISK}
    case = routed_case(store, gathered("清源一中有人想轻生", "A4", read=read, grade="Ⅲ"), routed, now)
    later = now + timedelta(hours=5)
    after = actions.confirm_redline(store, config, case.id, case.version, "丁一禾", later)
    assert (after.grade, after.redline_confirmed_at) == (Grade.II, later)
    owed = next(o for o in obligations.of_case(store, after) if o.kind is ObligationKind.PHONE_REPORT)
    assert owed.due_at == later + timedelta(minutes=30)
    with pytest.raises(actions.Refused, match="已经确认"):
        actions.confirm_redline(store, config, case.id, after.version, "丁一禾", later)
    receipt = "县公安局指挥中心 王某接报"
    met = actions.record_receipt(store, config, case.id, after.version, ObligationKind.PHONE_REPORT, receipt, "丁一禾", later)
    assert standing(store, met, later)["phone_report"] == "met"


def test_without_a_red_line_there_is_none_to_confirm(store: Store, config: Config, case: Case, now: datetime) -> None:
    with pytest.raises(actions.Refused, match="没有红线"):
        actions.confirm_redline(store, config, case.id, case.version, "甲", now)


@pytest.mark.parametrize(("second", "reason", "says"), [(None, "热度下降", "第二人"), ("甲", "热度下降", "本人"), ("乙", "", "理由")])
def test_lowering_a_grade_takes_two_people_and_a_reason(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime, second: str | None, reason: str, says: str
) -> None:
    case = routed_case(store, gathered("清源一中食堂有虫", "A5", read=READ, grade="Ⅱ"), routed, now)
    with pytest.raises(actions.Refused, match=says):
        actions.confirm_grade(store, config, case.id, case.version, Grade.IV, reason, "甲", now, second)
    assert actions.confirm_grade(store, config, case.id, case.version, Grade.IV, "热度下降", "甲", now, "乙").grade is Grade.IV


def test_a_lower_grade_gives_no_more_time(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> None:
    case = routed_case(store, gathered("清源一中食堂有虫", "A5", read=READ, grade="Ⅱ"), routed, now)
    hand(store, config, case, now)
    before = {o.kind: o.due_at for o in obligations.of_case(store, case)}
    actions.confirm_grade(store, config, case.id, again(store, case.id).version, Grade.IV, "热度下降", "甲", now, "乙")
    after = {o.kind: o.due_at for o in obligations.of_case(store, case)}
    assert all(after[kind] <= due for kind, due in before.items())


def test_raising_a_grade_takes_one_person_and_tightens(store: Store, config: Config, case: Case, now: datetime) -> None:
    hand(store, config, case, now)
    actions.confirm_grade(store, config, case.id, again(store, case.id).version, Grade.II, "", "甲", now)
    due = {o.kind.value: o.due_at for o in obligations.of_case(store, case)}
    assert (due["acknowledge"], due["findings"]) == (now + timedelta(minutes=30), now + timedelta(hours=2))
    assert "first_report" in due


def test_an_emergency_entered_late_counts_from_the_first_start_and_is_overdue_at_once(
    store: Store, config: Config, case: Case, now: datetime
) -> None:
    later = now + timedelta(hours=8)
    actions.enter_emergency(store, config, case.id, case.version, EmergencyGrade.MAJOR, "清政办〔2026〕1号", "乙", later)
    assert standing(store, case, later)["statement"] == "overdue"
    assert remind(store, config, later).data == {"missed": 2, "fired": 1}  # the decision is late as well
    assert "director" in {r["party"] for r in store.rows("SELECT party FROM notice WHERE key LIKE 'rung:%'")}


def test_dismissing_cancels_everything_with_the_reason(store: Store, config: Config, case: Case, now: datetime) -> None:
    hand(store, config, case, now)
    with pytest.raises(actions.Refused, match="理由"):
        actions.dismiss(store, config, case.id, again(store, case.id).version, "", "甲", now)
    after = actions.dismiss(store, config, case.id, again(store, case.id).version, "重复反映", "甲", now)
    assert after.state is CaseState.DISMISSED
    assert {a.state for a in assignments.of_case(store, after)} == {AssignmentState.CANCELLED}
    assert set(standing(store, case, now).values()) == {"met", "waived"}
    assert store.value("SELECT count(*) FROM rung WHERE state = 'pending'") == 0
    assert "重复反映" in (store.value("SELECT waive_reason FROM obligation WHERE kind = 'response'") or "")
    assert "QY001" in notices(store)["withdrawn"]
    assert remind(store, config, now + timedelta(days=5)).data == {"missed": 0, "fired": 0}
    assert "rung" not in notices(store)


def test_a_confirmed_red_line_is_not_dismissed_before_its_report(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    read = READ | {"redline": RedLine.SUICIDE_RISK}
    case = routed_case(store, gathered("清源一中有人想轻生", "A4", read=read, grade="Ⅱ"), routed, now)
    after = actions.confirm_redline(store, config, case.id, case.version, "丁一禾", now)
    with pytest.raises(actions.Refused, match="电话报告"):
        actions.dismiss(store, config, case.id, after.version, "玩笑", "甲", now)


def test_closing_needs_what_the_law_demands(store: Store, config: Config, case: Case, now: datetime) -> None:
    with pytest.raises(actions.Refused, match="待研判"):
        actions.close(store, config, case.id, case.version, "完毕", "乙", now)
    hand(store, config, case, now)
    actions.choose_answer(store, config, case.id, again(store, case.id).version, AnswerKind.PUBLIC, "", "甲", now)
    with pytest.raises(actions.Refused, match="政务舆情回应"):
        actions.close(store, config, case.id, again(store, case.id).version, "完毕", "乙", now)
    assert standing(store, case, now)["closing"] == "pending"
    answered = answer(store, config, case, now)
    after = actions.close(store, config, case.id, answered.version, "完毕", "乙", now)
    assert after.state is CaseState.CLOSED
    assert standing(store, case, now) == {
        "triage": "met", "response": "met", "disclosure": "met", "closing": "met", "acknowledge": "waived", "findings": "waived",
    }
    assert store.value("SELECT count(*) FROM rung WHERE state = 'pending'") == 0


def test_waiving_takes_two_people(store: Store, config: Config, case: Case, now: datetime) -> None:
    owed = next(o for o in obligations.of_case(store, case) if o.kind is ObligationKind.RESPONSE)
    for second in ("", "甲", " 甲 "):
        with pytest.raises(actions.Refused, match="第二人"):
            actions.waive(store, config, owed.id, "甲", second, "县政府统一回应", now)
    actions.waive(store, config, owed.id, "甲", "乙", "县政府统一回应", now)
    assert standing(store, case, now)["response"] == "waived"
    actions.choose_answer(store, config, case.id, again(store, case.id).version, AnswerKind.PUBLIC, "", "甲", now)
    assert standing(store, case, now)["response"] == "waived"


def test_a_dormant_case_that_a_person_takes_up_counts_from_then(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    case = routed_case(store, gathered("清源一中食堂有虫", "A5", read=READ, at=now - timedelta(days=300), dormant=1), routed, now)
    assert standing(store, case, now) == {}
    actions.choose_answer(store, config, case.id, case.version, AnswerKind.PUBLIC, "", "甲", now)
    owed = obligations.of_case(store, again(store, case.id))
    assert [(o.kind.value, o.start_at) for o in owed] == [("response", now)]
    assert again(store, case.id).found_at == now - timedelta(days=300)


def test_a_person_may_reopen_and_the_new_round_has_its_own_clocks(
    store: Store, config: Config, case: Case, routed: Go, now: datetime
) -> None:
    after = actions.dismiss(store, config, case.id, case.version, "误判", "甲", now)
    later = now + timedelta(days=9)
    actions.reopen(store, config, case.id, after.version, "确有其事", "乙", later)
    routed(later)
    fresh = again(store, case.id)
    assert (fresh.state, fresh.generation) == (CaseState.TRIAGE, 2)
    assert {(o.kind.value, o.start_at) for o in obligations.of_case(store, fresh)} == {("triage", later), ("response", later)}
    assert lead(store, fresh).party == "QY001"


def test_each_change_leaves_its_entry_and_the_chain_holds(store: Store, config: Config, case: Case, now: datetime) -> None:
    held = hand(store, config, case, now)
    actions.acknowledge(store, config, held.id, held.version, "电话", "甲", now)
    actions.choose_answer(store, config, case.id, again(store, case.id).version, AnswerKind.PUBLIC, "", "甲", now)
    answered = answer(store, config, case, now)
    actions.close(store, config, case.id, answered.version, "完毕", "乙", now)
    done = [(e.who, e.action) for e in audit.history(store, case.id)]
    for entry in (("甲", "交办"), ("甲", "签收"), ("甲", "研判"), ("乙", "登记回应"), ("乙", "办结")):
        assert entry in done
    assert audit.verify(store) is None


def test_a_refused_action_leaves_nothing_behind(
    store: Store, config: Config, case: Case, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [store.rows(f"SELECT * FROM {t}") for t in ("case_", "assignment", "obligation", "rung", "notice", "audit_entry")]
    held = lead(store, case)
    monkeypatch.setattr("responders.assignment_actions.notices.put", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.hand_over(store, config, held.id, held.version, "请核实", "甲", now)
    assert [store.rows(f"SELECT * FROM {t}") for t in ("case_", "assignment", "obligation", "rung", "notice", "audit_entry")] == before


@pytest.mark.parametrize("act", Act)
def test_the_table_decides_from_which_state_an_action_is_allowed(act: Act) -> None:
    for state in CaseState:
        if state in CASE[act]:
            assert next_case(act, state) is CASE[act][state]
        else:
            with pytest.raises(actions.Refused, match=state.zh):
                next_case(act, state)
    for held in AssignmentState:
        if act in ASSIGNMENT and held not in ASSIGNMENT[act]:
            with pytest.raises(actions.Refused, match=held.zh):
                next_assignment(act, held)


def test_those_who_look_and_those_who_audit_change_nothing() -> None:
    assert set(MAY) == set(Act) == set(CASE)
    assert not [a for a in Act if actions.may(UserRole.VIEWER, a) or actions.may(UserRole.AUDITOR, a)]
    assert actions.may(UserRole.TRIAGER, Act.HAND_OVER)
    assert not actions.may(UserRole.TRIAGER, Act.WAIVE)
    assert all(actions.may(UserRole.ADMIN, a) for a in Act)


def test_moments_are_kept_whole(store: Store, config: Config, case: Case, now: datetime) -> None:
    hand(store, config, case, now)
    assert store.value("SELECT handed_over_at FROM case_") == to_text(now) == to_text(parse("2026-11-18 10:00"))
