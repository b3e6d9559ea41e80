"""Emptying the outbox: claim, ask once more whether anybody still needs it, hand it over, write down what became of it."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.schema.settings import MailSettings
from pipeline import stage
from pipeline.domain.mail import Claim
from pipeline.domain.terms import MessageState, Urgency
from pipeline.moments import WallClock
from pipeline.store import notices, outbox, parties, phone_tasks
from pipeline.store.db import Store
from responders.mail.grouping import DESK, quiet
from responders.mail.mime import parcel
from responders.mail.transport import Delivery, Transport, Verdict

log = logging.getLogger(__name__)

PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60))
"""How long a mail, or a server, is left alone after its first, second … failure."""
JITTER = 0.2
OUT_OF_REACH = "邮件服务器不可用，邮件未能发出"
DIGEST = "digest:"


class LeaseLost(Exception):
    """Somebody else holds the message by now; it must not be handed over by us."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What one emptying of the outbox works with. `owner` signs its leases; `at_once` tries a server that is being left alone: a person
    asked for it."""

    store: Store
    mail: MailSettings
    transport: Transport
    clock: WallClock
    owner: str = field(default_factory=lambda: secrets.token_hex(8))
    say: Callable[[str], None] = log.info
    stopped: Callable[[], bool] = stage.never
    at_once: bool = False


def empty(sending: Sending) -> Counter[MessageState]:
    """Sends what is due until nothing is, or the server has trouble; counts the states in which messages were left."""
    ends: Counter[MessageState] = Counter()
    recover(sending, ends)
    bury(sending, ends)
    while not sending.stopped() and _passable(sending):
        now = sending.clock()
        claimed = outbox.claim(sending.store, sending.owner, now, sending.transport.lease, urgent_only=quiet(sending.mail, now))
        if claimed is None:
            break
        state, trouble = attempt(sending, claimed)
        if state:
            ends[state] += 1
        if trouble:
            break
    call_instead(sending.store, sending.mail, sending.clock())
    return ends


def _passable(sending: Sending) -> bool:
    """Whether the server may be tried: always, except while the breaker is open and its pause lasts."""
    standing = outbox.breaker(sending.store)
    return standing is None or sending.at_once or sending.clock() >= standing.next_at


def recover(sending: Sending, ends: Counter[MessageState]) -> None:
    """Takes care of messages whose sender died: those it had not begun to hand over are tried again, of the others nobody knows."""
    now = sending.clock()
    while lost := outbox.adopt_lost(sending.store, sending.owner, now, sending.transport.lease):
        claimed, handing = lost
        verdict, said = (Verdict.UNKNOWN, "交给服务器时中断，没有结果") if handing else (Verdict.LATER, "发送中断")
        state = record(sending, claimed, Delivery(verdict, said))
        if state:
            ends[state] += 1


def bury(sending: Sending, ends: Counter[MessageState]) -> None:
    """Gives up mails whose time has run out; a person telephones instead."""
    now = sending.clock()
    with sending.store.transaction():
        for message_id in outbox.expired(sending.store, now):
            if outbox.bury(sending.store, message_id, now):
                ends[MessageState.DEAD] += 1
                call(sending.store, message_id, "邮件多次未能发出，已放弃", now)


def attempt(sending: Sending, claimed: Claim) -> tuple[MessageState | None, bool]:
    """Tries one claimed message; returns the state it was left in, and whether the next would fare no better."""
    if _needless(sending, claimed):
        return MessageState.SUPERSEDED, False
    handing = False

    def before_data() -> None:
        nonlocal handing
        if not outbox.to_data(sending.store, claimed, sending.clock()):
            raise LeaseLost
        handing = True

    try:
        delivery = sending.transport.deliver(parcel(claimed, sending.mail), before_data)
        if not delivery.server_trouble:
            _reached(sending)
    except LeaseLost:
        log.warning("message %s: the lease was lost before it was handed over", claimed.id)
        return None, False
    except ValueError as error:
        delivery = Delivery(Verdict.REFUSED, str(error), bad_address=True)
    except Exception as error:  # one poison message must not hold up the others; it is on record and the next goes on
        log.exception("message %s could not be sent", claimed.id)
        delivery = Delivery(Verdict.UNKNOWN if handing else Verdict.LATER, f"{type(error).__name__}: {error}")
        _set_aside(sending, claimed, delivery)
    return record(sending, claimed, delivery), delivery.server_trouble


def _reached(sending: Sending) -> None:
    """The server works: closes the breaker where it was open."""
    with sending.store.transaction():
        if outbox.mend(sending.store):
            sending.say("邮件服务器已恢复")


def _needless(sending: Sending, claimed: Claim) -> bool:
    """Asks again, just before sending: is it still needed, and is its address still that of the one in charge?"""
    store, now = sending.store, sending.clock()
    with store.transaction():
        why = notices.obsolete(store, claimed.id)
        moved = not why and claimed.letter.contact_id is not None and outbox.contact_of(store, claimed.letter) is None
        if not why and not moved:
            return False
        if outbox.finish(store, claimed, MessageState.SUPERSEDED, now, why or "联系人已变更或停用，改发给现任联系人") and moved:
            notices.release(store, claimed.id)
    return True


def record(sending: Sending, claimed: Claim, delivery: Delivery) -> MessageState | None:
    """Writes what became of an attempt, if the lease is still ours; else None, and nothing is written."""
    now = sending.clock()
    with sending.store.transaction():
        state = _record(sending.store, claimed, delivery, now)
    if state is None:
        log.warning("message %s: the result came after the lease was lost and is not written", claimed.id)
    else:
        said = f"（{delivery.said}）" if delivery.said else ""
        sending.say(f"{state.zh}：{claimed.letter.recipient_name} {claimed.letter.subject}{said}")
    return state


def _record(store: Store, claimed: Claim, delivery: Delivery, now: datetime) -> MessageState | None:
    said = delivery.said
    if delivery.verdict is Verdict.OUT_OF_REACH:
        outbox.trip(store, said, now, PAUSES)
        return MessageState.QUEUED if outbox.give_back(store, claimed, said) else None
    if delivery.verdict is Verdict.SENT:
        return _sent(store, claimed, now)
    if delivery.verdict is Verdict.REFUSED:
        return _failed(store, claimed, delivery, now)
    if delivery.verdict is Verdict.UNKNOWN:
        return _unknown(store, claimed, said, now)
    next_at = min(now + pause(store, claimed), claimed.letter.expires_at)
    return MessageState.DEFERRED if outbox.defer(store, claimed, said, next_at) else None


def _sent(store: Store, claimed: Claim, now: datetime) -> MessageState | None:
    if not outbox.finish(store, claimed, MessageState.SENT, now):
        return None
    phone_tasks.reached(store, claimed.id, OUT_OF_REACH, now)
    return MessageState.SENT


def _failed(store: Store, claimed: Claim, delivery: Delivery, now: datetime) -> MessageState | None:
    """The mail is refused for good: its contact is flagged (退信), and a person telephones."""
    if not outbox.finish(store, claimed, MessageState.FAILED, now, delivery.said):
        return None
    if delivery.bad_address:
        parties.returned(store, claimed.letter.party, claimed.letter.recipient, now)
    call(store, claimed.id, "邮件被拒收", now)
    return MessageState.FAILED


def _unknown(store: Store, claimed: Claim, said: str, now: datetime) -> MessageState | None:
    """Nobody knows whether it arrived: an urgent one is sent once more under the same Message-ID, any other waits for a person."""
    urgent = claimed.letter.urgency is Urgency.URGENT
    if urgent and not claimed.repeated:
        return MessageState.DEFERRED if outbox.defer(store, claimed, said, now + PAUSES[0], repeat=True) else None
    if not outbox.finish(store, claimed, MessageState.UNCERTAIN, now, said):
        return None
    if urgent:
        call(store, claimed.id, "紧急邮件结果不明", now)
    return MessageState.UNCERTAIN


def pause(store: Store, claimed: Claim) -> timedelta:
    """How long until the next try: 1, 5, 15, 30, 60 min ± 20 %, the same for the same message and try."""
    base = PAUSES[min(max(claimed.attempts, 1), len(PAUSES)) - 1]
    share = int(store.keyed("jitter", f"{claimed.letter.message_id}:{claimed.attempts}")[:8], 16) / 0xFFFFFFFF
    return base * (1 + JITTER * (2 * share - 1))


def call_instead(store: Store, mail: MailSettings, now: datetime) -> int:
    """While mail is interrupted, every message that is due becomes a call as well; returns how many calls were asked for."""
    if outbox.breaker(store) is None:
        return 0
    with store.transaction():
        due = outbox.due(store, now, urgent_only=quiet(mail, now))
        return sum(call(store, message_id, OUT_OF_REACH, now) for message_id in due)


def call(store: Store, message_id: int, why: str, now: datetime) -> int:
    """Asks for calls in place of a mail and returns how many. A digest is not read out over the telephone; the desk has its own news on
    the console, and only what is urgent rings there."""
    needed = [w for w in notices.of_message(store, message_id) if not w.obsolete and not w.notice.key.startswith(DIGEST)]
    ringing = [w for w in needed if w.notice.party != DESK or w.notice.urgency is Urgency.URGENT]
    return sum(phone_tasks.add(store, w, why, now) for w in ringing)


def _set_aside(sending: Sending, claimed: Claim, delivery: Delivery) -> None:
    with sending.store.transaction():
        stage.record(sending.store, "mail", f"邮件 {claimed.id}", delivery.said, sending.clock())
