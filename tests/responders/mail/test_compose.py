"""Notices in the store become messages, calls, or nothing, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.parties import ContactEntry, PartyEntry
from pipeline.domain.posts import RawPost
from pipeline.domain.readings import Accusation, Reading, Span
from pipeline.domain.terms import AccusedKind, ContactRole, ContactState, Nature, PartyKind, Scope, Urgency
from pipeline.moments import to_text
from pipeline.store import parties, posts, readings
from pipeline.store.db import Store
from responders.mail.compose import ACCUSED, Composed, compose

U, P, R = Urgency.URGENT, Urgency.PROMPT, Urgency.ROUTINE


def messages(store: Store) -> list[dict[str, Any]]:
    return store.rows("SELECT * FROM message ORDER BY id")


def test_a_notice_becomes_one_message_and_a_second_round_changes_nothing(
    bureau: Store, config: Config, put: Callable[..., int], now: Any
) -> None:
    notice = put(urgency=P)
    assert compose(bureau, config, now) == Composed(messages=1)
    before = messages(bureau)
    assert compose(bureau, config, now + timedelta(days=3)) == Composed()
    assert messages(bureau) == before
    assert bureau.row("SELECT message_id, waiting FROM notice WHERE id = ?", notice) == {"message_id": before[0]["id"], "waiting": 0}


def test_the_roles_choose_the_contact(bureau: Store, config: Config, put: Callable[..., int], now: Any) -> None:
    put(urgency=P, roles=("duty",))
    put(urgency=P, roles=("principal",))
    put("director", urgency=P, roles=("duty",))
    compose(bureau, config, now)
    assert [m["recipient"] for m in messages(bureau)] == ["qy001@edu.example", "head001@edu.example", "director@jyj.example"]


@pytest.mark.parametrize(("state", "to"), [(ContactState.BOUNCED, "head001@edu.example"), (ContactState.INACTIVE, "head001@edu.example")])
def test_a_contact_that_returned_mail_is_passed_over(
    bureau: Store, config: Config, put: Callable[..., int], now: Any, state: ContactState, to: str
) -> None:
    duty = parties.contact_for(bureau, "QY001", ("duty",))
    assert duty
    with bureau.transaction():
        parties.mark(bureau, duty.id, state, now)
    put(urgency=P)
    compose(bureau, config, now)
    assert [m["recipient"] for m in messages(bureau)] == [to]


def test_a_school_without_address_becomes_a_call_and_the_desk_is_told_in_the_same_round(
    bureau: Store, config: Config, put: Callable[..., int], now: Any, case: Callable[..., int]
) -> None:
    notice = put("QY002", urgency=P, case_id=case())
    assert compose(bureau, config, now) == Composed(messages=1, calls=1, dropped=1)
    task = bureau.row("SELECT * FROM phone_task")
    assert task
    assert (task["notice_id"], task["name"], task["phone"], task["done_at"]) == (notice, "袁承静", "13900001002", None)
    told = bureau.row("SELECT * FROM notice WHERE key = ?", f"nocontact:QY002:{notice}")
    assert told
    assert "清源县第二中学没有可用的联系邮箱" in told["subject"]
    assert [m["recipient"] for m in messages(bureau)] == ["desk@jyj.example"]
    assert compose(bureau, config, now) == Composed()


def test_a_school_with_neither_address_nor_number_is_still_a_call(bureau: Store, config: Config, put: Callable[..., int], now: Any) -> None:
    put("QY003", urgency=P)
    put("外部:公安局", urgency=P)
    compose(bureau, config, now)
    assert [(t["party"], t["phone"]) for t in bureau.rows("SELECT * FROM phone_task ORDER BY id")] == [("QY003", ""), ("外部:公安局", "")]


def test_what_a_hand_over_told_the_desk_is_not_told_again(
    bureau: Store, config: Config, put: Callable[..., int], now: Any, case: Callable[..., int], assignment: Callable[..., int]
) -> None:
    given = assignment(case(), party="QY002")
    put("desk", urgency=P, key=f"nocontact:{given}")
    put("QY002", urgency=P, assignment_id=given)
    compose(bureau, config, now)
    assert bureau.value("SELECT count(*) FROM notice WHERE key LIKE 'nocontact:QY002:%'") == 0


def test_an_urgent_call_for_the_desk_rings_the_duty_officer(bureau: Store, config: Config, put: Callable[..., int], now: Any) -> None:
    put("desk", urgency=U, phone=True, roles=("duty",))
    compose(bureau, config, now)
    task = bureau.row("SELECT * FROM phone_task")
    assert task
    assert (task["name"], task["phone"], task["command_due"]) == ("值班员甲", "13900000088", 1)
    assert len(messages(bureau)) == 1


def test_a_held_notice_is_called_about_once_and_mailed_when_the_night_ends(
    bureau: Store, mail: Callable[..., Config], put: Callable[..., int], now: Any
) -> None:
    night = now + timedelta(hours=13)
    put(urgency=P, phone=True, created_at=night)
    config = mail(quiet_from="22:00", quiet_to="07:00")
    assert [compose(bureau, config, night + timedelta(minutes=m)).calls for m in (0, 1, 2)] == [1, 0, 0]
    assert messages(bureau) == []
    assert compose(bureau, config, now + timedelta(hours=21)) == Composed(messages=1)


def test_groups_close_after_ten_minutes_then_after_four_hours(
    bureau: Store, mail: Callable[..., Config], put: Callable[..., int], now: Any
) -> None:
    config = mail(group_minutes=10, group_again_minutes=240)
    written = []
    for minutes in range(0, 600, 5):
        put(created_at=now + timedelta(minutes=minutes))
        if compose(bureau, config, now + timedelta(minutes=minutes)).messages:
            written.append(minutes)
    assert written == [10, 250, 490]


def test_beyond_the_cap_the_rest_waits_for_tomorrow_and_the_desk_is_told_once(
    bureau: Store, mail: Callable[..., Config], put: Callable[..., int], now: Any
) -> None:
    config = mail(daily_cap=2)
    for minute in range(5):
        put(created_at=now + timedelta(minutes=minute))
        compose(bureau, config, now + timedelta(minutes=minute))
    assert [m["party"] for m in messages(bureau)] == ["QY001", "QY001", "desk"]
    assert "上限" in messages(bureau)[-1]["subject"]
    compose(bureau, config, now + timedelta(hours=14))
    last = messages(bureau)[-1]
    assert (last["party"], "3项办理提醒" in last["subject"]) == ("QY001", True)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE obligation SET met_at = ?", "时限事项已完成"),
        ("UPDATE obligation SET waived_at = ?", "时限已终止或免除"),
        ("UPDATE assignment SET state = 'cancelled', ended_at = ?", "交办已取消或已转出"),
        ("UPDATE assignment SET state = 'transferred', ended_at = ?", "交办已取消或已转出"),
        ("UPDATE case_ SET state = 'dismissed', closed_at = ?", "事件已不予处置或已并入"),
    ],
)
def test_a_notice_that_nobody_needs_any_more_becomes_nothing(
    bureau: Store, config: Config, put: Callable[..., int], now: Any, case: Callable[..., int], assignment: Callable[..., int],
    obligation: Callable[..., int], change: str, why: str,
) -> None:  # fmt: skip
    opened = case()
    put(urgency=P, case_id=opened, assignment_id=assignment(opened), obligation_id=obligation(opened))
    with bureau.transaction():
        bureau.execute(change, to_text(now + timedelta(minutes=1)))
    assert compose(bureau, config, now + timedelta(minutes=2)) == Composed(dropped=1)
    assert bureau.value("SELECT dropped FROM notice") == why


@pytest.mark.parametrize(
    "change", ["UPDATE assignment SET state = 'cancelled', ended_at = ?", "UPDATE case_ SET state = 'dismissed', closed_at = ?"]
)
def test_the_notice_that_tells_of_a_withdrawal_still_leaves(
    bureau: Store, config: Config, put: Callable[..., int], now: Any, case: Callable[..., int], assignment: Callable[..., int], change: str
) -> None:
    opened = case()
    put(key="withdrawn:1", case_id=opened, assignment_id=assignment(opened))
    with bureau.transaction():
        bureau.execute(change, to_text(now))
    assert compose(bureau, config, now) == Composed(messages=1)


def accuse(store: Store, case_id: int, code: str | None, now: Any) -> None:
    """A post in which a head is accused, read and attached to the case."""
    text = "举报校长贪污"
    posts.add(store, [RawPost("forum", "k", text, "")], now, public=True, dormant=[False])
    post = posts.waiting(store, "read", 1)[0]
    read = Reading("m", Scope.K12, 0.9, nature=Nature.ACCUSATION, accused=(Accusation(AccusedKind.HEAD, Span("校长", 2, 4), code),))
    with store.transaction():
        readings.save(store, [(post, read)], now)
        attached = {"attached_at": to_text(now), "attached_by": "machine"}
        store.insert("case_post", post_id=post.id, case_id=case_id, generation=1, how="first", **attached)


def test_a_message_is_never_addressed_to_the_accused(
    bureau: Store, config: Config, put: Callable[..., int], now: Any, case: Callable[..., int]
) -> None:
    from dataclasses import replace

    from config.schema.registry import Registry, School

    registry = Registry(schools=(School("QY001", "清源县第一中学"), School("QY002", "清源县第二中学")), sections=config.registry.sections)
    config = replace(config, registry=registry)
    opened = case(accusation=1)
    accuse(bureau, opened, "QY001", now)
    refused = put("QY001", urgency=U, phone=True, case_id=opened)
    put("basic", urgency=P, case_id=opened)
    compose(bureau, config, now)
    assert bureau.value("SELECT dropped FROM notice WHERE id = ?", refused) == ACCUSED
    assert sorted(m["recipient"] for m in messages(bureau)) == ["basic@jyj.example", "desk@jyj.example"]
    assert bureau.value("SELECT count(*) FROM phone_task WHERE party = 'QY001'") == 0
    assert bureau.value("SELECT count(*) FROM audit_entry WHERE action = '拦截通知'") == 1


def test_while_an_accusation_cannot_be_read_no_school_is_told(
    bureau: Store, config: Config, put: Callable[..., int], now: Any, case: Callable[..., int]
) -> None:
    put("QY001", urgency=U, case_id=case(accusation=1))
    compose(bureau, config, now)
    assert [m["party"] for m in messages(bureau)] == ["desk"]


def test_a_killed_composer_leaves_every_notice_waiting(
    bureau: Store, config: Config, put: Callable[..., int], now: Any, monkeypatch: pytest.MonkeyPatch, killed: type[BaseException]
) -> None:
    put(urgency=P)
    put("QY002", urgency=P)

    def die(*_: Any) -> None:
        raise killed

    with monkeypatch.context() as patch:
        patch.setattr("responders.mail.compose.notices.drop", die)
        with pytest.raises(killed):
            compose(bureau, config, now)
    assert (messages(bureau), bureau.value("SELECT count(*) FROM notice WHERE waiting = 1")) == ([], 2)
    assert compose(bureau, config, now) == Composed(messages=2, calls=1, dropped=1)


def test_a_new_contact_is_told_what_waited(bureau: Store, config: Config, put: Callable[..., int], now: Any) -> None:
    put(urgency=P, created_at=now)
    with bureau.transaction():
        entry = PartyEntry(PartyKind.SCHOOL, "QY001", "清源县第一中学", (ContactEntry(ContactRole.DUTY, "新任", "new@edu.example"),))
        parties.sync(bureau, [entry], now)
    compose(bureau, config, now)
    assert [m["recipient"] for m in messages(bureau)] == ["new@edu.example"]
