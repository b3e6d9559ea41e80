"""Mail that is neither lost nor doubled: every way in which sending can go wrong, and what is left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.parties import ContactEntry, PartyEntry
from pipeline.domain.terms import ContactRole, ContactState, MessageState, PartyKind, Urgency
from pipeline.moments import from_text, to_text
from pipeline.store import outbox as rows
from pipeline.store import parties
from pipeline.store.db import Store, open_store
from responders.mail.compose import compose
from responders.mail.outbox import OUT_OF_REACH, PAUSES, Sending, attempt, empty
from responders.mail.transport import Delivery, Verdict

U, P, R = Urgency.URGENT, Urgency.PROMPT, Urgency.ROUTINE
LATER = Delivery(Verdict.LATER, "RCPT：450 busy")
DOWN = Delivery(Verdict.OUT_OF_REACH, "连接：连接被拒绝", server_trouble=True)
REFUSED = Delivery(Verdict.REFUSED, "RCPT：550 no such user", bad_address=True)
UNKNOWN = Delivery(Verdict.UNKNOWN, "正文：等待超时", server_trouble=True)


@pytest.fixture
def sending(bureau: Store, config: Config, clock: Any) -> Callable[..., Sending]:
    def make(transport: Any, store: Store = bureau, **given: Any) -> Sending:
        return Sending(store, config.settings.mail, transport, clock, **given)

    return make


@pytest.fixture
def queue(bureau: Store, config: Config, put: Callable[..., int], clock: Any) -> Callable[..., int]:
    """Puts a notice, composes it, and returns the message's id."""

    def one(party: str = "QY001", urgency: Urgency = P, **given: Any) -> int:
        put(party, urgency, **{"created_at": clock(), **given})
        compose(bureau, config, clock())
        return int(bureau.value("SELECT max(id) FROM message"))

    return one


def row(store: Store, message: int) -> dict[str, Any]:
    return store.rows("SELECT * FROM message WHERE id = ?", message)[0]


def state(store: Store, message: int) -> str:
    return str(row(store, message)["state"])


def calls(store: Store) -> list[str]:
    return [t["why"] for t in store.rows("SELECT why FROM phone_task WHERE done_at IS NULL ORDER BY id")]


def test_what_is_due_leaves_once_urgent_first(bureau: Store, sending: Any, queue: Any, scripted: Any) -> None:
    for urgency in (R, P, U):
        queue(urgency=urgency, subject=urgency.value)
    way = scripted()
    assert empty(sending(way)) == {MessageState.SENT: 3}
    assert [m["Subject"] for m in way.mails()] == ["urgent", "prompt", "routine"]
    assert empty(sending(way)) == {}
    assert len(way.taken) == 3
    assert all(m["lease_owner"] is None and m["sent_at"] and m["phase"] == "accepted" for m in bureau.rows("SELECT * FROM message"))


def test_at_night_only_urgent_mail_leaves(bureau: Store, mail: Any, queue: Any, scripted: Any, clock: Any) -> None:
    routine, urgent = queue(), queue(urgency=U)
    clock.pass_(hours=13)
    night = mail(quiet_from="22:00", quiet_to="07:00").settings.mail
    empty(Sending(bureau, night, scripted(), clock))
    assert (state(bureau, routine), state(bureau, urgent)) == ("queued", "sent")


def test_a_temporary_failure_is_tried_after_1_5_15_30_60_minutes_give_or_take_a_fifth(
    bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any
) -> None:
    message = queue()
    for n in range(7):
        empty(sending(scripted([LATER])))
        left = row(bureau, message)
        base = PAUSES[min(n, 4)]
        wait = from_text(left["next_at"]) - clock()
        assert (left["state"], left["attempts"], left["last_error"]) == ("deferred", n + 1, "RCPT：450 busy")
        assert base * 0.8 - timedelta(seconds=1) <= wait <= base * 1.2
        way = scripted()
        empty(sending(way))
        assert not way.taken, "it waits its turn"
        clock.now = from_text(left["next_at"])
    empty(sending(scripted()))
    assert state(bureau, message) == "sent"


def test_the_jitter_is_the_same_for_the_same_message_and_try_and_differs_between_messages(
    bureau: Store, sending: Any, queue: Any, scripted: Any
) -> None:
    messages = [queue() for _ in range(8)]
    empty(sending(scripted([LATER] * 8)))
    assert len({row(bureau, m)["next_at"] for m in messages}) > 1


