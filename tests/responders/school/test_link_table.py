"""The table of links: what each kind of link answers to each way of asking, and what it leaves behind. The table is generated."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest

from config.registry import party_entries
from config.schema import Config
from pipeline.domain.cases import Assignment
from pipeline.domain.parties import PartyEntry
from pipeline.domain.terms import AnswerKind, AssignmentState, ContactState, Nature
from pipeline.store import assignments, parties, school_links
from pipeline.store.db import Store
from responders import actions, links

PERSON = {"name": "曾广霞", "post": "教导主任", "phone": "13900001001"}
FORMS: dict[str, dict[str, str]] = {
    "acknowledge": {"name": "曾广霞"},
    "findings": PERSON | {"findings": "已查实，系存放不当"},
    "dispute": {"name": "曾广霞", "reason": "不是我校"},
}
AFTER = {"acknowledge": AssignmentState.ACKNOWLEDGED, "findings": AssignmentState.ANSWERED, "dispute": AssignmentState.DISPUTED}
ASKED = ("GET", "HEAD", *FORMS, *(f"{form} twice" for form in FORMS))
ACCUSING = {"schools": {"清源一中": "QY001"}, "accused": {"校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}


@dataclass(frozen=True)
class County:
    """What makes a link good or bad."""

    store: Store
    config: Config
    clock: Any
    held: Assignment
    link: str
    joined: Callable[..., None]
    routed: Callable[..., None]

    @property
    def parts(self) -> tuple[str, str]:
        """The random id, and its signature."""
        identity, _, signature = self.link.removeprefix("/s/").partition(".")
        return identity, signature

    def version(self) -> int:
        return int(self.store.value("SELECT version FROM case_ WHERE id = ?", self.held.case_id))

    def revoke(self) -> None:
        with self.store.transaction():
            school_links.revoke_assignment(self.store, self.held.id, "试", self.clock())

    def transfer(self) -> None:
        actions.reassign(self.store, self.config, self.held.id, self.held.version, "QY002", "实为二中", "甲", self.clock())

    def dismiss(self) -> None:
        actions.dismiss(self.store, self.config, self.held.case_id, self.version(), "重复", "乙", self.clock())

    def reopen(self) -> None:
        self.dismiss()
        actions.reopen(self.store, self.config, self.held.case_id, self.version(), "又有人反映", "乙", self.clock())

    def close_and_reopen(self) -> None:
        """The hand-over was accepted, and belongs to a round that is over."""
        case_id = self.held.case_id
        actions.choose_answer(self.store, self.config, case_id, self.version(), AnswerKind.NONE, "已说明", "乙", self.clock())
        actions.close(self.store, self.config, case_id, self.version(), "已办", "乙", self.clock())
        actions.reopen(self.store, self.config, case_id, self.version(), "又有人反映", "乙", self.clock())

    def bounce(self) -> None:
        with self.store.transaction():
            parties.mark(self.store, school_links.of_assignment(self.store, self.held.id)[0].contact_id, ContactState.BOUNCED, self.clock())

    def register(self, change: Callable[[PartyEntry], PartyEntry | None]) -> None:
        """The registry is taken over anew, every party changed or left out."""
        entries = [new for e in party_entries(self.config.registry) if (new := change(e))]
        with self.store.transaction():
            parties.sync(self.store, entries, self.clock())

    def accuse(self) -> None:
        """A later post accuses the head of the school that holds the case."""
        self.joined(self.held.case_id, "举报清源一中校长吃回扣", "F3", self.clock(), read=ACCUSING, accusation=1)
        self.routed(self.clock())

    def other_bureau(self) -> str:
        return links.signer(replace(self.store, bureau="other")).sign(self.parts[0]).decode()


def new_name(entry: PartyEntry) -> PartyEntry:
    return replace(entry, contacts=tuple(replace(c, name="新联络员") for c in entry.contacts))


def new_phone(entry: PartyEntry) -> PartyEntry:
    return replace(entry, contacts=tuple(replace(c, phone="13900009999") for c in entry.contacts))


OPENS: dict[str, Callable[[County], str | None]] = {
    "good": lambda c: None,
    "last second": lambda c: c.clock.on(days=30, seconds=-1),
    "contact has another telephone": lambda c: c.register(new_phone),
}
SHUT: dict[str, Callable[[County], str | None]] = {
    "expired": lambda c: c.clock.on(days=30),
    "revoked": lambda c: c.revoke(),
    "transferred": lambda c: c.transfer(),
    "dismissed": lambda c: c.dismiss(),
    "reopened": lambda c: c.reopen(),
    "of a round that is over": lambda c: c.close_and_reopen(),
    "bounced": lambda c: c.bounce(),
    "another contact": lambda c: c.register(new_name),
    "school gone": lambda c: c.register(lambda e: None if e.code == "QY001" else e),
    "accused": lambda c: c.accuse(),
    "rotated key": lambda c: object.__setattr__(c.store, "secret", b"another key"),
    "other id": lambda c: f"{c.parts[0][:-1]}{'B' if c.parts[0][-1] == 'A' else 'A'}.{c.parts[1]}",
    "other signature": lambda c: f"{c.parts[0]}.{'A' * len(c.parts[1])}",
    "signed elsewhere": lambda c: c.other_bureau(),
    "signed, never issued": lambda c: links.signer(c.store).sign("never").decode(),
    "cut off": lambda c: c.link.removeprefix("/s/")[:-4],
    "nothing": lambda c: "x",
    "endless": lambda c: "a" * 5000 + "." + c.parts[1],
    "Chinese": lambda c: "回音." + c.parts[1],
}
"""How a link comes to open nothing; each returns the token where it is another than the mailed one."""


@pytest.fixture
def county(
    store: Store, config: Config, clock: Any, held: Assignment, link: str, joined: Callable[..., None], routed: Callable[..., None]
) -> County:
    return County(store, config, clock, held, link, joined, routed)


def table(*kinds: str) -> list[Any]:
    return [pytest.param(k, how, id=f"{k}-{how}".replace(" ", "_")) for k, how in product(kinds, ASKED)]


def ask(phone: Any, path: str, how: str) -> Any:
    """Asks in one way; a form that is sent twice must be answered the same way twice."""
    if how in ("GET", "HEAD"):
        return phone.open(path, how)
    form, _, twice = how.partition(" ")
    shown = re.search(r'name="version" value="(\d+)"', phone.open(path).text)
    data = {"act": form, "version": shown[1] if shown else "0"} | FORMS[form]
    replies = [phone.client.post(path, data=data, follow_redirects=False) for _ in range(2 if twice else 1)]
    assert len({(r.status_code, r.headers.get("location")) for r in replies}) == 1
    return replies[-1]


@pytest.mark.parametrize(("kind", "how"), table(*SHUT))
def test_a_link_that_opens_nothing_gets_one_and_the_same_page_and_changes_nothing(
    phone: Any, county: County, everything: Callable[[], object], kind: str, how: str
) -> None:
    path = f"/s/{token}" if (token := SHUT[kind](county)) else county.link
    before, nowhere = everything(), phone.open("/s/no-such-link")
    reply = ask(phone, path, how)
    assert (reply.status_code, reply.text) == (404, "" if how == "HEAD" else nowhere.text)
    assert reply.headers == nowhere.headers
    assert everything() == before


@pytest.mark.parametrize(("kind", "how"), table(*OPENS))
def test_a_good_link_shows_and_takes_each_form_once(
    phone: Any, county: County, everything: Callable[[], object], store: Store, kind: str, how: str
) -> None:
    OPENS[kind](county)
    before = everything()
    reply = ask(phone, county.link, how)
    if how in ("GET", "HEAD"):
        assert reply.status_code == 200
        assert everything() == before
        return
    form, held = how.partition(" ")[0], assignments.get(store, county.held.id)
    assert (reply.status_code, reply.headers["location"]) == (303, f"?done={form}")
    assert held is not None
    assert held.state is AFTER[form]
    assert store.value("SELECT count(*) FROM party_report") == store.value("SELECT sum(uses) FROM school_link") == 1
    assert store.value("SELECT count(*) FROM notice WHERE key LIKE 'disputed:%' OR key LIKE 'reported:%'") == (form != "acknowledge")
    assert phone.open(county.link + reply.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("transferred", "已转交：实为二中"), ("dismissed", "已取消：不予处置：重复"), ("bounced", "联系人退信"),
        ("another contact", "联系人变更"), ("school gone", "单位停用"), ("accused", "出现对该单位的检举控告"),
    ],
)
def test_what_ends_a_link_stands_in_its_row(county: County, kind: str, why: str) -> None:
    SHUT[kind](county)
    [row] = school_links.of_assignment(county.store, county.held.id)
    assert (row.revoked_at, row.revoked_why) == (county.clock(), why)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("school", [("清源一中", "QY001"), ("清源二中", "QY002")], ids=["same school", "other school"])
def test_a_link_of_one_case_does_nothing_to_another(
    phone: Any, held: Assignment, link: str, hand: Callable[..., Assignment], everything: Callable[[], Any], store: Store,
    school: tuple[str, str], form: str,
) -> None:
    other = hand(*school)
    before = store.row("SELECT * FROM assignment WHERE id = ?", other.id)
    foreign = {"assignment": str(other.id), "assignment_id": str(other.id), "case": str(other.case_id), "token": "x"}
    assert phone.client.post(f"{link}?assignment={other.id}", data={"act": form} | FORMS[form] | foreign).status_code == 200
    assert store.row("SELECT * FROM assignment WHERE id = ?", other.id) == before
    assert store.rows("SELECT assignment_id FROM party_report") == [{"assignment_id": held.id}]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("good", [True, False], ids=["good", "bad"])
def test_any_other_way_of_asking_gets_the_same_page(
    phone: Any, link: str, everything: Callable[[], object], method: str, good: bool
) -> None:
    before = everything()
    reply = phone.open(link if good else "/s/x", method)
    assert (reply.status_code, reply.text) == (404, phone.open("/s/x").text)
    assert everything() == before
