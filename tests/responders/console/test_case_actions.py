"""What staff do with a case over HTTP: done once, told by a sentence, refused when stale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.cases import Case
from pipeline.domain.posts import Evidence
from pipeline.domain.terms import AnswerKind, AssignmentState, CaseState, Grade, RedLine
from pipeline.moments import to_text
from pipeline.store import assignments, audit, cases, evidence
from pipeline.store.db import Store

Browser = Any
Go = Callable[..., Any]
CALLED = {"way": "phone", "speaker": "张老师", "given_at": "2026-11-18 10:00"}
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


def case_of(store: Store, case_id: int) -> Case:
    """The case as it stands."""
    found = cases.get(store, case_id)
    assert found is not None
    return found


def lead_of(store: Store, case_id: int) -> Any:
    """Who leads."""
    return assignments.lead(store, case_of(store, case_id))


def choose(browser: Browser, store: Store, case_id: int, kind: str, reason: str = "") -> Any:
    """研判 by form."""
    return browser.send(f"/cases/{case_id}/choose_answer", version=case_of(store, case_id).version, kind=kind, reason=reason)


def test_a_case_goes_its_way_from_study_to_closing(approver: Browser, store: Store, canteen: int, clock: Any) -> None:
    base = f"/cases/{canteen}"
    done = choose(approver, store, canteen, "public")
    assert (done.status_code, done.headers["location"]) == (303, f"{base}?done=choose_answer")
    assert "「研判」已记录" in approver.open(done.headers["location"]).text
    held = lead_of(store, canteen)
    handed = approver.send(f"/assignments/{held.id}/hand_over", version=held.version, summary="食堂饭菜问题，请核实，电话13900002222")
    assert handed.headers["location"] == f"{base}?done=hand_over"
    held = lead_of(store, canteen)
    assert (held.state, held.summary) == (AssignmentState.CONFIRMED, "食堂饭菜问题，请核实，电话［手机号］")
    approver.send(f"/assignments/{held.id}/acknowledge", version=held.version, **CALLED)
    held = lead_of(store, canteen)
    approver.send(f"/assignments/{held.id}/findings", version=held.version, findings="已更换供货商", **CALLED)
    clock.on(minutes=25)
    answered = approver.send(
        f"{base}/answer", version=case_of(store, canteen).version, url="https://edu.example/1", published_at="2026-11-18 10:20",
        channel="本局官网", disclosure="active", wording="情况通报",
    )
    assert answered.status_code == 303
    assert case_of(store, canteen).state is CaseState.PUBLISHED
    assert approver.send(f"{base}/close", version=case_of(store, canteen).version, reason="已整改").status_code == 303
    page = approver.open(base).text
    for words in ("已办结", "edu.example ↗", "情况通报", "主动公开", "张老师，电话", "已更换供货商", "approver"):
        assert words in page, words


@pytest.mark.parametrize("version", ["0", "-1", "", "abc", "99"])
def test_an_old_page_is_told_to_refresh_and_changes_nothing(approver: Browser, canteen: int, counted: Go, version: str) -> None:
    before = counted()
    reply = approver.send(f"/cases/{canteen}/choose_answer", version=version, kind="public")
    assert reply.status_code == 409
    assert "页面已过期，请刷新" in reply.text
    assert counted() == before


def test_a_form_sent_twice_counts_once(approver: Browser, store: Store, canteen: int, counted: Go) -> None:
    version = case_of(store, canteen).version
    replies, states = [], []
    for _ in range(2):
        replies.append(approver.send(f"/cases/{canteen}/choose_answer", version=version, kind="public").status_code)
        states.append(counted())
    assert replies == [303, 409]
    assert states[0] == states[1]


def test_what_is_missing_in_a_form_is_said_at_once_and_what_was_typed_is_given_back(approver: Browser, store: Store, canteen: int) -> None:
    choose(approver, store, canteen, "public")
    typed = "这是一段写了很久的回应口径，不能丢"
    reply = approver.send(f"/cases/{canteen}/answer", version=case_of(store, canteen).version, published_at="昨天", wording=typed)
    assert reply.status_code == 422
    for words in ("回应时间请写成", "请填写发布渠道", "请选择公开属性", typed):
        assert words in reply.text


def test_a_refusal_is_a_sentence(approver: Browser, store: Store, canteen: int) -> None:
    choose(approver, store, canteen, "public")
    reply = approver.send(f"/cases/{canteen}/close", version=case_of(store, canteen).version, reason="想结了")
    assert reply.status_code == 422
    assert "法定时限" in reply.text
    assert case_of(store, canteen).state is CaseState.OPEN


@pytest.mark.parametrize(
    ("body", "status"), [(PNG, 303), (b"\xff\xd8\xff\xe0", 303), (b"%PDF-1.7", 303), (b"<html>", 422), (b"MZ", 422), (b"GIF89a", 422)]
)
def test_a_screenshot_is_known_by_its_bytes(approver: Browser, store: Store, canteen: int, body: bytes, status: int) -> None:
    choose(approver, store, canteen, "public")
    reply = approver.send(
        f"/cases/{canteen}/answer", version=case_of(store, canteen).version, published_at="2026-11-18 09:30", channel="公告栏",
        disclosure="active", wording="通报", files={"file": ("evil.exe", body, "image/png")},
    )
    assert reply.status_code == status
    row = store.row("SELECT id, evidence_id FROM response")
    assert (row is not None) == (status == 303)
    if row:
        assert evidence.read(store, row["evidence_id"]) == body
        copy = approver.open(f"/cases/{canteen}/answers/{row['id']}/copy")
        assert (copy.content, copy.headers["content-type"]) == (body, "application/octet-stream")
        assert copy.headers["content-disposition"].startswith("attachment")


def test_the_published_page_is_fetched_as_evidence_where_it_can_be(
    browsers: Go, store: Store, canteen: int, now: datetime, config: Config
) -> None:
    asked: list[str] = []

    def fetch(url: str) -> Evidence:
        asked.append(url)
        if "bad" in url:
            raise OSError("连接超时")
        return Evidence(url, b"<html>page", now)

    browser = browsers(fetch=fetch)
    browser.log_in("approver")
    choose(browser, store, canteen, "public")
    fields = {"published_at": "2026-11-18 09:30", "channel": "官网", "disclosure": "active", "wording": "通报", "fetch": "1"}
    failed = browser.send(f"/cases/{canteen}/answer", version=case_of(store, canteen).version, url="https://bad.example/", **fields)
    assert failed.status_code == 422
    assert "连接超时" in failed.text
    done = browser.send(f"/cases/{canteen}/answer", version=case_of(store, canteen).version, url="https://edu.example/1", **fields)
    assert done.status_code == 303
    assert asked == ["https://bad.example/", "https://edu.example/1"]
    assert store.value("SELECT evidence_id FROM response") is not None


def test_a_red_line_is_confirmed(approver: Browser, store: Store, gathered: Go, routed: Go, now: datetime) -> None:
    case_id = gathered("学生坠楼", "A1", read={"redline": RedLine.DEATH_OR_INJURY}, redline="death_or_injury")
    routed(now)
    assert "红线待确认" in approver.open("/").text
    assert approver.send(f"/cases/{case_id}/confirm_redline", version=case_of(store, case_id).version).status_code == 303
    assert case_of(store, case_id).redline_confirmed_at is not None
    receipt = approver.send(
        f"/cases/{case_id}/receipt", version=case_of(store, case_id).version, kind="phone_report", receipt="10:05 报公安局，接报人李某"
    )
    assert receipt.status_code == 303


@pytest.mark.parametrize(
    ("second", "password", "status", "says"),
    [
        ("", "", 422, "须有第二人同意"), ("approver", "correct horse battery", 422, "不能是本人"),
        (" approver ", "correct horse battery", 422, "不能是本人"),
        ("admin", "wrong password", 422, "用户名或密码不对"), ("triager", "correct horse battery", 422, "没有「确定等级」的权限"),
        ("admin", "correct horse battery", 303, ""),
    ],
)
def test_lowering_a_grade_takes_a_second_persons_own_password(
    approver: Browser, store: Store, canteen: int, second: str, password: str, status: int, says: str
) -> None:
    with store.transaction():
        store.execute("UPDATE case_ SET grade = 'Ⅲ'")
    reply = approver.send(
        f"/cases/{canteen}/confirm_grade", version=case_of(store, canteen).version, grade="Ⅳ", reason="只有一帖", second=second,
        second_password=password,
    )
    assert reply.status_code == status
    assert says in reply.text
    assert password not in reply.text or not password
    assert case_of(store, canteen).grade is (Grade.IV if status == 303 else Grade.III)


def test_raising_a_grade_takes_one(approver: Browser, store: Store, canteen: int) -> None:
    assert approver.send(f"/cases/{canteen}/confirm_grade", version=case_of(store, canteen).version, grade="Ⅱ").status_code == 303
    case = case_of(store, canteen)
    assert (case.grade, case.grade_confirmed) == (Grade.II, True)
    assert "建议等级" not in approver.open(f"/cases/{canteen}").text


def test_a_clock_is_waived_by_two(approver: Browser, store: Store, canteen: int) -> None:
    owed = store.value("SELECT id FROM obligation WHERE kind = 'response'")
    alone = approver.send(f"/obligations/{owed}/waive", reason="已口头答复")
    assert alone.status_code == 422
    both = approver.send(f"/obligations/{owed}/waive", reason="已口头答复", second="admin", second_password="correct horse battery")
    assert both.status_code == 303
    row = store.row("SELECT waived_by, waived_second FROM obligation WHERE id = ?", owed)
    assert row == {"waived_by": "approver", "waived_second": "admin"}


def test_a_case_is_dismissed_reopened_and_handed_to_another(
    approver: Browser, store: Store, canteen: int, routed: Go, now: datetime
) -> None:
    assert approver.send(f"/cases/{canteen}/dismiss", version=case_of(store, canteen).version, reason="重复反映").status_code == 303
    assert "不予处置：重复反映" in approver.open(f"/cases/{canteen}").text
    assert approver.send(f"/cases/{canteen}/reopen", version=case_of(store, canteen).version, reason="又有新情况").status_code == 303
    routed(now)
    held = lead_of(store, canteen)
    assert approver.send(f"/assignments/{held.id}/reassign", version=held.version, party="QY002", reason="实为二中").status_code == 303
    assert lead_of(store, canteen).party == "QY002"


@pytest.mark.parametrize("kind", list(AnswerKind))
def test_every_kind_of_answer_can_be_chosen_and_all_but_one_need_a_reason(
    approver: Browser, store: Store, canteen: int, kind: AnswerKind
) -> None:
    assert choose(approver, store, canteen, kind.value).status_code == (303 if kind is AnswerKind.PUBLIC else 422)
    assert choose(approver, store, canteen, kind.value, "按规定").status_code == 303
    assert case_of(store, canteen).answer_kind is kind


def test_the_page_offers_what_the_role_and_the_state_allow(browser: Browser, store: Store, canteen: int) -> None:
    offered = {}
    for role in ("viewer", "auditor", "triager", "approver"):
        browser.log_in(role)
        page = browser.open(f"/cases/{canteen}").text
        asked = ("choose_answer", "hand_over", "dismiss", "confirm_grade", "close", "reopen", "waive")
        offered[role] = {a for a in asked if f"/{a}\"" in page}
    assert offered["viewer"] == offered["auditor"] == set()
    assert offered["triager"] == {"choose_answer", "hand_over"}
    assert offered["approver"] == {"choose_answer", "hand_over", "dismiss", "confirm_grade", "waive"}


def test_an_expired_session_loses_no_text(approver: Browser, store: Store, canteen: int, clock: Any) -> None:
    held = lead_of(store, canteen)
    clock.on(hours=1)
    typed = "写了很久的转办摘要，不能因为登录过期就丢了"
    reply = approver.send(f"/assignments/{held.id}/hand_over", version=held.version, summary=typed)
    assert (reply.status_code, typed in reply.text) == (401, True)
    assert lead_of(store, canteen).state is AssignmentState.PROPOSED


def test_a_telephone_call_is_recorded_once(approver: Browser, store: Store, canteen: int, now: datetime) -> None:
    with store.transaction():
        notice = store.value("SELECT min(id) FROM notice")
        task = store.insert(
            "phone_task", bureau=store.bureau, notice_id=notice, case_id=canteen, party="QY001", name="袁老师", phone="13900001001",
            text="请签收", why="没有邮箱", created_at=to_text(now),
        )
    assert "13900001001" in approver.open("/mail").text
    codes = [approver.send(f"/calls/{task}/done", outcome="已告知").status_code for _ in range(2)]
    assert codes == [303, 422]
    assert "电话督办" in [e.action for e in audit.history(store, canteen)]
    assert "已告知" in approver.open("/mail").text


@pytest.mark.parametrize(("arrived", "state"), [("yes", "sent"), ("no", "queued")])
def test_a_mail_of_unknown_fate_is_settled_by_a_person(approver: Browser, store: Store, now: datetime, arrived: str, state: str) -> None:
    with store.transaction():
        message = store.insert(
            "message", bureau=store.bureau, message_id="<1@x>", date=to_text(now), party="QY001", recipient="a@b.example",
            recipient_name="袁老师", subject="<b>交办</b>", text="t", html="h", urgency="routine", state="uncertain", next_at=to_text(now),
            expires_at=to_text(now),
        )
    assert "&lt;b&gt;交办" in approver.open("/mail?state=troubled").text
    codes = [approver.send(f"/messages/{message}/settle", arrived=arrived).status_code for _ in range(2)]
    assert codes == [303, 422]
    assert store.value("SELECT state FROM message") == state
