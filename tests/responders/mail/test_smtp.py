"""SMTP verb by verb: a table of what each failure means, and a real server that fails at each verb."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from config.schema.settings import MailSettings
from responders.mail.smtp import Impossible, Reply, Smtp, Verb, judge
from responders.mail.transport import Parcel, Verdict

SENT, LATER, REFUSED, UNKNOWN, DOWN = Verdict.SENT, Verdict.LATER, Verdict.REFUSED, Verdict.UNKNOWN, Verdict.OUT_OF_REACH
PARCEL = Parcel("huiyin@jyj.example", "qy001@edu.example", b"Subject: x\r\n\r\n.dot\r\nend\r\n", "p")
GONE = smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


@pytest.mark.parametrize(
    ("verb", "error", "verdict", "bad_address", "trouble"),
    [
        (Verb.CONNECT, ConnectionRefusedError(), DOWN, False, True),
        (Verb.CONNECT, TimeoutError(), DOWN, False, True),
        (Verb.CONNECT, socket.gaierror(-2, "no such name"), DOWN, False, True),
        (Verb.CONNECT, ssl.SSLCertVerificationError("bad"), DOWN, False, True),
        (Verb.CONNECT, GONE, LATER, False, True),
        (Verb.CONNECT, Reply(421, b"busy"), LATER, False, True),
        (Verb.CONNECT, Reply(554, b"no"), DOWN, False, True),
        (Verb.HELLO, Reply(502, b"?"), DOWN, False, True),
        (Verb.HELLO, GONE, LATER, False, True),
        (Verb.TLS, Impossible("no STARTTLS"), DOWN, False, True),
        (Verb.TLS, ssl.SSLError("handshake"), DOWN, False, True),
        (Verb.TLS, smtplib.SMTPResponseException(454, b"later"), LATER, False, True),
        (Verb.AUTH, smtplib.SMTPAuthenticationError(535, b"wrong"), DOWN, False, True),
        (Verb.AUTH, smtplib.SMTPAuthenticationError(454, b"later"), LATER, False, True),
        (Verb.AUTH, smtplib.SMTPNotSupportedError("no AUTH"), DOWN, False, True),
        (Verb.AUTH, GONE, DOWN, False, True),
        (Verb.AUTH, UnicodeEncodeError("ascii", "密", 0, 1, "x"), DOWN, False, True),
        (Verb.MAIL, Reply(451, b"later"), LATER, False, False),
        (Verb.MAIL, Reply(553, b"sender"), REFUSED, False, False),
        (Verb.MAIL, GONE, LATER, False, True),
        (Verb.RCPT, Reply(450, b"grey"), LATER, False, False),
        (Verb.RCPT, Reply(452, b"4.2.2 full"), LATER, False, False),
        (Verb.RCPT, Reply(421, b"bye"), LATER, False, True),
        (Verb.RCPT, Reply(550, b"5.1.1 no such user"), REFUSED, True, False),
        (Verb.RCPT, Reply(550, b"no such user"), REFUSED, True, False),
        (Verb.RCPT, Reply(552, b"5.2.2 mailbox full"), REFUSED, False, False),
        (Verb.RCPT, Reply(550, b"5.7.1 relaying denied"), REFUSED, False, False),
        (Verb.RCPT, GONE, LATER, False, True),
        (Verb.DATA, Reply(451, b"later"), LATER, False, False),
        (Verb.DATA, Reply(554, b"no"), REFUSED, True, False),
        (Verb.DATA, GONE, LATER, False, True),
        (Verb.BODY, Reply(451, b"later"), LATER, False, False),
        (Verb.BODY, Reply(554, b"5.7.1 spam"), REFUSED, False, False),
        (Verb.BODY, Reply(550, b"5.1.1 no such user"), REFUSED, True, False),
        (Verb.BODY, GONE, UNKNOWN, False, True),
        (Verb.BODY, TimeoutError(), UNKNOWN, False, True),
        (Verb.BODY, Reply(-1, b"garbage"), UNKNOWN, False, True),
        (Verb.BODY, smtplib.SMTPResponseException(500, "Line too long."), UNKNOWN, False, True),
    ],
)
def test_what_a_failure_means_depends_on_the_verb(verb: Verb, error: Exception, verdict: Verdict, bad_address: bool, trouble: bool) -> None:
    found = judge(verb, error)
    assert (found.verdict, found.bad_address, found.server_trouble) == (verdict, bad_address, trouble)
    assert found.said.startswith(verb.value)


class Server:
    """A scripted server: `at` maps a verb to the line it answers, to `drop` (the line is cut) or to `silence`."""

    def __init__(self, **at: str) -> None:
        self.at = at
        self.letters: list[bytes] = []
        self.over_tls: list[bool] = []

    async def _act(self, verb: str, server: Any, otherwise: str) -> str:
        told = self.at.get(verb, otherwise)
        if told == "drop":
            server.transport.abort()
            await asyncio.sleep(0.05)
        elif told == "silence":
            await asyncio.sleep(30)
        return told

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, lines: list[str]) -> list[str]:  # noqa: N802
        session.host_name = name
        told = await self._act("EHLO", server, "")
        return [told] if told else lines

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        envelope.mail_from = address
        self.over_tls.append(session.ssl is not None)
        return await self._act("MAIL", server, "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        told = await self._act("RCPT", server, "250 OK")
        if told.startswith("25"):
            envelope.rcpt_tos.append(address)
        return told

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(envelope.content)
        return await self._act("BODY", server, "250 OK")


@contextmanager
def serving(handler: Server, **given: Any) -> Iterator[int]:
    """Runs the server on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(handler, hostname="127.0.0.1", port=port, **given)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def settings(port: int, **given: Any) -> MailSettings:
    """Loopback, in the clear, five seconds a verb."""
    return MailSettings(**{"transport": "smtp", "host": "127.0.0.1", "port": port, "security": "none", "timeout_seconds": 5} | given)


