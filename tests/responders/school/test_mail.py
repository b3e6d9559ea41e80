"""Who gets a link in a mail, who never does, and where the link is written down: in the mail, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from config.schema.settings import SchoolPageSettings
from pipeline.domain.cases import Assignment, Notice
from pipeline.domain.links import Speaker, Way, Words
from pipeline.domain.mail import Waiting
from pipeline.domain.terms import Nature, PartyKind, Role, Urgency
from pipeline.store import assignments, cases, parties, school_links
from pipeline.store.db import Store
from responders import actions, links
from responders.mail.compose import compose

SIGN = "可电话或回信签收"


def texts(store: Store, party: str) -> list[str]:
    """What was written to a party, text and HTML, oldest first."""
    return [part for row in store.rows("SELECT text, html FROM message WHERE party = ? ORDER BY id", party) for part in row.values()]


def test_the_hand_overs_mail_carries_one_link_and_says_once_how_else_to_sign(store: Store, link: str) -> None:
    plain, html = texts(store, "QY001")
    assert plain.count(link) == 1
    assert html.count(f'href="http://127.0.0.1:8601{link}"') == 1
    assert plain.count(SIGN) == html.count(SIGN) == 1
    assert "0999-5550100" in plain


def test_no_link_is_mailed_without_an_address(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    closed = replace(config, settings=config.settings.model_copy(update={"school_page": SchoolPageSettings()}))
    compose(store, closed, now)
    plain, html = texts(store, "QY001")
    assert "http" not in plain + html
    assert plain.count(SIGN) == html.count(SIGN) == 1
    assert store.value("SELECT count(*) FROM school_link") == 0


def test_composing_again_issues_nothing_and_each_mail_has_a_link_of_its_own(
    store: Store, config: Config, link: str, mailed: Callable[..., str], clock: Any, held: Assignment
) -> None:
    compose(store, config, clock())
    assert len(school_links.of_assignment(store, held.id)) == 1
    actions.report(store, config, held.id, told(clock()), clock())
    answered = assignments.get(store, held.id)
    assert answered is not None
    actions.send_back(store, config, held.id, answered.version, "没有写明措施", "甲", clock())
    clock.on(hours=5)
    assert mailed() not in ("", link)
    assert [x.revoked_at for x in school_links.of_assignment(store, held.id)] == [None, None]


def told(at: datetime) -> actions.Told:
    """An answer by the page."""
    return actions.Told(Speaker(Way.PAGE, "曾广霞", at, "教导主任", "13900001001"), 0, Words(findings="属实"))


def test_the_desk_gets_none_and_who_guides_may_sign_and_no_more(
    store: Store, mailed: Callable[..., str], link: str, held: Assignment
) -> None:
    assert [t for t in texts(store, "desk") if "/s/" in t] == []
    guides = [a for a in assignments.of_case(store, cases.get(store, held.case_id)) if a.role is Role.GUIDE]  # type: ignore[arg-type]
    assert guides
    for guide in guides:
        assert mailed(guide.party)
        assert [x.scope.value for x in school_links.of_assignment(store, guide.id)] == ["ack"]


def test_a_mail_that_takes_a_matter_back_has_no_link(
    store: Store, config: Config, link: str, held: Assignment, mailed: Callable[..., str], clock: Any
) -> None:
    current = assignments.get(store, held.id)
    assert current is not None
    actions.reassign(store, config, held.id, current.version, "QY002", "实为二中", "甲", clock())
    clock.on(hours=5)
    compose(store, config, clock())
    assert "已撤回" in texts(store, "QY001")[-2]
    assert "/s/" not in texts(store, "QY001")[-2]


def test_a_call_that_stands_in_for_a_mail_reads_out_no_link(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    with store.transaction():
        store.execute("UPDATE contact SET email = ''")
    compose(store, config, now)
    assert store.value("SELECT count(*) FROM phone_task") > 0
    assert store.value("SELECT count(*) FROM school_link") == 0
    assert store.value("SELECT count(*) FROM phone_task WHERE text LIKE '%/s/%'") == 0


@pytest.mark.parametrize("accused", [{"校长": ("head", "QY001")}, {"有人": ("person", None)}], ids=["its head", "nobody knows who"])
def test_an_accused_party_gets_no_link_and_one_it_has_opens_nothing(
    store: Store, config: Config, held: Assignment, joined: Callable[..., None], routed: Callable[..., None], phone: Any,
    mailed: Callable[..., str], clock: Any, accused: dict[str, Any],
) -> None:
    path = mailed()
    read = {"schools": {"清源一中": "QY001"}, "accused": accused, "nature": Nature.ACCUSATION}
    words = next(iter(accused))
    joined(held.case_id, f"举报清源一中{words}吃回扣", "F3", clock() + timedelta(minutes=1), read=read, accusation=1)
    assert phone.open(path).status_code == 404  # even before anything was routed anew
    routed(clock() + timedelta(minutes=1))
    assert phone.open(path).status_code == 404
    before = store.value("SELECT count(*) FROM school_link")
    with store.transaction():
        assert links.for_bundle(store, config, waiting(store, held, clock()), clock()) == {}
    assert store.value("SELECT count(*) FROM school_link") == before


def waiting(store: Store, held: Assignment, now: datetime) -> list[Any]:
    """A notice about the hand-over that would still go to the school."""
    notice = Notice("x", held.party, ("duty",), Urgency.PROMPT, "催办", "请签收", now, case_id=held.case_id, assignment_id=held.id)
    return [Waiting(1, notice, held.party_name, PartyKind.SCHOOL, parties.contact_for(store, held.party))]


def test_the_random_id_stands_in_the_mail_and_nowhere_else(
    store: Store, config: Config, link: str, phone: Any, held: Assignment, now: datetime
) -> None:
    phone.send(link, "acknowledge", name="曾广霞")
    identity, _, signature = link.removeprefix("/s/").partition(".")
    for table in [r["name"] for r in store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]:
        for row in store.rows(f"SELECT * FROM {table}") if table != "message" else []:
            assert identity not in str(row), table
            assert signature not in str(row), table
    assert len({link, *(issued(store, config, held, now) for _ in range(5))}) == 6


def issued(store: Store, config: Config, held: Assignment, now: datetime) -> str:
    """One more link to the hand-over."""
    with store.transaction():
        return links.for_bundle(store, config, waiting(store, held, now), now)[held.id]
