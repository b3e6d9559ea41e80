"""Looking through the inbox: every message is kept before anybody reads it, read before it is moved, and moved by its UID. Dying at any
point loses nothing and reads nothing twice."""

from __future__ import annotations

import logging
import os
import secrets
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from config.schema import Config
from config.schema.settings import InboxSettings, Settings
from pipeline import stage
from pipeline.domain.inbound import Listed
from pipeline.faults import Fault, Unusable, unusable
from pipeline.moments import WallClock, shown
from pipeline.outcome import DONE, FAILED, Outcome
from pipeline.store import inbound, inbound_views, leases
from pipeline.store.db import Store
from pipeline.workshop import Directory
from responders.mail.imap import TALKS, Broken, Mailbox, mailbox
from responders.mail.outbox import PAUSES
from responders.mail.receiving import receive_stage
from responders.mail.ways import password

log = logging.getLogger(__name__)

MOVED_AT_ONCE = 100
TRIED_FOR = 10
"""Seconds that `check` waits for an answer."""


@dataclass
class Look:
    """One look through the inbox: what it works with, and what it has done so far."""

    store: Store
    config: Config
    clock: WallClock
    password: str = field(repr=False)
    stopped: Callable[[], bool] = stage.never
    context: ssl.SSLContext | None = None
    seen: list[int] = field(default_factory=list)
    fetched: int = 0
    taken: int = 0
    read: int = 0
    moved: int = 0

    @property
    def settings(self) -> InboxSettings:
        return self.config.settings.inbox

    @property
    def full(self) -> bool:
        """Whether this look has taken as much as one may, or is to stop."""
        return self.stopped() or self.fetched >= self.settings.most_messages or self.taken >= self.settings.most_bytes


def look(looking: Look) -> None:
    """Fetches, reads, moves. Raises `Broken` where the mailbox could not be used to the end; what was kept until then is read all the
    same."""
    try:
        with mailbox(looking.settings, looking.password, looking.context) as box:
            _fetch(looking, box)
            _read(looking)
            _move(looking, box)
    except Broken:
        _read(looking)
        raise


def _fetch(looking: Look, box: Mailbox) -> None:
    for window in box.windows():
        looking.seen += [m.uid for m in window]
        with looking.store.transaction():
            wanted = inbound.note(looking.store, box.folder, window, looking.clock())
        for inbound_id, listed in wanted:
            if looking.full:
                return
            _fetch_one(looking, box, inbound_id, listed)


def _fetch_one(looking: Look, box: Mailbox, inbound_id: int, listed: Listed) -> None:
    """The try is counted before it is made and the bytes are committed before anything else is done: a message that ends the connection,
    or this process, is tried three times and then left to staff."""
    with looking.store.transaction():
        if not inbound.trying(looking.store, inbound_id, looking.clock()):
            return
    raw = box.fetch(listed.uid)
    if raw is None:
        log.warning("message %s of %s is not given out", listed.uid, box.folder.place)
        return
    cut = listed.size > len(raw) >= looking.settings.message_bytes
    address = f"{box.folder.place};UIDVALIDITY={box.folder.uidvalidity}/;UID={listed.uid}"
    with looking.store.transaction():
        inbound.keep(looking.store, inbound_id, raw, cut=cut, address=address, now=looking.clock())
    looking.fetched, looking.taken = looking.fetched + 1, looking.taken + len(raw)


def _read(looking: Look) -> None:
    looking.read += stage.run(receive_stage(looking.store, looking.config, looking.clock()), looking.store, looking.clock)


def _move(looking: Look, box: Mailbox) -> None:
    done = inbound.movable(looking.store, box.folder, looking.seen)
    for uids in _chunks(done):
        box.move(uids)
        with looking.store.transaction():
            inbound.moved(looking.store, box.folder, uids, looking.clock())
        looking.moved += len(uids)


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (uids[n : n + MOVED_AT_ONCE] for n in range(0, len(uids), MOVED_AT_ONCE))


def receive(store: Store, config: Config, clock: WallClock, root: Path, stopped: Callable[[], bool] = stage.never) -> Outcome:
    """Looks through the inbox once. Raises `Unusable` where none is configured."""
    settings = config.settings.inbox
    if not settings.host:
        raise unusable("huiyin.toml [inbox]", "没有填写收信服务器（host）", "填写 host、user 和密码后再收取")
    holder, name = f"{os.getpid()}/{secrets.token_hex(4)}", f"imap:{settings.host}/{settings.user}"
    now = clock()
    if not leases.take(store, name, holder, now, now + timedelta(seconds=TALKS * settings.timeout_seconds + 120)):
        return Outcome({"busy": True}, "另一个进程正在收信，本次不再收取")
    try:
        return _receive(store, config, clock, root, stopped)
    finally:
        leases.release(store, name, holder)


def receive_if_due(store: Store, config: Config, clock: WallClock, root: Path, stopped: Callable[[], bool]) -> Outcome | None:
    """The worker's look: every few minutes, less often while the inbox cannot be reached; None when it is not time."""
    if not config.settings.inbox.host or not due(store, config, clock()):
        return None
    return receive(store, config, clock, root, stopped)


def due(store: Store, config: Config, now: datetime) -> bool:
    """Whether it is time to look. A time further off than any pause is one from before the clock was set back."""
    last = inbound_views.inbox(store)
    longest = max(*PAUSES, timedelta(minutes=config.settings.inbox.every_minutes))
    return last is None or now >= last.next_at or last.next_at > now + longest


def _receive(store: Store, config: Config, clock: WallClock, root: Path, stopped: Callable[[], bool]) -> Outcome:
    problem = ""
    looking = Look(store, config, clock, "", stopped)
    try:
        looking.password = password(config.settings.inbox, Directory(root), table="inbox")
        look(looking)
    except (Broken, Unusable) as error:
        problem = str(error)
    now = clock()
    with store.transaction():
        if problem:
            inbound_views.failed(store, problem, now, PAUSES)
        else:
            inbound_views.looked(store, now, now + timedelta(minutes=config.settings.inbox.every_minutes))
    return _outcome(store, looking, problem)


def _outcome(store: Store, done: Look, problem: str) -> Outcome:
    pen, standing = inbound_views.count_pen(store), inbound_views.inbox(store)
    data = {"fetched": done.fetched, "read": done.read, "moved": done.moved, "pen": pen, "trouble": problem or None}
    text = f"收取来信 {done.fetched} 封，登记 {done.read} 封；待认领 {pen} 封"
    if problem and standing:
        text += f"\n收信中断（自 {shown(standing.since)}）：{problem}\n{shown(standing.next_at)} 再试；已取下的来信都已登记。"
    return Outcome(data, text, FAILED if problem else DONE)


def try_out(settings: Settings, root: Path) -> list[Fault]:
    """Logs in and opens the folder as receiving would, and changes nothing; what is wrong with it (for `check`)."""
    inbox = settings.inbox
    if not inbox.host:
        return []
    quick = inbox.model_copy(update={"timeout_seconds": min(inbox.timeout_seconds, TRIED_FOR)})
    try:
        with mailbox(quick, password(inbox, Directory(root), table="inbox")):
            return []
    except Unusable as error:
        return list(error.faults)
    except Broken as error:
        return [Fault("huiyin.toml [inbox]", f"收信试登录没有成功：{error}", "核对地址、端口、加密方式、用户名和密码（授权码）")]
