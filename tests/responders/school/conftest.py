"""A school's page over the sample county: a case that was handed to 清源一中, the mail that told of it, and a phone that opens its link."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.registry import party_entries
from config.schema import Config
from config.schema.settings import MailSettings, SchoolPageSettings
from pipeline.domain.cases import Assignment
from pipeline.store import assignments, cases, parties
from pipeline.store.db import Store, open_store
from responders import actions
from responders.mail.compose import compose
from responders.school.app import make_app
from tests.responders.served import TurnedClock

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would rather have the next httpx; both serve
    from starlette.testclient import TestClient

HOME = "http://127.0.0.1:8601"
SUMMARY = "有家长反映食堂饭菜变质，请核实并反馈。"
PERSON = {"name": "曾广霞", "post": "教导主任", "phone": "13900001001"}
LINK = re.compile(rf"{HOME}(/s/\S+)")
TABLES = (
    "case_", "assignment", "obligation", "rung", "notice", "response", "audit_entry", "phone_task", "evidence", "school_link",
    "party_report", "report_file", "message", "contact",
)


@dataclass
class Phone:
    """What somebody at a school does with a link."""

    client: TestClient
    replies: list[Any] = field(default_factory=list)

    def open(self, path: str, method: str = "GET") -> Any:
        """A page; redirects are shown and not followed."""
        self.replies.append(self.client.request(method, path, follow_redirects=False))
        return self.replies[-1]

    def send(self, path: str, act: str, files: Any = None, **fields: str) -> Any:
        """A form, with the version that the page shows."""
        shown = re.search(r'name="version" value="(\d+)"', self.open(path).text)
        data = {"act": act, "version": shown[1] if shown else "0"} | fields
        return self.client.post(path, data=data, files=files, follow_redirects=False)


@pytest.fixture
def config(config: Config) -> Config:
    """The county with a school's page on this machine."""
    settings = config.settings.model_copy(
        update={
            "school_page": SchoolPageSettings(public_url=HOME), "mail": MailSettings(group_minutes=0, quiet_from="00:00", quiet_to="00:00"),
        }
    )
    return replace(config, settings=settings)


@pytest.fixture
def clock(now: datetime) -> TurnedClock:
    return TurnedClock(now)


@pytest.fixture
def known(store: Store, config: Config, now: datetime) -> None:
    """The county's parties with their contacts."""
    with store.transaction():
        parties.sync(store, party_entries(config.registry), now - timedelta(days=30))


@pytest.fixture
def hand(
    store: Store, config: Config, known: None, gathered: Callable[..., int], routed: Callable[..., None], now: datetime
) -> Callable[..., Assignment]:
    """Hands a case about a school's canteen to its school."""

    def give(school: str = "清源一中", code: str = "QY001", **given: Any) -> Assignment:
        text = f"{school}食堂的饭菜发霉了\n孩子吃了拉肚子，家长王小明电话13800001111"
        case_id = gathered(text, "A5", read={"schools": {school: code}}, at=now - timedelta(hours=2), **given)
        routed(now)
        case = cases.get(store, case_id)
        assert case is not None
        lead = assignments.lead(store, case)
        assert lead is not None
        return actions.hand_over(store, config, lead.id, lead.version, SUMMARY, "甲", now)

    return give


@pytest.fixture
def held(hand: Callable[..., Assignment]) -> Assignment:
    """The hand-over to 清源一中."""
    return hand()


@pytest.fixture
def mailed(store: Store, config: Config, clock: TurnedClock) -> Callable[..., str]:
    """Composes what waits and returns the path of the newest link to a party."""

    def link(party: str = "QY001") -> str:
        compose(store, config, clock())
        text = store.value("SELECT text FROM message WHERE party = ? ORDER BY id DESC LIMIT 1", party)
        found = LINK.search(text or "")
        return found[1] if found else ""

    return link


@pytest.fixture
def link(held: Assignment, mailed: Callable[..., str]) -> str:
    """The link that 清源一中 got with its hand-over."""
    path = mailed()
    assert path
    return path


@pytest.fixture
def phone(store: Store, config: Config, clock: TurnedClock) -> Iterator[Phone]:
    """A phone in front of the school's page."""

    def own() -> Store:
        return open_store(store.root / "huiyin.db", store.bureau, "测试县教育局", store.secret)

    with TestClient(make_app(own, lambda: config, clock), base_url=HOME) as client:
        yield Phone(client)


@pytest.fixture
def everything(store: Store) -> Callable[[], object]:
    """Every row that a request could change."""
    return lambda: [store.rows(f"SELECT * FROM {table} ORDER BY rowid") for table in TABLES]
