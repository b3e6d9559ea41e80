"""A real browser over a real socket: log in, open a case, hand it over; and the server stops when it is told to."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.terms import AssignmentState, RedLine
from pipeline.store import assignments, cases
from pipeline.store.db import Store, open_store
from responders.console.app import make_app, serve

pytestmark = pytest.mark.slow
CHROMIUM = shutil.which("chromium")
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)
SIZES = {"desk": (1280, 800), "phone": (390, 844)}


@dataclass
class Running:
    """A console that listens."""

    address: str
    stop: threading.Event
    thread: threading.Thread


@pytest.fixture
def running(store: Store, config: Config, clock: Any, people: object) -> Iterator[Running]:
    """The console on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def own() -> Store:
        return open_store(store.root / "huiyin.db", store.bureau, "测试县教育局", store.secret)

    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(make_app(own, lambda: config, clock), "127.0.0.1", port, stop))
    thread.start()
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield Running(f"http://127.0.0.1:{port}", stop, thread)
    stop.set()
    thread.join(10)


@pytest.fixture
def chromium() -> Iterator[Any]:
    """Debian's own browser; without it the test is skipped by name, but CI has to have it."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing: apt-get install chromium fonts-wqy-microhei")
        pytest.skip("chromium is missing: the console was not tried in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield browser
        browser.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_clerk_logs_in_opens_a_case_and_hands_it_over(
    chromium: Any, running: Running, canteen: int, store: Store, tmp_path: Path, gathered: Callable[..., int], routed: Callable[..., None],
    now: Any, size: str, scripts: bool,
) -> None:
    gathered("学生轻生\n请求帮助", "A4", read={"redline": RedLine.SUICIDE_RISK}, redline="suicide_risk", grade="Ⅱ")
    routed(now)
    width, height = SIZES[size]
    context = chromium.new_context(viewport={"width": width, "height": height}, java_script_enabled=scripts, locale="zh-CN")
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