def deliver(mail: MailSettings, before_data: Callable[[], None] = lambda: None, **given: Any) -> Any:
    return Smtp(mail, **given).deliver(PARCEL, before_data)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("at", "verdict", "handed"),
    [
        ({}, SENT, True),
        ({"EHLO": "421 busy"}, LATER, False),
        ({"EHLO": "554 no"}, DOWN, False),
        ({"EHLO": "drop"}, LATER, False),
        ({"MAIL": "451 later"}, LATER, False),
        ({"MAIL": "550 no"}, REFUSED, False),
        ({"MAIL": "drop"}, LATER, False),
        ({"RCPT": "450 later"}, LATER, False),
        ({"RCPT": "550 5.1.1 unknown"}, REFUSED, False),
        ({"RCPT": "drop"}, LATER, False),
        ({"BODY": "451 later"}, LATER, True),
        ({"BODY": "554 no"}, REFUSED, True),
        ({"BODY": "drop"}, UNKNOWN, True),
    ],
)
def test_a_server_that_fails_at_a_verb(at: dict[str, str], verdict: Verdict, handed: bool) -> None:
    told: list[int] = []
    with serving(Server(**at)) as port:
        found = deliver(settings(port), lambda: told.append(1))
    assert (found.verdict, bool(told)) == (verdict, handed), found.said


@pytest.mark.slow
@pytest.mark.parametrize(("verb", "verdict"), [("EHLO", LATER), ("MAIL", LATER), ("RCPT", LATER), ("BODY", UNKNOWN)])
def test_a_server_that_falls_silent_is_left_after_the_timeout(verb: str, verdict: Verdict) -> None:
    with serving(Server(**{verb: "silence"})) as port:
        mail = settings(port).model_copy(update={"timeout_seconds": 1})
        assert deliver(mail).verdict is verdict


@pytest.mark.slow
def test_the_text_arrives_as_it_was_dots_included() -> None:
    server = Server()
    with serving(server) as port:
        assert deliver(settings(port)).verdict is SENT
    assert server.letters == [PARCEL.raw]


