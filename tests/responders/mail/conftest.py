"""A small bureau with its contacts, notices put by hand, and ways out that do as they are told."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from config.schema import Config
from config.schema.registry import Registry, Section, Shift
from config.schema.settings import BureauSettings, MailSettings, Settings
from pipeline.domain.cases import Notice
from pipeline.domain.parties import ContactEntry, PartyEntry
from pipeline.domain.terms import ContactRole, PartyKind, Urgency
from pipeline.moments import to_text
from pipeline.store import notices, parties
from pipeline.store.db import Store
from responders.mail.transport import Delivery, Parcel, Verdict

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
DUTY, PRINCIPAL = ContactRole.DUTY, ContactRole.PRINCIPAL
PARTIES = (
    PartyEntry(PartyKind.SECTION, "desk", "舆情值班室", (ContactEntry(DUTY, "丁一禾", "desk@jyj.example", "13900000003"),)),
    PartyEntry(PartyKind.SECTION, "director", "局长", (ContactEntry(PRINCIPAL, "周砚秋", "director@jyj.example", "13900000001"),)),
    PartyEntry(PartyKind.SECTION, "basic", "基础教育股", (ContactEntry(DUTY, "彭立松", "basic@jyj.example", "13900000004"),)),
    PartyEntry(
        PartyKind.SCHOOL, "QY001", "清源县第一中学",
        (
            ContactEntry(DUTY, "曾广霞", "qy001@edu.example", "13900001001"),
            ContactEntry(PRINCIPAL, "沈怀远", "head001@edu.example", "13900001009"),
        ),
    ),
    PartyEntry(PartyKind.SCHOOL, "QY002", "清源县第二中学", (ContactEntry(DUTY, "袁承静", "", "13900001002"),)),
    PartyEntry(PartyKind.SCHOOL, "QY003", "清源县第三中学"),
)  # fmt: skip


@pytest.fixture
def config() -> Config:
    """No quiet hours, no waiting for company: a test that is about those asks for them."""
    mail = MailSettings(
        sender="huiyin@jyj.example", sender_name="清源县教育舆情办理", group_minutes=0, group_again_minutes=0, quiet_to="22:00"
    )
    bureau = BureauSettings(id="test", name="清源县教育局", phone="0999-5550100", email="desk@jyj.example")
    shift = Shift(NOW - timedelta(days=1), NOW + timedelta(days=400), "值班员甲", "13900000088")
    return Config(settings=Settings(bureau=bureau, mail=mail), registry=Registry(sections=(Section("desk", "舆情值班室"),), duty=(shift,)))


@pytest.fixture
def mail(config: Config) -> Callable[..., Config]:
    """The same bureau with other mail settings."""

    def changed(**given: Any) -> Config:
        settings = config.settings.model_copy(update={"mail": MailSettings(**config.settings.mail.model_dump() | given)})
        return replace(config, settings=settings)

    return changed


@pytest.fixture
def bureau(store: Store) -> Store:
    """The store with the parties of the small bureau."""
    with store.transaction():
        parties.sync(store, PARTIES, NOW - timedelta(days=30))
    return store


@pytest.fixture
def put(bureau: Store) -> Callable[..., int]:
    """Puts a notice and returns its id."""
    numbers = count(1)

    def put_one(party: str = "QY001", urgency: Urgency = Urgency.ROUTINE, **given: Any) -> int:
        n = next(numbers)
        values = {
            "key": f"test:{n}", "roles": ("duty", "backup", "principal"), "subject": f"提醒{n}", "text": f"请办理第{n}件事。",
            "created_at": NOW,
        } | given  # fmt: skip
        with bureau.transaction():
            assert notices.put(bureau, Notice(party=party, urgency=urgency, **values))
        return int(bureau.value("SELECT max(id) FROM notice"))

    return put_one


@pytest.fixture
def case(bureau: Store) -> Callable[..., int]:
    """Opens a case and returns its id."""
    numbers = count(1)

    def open_one(**given: Any) -> int:
        values = {
            "bureau": "test", "number": f"教舆-2026-{next(numbers):05d}", "state": "open", "title": "食堂饭菜问题", "grade": "Ⅳ",
            "public": 1, "dormant": 0, "found_at": to_text(NOW), "opened_by": "machine",
        } | given  # fmt: skip
        with bureau.transaction():
            return bureau.insert("case_", **values)

    return open_one


@pytest.fixture
def assignment(bureau: Store) -> Callable[..., int]:
    """Hands a case to the first school and returns the assignment's id."""

    def give(case_id: int, **given: Any) -> int:
        values = {
            "case_id": case_id, "generation": 1, "party": "QY001", "party_name": "清源县第一中学", "owner_kind": "school", "role": "lead",
            "state": "confirmed", "rule": "r", "rule_version": "v", "reason": "", "words": "[]", "confidence": 1.0,
            "proposed_at": to_text(NOW),
        } | given  # fmt: skip
        with bureau.transaction():
            return bureau.insert("assignment", **values)

    return give


@pytest.fixture
def obligation(bureau: Store) -> Callable[..., int]:
    """Starts a clock on a case and returns the obligation's id."""

    def start(case_id: int, **given: Any) -> int:
        values = {
            "bureau": "test", "case_id": case_id, "generation": 1, "kind": "acknowledge", "party": "QY001", "clock": "hours", "amount": 4.0,
            "basis": "本局文件", "start_at": to_text(NOW), "start_basis": "handed_over", "warn_at": to_text(NOW + timedelta(hours=3)),
            "due_at": to_text(NOW + timedelta(hours=4)),
        } | given  # fmt: skip
        with bureau.transaction():
            return bureau.insert("obligation", **values)

    return start


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Scripted:
    """A way out that answers as told and remembers what it was given. `kill` names the point at which the process dies: `claimed`,
    `before_data`, `data`, `accepted`."""

    answers: list[Delivery] = field(default_factory=list)
    kill: str = ""
    taken: list[Parcel] = field(default_factory=list)
    lease: timedelta = timedelta(minutes=9)
    during: Callable[[], None] = lambda: None

    def deliver(self, parcel: Parcel, before_data: Callable[[], None]) -> Delivery:
        self._die("claimed")
        answer = self.answers.pop(0) if self.answers else Delivery(Verdict.SENT)
        if answer.verdict in (Verdict.SENT, Verdict.UNKNOWN):
            self._die("before_data")
            before_data()
            self._die("data")
            self.taken.append(parcel)
            self.during()
            self._die("accepted")
        return answer

    def _die(self, point: str) -> None:
        if self.kill == point:
            raise Killed(point)

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(p.raw, policy=default) for p in self.taken]  # type: ignore[misc]


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted


@pytest.fixture
def killed() -> type[Killed]:
    return Killed


@dataclass
class Clock:
    """A wall clock that a test moves."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **length: float) -> datetime:
        self.now += timedelta(**length)
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def second(tmp_path: Path, bureau: Store) -> Iterator[Store]:
    """Another process on the same database."""
    from pipeline.store.db import open_store

    opened = open_store(tmp_path / "data" / "huiyin.db", "test", "测试县教育局", b"a key for tests only")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for 127.0.0.1, and a client's that trusts it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(start).not_valid_after(start + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path: Path = tmp_path_factory.mktemp("tls") / "mail.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cafile=str(path))
