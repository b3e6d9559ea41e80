"""The table of actions over HTTP: each role × each action, each state of the case × each action, each state of the hand-over × each."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pipeline.domain.reports import ReportKind, ReportState
from pipeline.domain.terms import AssignmentState, CaseState, UserRole
from pipeline.store import cases, reports
from pipeline.store.db import Store
from responders.acts import REPORT, TABLE, Act
from responders.console.app import DOORS

Browser = Any
PASSWORD = "correct horse battery"
SECOND = {"second": "admin", "second_password": PASSWORD}
SPOKEN = {"way": "phone", "speaker": "王老师", "given_at": "2026-11-18 10:00"}
FIELDS: dict[Act, dict[str, str]] = {
    Act.CHOOSE_ANSWER: {"kind": "public"},
    Act.HAND_OVER: {"summary": "请核实"},
    Act.ACKNOWLEDGE: SPOKEN,
    Act.FINDINGS: {"findings": "已核实", **SPOKEN},
    Act.SEND_BACK: {"reason": "不全"},
    Act.DISPUTE: {"reason": "不归我校", **SPOKEN},
    Act.REASSIGN: {"party": "QY002", "reason": "应由该校"},
    Act.ANSWER: {
        "url": "https://jyj.example/1", "published_at": "2026-11-18 09:30", "wording": "已整改", "channel": "局网站",
        "disclosure": "active",
    },
    Act.RECEIPT: {"kind": "letter", "receipt": "王某收"},
    Act.CONFIRM_REDLINE: {},
    Act.CONFIRM_GRADE: {"grade": "Ⅲ"},
    Act.EMERGENCY: {"grade": "major", "document": "清政办〔2026〕1号"},
    Act.WAIVE: {"reason": "统一回应", **SECOND},
    Act.EXTEND: {"reason": "复杂", **SECOND},
    Act.DISMISS: {"reason": "重复"},
    Act.CLOSE: {"reason": "完毕"},
    Act.REOPEN: {"reason": "再办"},
    Act.MERGE: {"into": "999", "into_version": "1", "reason": "同一件"},
    Act.SPLIT: {"reason": "两件", "post": "1"},
    Act.INSTRUCT: {"came": "letter", "sender": "市教育局", "words": "请报告", "received_at": "2026-11-18 09:00"},
    Act.REPORT: {"paper": "first", "other": "市教育局"},
    Act.CONFIRM_REPORT: {"text": "定稿"},
    Act.REPORT_RECEIPT: {"receipt": "王某收", "received_at": "2026-11-18 09:30"},
    Act.WITHDRAW_REPORT: {"reason": "写错了"},
}
"""A form of each action, filled in as far as it takes to come to the table."""
WANTING = {
    Act.RECEIPT: "this case has no letter", Act.CONFIRM_REDLINE: "it has no red line", Act.EXTEND: "nothing of it may be extended",
    Act.CLOSE: "its statutory limit is not met",
}
"""What this case lacks for an action that its state allows."""
JOINS = (Act.MERGE, Act.SPLIT)
"""Their pages look at the other case and the posts first; test_event_pages.py walks them."""


def address(act: Act, case_id: int, store: Store) -> str:
    """Where the form of an action on this case goes."""
    path = next(d.path for d in DOORS if d.method == "POST" and d.right and d.right.value == act.value and "{" in d.path)
    held = store.value("SELECT id FROM assignment WHERE case_id = ? AND role = 'lead'", case_id)
    owed = store.value("SELECT id FROM obligation WHERE case_id = ? AND kind = 'response'", case_id)
    paper = store.value("SELECT max(id) FROM report_up WHERE case_id = ?", case_id) or 1
    numbers = {"case": case_id, "assignment": held, "obligation": owed, "report": paper}
    return re.sub(r"\{(\w+):int\}", lambda found: str(numbers[found[1]]), path)


def put(
    store: Store, case_id: int, state: CaseState, held: AssignmentState = AssignmentState.CONFIRMED,
    paper: ReportState = ReportState.DRAFT,
) -> dict[str, int]:
    """Puts a case, its lead and a report on it into a state, and returns the versions that a form then carries, by what it is done to."""
    with store.transaction():
        if not reports.of_case(store, case_id):
            case_now = cases.get(store, case_id)
            assert case_now is not None
            reports.draft(store, case_now, ReportKind.FURTHER, "县委网信办", None, "草稿", "甲", datetime(2026, 11, 18, tzinfo=UTC))
        store.execute("UPDATE report_up SET state = ? WHERE case_id = ?", paper.value, case_id)
        store.execute("UPDATE case_ SET state = ?, answer_kind = 'public' WHERE id = ?", state.value, case_id)
        store.execute("UPDATE assignment SET state = ? WHERE case_id = ? AND role = 'lead'", held.value, case_id)
    case = store.value("SELECT version FROM case_ WHERE id = ?", case_id)
    lead = store.value("SELECT version FROM assignment WHERE case_id = ? AND role = 'lead'", case_id)
    return {"case": case, "lead": lead, "report": store.value("SELECT max(version) FROM report_up WHERE case_id = ?", case_id)}


def sent(browser: Browser, store: Store, act: Act, case_id: int, versions: dict[str, int]) -> Any:
    """The answer to an action's form."""
    version = versions["lead" if TABLE[act].assignment else "report" if act in REPORT else "case"]
    return browser.send(address(act, case_id, store), version=version, **FIELDS[act])


