"""批示来文与报送 over HTTP: entered, drafted, confirmed, printed, its receipt recorded; each page escaped, each file saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.domain.cases import Case
from pipeline.domain.reports import ReportState
from pipeline.domain.terms import Nature
from pipeline.store import cases, obligations, reports
from pipeline.store.db import Store

Browser = Any
Go = Callable[..., Any]
PDF = b"%PDF-1.7 scan"
CAME = {"came": "letter", "sender": "市教育局", "number": "市教函〔2026〕8号", "words": "请报告", "received_at": "2026-11-18 09:00"}


def case_of(store: Store, case_id: int) -> Case:
    found = cases.get(store, case_id)
    assert found is not None
    return found


def instruct(browser: Browser, store: Store, case_id: int, **given: Any) -> Any:
    fields = CAME | {"limit_at": "2026-11-20 17:00", "version": case_of(store, case_id).version} | given
    return browser.send(f"/cases/{case_id}/instruct", **fields)


def test_a_letter_goes_its_way_from_the_post_to_its_answers_receipt(approver: Browser, store: Store, canteen: int, clock: Any) -> None:
    done = instruct(approver, store, canteen, files={"file": ("a.pdf", PDF, "application/pdf")})
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{canteen}?done=instruct")
    page = approver.open(done.headers["location"]).text
    for words in ("「登记批示来文」已记录", "市教育局来文（市教函〔2026〕8号）", "要求 2026-11-20 17:00 前", "批示来文报告", "下载附件"):
        assert words in page, words
    copy = approver.open(f"/cases/{canteen}/instructions/1/copy")
    assert (copy.content, copy.headers["content-disposition"]) == (PDF, 'attachment; filename="instruction-1.pdf"')
    made = approver.send(f"/cases/{canteen}/report", paper="first", other="市教育局", instruction="1")
    assert made.headers["location"] == "/reports/1?done=report"
    page = approver.open("/reports/1").text
    for words in ("市教育局来文（市教函〔2026〕8号）收悉", "清源一中食堂的饭菜发霉了", "清源论坛 1 条", "审定以前不算报送"):
        assert words in page, words
    assert "13800001111" not in page
    assert approver.send("/reports/1/confirm", version=1, text="定稿<b>，电话13900002222").status_code == 303
    page = approver.open("/reports/1").text
    for words in ("定稿&lt;b&gt;，电话［手机号］", "回　执", "教舆-2026-00001-报01", "登记回执"):
        assert words in page, words
    clock.on(minutes=20)
    done = approver.send(
        "/reports/1/receipt", version=2, receipt="市局办公室签收", received_at="2026-11-18 10:15", files={"file": ("r.pdf", PDF, "x")}
    )
    assert done.status_code == 303
    assert "「登记报告回执」已记录" in approver.open(done.headers["location"]).text
    assert approver.open("/reports/1/copy").content == PDF
    assert not any(o.about for o in obligations.running(store, case_of(store, canteen)))
    page = approver.open(f"/cases/{canteen}").text
    assert "已取得回执" in page
    assert "按时完成" in page


def test_several_bodies_get_a_draft_each(approver: Browser, store: Store, canteen: int) -> None:
    reply = approver.client.post(
        f"/cases/{canteen}/report", follow_redirects=False,
        data={"csrf": approver.token(), "paper": "first", "to": ["县委网信办", "县政府总值班室"], "other": "县委网信办"},
    )
    assert reply.headers["location"] == f"/cases/{canteen}?done=report"
    assert [r.recipient for r in reports.of_case(store, canteen)] == ["县委网信办", "县政府总值班室"]


def test_an_answer_goes_to_one_body_alone(approver: Browser, store: Store, canteen: int) -> None:
    instruct(approver, store, canteen)
    reply = approver.send(f"/cases/{canteen}/report", paper="first", to="县委网信办", other="市教育局", instruction="1")
    assert reply.status_code == 422
    assert "只写一个主送单位" in reply.text
    assert reports.of_case(store, canteen) == []


def test_of_several_bodies_none_gets_a_draft_when_one_is_refused(approver: Browser, store: Store, canteen: int) -> None:
    approver.send(f"/cases/{canteen}/report", paper="first", other="市教育局")
    reply = approver.client.post(
        f"/cases/{canteen}/report", follow_redirects=False,
        data={"csrf": approver.token(), "paper": "first", "to": ["县委网信办"], "other": "市教育局"},
    )
    assert reply.status_code == 422
    assert len(reports.of_case(store, canteen)) == 1


FAULTS = [
    ({"came": "x"}, "请选择类型"), ({"sender": ""}, "请填写批示人或来文单位"), ({"words": ""}, "请填写批示或来文的内容"),
    ({"received_at": "昨天"}, "收到的时间请写成"), ({"received_at": "2026-11-19 09:00"}, "不能晚于现在"),
    ({"limit_at": "下周"}, "要求的时限请写成"), ({"limit_at": "2026-11-18 08:00"}, "早于收文时间"), ({"version": 0}, "页面已过期"),
]


@pytest.mark.parametrize(("given", "says"), FAULTS, ids=[row[1] for row in FAULTS])
def test_what_is_wrong_is_said_and_what_was_typed_is_given_back(
    approver: Browser, store: Store, canteen: int, counted: Go, given: dict[str, Any], says: str
) -> None:
    before = counted()
    reply = instruct(approver, store, canteen, **given)
    assert reply.status_code in (409, 422)
    assert says in reply.text
    assert "市教函〔2026〕8号" in reply.text
    assert counted() == before
    assert reports.instructions(store, canteen) == []


@pytest.mark.parametrize(("body", "status"), [(PDF, 303), (b"\x89PNG\r\n\x1a\n.", 303), (b"<html>", 422), (b"MZ", 422)])
def test_an_attachment_is_known_by_its_bytes(approver: Browser, store: Store, canteen: int, body: bytes, status: int) -> None:
    assert instruct(approver, store, canteen, files={"file": ("a.pdf", body, "application/pdf")}).status_code == status


def test_one_that_tells_of_nothing_known_opens_a_case(approver: Browser, store: Store, routed: Go, now: Any) -> None:
    assert "另立一件新的案件" in approver.open("/instructions/new").text
    done = approver.send("/instructions/new", title="校车超员", topic="A6", limit_at="2026-11-20 17:00", version=0, **CAME)
    assert done.headers["location"] == "/cases/1?done=instruct"
    routed(now)
    for path in ("/cases/1", "/cases", "/"):
        assert "校车超员" in approver.open(path).text, path


@pytest.mark.parametrize("paper", ["first", "handover"])
def test_only_an_approver_confirms(browser: Browser, store: Store, canteen: int, paper: str) -> None:
    browser.log_in("triager")
    browser.send(f"/cases/{canteen}/report", paper=paper, other="县公安局")
    page = browser.open("/reports/1").text
    assert "请有审签权限的同事审定" in page
    assert "/confirm" not in page
    assert "/withdraw" not in page
    assert browser.send("/reports/1/confirm", version=1, text="x").status_code == 403
    assert browser.send("/reports/1/revise", version=1, text="改过").status_code == 303
    browser.log_in("approver")
    assert browser.send("/reports/1/confirm", version=2, text="改过").status_code == 303
    assert browser.send("/reports/1/withdraw", version=3, reason="发错单位").status_code == 303
    assert "已撤回：发错单位" in browser.open("/reports/1").text
    found = reports.get(store, 1)
    assert found is not None
    assert found.state is ReportState.WITHDRAWN


def test_a_reader_reads_it_and_changes_nothing(browser: Browser, store: Store, canteen: int) -> None:
    browser.log_in("approver")
    browser.send(f"/cases/{canteen}/report", paper="first", other="市教育局")
    browser.log_in("viewer")
    page = browser.open("/reports/1").text
    assert "清源一中食堂的饭菜发霉了" in page
    assert "<textarea" not in page
    assert "登记批示来文…" not in browser.open("/cases").text


@pytest.mark.parametrize(("role", "status"), [("viewer", 422), ("auditor", 422), ("triager", 200)])
def test_a_paper_on_an_accusation_is_shown_to_those_alone_who_do_casework(
    browser: Browser, gathered: Go, routed: Go, now: Any, role: str, status: int
) -> None:
    read = {"schools": {"清源一中": "QY001"}, "accused": {"校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
    case_id = gathered("举报清源一中校长吃回扣", "F3", read=read)
    routed(now)
    browser.log_in("triager")
    assert browser.send(f"/cases/{case_id}/report", paper="handover", other="县纪委监委").status_code == 303
    browser.log_in(role)
    reply = browser.open("/reports/1")
    assert reply.status_code == status
    assert "回扣" not in reply.text
    assert browser.open("/reports/1/copy").status_code in (404, status)


def test_its_limit_is_waived_by_two_people(approver: Browser, store: Store, canteen: int) -> None:
    instruct(approver, store, canteen)
    owed = store.value("SELECT id FROM obligation WHERE kind LIKE 'instruction#%'")
    both = approver.send(f"/obligations/{owed}/waive", reason="口头同意", second="admin", second_password="correct horse battery")
    assert both.status_code == 303
    assert "已免除" in approver.open(f"/cases/{canteen}").text
