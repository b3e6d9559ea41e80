"""An IMAP server of the test's own: one mailbox in memory, which fails where it is told to."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Script:
    """What stands in the mailbox, and what goes wrong. `at` maps a command (`UID FETCH`, or `UID FETCH 3` for one UID) to `drop`,
    `silence`, `drip`, or the answer that is given instead of the right one, such as `NO not now`."""

    inbox: dict[int, bytes] = field(default_factory=dict)
    done: dict[int, bytes] = field(default_factory=dict)
    at: dict[str, str] = field(default_factory=dict)
    can: str = "IMAP4rev1 MOVE UIDPLUS ID"
    validity: int = 7
    password: str = "right"
    sizes: dict[int, int] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    said: list[str] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)

    def add(self, *mails: bytes) -> None:
        for mail in mails:
            self.inbox[max([0, *self.inbox, *self.done]) + 1] = mail


class Gone(Exception):
    """The connection ends here."""


@contextmanager
def imap(script: Script, *, tls: bool = False) -> Iterator[int]:
    """Serves on a port of its own; `tls` from the first byte."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.02)

    def serve() -> None:
        while not script.stop.is_set():
            with suppress(TimeoutError, OSError):
                line, _ = listener.accept()
                threading.Thread(target=talk, args=(line,), daemon=True).start()

    def talk(line: socket.socket) -> None:
        with line, suppress(Gone, OSError, ValueError):
            talking = Talk(script, script.tls.wrap_socket(line, server_side=True) if tls and script.tls else line)
            try:
                talking.go()
            finally:
                talking.file.close()
                talking.line.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        script.stop.set()
        thread.join()
        listener.close()


class Talk:
    """One conversation."""

    def __init__(self, script: Script, line: socket.socket) -> None:
        self.script, self.line = script, line
        self.file = line.makefile("rb")

    def go(self) -> None:
        self.fault("", "GREETING", "")
        self.send(f"* OK [CAPABILITY {self.script.can}] ready")
        while words := self.file.readline().decode().split(maxsplit=1):
            tag, rest = words[0], words[1].strip()
            verb = rest.split()[0].upper()
            verb = f"UID {rest.split()[1].upper()}" if verb == "UID" else verb
            self.script.said.append(rest)
            if not self.fault(tag, verb, rest):
                getattr(self, verb.lower().replace(" ", "_"))(tag, rest)

    def send(self, text: str, literal: bytes | None = None, after: str = "") -> None:
        self.line.sendall(text.encode() + (b"" if literal is None else b"\r\n" + literal + after.encode()) + b"\r\n")

    def ok(self, tag: str) -> None:
        self.send(f"{tag} OK done")

    def fault(self, tag: str, verb: str, rest: str) -> bool:
        """Does what the script says for a command; False where it says nothing."""
        uid = rest.split()[2] if verb.startswith("UID ") else ""
        what = self.script.at.get(f"{verb} {uid}") or self.script.at.get(verb)
        if what == "drop":
            self.line.shutdown(socket.SHUT_RDWR)
            raise Gone
        if what in ("silence", "drip"):
            while not self.script.stop.wait(0.2):
                if what == "drip":
                    self.line.sendall(b"*")
            raise Gone
        if what:
            self.send(f"{tag} {what}")
        return bool(what)

    def capability(self, tag: str, rest: str) -> None:
        self.send(f"* CAPABILITY {self.script.can}")
        self.ok(tag)

    def id(self, tag: str, rest: str) -> None:
        self.send('* ID ("name" "test")')
        self.ok(tag)

    def starttls(self, tag: str, rest: str) -> None:
        assert self.script.tls
        self.ok(tag)
        self.file.close()
        self.line = self.script.tls.wrap_socket(self.line, server_side=True)
        self.file = self.line.makefile("rb")

    def login(self, tag: str, rest: str) -> None:
        good = rest.endswith(f'"{self.script.password}"')
        self.send(f"{tag} OK in" if good else f"{tag} NO [AUTHENTICATIONFAILED] wrong")

    def select(self, tag: str, rest: str) -> None:
        self.send(f"* {len(self.script.inbox)} EXISTS")
        self.send(f"* OK [UIDVALIDITY {self.script.validity}] valid")
        self.send(f"{tag} OK [READ-WRITE] selected")

    def fetch(self, tag: str, rest: str) -> None:
        first, last = map(int, rest.split()[1].split(":"))
        for n, uid in enumerate(sorted(self.script.inbox), 1):
            if first <= n <= last:
                self.send(f"* {n} FETCH (UID {uid} RFC822.SIZE {self.script.sizes.get(uid, len(self.script.inbox[uid]))})")
        self.ok(tag)

    def uid_fetch(self, tag: str, rest: str) -> None:
        uid = int(rest.split()[2])
        part = re.search(r"<0\.(\d+)>", rest)
        assert part
        if uid in self.script.inbox:
            raw = self.script.inbox[uid][: int(part[1])]
            self.send(f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}", raw, ")")
        self.ok(tag)

    def create(self, tag: str, rest: str) -> None:
        self.send(f"{tag} NO [ALREADYEXISTS] there")

    def uid_move(self, tag: str, rest: str) -> None:
        for uid in uids(rest):
            if uid in self.script.inbox:
                self.script.done[uid] = self.script.inbox.pop(uid)
        self.ok(tag)

    def uid_copy(self, tag: str, rest: str) -> None:
        self.script.done |= {uid: self.script.inbox[uid] for uid in uids(rest) if uid in self.script.inbox}
        self.ok(tag)

    def uid_store(self, tag: str, rest: str) -> None:
        self.script.deleted |= set(uids(rest))
        self.ok(tag)

    def uid_expunge(self, tag: str, rest: str) -> None:
        for uid in set(uids(rest)) & self.script.deleted:
            self.script.inbox.pop(uid, None)
        self.ok(tag)

    def logout(self, tag: str, rest: str) -> None:
        self.send("* BYE")
        self.ok(tag)
        raise Gone


def uids(rest: str) -> list[int]:
    return [int(n) for n in rest.split()[2].split(",")]
