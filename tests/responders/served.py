"""An application on a port of its own, a browser that opens it, a clock that tests turn."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium")
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)


@dataclass
class TurnedClock:
    """A clock that tests turn."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def on(self, **span: float) -> None:
        """Lets time pass."""
        self.now += timedelta(**span)


@dataclass
class Running:
    """An application that listens."""

    address: str
    stop: threading.Event
    thread: threading.Thread


@contextmanager
def served(serve: Callable[..., None], app: Any) -> Iterator[Running]:
    """The application on a free port of this machine, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(app, "127.0.0.1", port, stop))
    thread.start()
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield Running(f"http://127.0.0.1:{port}", stop, thread)
    stop.set()
    thread.join(10)


@contextmanager
def chromium(what: str) -> Iterator[Any]:
    """Debian's own browser; without it a test is skipped by name (`what` was not tried), but CI has to have it."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is missing: apt-get install chromium fonts-wqy-microhei")
        pytest.skip(f"chromium is missing: {what} was not tried in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield browser
        browser.close()