def test_a_mail_that_expires_is_dead_and_becomes_a_call(bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any) -> None:
    message = queue()
    for _ in range(200):
        empty(sending(scripted([LATER])))
        if state(bureau, message) == "dead":
            break
        clock.pass_(minutes=30)
    assert from_text(row(bureau, message)["ended_at"]) - from_text(row(bureau, message)["date"]) >= timedelta(hours=72)
    assert row(bureau, message)["last_error"] == "RCPT：450 busy"
    assert calls(bureau) == ["邮件多次未能发出，已放弃"]


def test_a_refused_mail_fails_at_once_flags_its_contact_and_becomes_a_call(
    bureau: Store, sending: Any, queue: Any, scripted: Any, config: Config, put: Any, clock: Any
) -> None:
    message = queue()
    assert empty(sending(scripted([REFUSED]))) == {MessageState.FAILED: 1}
    assert (state(bureau, message), calls(bureau)) == ("failed", ["邮件被拒收"])
    states = {c.email: c.state for c in parties.contacts(bureau, "QY001")}
    assert states == {"qy001@edu.example": ContactState.BOUNCED, "head001@edu.example": ContactState.UNCONFIRMED}
    put("QY001", P)
    compose(bureau, config, clock())
    assert bureau.value("SELECT recipient FROM message ORDER BY id DESC") == "head001@edu.example"


def test_a_refusal_that_is_not_about_the_address_leaves_the_contact(bureau: Store, sending: Any, queue: Any, scripted: Any) -> None:
    queue()
    empty(sending(scripted([Delivery(Verdict.REFUSED, "MAIL：530 log in first")])))
    assert {c.state for c in parties.contacts(bureau, "QY001")} == {ContactState.UNCONFIRMED}


def test_only_the_failed_recipient_is_tried_again(bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any) -> None:
    first, second = queue("QY001"), queue("director")
    way = scripted([LATER, Delivery(Verdict.SENT)])
    empty(sending(way))
    clock.pass_(minutes=2)
    empty(sending(way))
    assert [m["To"].addresses[0].addr_spec for m in way.mails()] == ["director@jyj.example", "qy001@edu.example"]
    assert {state(bureau, m) for m in (first, second)} == {"sent"}


def test_a_routine_mail_of_unknown_fate_waits_for_a_person(bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any) -> None:
    message = queue()
    empty(sending(scripted([UNKNOWN])))
    clock.pass_(days=2)
    way = scripted()
    empty(sending(way))
    assert (state(bureau, message), way.taken, calls(bureau)) == ("uncertain", [], [])


@pytest.mark.parametrize(("arrived", "after"), [(True, "sent"), (False, "queued")])
def test_a_person_settles_an_uncertain_mail(
    bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any, arrived: bool, after: str
) -> None:
    message = queue()
    empty(sending(scripted([UNKNOWN])))
    with bureau.transaction():
        assert rows.settle(bureau, message, arrived=arrived, now=clock())
        assert not rows.settle(bureau, message, arrived=arrived, now=clock())
    assert state(bureau, message) == after


def test_an_urgent_mail_of_unknown_fate_is_sent_once_more_under_the_same_message_id(
    bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any
) -> None:
    message = queue(urgency=U)
    way = scripted([UNKNOWN, UNKNOWN])
    empty(sending(way))
    assert state(bureau, message) == "deferred"
    clock.pass_(minutes=2)
    empty(sending(way))
    clock.pass_(days=1)
    empty(sending(way))
    assert (state(bureau, message), calls(bureau)) == ("uncertain", ["紧急邮件结果不明"])
    assert len(way.taken) == 2
    assert len({m["Message-ID"] for m in way.mails()}) == 1
    assert len({p.raw for p in way.taken}) == 1


def test_an_unreachable_server_burns_no_attempt_shows_a_banner_and_turns_what_is_due_into_calls(
    bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any
) -> None:
    messages = [queue(), queue("director"), queue("desk")]
    way = scripted([DOWN])
    assert empty(sending(way)) == {MessageState.QUEUED: 1}
    assert [(row(bureau, m)["state"], row(bureau, m)["attempts"]) for m in messages] == [("queued", 0)] * 3
    standing = rows.breaker(bureau)
    assert standing
    assert (standing.since, standing.reason, standing.tries) == (clock(), "连接：连接被拒绝", 1)
    assert calls(bureau) == [OUT_OF_REACH] * 2, "the desk reads its own news on the console"


