"""A real phone-sized browser without scripts: sign, answer with a screenshot, return; and a server that logs no address."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.cases import Assignment
from pipeline.domain.terms import AssignmentState
from pipeline.store import assignments
from pipeline.store.db import Store, open_store
from responders.console.server import serve
from responders.school.app import make_app
from tests.responders.served import Running, chromium, served

pytestmark = pytest.mark.slow
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


@pytest.fixture
def running(store: Store, config: Config, clock: Any) -> Iterator[Running]:
    """The page on a port of its own."""

    def own() -> Store:
        return open_store(store.root / "huiyin.db", store.bureau, "测试县教育局", store.secret)

    with served(serve, make_app(own, lambda: config, clock)) as page:
        yield page


@pytest.fixture
def phone_browser() -> Iterator[Any]:
    """A real browser, as wide as a phone and without scripts."""
    with chromium("the school's page") as browser:
        context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="zh-CN")
        context.set_default_timeout(10_000)
        yield context


def test_a_school_signs_answers_with_a_screenshot_and_adds_to_it(
    phone_browser: Any, running: Running, held: Assignment, link: str, store: Store, tmp_path: Path
) -> None:
    shot = tmp_path / "公开回应.png"
    shot.write_bytes(PNG)
    page = phone_browser.new_page()
    page.goto(running.address + link)
    assert held.summary in page.inner_text("blockquote")
    page.screenshot(path=tmp_path / "1-handed.png", full_page=True)
    assert not wider_than(page, 360)
    page.click("text=确认签收")
    assert page.is_visible("text=已签收，谢谢")
    page.fill("textarea[name=findings]", "已查实：存放不当，已销毁。")
    page.fill("textarea[name=measures]", "更换供货商。")
    page.fill("input[name=public_url]", "https://school.example/1")
    page.set_input_files("input[type=file]", shot)
    answer = page.locator("form", has=page.locator("textarea[name=findings]"))
    answer.locator("input[name=post]").fill("教导主任")
    answer.locator("input[name=phone]").fill("13900001001")
    page.screenshot(path=tmp_path / "2-filled.png", full_page=True)
    page.click("text=提交反馈")
    assert page.is_visible("text=已收到反馈，谢谢")
    assert page.is_visible("text=附件：公开回应.png")
    page.screenshot(path=tmp_path / "3-answered.png", full_page=True)
    assert not wider_than(page, 360)
    after = assignments.get(store, held.id)
    assert after is not None
    assert after.state is AssignmentState.ANSWERED


def test_a_school_returns_what_is_not_its_own_and_a_bad_link_says_nothing(
    phone_browser: Any, running: Running, link: str, tmp_path: Path
) -> None:
    page = phone_browser.new_page()
    page.goto(running.address + link)
    page.click("summary:has-text('退回')")
    page.fill("textarea[name=reason]", "不是我校，应为清源二中")
    page.screenshot(path=tmp_path / "4-returning.png", full_page=True)
    page.locator("form", has=page.locator("textarea[name=reason]")).locator("button").click()
    assert page.is_visible("text=已退回，值班室将另行处理")
    page.screenshot(path=tmp_path / "5-returned.png", full_page=True)
    page.goto(running.address + link[:-1])
    assert page.is_visible("text=这个链接不能打开")
    page.screenshot(path=tmp_path / "6-bad.png", full_page=True)


def test_no_token_reaches_a_log_and_the_server_stops_when_told(
    running: Running, link: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    caplog.set_level(logging.DEBUG)
    ours = [name for name in logging.root.manager.loggerDict if not name.startswith(("httpx", "httpcore"))]
    assert httpx.get(running.address + link).status_code == 200
    monkeypatch.setattr("responders.school.page._limits", lambda *_: 1 / 0)
    assert httpx.get(running.address + link).status_code == 500
    running.stop.set()
    running.thread.join(10)
    assert not running.thread.is_alive()
    said = [caplog.handler.format(r) for r in caplog.records if r.name in ours or r.name == "root"]
    assert any("school page, link" in line for line in said)
    token = link.removeprefix("/s/")
    assert [line for line in said if token in line or token.partition(".")[0] in line] == []


def test_a_form_that_is_sent_many_times_at_once_counts_once(running: Running, link: str, store: Store) -> None:
    import httpx

    form = {"act": "findings", "version": "2", "name": "曾广霞", "post": "教导主任", "phone": "13900001001", "findings": "属实"}
    with ThreadPoolExecutor(8) as taps:
        found = list(taps.map(lambda _: httpx.post(running.address + link, data=form).status_code, range(8)))
    assert found == [303] * 8
    assert store.value("SELECT count(*) FROM party_report") == store.value("SELECT sum(uses) FROM school_link") == 1


def wider_than(page: Any, width: int) -> bool:
    """Whether anything on the page stands out beyond the screen."""
    return any((box := e.bounding_box()) and box["x"] + box["width"] > width + 1 for e in page.locator("main *:visible").all())
