"""`huiyin send`, `receive` and `digest`: notices become mails, mails leave, urgent calls ring; replies and bounces come in; the day's
digest is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from config.schema import Config
from pipeline.faults import Unusable
from pipeline.moments import WallClock, shown, to_text
from pipeline.outcome import DONE, FAILED, UNUSABLE, Outcome
from pipeline.stage import never
from pipeline.store import outbox, phone_tasks
from pipeline.store.db import Store
from pipeline.workshop import Directory
from responders.daily import digest_if_due, make_digest
from responders.mail.compose import Composed, compose
from responders.mail.inbox import receive, receive_if_due, try_out
from responders.mail.outbox import PAUSES, Sending, call_instead, empty
from responders.mail.ringing import ring
from responders.mail.ways import transport_for

__all__ = ["digest_if_due", "make_digest", "receive", "receive_if_due", "send", "try_out"]


def send(
    store: Store, config: Config, clock: WallClock, root: Path, say: Callable[[str], None], stopped: Callable[[], bool] | None = None
) -> Outcome:
    """Composes what is due and empties the outbox. Mail that cannot leave becomes calls; nothing is lost and nothing is sent twice.

    `stopped` is the worker's: it ends the round between two mails. Without it a person is asking, and even a mail server that is being
    left alone for a while is tried.
    """
    composed = compose(store, config, clock())
    ends: Mapping[Any, int] = Counter()
    problem = ""
    try:
        transport = transport_for(config.settings.mail, Directory(root))
    except Unusable as error:
        problem = str(error)
        _interrupted(store, config, problem, clock)
    else:
        ends = empty(Sending(store, config.settings.mail, transport, clock, say=say, stopped=stopped or never, at_once=stopped is None))
    rung, unrung = ring(store, config.settings.urgent.command, clock)
    return _outcome(store, composed, ends, problem, rung, unrung)


def _interrupted(store: Store, config: Config, problem: str, clock: WallClock) -> None:
    """Mail is configured in a way that cannot work: the banner says so, and calls stand in."""
    now = clock()
    standing = outbox.breaker(store)
    if standing is None or now >= standing.next_at or standing.reason != problem:
        with store.transaction():
            outbox.trip(store, problem, now, PAUSES[:1])
    call_instead(store, config.settings.mail, now)


def _outcome(store: Store, composed: Composed, ends: Mapping[Any, int], problem: str, rung: int, unrung: int) -> Outcome:
    standing = outbox.breaker(store)
    calls = phone_tasks.count_open(store)
    data = {
        "composed": composed.messages, "dropped": composed.dropped, "ended": {state.value: n for state, n in ends.items()},
        "phone_tasks": calls, "urgent_command": {"done": rung, "failed": unrung},
        "breaker": {"since": to_text(standing.since), "reason": standing.reason} if standing else None,
    }
    parts = [f"新编邮件 {composed.messages} 封", *(f"{state.zh} {n} 封" for state, n in ends.items()), f"待办电话督办 {calls} 件"]
    parts += [f"短信已发 {rung} 条"] * bool(rung) + [f"短信失败 {unrung} 条"] * bool(unrung)
    text = "；".join(parts)
    if standing:
        text += f"\n邮件中断（自 {shown(standing.since)}）：{standing.reason}\n到期的邮件已列为电话督办，{shown(standing.next_at)} 再试。"
    return Outcome(data, text, UNUSABLE if problem else FAILED if standing else DONE)