def test_an_open_breaker_leaves_the_server_alone_for_1_5_15_30_60_minutes(
    bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any
) -> None:
    message = queue()
    tries = []
    for minute in range(180):
        way = scripted([DOWN])
        empty(sending(way))
        if not way.answers:
            tries.append(minute)
        clock.pass_(minutes=1)
    assert tries == [0, 1, 6, 21, 51, 111, 171]
    assert (row(bureau, message)["attempts"], rows.breaker(bureau).tries) == (0, 7)  # type: ignore[union-attr]  # it stands


def test_what_comes_due_while_the_breaker_is_open_becomes_a_call_too(
    bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any
) -> None:
    queue()
    empty(sending(scripted([DOWN])))
    queue("director")
    way = scripted()
    empty(sending(way))
    assert (len(calls(bureau)), way.taken) == (2, [])


def test_the_breaker_closes_with_the_first_mail_that_leaves_and_its_calls_are_not_needed_any_more(
    bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any
) -> None:
    queue(), queue("director")
    empty(sending(scripted([DOWN])))
    clock.pass_(minutes=1)
    assert empty(sending(scripted())) == {MessageState.SENT: 2}
    assert (rows.breaker(bureau), calls(bureau)) == (None, [])


def test_a_person_may_try_the_server_at_once(bureau: Store, sending: Any, queue: Any, scripted: Any) -> None:
    queue()
    empty(sending(scripted([DOWN])))
    assert empty(sending(scripted(), at_once=True)) == {MessageState.SENT: 1}


def test_trouble_of_the_server_ends_the_round(bureau: Store, sending: Any, queue: Any, scripted: Any) -> None:
    messages = [queue(), queue("director")]
    empty(sending(scripted([Delivery(Verdict.LATER, "EHLO：421", server_trouble=True)])))
    assert [state(bureau, m) for m in messages] == ["deferred", "queued"]


# ── killed at each step ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("point", "urgency", "afterwards", "copies"),
    [
        ("claimed", P, "sent", 1), ("before_data", P, "sent", 1), ("data", P, "uncertain", 0), ("accepted", P, "uncertain", 1),
        ("claimed", U, "sent", 1), ("before_data", U, "sent", 1), ("data", U, "sent", 1), ("accepted", U, "sent", 2),
    ],
)  # fmt: skip
def test_a_sender_killed_at_any_step_loses_nothing_and_doubles_only_what_is_urgent(
    bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any, killed: Any, point: str, urgency: Urgency, afterwards: str,
    copies: int,
) -> None:
    message = queue(urgency=urgency)
    dying, way = scripted(kill=point), scripted()
    with pytest.raises(killed):
        empty(sending(dying))
    assert state(bureau, message) == "sending"
    empty(sending(way))
    assert not way.taken, "the dead sender's lease still holds"
    for _ in range(4):
        clock.pass_(minutes=10)
        empty(sending(way))
    assert state(bureau, message) == afterwards
    sent = dying.taken + way.taken
    assert len(sent) == copies
    assert len({p.raw for p in sent}) <= 1


