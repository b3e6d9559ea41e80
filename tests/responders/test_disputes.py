"""非我单位 goes back to the desk and 退回重报 to the party; no clock begins anew, and no other school hears of it by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.cases import Assignment, Case
from pipeline.domain.terms import AssignmentState, Nature, ObligationKind, Role
from pipeline.store import assignments, audit, cases, obligations
from pipeline.store.db import Store
from responders import actions
from responders.commands import remind

Go = Callable[..., Any]
READ = {"schools": {"清源一中": "QY001"}}
WHY = "该生去年已转学，电话13800001111"


def again(store: Store, case_id: int) -> Case:
    """The case as it stands."""
    found = cases.get(store, case_id)
    assert found is not None
    return found


def lead(store: Store, case_id: int) -> Assignment:
    """Who leads now."""
    found = assignments.lead(store, again(store, case_id))
    assert found is not None
    return found


@pytest.fixture
def held(store: Store, config: Config, gathered: Go, routed: Go, now: datetime) -> Assignment:
    """A case that 清源一中 was handed."""
    case_id = gathered("清源一中食堂有虫", "A5", read=READ)
    routed(now)
    proposed = lead(store, case_id)
    return actions.hand_over(store, config, proposed.id, proposed.version, "请核实", "甲", now)


def clocks(store: Store, case_id: int) -> dict[str, tuple[datetime, datetime]]:
    """Start and due instant of what runs."""
    return {o.kind.value: (o.start_at, o.due_at) for o in obligations.running(store, again(store, case_id))}


def told(store: Store, key: str) -> list[tuple[str, str]]:
    """Who was told by notices of a kind, and what."""
    return [(r["party"], r["text"]) for r in store.rows("SELECT party, text FROM notice WHERE key LIKE ? || ':%'", key)]


def test_what_is_disputed_goes_back_to_the_desk_with_its_clocks(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    before = clocks(store, held.case_id)
    desk = actions.dispute(store, config, held.id, held.version, WHY, "甲", now + timedelta(hours=1))
    assert (desk.party, desk.role, desk.state) == ("desk", Role.LEAD, AssignmentState.PROPOSED)
    past = assignments.get(store, held.id)
    assert past is not None
    assert past.state is AssignmentState.DISPUTED
    assert clocks(store, held.case_id) == before
    assert {o.party for o in obligations.running(store, again(store, held.case_id))} == {"desk"}
    [(party, text)] = told(store, "disputed")
    assert party == "desk"
    assert "转学" in text
    assert "13800001111" not in text
    entry = next(e for e in audit.history(store, held.case_id) if e.action == "登记非我单位")
    assert "13800001111" not in str(entry.detail)


def test_no_other_school_and_not_the_same_one_gets_it_by_itself(
    store: Store, config: Config, held: Assignment, routed: Go, joined: Go, now: datetime
) -> None:
    actions.dispute(store, config, held.id, held.version, WHY, "甲", now)
    joined(held.case_id, "清源二中食堂也有虫", "A5", now, read={"schools": {"清源二中": "QY002"}})
    routed(now + timedelta(minutes=1))
    assert lead(store, held.case_id).party == "desk"
    remind(store, config, now + timedelta(days=2))
    schools = [r for r in store.rows("SELECT party, key FROM notice WHERE party LIKE 'QY%'") if not r["key"].startswith("assign:")]
    assert schools == []


def test_staff_may_give_it_back_to_the_same_school(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    before = clocks(store, held.case_id)
    desk = actions.dispute(store, config, held.id, held.version, WHY, "甲", now)
    back = actions.reassign(store, config, desk.id, desk.version, "QY001", "学籍仍在该校", "乙", now)
    handed = actions.hand_over(store, config, back.id, back.version, "请核实", "乙", now + timedelta(hours=3))
    assert (handed.party, handed.state) == ("QY001", AssignmentState.CONFIRMED)
    assert clocks(store, held.case_id) == before


def test_the_desk_is_the_last_to_whom_it_can_go(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    desk = actions.dispute(store, config, held.id, held.version, WHY, "甲", now)
    handed = actions.hand_over(store, config, desk.id, desk.version, "由值班室办理", "甲", now)
    with pytest.raises(actions.Refused, match="最后接办"):
        actions.dispute(store, config, handed.id, handed.version, "也不是我们的", "甲", now)


@pytest.mark.parametrize("act", [actions.dispute, actions.send_back])
def test_both_need_a_reason(store: Store, config: Config, held: Assignment, now: datetime, act: Go) -> None:
    answered = actions.record_findings(store, config, held.id, held.version, "属实", "甲", now) if act is actions.send_back else held
    with pytest.raises(actions.Refused, match="理由"):
        act(store, config, answered.id, answered.version, " ", "甲", now)


def test_an_accusation_is_not_told_in_the_mail_to_the_desk(
    store: Store, config: Config, gathered: Go, routed: Go, now: datetime
) -> None:
    read = {"schools": {"清源一中": "QY001"}, "accused": {"校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
    case_id = gathered("举报清源一中校长吃回扣", "F3", read=read)
    routed(now)
    proposed = lead(store, case_id)
    handed = actions.hand_over(store, config, proposed.id, proposed.version, "请核实", "甲", now)
    actions.dispute(store, config, handed.id, handed.version, "吃回扣一事应由别处查", "甲", now)
    assert "吃回扣" not in str(told(store, "disputed"))


def test_findings_that_are_sent_back_are_owed_from_their_first_start(store: Store, config: Config, held: Assignment, now: datetime) -> None:
    before = clocks(store, held.case_id)["findings"]
    late = now + timedelta(hours=25)
    answered = actions.record_findings(store, config, held.id, held.version, "已处理", "甲", now + timedelta(hours=20))
    back = actions.send_back(store, config, answered.id, answered.version, "没有说明原因", "乙", late)
    assert back.state is AssignmentState.RETURNED
    assert clocks(store, held.case_id)["findings"] == before
    [(party, text)] = told(store, "sentback")
    assert party == "QY001"
    assert "没有说明原因" in text
    assert remind(store, config, late).data["missed"] >= 1
    actions.record_findings(store, config, back.id, back.version, "原因是冷链断电", "甲", late)
    [met] = [o for o in obligations.of_case(store, again(store, held.case_id)) if o.kind is ObligationKind.FINDINGS]
    assert (met.met_at, met.status(late).value) == (late, "late")
