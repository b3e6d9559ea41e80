"""A console over a small county: users of every role, a clock that tests turn, a browser without scripts."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from argon2 import PasswordHasher

from config.registry import party_entries
from config.schema import Config
from pipeline.domain.terms import UserRole
from pipeline.store import parties
from pipeline.store.db import Store, open_store
from responders.console import passwords
from responders.console.app import make_app
from responders.console.commands import user_add
from tests.responders.served import TurnedClock

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would rather have the next httpx; both serve
    from starlette.testclient import TestClient

HOME = "http://127.0.0.1:8600"
PASSWORD = "correct horse battery"
Reply = Any


@dataclass
class Browser:
    """What somebody at a desk does: opens pages, sends the forms that stand on them."""

    client: TestClient
    pages: list[str] = field(default_factory=list)

    def open(self, path: str) -> Reply:
        """A page; redirects are shown and not followed."""
        reply = self.client.get(path, follow_redirects=False)
        self.pages.append(reply.text)
        return reply

    def token(self) -> str:
        """The token of the last page's forms."""
        return next((unescape(m) for page in reversed(self.pages) for m in re.findall(r'name="csrf" value="([^"]*)"', page) if m), "")

    def send(self, path: str, **fields: Any) -> Reply:
        """A form, with the last page's token unless another is given."""
        files = fields.pop("files", None)
        data = {"csrf": self.token()} | {k: str(v) for k, v in fields.items()}
        return self.client.post(path, data=data, files=files, follow_redirects=False)

    def log_in(self, name: str, password: str = PASSWORD, **more: str) -> Reply:
        """The log-in form, filled in and sent; then the first page, whose token the next forms carry."""
        self.client.cookies.clear()
        self.open("/login")
        reply = self.send("/login", name=name, password=password, **more)
        self.open("/")
        return reply


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing; one test measures the real ones."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobodys.cache_clear()


@pytest.fixture
def clock(now: datetime) -> TurnedClock:
    """The console's clock."""
    return TurnedClock(now)


@pytest.fixture
def people(store: Store, now: datetime) -> dict[UserRole, str]:
    """A user of every role, by the role's own name."""
    for role in UserRole:
        user_add(store, role.value, role.value, PASSWORD, now)
    return {role: role.value for role in UserRole}


@pytest.fixture
def browsers(store: Store, config: Config, clock: TurnedClock, people: dict[UserRole, str]) -> Iterator[Callable[..., Browser]]:
    """Makes browsers before the console; `settings` gives it another configuration."""
    opened: list[TestClient] = []

    def make(settings: Config = config, **given: Any) -> Browser:
        def own() -> Store:
            return open_store(store.root / "huiyin.db", store.bureau, "测试县教育局", store.secret)

        client = TestClient(make_app(own, lambda: settings, clock, **given), base_url=HOME)
        opened.append(client)
        client.__enter__()
        return Browser(client)

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def browser(browsers: Callable[..., Browser]) -> Browser:
    """Somebody who has not logged in."""
    return browsers()


@pytest.fixture
def approver(browser: Browser) -> Browser:
    """An approver who has logged in."""
    browser.log_in("approver")
    return browser


@pytest.fixture
def canteen(gathered: Callable[..., int], routed: Callable[..., None], now: datetime) -> int:
    """A routed case: bad food at 清源一中, found two hours ago."""
    text = "清源一中食堂的饭菜发霉了\n孩子吃了拉肚子，家长电话13800001111，一直没人管"
    case_id = gathered(text, "A5", read={"schools": {"清源一中": "QY001"}}, at=now - timedelta(hours=2))
    routed(now)
    return case_id


@pytest.fixture
def known(store: Store, config: Config, now: datetime) -> None:
    """The county's schools and sections with their contacts, as the registry gives them."""
    with store.transaction():
        parties.sync(store, party_entries(config.registry), now)


@pytest.fixture
def counted(store: Store) -> Callable[[], object]:
    """Counts whatever a change would leave behind."""

    def count() -> object:
        tables = ("case_", "assignment", "obligation", "rung", "notice", "response", "audit_entry", "phone_task", "evidence")
        return [store.value(f"SELECT count(*) FROM {t}") for t in tables] + [store.value("SELECT sum(version) FROM case_")]

    return count
