"""What the first page must not lose, what a list must not tell, and what a page says of mails that are only files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.terms import CaseState, Nature, RedLine, UserRole
from pipeline.moments import to_text
from pipeline.store import cases
from pipeline.store.db import Store

Browser = Any
Go = Callable[..., Any]
ACCUSING = {"schools": {"清源一中": "QY001"}, "accused": {"校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
NOT_SENT = "邮件目前只写成文件（data/mail），没有真正发出；正式使用请在 huiyin.toml [mail] 填写邮件服务器"


def section(page: str, kind: str) -> str:
    """The words of one section of 今日; empty where it is not there."""
    found = re.search(rf'<section class="block \w+" id="{kind}">(.*?)</section>', page, re.DOTALL)
    return found[1] if found else ""


@pytest.fixture
def red(gathered: Go, routed: Go, now: datetime) -> int:
    """A case with a red line that nobody has confirmed."""
    case_id = gathered("学生坠楼", "A1", read={"redline": RedLine.DEATH_OR_INJURY}, redline="death_or_injury", grade="Ⅱ")
    routed(now)
    return int(case_id)


def test_a_red_line_stays_on_top_with_its_tightest_clock_until_the_case_ends(approver: Browser, store: Store, red: int) -> None:
    assert "研判" in section(approver.open("/").text, "redline")
    case = cases.get(store, red)
    assert case is not None
    approver.send(f"/cases/{red}/confirm_redline", version=case.version)
    page = approver.open("/").text
    assert section(page, "redline") == ""
    confirmed = section(page, "redline_going")
    assert "学生坠楼" in confirmed
    tightest = store.row("SELECT kind FROM obligation WHERE met_at IS NULL AND waived_at IS NULL ORDER BY due_at LIMIT 1")
    assert tightest == {"kind": "phone_report"}
    assert "电话报告" in confirmed
    for state in CaseState:
        with store.transaction():
            store.execute("UPDATE case_ SET state = ?", state.value)
        assert ("学生坠楼" in section(approver.open("/").text, "redline_going")) == state.live


def test_many_red_lines_all_stand_there(approver: Browser, gathered: Go, routed: Go, now: datetime) -> None:
    for n in range(9):
        gathered(f"学生坠楼{n}", "A1", read={"redline": RedLine.DEATH_OR_INJURY}, redline="death_or_injury")
    routed(now)
    shown = section(approver.open("/").text, "redline")
    assert [n for n in range(9) if f"学生坠楼{n}" not in shown] == []


def test_what_a_rule_handed_over_is_to_be_reviewed_for_a_day(
    approver: Browser, gathered: Go, routed: Go, county: Config, now: datetime, clock: Any
) -> None:
    gathered("清源一中的路灯坏了", "A7", read={"schools": {"清源一中": "QY001"}}, at=now)
    routed(now, county)
    assert "路灯坏了" in section(approver.open("/").text, "by_itself")
    assert "系统自动交办" in approver.open("/cases").text
    assert "共 1 件" in approver.open("/cases?burning=by_itself").text
    clock.on(hours=24, minutes=1)
    approver.log_in("approver")
    assert section(approver.open("/").text, "by_itself") == ""


def test_what_a_person_handed_over_is_not_called_the_systems(approver: Browser, store: Store, canteen: int) -> None:
    held = store.row("SELECT id, version FROM assignment WHERE case_id = ? AND role = 'lead'", canteen)
    assert held is not None
    approver.send(f"/assignments/{held['id']}/hand_over", version=held["version"], summary="请核实")
    assert section(approver.open("/").text, "by_itself") == ""


@pytest.mark.parametrize(("transport", "word"), [("file", "已写成文件"), ("smtp", "已发送")])
def test_mail_that_is_only_written_to_files_is_said_so(
    browsers: Go, config: Config, store: Store, now: datetime, transport: str, word: str
) -> None:
    mail = config.settings.mail.model_copy(update={"transport": transport})
    browser = browsers(replace(config, settings=config.settings.model_copy(update={"mail": mail})))
    with store.transaction():
        store.insert(
            "message", bureau=store.bureau, message_id="<1@x>", date=to_text(now), party="QY001", recipient="a@b.example",
            recipient_name="袁老师", subject="交办", text="t", html="h", urgency="routine", state="sent", next_at=to_text(now),
            expires_at=to_text(now), sent_at=to_text(now),
        )
    browser.log_in("approver")
    today, page = browser.open("/").text, browser.open("/mail").text
    assert [NOT_SENT in today, NOT_SENT in page] == [transport == "file"] * 2
    assert word in page
    assert ({"已写成文件", "已发送"} - {word}).pop() not in page


@pytest.mark.parametrize("page", [2, 99, 1000])
def test_beyond_the_last_page_of_a_list_stands_the_last(approver: Browser, gathered: Go, routed: Go, now: datetime, page: int) -> None:
    for n in range(31):
        gathered(f"清源一中第{n}件", "A5", read={"schools": {"清源一中": "QY001"}}, at=now - timedelta(minutes=n))
    routed(now)
    text = approver.open(f"/cases?page={page}").text
    assert "第 2 页，共 2 页" in text
    assert text.count('class="row"') == 1


@pytest.mark.parametrize(
    "query", ["q=回扣", "q=教舆-2026-00001", "topic=F3", "grade=Ⅳ", "owner=desk", "q=回扣&state=triage", "q=回扣&today=1"]
)
@pytest.mark.parametrize("role", list(UserRole))
def test_a_search_tells_nobody_of_an_accusation_they_may_not_see(
    browser: Browser, gathered: Go, routed: Go, store: Store, now: datetime, query: str, role: UserRole
) -> None:
    gathered("举报清源一中校长吃回扣", "F3", read=ACCUSING)
    routed(now)
    owner = store.value("SELECT party FROM assignment WHERE role = 'lead'")
    browser.log_in(role.value)
    page = browser.open(f"/cases?{query.replace('desk', owner)}").text
    assert ("共 1 件" in page) == (role not in (UserRole.VIEWER, UserRole.AUDITOR))
    assert ("教舆-2026-00001</span>" in page) == ("共 1 件" in page)


def test_an_accusation_in_the_whole_list_shows_its_number_and_nothing_of_what_it_says(
    browser: Browser, gathered: Go, routed: Go, now: datetime
) -> None:
    gathered("举报清源一中校长吃回扣", "F3", read=ACCUSING)
    routed(now)
    browser.log_in("viewer")
    row = re.search(r'<li class="row">(.*?)</li>', browser.open("/cases").text, re.DOTALL)
    assert row is not None
    assert "检举控告类事项（按权限查看）" in row[1]
    assert [w for w in ("清源", "回扣", "廉政", "Ⅳ", "/cases/") if w in row[1]] == []


def test_every_post_of_a_case_can_be_reached(
    approver: Browser, gathered: Go, joined: Go, routed: Go, now: datetime
) -> None:
    case_id = gathered("清源一中食堂\n第0帖。", "A5", at=now)
    for n in range(1, 43):
        joined(case_id, f"清源一中食堂\n第{n}帖。", "A5", now)
    routed(now)
    pages = {n: approver.open(f"/cases/{case_id}?posts={n}").text for n in ("", "1", "2", "3", "99", "x", "-1")}
    assert [pages[n].count('<article class="post">') for n in pages] == [20, 20, 20, 3, 3, 20, 20]
    assert [m for m in range(43) if f"第{m}帖。" not in pages["1"] + pages["2"] + pages["3"]] == []
    assert f'href="/cases/{case_id}?posts=3#posts"' in pages["2"]
    assert [("系统怎么看" in p) for p in pages.values()] == [True] * 7
