"""IMAP, as far as fetching needs it: what stands in a folder, the bytes of one message, and moving what is done with. Nothing of a
message is changed before it is moved (BODY.PEEK), and no answer is longer than was asked for."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from config.schema.settings import InboxSettings
from pipeline.domain.inbound import Folder, Listed
from responders.mail.wire import cut_after, trouble

TALKS = 10
"""A whole conversation may last so many times the timeout of one answer; then it is cut."""
WINDOW = 200
"""So many messages are listed or moved at once."""
BESIDE = 100_000
"""What an answer may be longer than the part of a message that was asked for."""
UID, SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")


class Step(Enum):
    """Where a conversation stands; the value is what staff read."""

    CONNECT = "连接"
    TLS = "STARTTLS"
    LOGIN = "登录"
    SELECT = "打开文件夹"
    LIST = "列出来信"
    FETCH = "取信"
    MOVE = "移走来信"


class Broken(Exception):
    """The mailbox cannot be used, or not any more; says at which step and why. The password is never part of it."""

    def __init__(self, step: Step, said: str) -> None:
        super().__init__(f"{step.value}：{said}")
        self.step = step


class _Bounded(imaplib.IMAP4):
    """A connection that refuses answers beyond `most`, and that is in `lines` before it is open, so that it can be cut."""

    def __init__(self, lines: list[imaplib.IMAP4], **given: Any) -> None:
        self.most = BESIDE
        lines.append(self)
        super().__init__(**given)

    def read(self, size: int) -> bytes:
        if size > self.most:
            raise self.abort(f"服务器要送来 {size} 字节，超出所要的长度")
        return super().read(size)


class _BoundedTls(_Bounded, imaplib.IMAP4_SSL):
    """The same over TLS from the first byte."""


@dataclass
class Mailbox:
    """An open folder. Every method raises `Broken` when the conversation cannot go on."""

    imap: _Bounded
    settings: InboxSettings
    can: frozenset[str] = frozenset()
    folder: Folder = field(default_factory=lambda: Folder("", 0))
    exists: int = 0

    def windows(self) -> Iterator[list[Listed]]:
        """What stands in the folder, a window at a time, oldest first."""
        for first in range(1, self.exists + 1, WINDOW):
            yield self._window(f"{first}:{min(first + WINDOW - 1, self.exists)}")

    def _window(self, span: str) -> list[Listed]:
        return list(_listed(self._asked(Step.LIST, lambda: self.imap.fetch(span, "(UID RFC822.SIZE)"))))

    def fetch(self, uid: int) -> bytes | None:
        """The bytes of a message, at most `message_bytes` of them; None when the server does not give them out."""
        most = self.settings.message_bytes
        self.imap.most = most + BESIDE
        found = self._asked(Step.FETCH, lambda: self.imap.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{most}>)"), refusable=True)
        parts = [part[1] for part in found if isinstance(part, tuple) and b"BODY[]" in part[0].upper()]
        return parts[0][:most] if parts else None

    def move(self, uids: Sequence[int]) -> None:
        """Moves messages to the folder of those that are done with, which is made where it is missing."""
        spec, there = ",".join(map(str, uids)), _quoted(self.settings.done_folder)
        self._asked(Step.MOVE, lambda: self.imap.create(there), refusable=True)  # most of the time it is there already
        if "MOVE" in self.can:
            self._asked(Step.MOVE, lambda: self.imap.uid("MOVE", spec, there))
            return
        self._asked(Step.MOVE, lambda: self.imap.uid("COPY", spec, there))
        self._asked(Step.MOVE, lambda: self.imap.uid("STORE", spec, "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self.can:  # without it EXPUNGE would also remove what others have marked: the rest is left to the mailbox's owner
            self._asked(Step.MOVE, lambda: self.imap.uid("EXPUNGE", spec))

    def log_in(self, password: str, context: ssl.SSLContext | None) -> None:
        """Encryption where it is asked for, then the account, then what the server can do for it."""
        if self.settings.security == "starttls":
            self._asked(Step.TLS, lambda: self.imap.starttls(context or ssl.create_default_context()))
        self._asked(Step.LOGIN, lambda: self.imap.login(_quoted(self.settings.user), password))
        answer = self._asked(Step.LOGIN, self.imap.capability)
        self.can = frozenset(b" ".join(part for part in answer if isinstance(part, bytes)).decode("ascii", "replace").upper().split())
        if "ID" in self.can:  # 163 and 126 let no program in that does not say what it is
            self._asked(Step.LOGIN, lambda: self.imap.xatom("ID", '("name" "huiyin")'), refusable=True)

    def select(self) -> None:
        """Opens the folder."""
        settings = self.settings
        [exists, *_] = self._asked(Step.SELECT, lambda: self.imap.select(_quoted(settings.folder)))
        _, [validity, *_] = self.imap.response("UIDVALIDITY")
        if not validity:
            raise Broken(Step.SELECT, "服务器没有给出 UIDVALIDITY，无法辨认来信")
        self.exists = int(exists or 0)
        self.folder = Folder(f"imap://{settings.user}@{settings.host}/{settings.folder}", int(validity))

    def _asked(self, step: Step, speak: Callable[[], tuple[str, Any]], *, refusable: bool = False) -> list[Any]:
        """The data of an answer; empty for a refusal that does not matter."""
        with _worded(step):
            status, data = speak()
            if status == "OK":
                return list(data)
            if refusable and status == "NO":
                return []
            raise Broken(step, _said(data))


@contextmanager
def mailbox(settings: InboxSettings, password: str, context: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """The inbox, opened; closed again whatever happens. Raises `Broken`."""
    lines: list[imaplib.IMAP4] = []
    with cut_after(lambda: lines[0].sock if lines else None, TALKS * settings.timeout_seconds):
        with _worded(Step.CONNECT):
            found = Mailbox(_connected(settings, lines, context), settings)
        try:
            found.log_in(password, context)
            found.select()
            yield found
        finally:
            _goodbye(found.imap)


def _connected(settings: InboxSettings, lines: list[imaplib.IMAP4], context: ssl.SSLContext | None) -> _Bounded:
    where = {"host": settings.host, "port": settings.port, "timeout": settings.timeout_seconds}
    if settings.security == "tls":
        return _BoundedTls(lines, **where, ssl_context=context or ssl.create_default_context())
    return _Bounded(lines, **where)


@contextmanager
def _worded(step: Step) -> Iterator[None]:
    """What imaplib raises, as one exception in words."""
    try:
        yield
    except imaplib.IMAP4.error as error:
        raise Broken(step, _said(error.args)) from error
    except (OSError, ValueError) as error:
        raise Broken(step, trouble(error)) from error


def _listed(rows: Sequence[Any]) -> Iterator[Listed]:
    """The UIDs and sizes in an answer; what else the server tells of (flags that somebody changed) is passed over."""
    for row in rows:
        uid, size = (pattern.search(row) if isinstance(row, bytes) else None for pattern in (UID, SIZE))
        if uid and size:
            yield Listed(int(uid[1]), int(size[1]))


def _said(data: Sequence[Any]) -> str:
    words = [part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in data if part]
    return " ".join(words) or "服务器拒绝，没有说明原因"


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _goodbye(imap: imaplib.IMAP4) -> None:
    """Ends the conversation; what the server still says to it decides nothing any more."""
    with suppress(imaplib.IMAP4.error, OSError):
        imap.sock.settimeout(2)
        imap.logout()
    with suppress(imaplib.IMAP4.error, OSError):
        imap.shutdown()