@pytest.mark.slow
def test_a_mail_that_may_not_be_handed_over_any_more_is_not() -> None:
    class LostError(Exception):
        pass

    def lost() -> None:
        raise LostError

    server = Server()
    with serving(server) as port, pytest.raises(LostError):
        deliver(settings(port), lost)
    assert server.letters == []


def test_a_refused_connection_is_a_server_out_of_reach() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    found = deliver(settings(port))
    assert (found.verdict, found.said) == (DOWN, "连接：连接被拒绝")


@pytest.mark.slow
def test_a_server_that_drips_is_cut_off() -> None:
    """One byte every half second never runs into the timeout of an answer; the conversation as a whole does."""
    import threading
    import time

    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        line, _ = listener.accept()
        with line:
            while not stop.wait(0.3):
                try:
                    line.sendall(b"2")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    began = time.monotonic()
    mail = settings(int(listener.getsockname()[1])).model_copy(update={"timeout_seconds": 1})
    found = deliver(mail)
    stop.set()
    thread.join()
    listener.close()
    assert found.verdict is LATER
    assert time.monotonic() - began < 8


# ── STARTTLS, TLS, log-in ───────────────────────────────────────────────────────────────────────────────────────────


def test_without_starttls_nothing_is_sent_in_the_clear() -> None:
    server = Server()
    with serving(server) as port:
        found = deliver(settings(port, security="starttls"))
    assert found.verdict is DOWN
    assert "STARTTLS" in found.said
    assert (server.letters, server.over_tls) == ([], [])


@pytest.mark.slow
def test_starttls_protects_the_mail(certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server = Server()
    with serving(server, tls_context=certificate[0]) as port:
        assert deliver(settings(port, security="starttls"), context=certificate[1]).verdict is SENT
    assert server.over_tls == [True]


@pytest.mark.slow
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: tuple[ssl.SSLContext, ssl.SSLContext], security: str) -> None:
    server = Server()
    with serving_over(server, security, certificate) as port:
        found = deliver(settings(port, security=security))
    assert (found.verdict, server.letters) == (DOWN, [])


@pytest.mark.slow
def test_tls_from_the_first_byte(certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server = Server()
    with serving_over(server, "tls", certificate) as port:
        assert deliver(settings(port, security="tls"), context=certificate[1]).verdict is SENT
    assert len(server.letters) == 1


@contextmanager
def serving_over(handler: Server, security: str, certificate: tuple[ssl.SSLContext, ssl.SSLContext]) -> Iterator[int]:
    """Serves with STARTTLS, or with TLS from the first byte; there the controller's own first connection has to trust us too."""

    def first(self: Any) -> None:
        line = socket.create_connection((self.hostname, self.port))
        with certificate[1].wrap_socket(line, server_hostname=self.hostname) as safe:
            safe.recv(1)

    with pytest.MonkeyPatch.context() as patch:
        if security == "tls":
            patch.setattr(Controller, "_trigger_server", first)
        with serving(handler, **{"tls_context" if security == "starttls" else "ssl_context": certificate[0]}) as port:
            yield port


@pytest.mark.slow
@pytest.mark.parametrize(("password", "verdict"), [("right", SENT), ("wrong-one", DOWN), ("密碼9527", DOWN)])
def test_a_refused_log_in_is_a_server_out_of_reach_and_the_password_stays_unsaid(
    password: str, verdict: Verdict, certificate: tuple[ssl.SSLContext, ssl.SSLContext], caplog: pytest.LogCaptureFixture
) -> None:
    def authenticator(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = data.password == b"right"
        return AuthResult(success=right, handled=False, message=None if right else "535 5.7.8 wrong")

    caplog.set_level("DEBUG", logger="responders")
    server = Server()
    with serving(server, tls_context=certificate[0], authenticator=authenticator) as port:
        way = Smtp(settings(port, security="starttls", user="huiyin"), password, certificate[1])
        found = way.deliver(PARCEL, lambda: None)
    assert found.verdict is verdict, found.said
    assert password != "wrong-one" or "535" in found.said
    assert password not in repr(way) + found.said + caplog.text
