"""What staff see of a school's own words, what they take down for it, and how its claim becomes a recorded answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.cases import Assignment
from pipeline.domain.links import LinkScope, SentFile, Speaker, Way, Words
from pipeline.domain.terms import AnswerKind, AssignmentState, CaseState
from pipeline.store import assignments, cases, evidence, parties, party_reports, school_links
from pipeline.store.db import Store
from responders import actions

Browser = Any
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
CALLED = {"way": "phone", "speaker": "曾广霞", "post": "教导主任", "phone": "13900001001", "given_at": "2026-11-18 10:05"}


@pytest.fixture
def held(store: Store, config: Config, known: None, canteen: int, now: datetime) -> Assignment:
    """The canteen's case in the hands of its school, to be answered in public."""
    case = cases.get(store, canteen)
    assert case is not None
    actions.choose_answer(store, config, canteen, case.version, AnswerKind.PUBLIC, "", "甲", now)
    lead = assignments.lead(store, case)
    assert lead is not None
    return actions.hand_over(store, config, lead.id, lead.version, "请核实食堂饭菜。", "甲", now)


@pytest.fixture
def answered(store: Store, config: Config, held: Assignment, now: datetime) -> Assignment:
    """The school has answered on its page, and says that it has answered in public."""
    words = Words("", "属实，家长13800002222", "更换供货商", "情况说明如下", "https://school.example/1")
    files = (SentFile("截图<b>.png", "image/png", PNG),)
    told = actions.Told(Speaker(Way.PAGE, "曾广霞", now, "教导主任", "13900001001"), held.version, words, files)
    actions.report(store, config, held.id, told, now)
    return held


def now_of(store: Store, held: Assignment) -> Assignment:
    found = assignments.get(store, held.id)
    assert found is not None
    return found


def test_staff_read_what_the_school_wrote_masked_and_save_its_files(approver: Browser, answered: Assignment, store: Store) -> None:
    shown = approver.open(f"/cases/{answered.case_id}").text
    told = ("曾广霞（教导主任）", "13900001001", "更换供货商", "情况说明如下", "school.example ↗", "截图&lt;b&gt;.png", "核实并")
    assert [words for words in told if words not in shown] == []
    assert "13800002222" not in shown
    [file] = party_reports.of_assignment(store, answered.id)[0].files
    saved = approver.open(f"/cases/{answered.case_id}/files/{file.id}")
    assert saved.content == PNG
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["content-disposition"] == f'attachment; filename="report-{answered.case_id}-{file.id}.png"'
    assert approver.open(f"/cases/{answered.case_id + 1}/files/{file.id}").status_code == 404
    assert approver.open(f"/cases/{answered.case_id}/files/999").status_code == 404


def test_the_schools_claim_is_offered_to_the_approver_and_meets_nothing_by_itself(
    approver: Browser, answered: Assignment, store: Store, clock: Any
) -> None:
    base = f"/cases/{answered.case_id}"
    case = cases.get(store, answered.case_id)
    assert case is not None
    assert case.state is CaseState.OPEN
    shown = approver.open(base).text
    assert 'value="https://school.example/1"' in shown
    assert "对方称已公开回应" in shown
    [file] = party_reports.of_assignment(store, answered.id)[0].files
    clock.on(minutes=30)
    form = {"url": "", "published_at": "2026-11-18 10:20", "channel": "学校公众号", "disclosure": "active", "wording": "说明"}
    form |= {"sent": str(file.id)}
    assert approver.send(f"{base}/answer", version=case.version, **form | {"sent": "999"}).status_code == 422
    assert approver.send(f"{base}/answer", version=case.version, **form).status_code == 303
    kept = store.value("SELECT evidence_id FROM response")
    assert evidence.read(store, kept) == PNG
    after = cases.get(store, answered.case_id)
    assert after is not None
    assert after.state is CaseState.PUBLISHED