def test_killed_before_the_result_is_committed(
    bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any, killed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = queue()
    way = scripted()

    def die(*_: Any, **__: Any) -> None:
        raise killed

    with monkeypatch.context() as patch:
        patch.setattr("responders.mail.outbox.phone_tasks.reached", die)
        with pytest.raises(killed):
            empty(sending(way))
    assert (state(bureau, message), row(bureau, message)["phase"]) == ("sending", "data")
    clock.pass_(minutes=10)
    empty(sending(way))
    assert (state(bureau, message), len(way.taken)) == ("uncertain", 1)


def test_the_phase_is_committed_before_the_data(bureau: Store, sending: Any, queue: Any, scripted: Any, second: Store) -> None:
    message = queue()
    seen = []
    way = scripted(during=lambda: seen.append(row(second, message)["phase"]))
    empty(sending(way))
    assert seen == ["data"]


# ── two senders ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_stolen_lease_means_nothing_is_handed_over(bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any) -> None:
    message = queue()
    slow, way = sending(scripted(), owner="slow"), scripted()
    claimed = rows.claim(bureau, "slow", clock(), timedelta(minutes=9))
    assert claimed
    clock.pass_(minutes=10)
    empty(sending(way, owner="quick"))
    assert attempt(slow, claimed) == (None, False)
    assert slow.transport.taken == []
    clock.pass_(minutes=10)
    empty(sending(way, owner="quick"))
    assert (state(bureau, message), len(way.taken)) == ("sent", 1)


def test_a_result_that_comes_after_the_lease_was_lost_is_not_written(
    bureau: Store, sending: Any, queue: Any, scripted: Any, second: Store, clock: Any
) -> None:
    message = queue()

    def stolen() -> None:
        with second.transaction():
            second.execute("UPDATE message SET lease_owner = 'other'")

    ends = empty(sending(scripted(during=stolen)))
    assert (ends, state(bureau, message), row(bureau, message)["lease_owner"]) == ({}, "sending", "other")


def test_two_senders_at_once_send_each_mail_once(
    bureau: Store, config: Config, put: Any, scripted: Any, clock: Any, tmp_path: Path
) -> None:
    for n in range(30):
        put("QY001", P, subject=f"m{n}")
    compose(bureau, config, clock())
    ways = [scripted(), scripted()]

    def work(way: Any) -> None:
        own = open_store(tmp_path / "data" / "huiyin.db", "test", "测试县教育局", b"a key for tests only")
        empty(Sending(own, config.settings.mail, way, clock))
        own.close()

    threads = [threading.Thread(target=work, args=(way,)) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [p.name for way in ways for p in way.taken]
    assert len(names) == len(set(names)) == 30


# ── asked again just before sending ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE obligation SET met_at = ?", "UPDATE assignment SET state = 'cancelled', ended_at = ?",
        "UPDATE case_ SET state = 'dismissed', closed_at = ?",
    ],
)  # fmt: skip
def test_what_was_settled_meanwhile_is_superseded(
    bureau: Store, sending: Any, queue: Any, scripted: Any, clock: Any, case: Any, assignment: Any, obligation: Any, change: str
) -> None:
    opened = case()
    message = queue(case_id=opened, assignment_id=assignment(opened), obligation_id=obligation(opened))
    with bureau.transaction():
        bureau.execute(change, to_text(clock.pass_(minutes=1)))
    way = scripted()
    assert empty(sending(way)) == {MessageState.SUPERSEDED: 1}
    assert (state(bureau, message), way.taken) == ("superseded", [])


def test_a_group_with_one_notice_that_still_stands_leaves(
    bureau: Store, sending: Any, put: Any, config: Config, scripted: Any, clock: Any, case: Any, obligation: Any
) -> None:
    opened = case()
    put(obligation_id=obligation(opened), case_id=opened)
    put(obligation_id=obligation(opened, kind="findings"), case_id=opened)
    compose(bureau, config, clock())
    with bureau.transaction():
        bureau.execute("UPDATE obligation SET met_at = ? WHERE kind = 'findings'", to_text(clock.pass_(minutes=1)))
    assert empty(sending(scripted())) == {MessageState.SENT: 1}


def test_a_mail_to_a_contact_who_left_goes_to_the_one_in_charge_now(
    bureau: Store, sending: Any, queue: Any, scripted: Any, config: Config, clock: Any
) -> None:
    message = queue()
    with bureau.transaction():
        entry = PartyEntry(PartyKind.SCHOOL, "QY001", "清源县第一中学", (ContactEntry(ContactRole.DUTY, "新任", "new@edu.example"),))
        parties.sync(bureau, [entry], clock())
    way = scripted()
    empty(sending(way))
    compose(bureau, config, clock.pass_(seconds=15))
    empty(sending(way))
    assert state(bureau, message) == "superseded"
    assert [m["To"].addresses[0].addr_spec for m in way.mails()] == ["new@edu.example"]


def test_one_poison_message_does_not_hold_up_the_others(bureau: Store, sending: Any, queue: Any, scripted: Any) -> None:
    bad, good = queue(), queue("director")
    with bureau.transaction():
        bureau.execute("UPDATE message SET recipient = 'a b\r\nRCPT TO:<x@y.example>', contact_id = NULL WHERE id = ?", bad)
    empty(sending(scripted()))
    assert (state(bureau, bad), state(bureau, good)) == ("failed", "sent")


def test_an_unforeseen_error_is_put_off_and_recorded(
    bureau: Store, sending: Any, queue: Any, scripted: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(scripted):  # type: ignore[misc]  # a fixture's class
        def deliver(self, parcel: Any, before_data: Any) -> Delivery:
            if not self.taken and "qy001" in parcel.recipient:
                raise RuntimeError("boom")
            return super().deliver(parcel, before_data)  # type: ignore[no-any-return]

    bad, good = queue(), queue("director")
    empty(sending(Broken()))
    assert (state(bureau, bad), state(bureau, good)) == ("deferred", "sent")
    assert bureau.value("SELECT error FROM setback WHERE stage = 'mail'") == "RuntimeError: boom"
