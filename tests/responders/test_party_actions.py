"""What a party does with its hand-over and what that does to states, clocks and notices; where a return goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.registry import party_entries
from config.schema import Config
from pipeline.domain.cases import Assignment
from pipeline.domain.links import LinkScope, ReportKind, SentFile, Speaker, Way, Words
from pipeline.domain.terms import AnswerKind, AssignmentState, ObligationKind
from pipeline.store import assignments, audit, cases, obligations, parties, party_reports, school_links
from pipeline.store.db import Store
from pipeline.store.status import standing
from responders import actions, party_actions
from responders.actions import Told

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def held(store: Store, config: Config, gathered: Callable[..., int], routed: Callable[..., None], now: datetime) -> Assignment:
    """清源一中 has been handed a case about its canteen."""
    with store.transaction():
        parties.sync(store, party_entries(config.registry), now - timedelta(days=1))
    case_id = gathered("清源一中食堂饭菜发霉\n孩子拉肚子", "A5", read={"schools": {"清源一中": "QY001"}}, at=now - timedelta(hours=2))
    routed(now)
    case = cases.get(store, case_id)
    assert case is not None
    actions.choose_answer(store, config, case_id, case.version, AnswerKind.PUBLIC, "", "甲", now)
    lead = lead_of(store, case_id)
    return actions.hand_over(store, config, lead.id, lead.version, "请核实食堂饭菜问题。", "甲", now)


def lead_of(store: Store, case_id: int) -> Assignment:
    case = cases.get(store, case_id)
    lead = assignments.lead(store, case) if case else None
    assert lead is not None
    return lead


def state(store: Store, held: Assignment) -> AssignmentState:
    found = assignments.get(store, held.id)
    assert found is not None
    return found.state


def page(held: Assignment, at: datetime, **given: Any) -> Told:
    """What comes by the page."""
    return Told(Speaker(Way.PAGE, "曾广霞", at, "教导主任", "13900001001"), held.version, **given)


def call(held: Assignment, at: datetime, **given: Any) -> Told:
    """What staff take down at the telephone."""
    return Told(Speaker(Way.PHONE, "曾广霞", at), held.version, staff="甲", **given)


def owed(store: Store, held: Assignment) -> dict[ObligationKind, tuple[str, bool]]:
    case = cases.get(store, held.case_id)
    assert case is not None
    return {o.kind: (o.party, o.met_at is not None) for o in obligations.of_case(store, case)}


def told(store: Store, key: str) -> list[dict[str, Any]]:
    return store.rows("SELECT party, subject, text FROM notice WHERE key LIKE ? ORDER BY id", f"{key}:%")


def test_signing_meets_the_clock_at_the_moment_it_was_done(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    early, later = now + timedelta(minutes=5), now + timedelta(hours=7)
    actions.sign(store, config, held.id, call(held, early), later)
    case = cases.get(store, held.case_id)
    assert case is not None
    [met] = [o for o in obligations.of_case(store, case) if o.kind is ObligationKind.ACKNOWLEDGE]
    assert (met.met_at, met.evidence) == (early, "签收：曾广霞，电话")
    [said] = party_reports.of_assignment(store, held.id)
    assert (said.kind, said.speaker.at, said.recorded_by, said.recorded_at) == (ReportKind.ACKNOWLEDGED, early, "甲", later)
    entry = audit.history(store, held.case_id)[-1]
    assert (entry.who, entry.action, entry.detail["方式"]) == ("甲", "签收", "曾广霞，电话")


@pytest.mark.parametrize(("minutes", "why"), [(-1, "早于交办时间"), (31, "在将来")])
def test_nobody_signs_or_answers_before_the_hand_over_or_in_the_future(
    store: Store, config: Config, held: Assignment, now: datetime, minutes: int, why: str
) -> None:
    at = now + timedelta(minutes=minutes)
    with pytest.raises(actions.Refused, match=why):
        actions.sign(store, config, held.id, call(held, at), now + timedelta(minutes=30))
    with pytest.raises(actions.Refused, match=why):
        actions.report(store, config, held.id, call(held, at, words=Words(findings="属实")), now + timedelta(minutes=30))


def test_a_report_meets_internal_clocks_and_nothing_statutory(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    said = Words(findings="属实，家长13800001111", measures="整改", wording="情况通报", public_url="https://school.example/1")
    actions.report(store, config, held.id, page(held, now, words=said), now)
    met = {kind for kind, (_, done) in owed(store, held).items() if done}
    assert met == {ObligationKind.TRIAGE, ObligationKind.FINDINGS, ObligationKind.ACKNOWLEDGE}
    assert state(store, held) is AssignmentState.ANSWERED
    [notice] = told(store, "reported")
    assert notice["party"] == "desk"
    assert "称已公开回应" in notice["text"]
    entry = audit.history(store, held.case_id)[-1]
    assert "13800001111" not in str(entry.detail)
    assert entry.who == "清源县第一中学 曾广霞"


def test_what_staff_take_down_tells_the_desk_nothing_new(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    actions.report(store, config, held.id, call(held, now, words=Words(findings="属实")), now)
    assert told(store, "reported") == []
    assert party_reports.of_assignment(store, held.id)[0].recorded_by == "甲"


@pytest.mark.parametrize("act", ["sign", "report", "give_back"])
def test_a_form_that_arrives_twice_counts_once(store: Store, config: Config, held: Assignment, now: datetime, act: str) -> None:
    do = getattr(actions, act)
    said = page(held, now, words=Words(findings="属实", reason="非我校"), files=(SentFile("a", "image/png", PNG),))
    for minutes in (0, 1, 30):
        at = now + timedelta(minutes=minutes)
        do(store, config, held.id, replace(said, speaker=replace(said.speaker, at=at)), at)
    assert len(party_reports.of_assignment(store, held.id)) == 1
    assert store.value("SELECT count(*) FROM notice WHERE key LIKE 'reported:%' OR key LIKE 'disputed:%'") == (act != "sign")


def test_a_report_may_be_added_to(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    with pytest.raises(actions.Refused, match="核查情况"):
        actions.report(store, config, held.id, page(held, now, words=Words(public_url="https://a.example/1")), now)
    actions.report(store, config, held.id, page(held, now, words=Words(findings="属实")), now)
    actions.report(store, config, held.id, page(held, now, words=Words(public_url="https://a.example/1")), now)
    assert [r.words.public_url for r in party_reports.of_assignment(store, held.id)] == ["", "https://a.example/1"]
    with pytest.raises(actions.Refused, match="http"):
        actions.report(store, config, held.id, page(held, now, words=Words(public_url="javascript:alert(1)")), now)
    with pytest.raises(actions.Refused, match="核查情况"):
        actions.report(store, config, held.id, page(held, now), now)


@pytest.mark.parametrize("left_out", ["name", "post", "phone"])
def test_an_answer_asks_for_name_post_and_phone(store: Store, config: Config, held: Assignment, now: datetime, left_out: str) -> None:
    said = page(held, now, words=Words(findings="属实"))
    with pytest.raises(actions.Refused, match="请填写填报人"):
        actions.report(store, config, held.id, replace(said, speaker=replace(said.speaker, **{left_out: " "})), now)


def test_files_have_a_limit_together(
    store: Store, config: Config, held: Assignment, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(party_actions, "MOST_BYTES", 2 * len(PNG) + 1)
    for n in range(2):
        said = page(held, now, words=Words(findings=f"第{n}次"), files=(SentFile("a", "image/png", PNG[:-1] + bytes([n])),))
        actions.report(store, config, held.id, said, now)
    with pytest.raises(actions.Refused, match="合计"):
        actions.report(store, config, held.id, replace(said, words=Words(findings="第3次")), now)


def test_a_return_goes_to_the_desk_and_the_clocks_go_on(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    before = owed(store, held)
    actions.give_back(store, config, held.id, page(held, now, words=Words(reason="应为清源二中，家长13800001111")), now)
    assert state(store, held) is AssignmentState.DISPUTED
    [notice] = told(store, "disputed")
    assert notice["party"] == "desk"
    assert "认为非本单位事项" in notice["subject"]
    assert "13800001111" not in notice["text"]
    after = owed(store, held)
    assert [k for k in before if after[k][1] != before[k][1]] == []
    assert {after[k][0] for k in (ObligationKind.ACKNOWLEDGE, ObligationKind.FINDINGS)} == {"desk"}


def test_a_return_is_never_given_to_another_school_nor_to_the_same_again_by_itself(
    store: Store, county: Config, held: Assignment, joined: Callable[..., None], routed: Callable[..., None], now: datetime
) -> None:
    actions.give_back(store, county, held.id, page(held, now, words=Words(reason="非我校")), now)
    for n, school in enumerate(({"清源一中": "QY001"}, {"清源二中": "QY002"})):
        name = next(iter(school))
        joined(held.case_id, f"{name}食堂饭菜又发霉了", "A5", now + timedelta(minutes=n + 1), read={"schools": school})
        routed(now + timedelta(minutes=n + 1), county)
    leads = store.rows("SELECT party, state FROM assignment WHERE case_id = ? AND role = 'lead' ORDER BY id", held.case_id)
    assert leads == [{"party": "QY001", "state": "disputed"}, {"party": "desk", "state": "proposed"}]
    assert store.value("SELECT count(*) FROM notice WHERE party IN ('QY001', 'QY002') AND key LIKE 'assign:%'") == 1


@pytest.mark.parametrize("to", ["QY001", "QY002"])
def test_staff_give_a_return_on_or_back_and_the_old_link_then_opens_nothing(
    store: Store, config: Config, held: Assignment, now: datetime, to: str
) -> None:
    contact = parties.contact_for(store, held.party)
    assert contact is not None
    with store.transaction():
        school_links.issue(store, "a-hash", held.id, contact.id, LinkScope.ANSWER, now + timedelta(days=30), 30, now)
    actions.give_back(store, config, held.id, page(held, now, words=Words(reason="应为清源二中")), now)
    assert [link.revoked_at for link in school_links.of_assignment(store, held.id)] == [None]
    assert [standing(store, now + timedelta(days=n)).links for n in (0, 29, 30)] == [1, 1, 0]
    desks = lead_of(store, held.case_id)
    new = actions.reassign(store, config, desks.id, desks.version, to, "已核实", "甲", now)
    assert (new.party, new.state) == (to, AssignmentState.PROPOSED)
    assert {owed(store, held)[k][0] for k in (ObligationKind.ACKNOWLEDGE, ObligationKind.FINDINGS)} == {to}
    assert [link.revoked_at for link in school_links.of_assignment(store, held.id)] == [now]
    assert standing(store, now).links == 0
    with pytest.raises(actions.Refused):
        actions.give_back(store, config, held.id, page(held, now, words=Words(reason="再退")), now)


def test_what_was_sent_back_is_reported_anew(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    said = page(held, now, words=Words(findings="属实"))
    actions.report(store, config, held.id, said, now)
    answered = assignments.get(store, held.id)
    assert answered is not None
    actions.send_back(store, config, held.id, answered.version, "没有写明措施", "甲", now)
    assert not owed(store, held)[ObligationKind.FINDINGS][1]
    returned = assignments.get(store, held.id)
    assert returned is not None
    actions.report(store, config, held.id, page(returned, now, words=Words(findings="属实", measures="整改")), now)
    assert owed(store, held)[ObligationKind.FINDINGS][1]
    assert state(store, held) is AssignmentState.ANSWERED


def test_what_came_by_the_page_is_taken_though_staff_were_quicker_but_staff_are_told(
    store: Store, config: Config, held: Assignment, now: datetime
) -> None:
    actions.sign(store, config, held.id, call(held, now), now)
    actions.report(store, config, held.id, page(held, now, words=Words(findings="属实")), now)
    assert state(store, held) is AssignmentState.ANSWERED
    with pytest.raises(actions.Stale):
        actions.report(store, config, held.id, call(held, now, words=Words(findings="再报")), now)