@pytest.mark.parametrize(
    ("action", "fields", "state"),
    [
        ("acknowledge", {}, AssignmentState.ACKNOWLEDGED), ("findings", {"findings": "属实"}, AssignmentState.ANSWERED),
        ("dispute", {"reason": "非我校"}, AssignmentState.DISPUTED),
    ],
)
def test_what_came_by_telephone_is_taken_down_with_way_person_and_time(
    approver: Browser, held: Assignment, store: Store, clock: Any, action: str, fields: dict[str, str], state: AssignmentState
) -> None:
    clock.on(minutes=25)
    assert action in approver.open(f"/cases/{held.case_id}").text
    reply = approver.send(f"/assignments/{held.id}/{action}", version=held.version, **CALLED, **fields)
    assert reply.status_code == 303
    assert now_of(store, held).state is state
    [said] = party_reports.of_assignment(store, held.id)
    assert (said.speaker.way, said.speaker.name, said.recorded_by) == (Way.PHONE, "曾广霞", "approver")
    assert said.recorded_at - said.speaker.at == timedelta(minutes=20)
    shown = approver.open(f"/cases/{held.case_id}").text
    assert "approver 登记" in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"way": ""}, {"way": "page"}, {"speaker": " "}, {"given_at": "昨天"}, {"given_at": "2026-11-18 09:00"},
        {"given_at": "2027-01-01 09:00"},
    ],
)
def test_what_is_not_whole_is_not_taken_down(
    approver: Browser, held: Assignment, counted: Callable[[], object], wrong: dict[str, str]
) -> None:
    before = counted()
    assert approver.send(f"/assignments/{held.id}/acknowledge", version=held.version, **CALLED | wrong).status_code == 422
    assert counted() == before


def test_an_answer_taken_down_may_bring_a_file(approver: Browser, held: Assignment, store: Store, clock: Any) -> None:
    clock.on(minutes=10)
    file = {"file": ("../回信.pdf", b"%PDF-1.7", "text/html")}
    reply = approver.send(f"/assignments/{held.id}/findings", version=held.version, findings="属实", files=file, **CALLED)
    assert reply.status_code == 303
    [kept] = party_reports.of_assignment(store, held.id)[0].files
    assert (kept.name, kept.kind) == ("附件.pdf", "application/pdf")


def test_a_return_burns_until_staff_have_said_whose_matter_it_is(approver: Browser, held: Assignment, store: Store, clock: Any) -> None:
    clock.on(minutes=10)
    approver.send(f"/assignments/{held.id}/dispute", version=held.version, reason="应为清源二中", **CALLED)
    assert "退回待处理" in approver.open("/").text
    number = "教舆-2026-00001"
    assert number in approver.open("/cases?burning=returned").text
    shown = approver.open(f"/cases/{held.case_id}").text
    assert "待确认：重新确定回应主体" in shown
    assert "应为清源二中" in shown
    case = cases.get(store, held.case_id)
    desks = assignments.lead(store, case) if case else None
    assert desks is not None
    reply = approver.send(f"/assignments/{desks.id}/reassign", version=desks.version, party="QY001", reason="确为一中")
    assert reply.status_code == 303
    assert now_of(store, held).state is AssignmentState.DISPUTED
    assert number not in approver.open("/cases?burning=returned").text


def test_staff_see_which_links_are_out_and_why_one_is_not(approver: Browser, held: Assignment, store: Store, now: datetime) -> None:
    contact = parties.contact_for(store, held.party)
    assert contact is not None
    with store.transaction():
        school_links.issue(store, "a-hash", held.id, contact.id, LinkScope.ANSWER, now + timedelta(days=30), 30, now)
    shown = approver.open(f"/cases/{held.case_id}").text
    assert f"{contact.name} 的链接（签收和反馈）：2026-12-18 10:00 前有效，已提交 0 次" in shown
    assert "a-hash" not in shown
    with store.transaction():
        school_links.revoke_assignment(store, held.id, "试", now)
    assert "作废，试" in approver.open(f"/cases/{held.case_id}").text