@pytest.mark.parametrize("role", list(UserRole))
def test_each_role_is_let_to_each_action_as_the_table_says(browser: Browser, store: Store, canteen: int, role: UserRole) -> None:
    browser.log_in(role.value)
    for act, line in TABLE.items():
        reply = browser.send(address(act, canteen, store), version="-1")
        assert (reply.status_code != 403) == (role in line.who), f"{role} {act}: {reply.status_code}"


@pytest.mark.parametrize("state", list(CaseState))
def test_each_state_of_a_case_refuses_what_the_table_does_not_know(
    approver: Browser, store: Store, canteen: int, counted: Callable[[], object], state: CaseState
) -> None:
    for act in [a for a in Act if a not in JOINS and state not in TABLE[a].case]:
        versions = put(store, canteen, state)
        before = counted()
        reply = sent(approver, store, act, canteen, versions)
        assert reply.status_code == 422, f"{act} in {state}: {reply.status_code}"
        assert f"事件现在是「{state.zh}」，不能{act.zh}：" in reply.text
        assert counted() == before


@pytest.mark.parametrize("act", [a for a in Act if a not in JOINS])
def test_each_state_of_a_case_allows_what_the_table_knows(approver: Browser, store: Store, canteen: int, act: Act) -> None:
    held = next(iter(TABLE[act].assignment), AssignmentState.CONFIRMED)
    for state in TABLE[act].case:
        paper = next(iter(REPORT.get(act, {})), ReportState.DRAFT)
        reply = sent(approver, store, act, canteen, put(store, canteen, state, held, paper))
        assert "事件现在是" not in reply.text, f"{act} in {state}"
        assert "这项交办现在是" not in reply.text, f"{act} in {state}"
        if reply.status_code == 303:
            return
    assert act in WANTING


@pytest.mark.parametrize("held", list(AssignmentState))
def test_each_state_of_a_hand_over_refuses_what_the_table_does_not_know(
    approver: Browser, store: Store, canteen: int, counted: Callable[[], object], held: AssignmentState
) -> None:
    for act in [a for a in Act if TABLE[a].assignment and held not in TABLE[a].assignment]:
        versions = put(store, canteen, CaseState.OPEN, held)
        before = counted()
        reply = sent(approver, store, act, canteen, versions)
        assert f"这项交办现在是「{held.zh}」，不能{act.zh}：" in reply.text
        assert counted() == before


def test_a_page_offers_exactly_what_its_state_and_the_role_allow(approver: Browser, store: Store, canteen: int) -> None:
    for state in CaseState:
        for held in AssignmentState:
            put(store, canteen, state, held)
            page = approver.open(f"/cases/{canteen}").text
            for act in [a for a in Act if TABLE[a].assignment]:
                offered = f'action="{address(act, canteen, store)}"' in page
                assert offered == (state in TABLE[act].case and held in TABLE[act].assignment), f"{act} in {state}, {held}"


def test_a_limit_is_waived_and_an_emergency_lowered_only_with_a_second_password(approver: Browser, store: Store, canteen: int) -> None:
    versions = put(store, canteen, CaseState.OPEN)
    approver.send(address(Act.EMERGENCY, canteen, store), version=versions["case"], **FIELDS[Act.EMERGENCY])
    version = store.value("SELECT version FROM case_ WHERE id = ?", canteen)
    lower = {"grade": "ordinary", "document": "清政办〔2026〕2号", "reason": "改定", "version": version}
    assert approver.send(address(Act.EMERGENCY, canteen, store), **lower).status_code == 422
    assert approver.send(address(Act.EMERGENCY, canteen, store), **lower, second="admin", second_password="x").status_code == 422
    assert store.value("SELECT emergency_grade FROM case_ WHERE id = ?", canteen) == "major"
    assert approver.send(address(Act.EMERGENCY, canteen, store), **lower, **SECOND).status_code == 303
    assert store.value("SELECT emergency_grade FROM case_ WHERE id = ?", canteen) == "ordinary"
    assert "「突发事件等级" not in approver.open(f"/cases/{canteen}").text
