"""A real browser over a real socket: log in, open a case, hand it over; and the server stops when it is told to."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.terms import AssignmentState, RedLine
from pipeline.store import assignments, cases
from pipeline.store.db import Store, open_store
from responders.console.app import make_app, serve
from tests.responders.served import Running, chromium, served

pytestmark = pytest.mark.slow
SIZES = {"desk": (1280, 800), "phone": (390, 844)}


@pytest.fixture
def running(store: Store, config: Config, clock: Any, people: object) -> Iterator[Running]:
    """The console on a port of its own."""

    def own() -> Store:
        return open_store(store.root / "huiyin.db", store.bureau, "测试县教育局", store.secret)

    with served(serve, make_app(own, lambda: config, clock)) as console:
        yield console


@pytest.fixture
def real_browser() -> Iterator[Any]:
    """A real browser."""
    with chromium("the console") as found:
        yield found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_clerk_logs_in_opens_a_case_and_hands_it_over(
    real_browser: Any, running: Running, canteen: int, store: Store, tmp_path: Path, gathered: Callable[..., int],
    routed: Callable[..., None], now: Any, size: str, scripts: bool,
) -> None:
    gathered("学生轻生\n请求帮助", "A4", read={"redline": RedLine.SUICIDE_RISK}, redline="suicide_risk", grade="Ⅱ")
    routed(now)
    width, height = SIZES[size]
    context = real_browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=scripts, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(10_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{running.address}/cases/{canteen}")
    page.fill("#name", "triager")
    page.fill("#password", "correct horse battery")
    page.click("button.main")
    page.wait_for_url(f"{running.address}/cases/{canteen}")
    assert page.title() == "教舆-2026-00001 · 回音"
    first = page.locator("details", has=page.locator("textarea[name=summary]")).first
    if first.get_attribute("open") is None:
        first.locator("summary").click()
    assert "不要写反映人" in first.inner_text()
    first.locator("textarea[name=summary]").fill("有家长反映食堂饭菜变质，请核实并反馈。")
    first.locator("button").click()
    page.wait_for_url(f"{running.address}/cases/{canteen}?done=hand_over")
    assert page.is_visible("text=「交办」已记录")
    for path in ("/", "/cases", f"/cases/{canteen}", "/sources", "/mail", "/digests"):
        page.goto(running.address + path)
        page.screenshot(path=tmp_path / f"{size}{path.replace('/', '_')}.png", full_page=True)
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), f"{path} is too wide"
    assert complaints == []
    case = cases.get(store, canteen)
    lead = assignments.lead(store, case) if case else None
    assert lead is not None
    assert lead.state is AssignmentState.CONFIRMED
    context.close()


def test_the_server_stops_when_told_and_logs_no_secret(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    import httpx

    caplog.set_level(logging.DEBUG, logger="uvicorn")
    reply = httpx.get(f"{running.address}/login?next=/secret-in-the-address")
    assert reply.status_code == 200
    assert "server" not in reply.headers
    began = time.monotonic()
    running.stop.set()
    running.thread.join(10)
    assert not running.thread.is_alive()
    assert time.monotonic() - began < 10
    assert not [r for r in caplog.records if "secret-in-the-address" in r.getMessage()]
