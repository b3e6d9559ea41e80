"""SMTP, one verb at a time: what a failure means depends on the verb it met."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from config.schema.settings import MailSettings
from responders.mail.transport import Delivery, Parcel, Verdict
from responders.mail.wire import cut_after, trouble

TALKS = 4
"""A whole conversation may last so many times the timeout of one answer; then it is cut."""
LEASES = 8
"""A lease lasts so many times that timeout: longer than any conversation, connecting to several addresses included."""
NOT_THE_ADDRESS = re.compile(r"5\.(2\.2|3\.\d+|4\.\d+|5\.\d+|6\.\d+|7\.\d+)\b")
"""Enhanced codes that refuse this mail without saying that its address is wrong: a full box, our size, our rights."""


class Verb(Enum):
    """Where a conversation stands; the value is what staff read."""

    CONNECT = "连接"
    HELLO = "EHLO"
    TLS = "STARTTLS"
    AUTH = "登录"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BODY = "正文"


WRONG_PASSWORD = 535
WAYS = {"CRAM-MD5": "auth_cram_md5", "PLAIN": "auth_plain", "LOGIN": "auth_login"}
"""The ways to log in that smtplib speaks, the best first, by the names of its methods."""
BEFORE_MAIL = (Verb.CONNECT, Verb.HELLO, Verb.TLS, Verb.AUTH)


class Reply(Exception):
    """An answer that is not the one we need."""

    def __init__(self, code: int, said: bytes | str) -> None:
        self.code = code
        self.said = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        super().__init__(f"{code} {self.said}")


class Impossible(Exception):
    """What we insist on cannot be had from this server (no STARTTLS, no way to log in): no mail leaves on lesser terms."""


@dataclass
class _Talk:
    """A conversation: the connection and the verb that is being spoken."""

    smtp: smtplib.SMTP
    verb: Verb = Verb.CONNECT

    def say(self, verb: Verb, speak: Callable[[], tuple[int, bytes]], *fine: int) -> None:
        self.verb = verb
        code, said = speak()
        if code not in fine:
            raise Reply(code, said)


@dataclass(frozen=True, slots=True)
class Smtp:
    """The bureau's mail server. With `starttls` or `tls` nothing is said in the clear; the password is never part of a text."""

    settings: MailSettings
    password: str = field(default="", repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=LEASES * self.settings.timeout_seconds + 60)

    def deliver(self, parcel: Parcel, before_data: Callable[[], None]) -> Delivery:
        """One mail in one conversation."""
        talk = _Talk(self._client())
        try:
            with cut_after(lambda: talk.smtp.sock, TALKS * self.settings.timeout_seconds):
                self._open(talk)
                self._hand_over(talk, parcel, before_data)
        except (OSError, Reply, Impossible, UnicodeError) as error:  # smtplib's own errors are OSErrors
            return judge(talk.verb, error)
        finally:
            _goodbye(talk.smtp)
        return Delivery(Verdict.SENT)

    def _client(self) -> smtplib.SMTP:
        mail = self.settings
        if mail.security == "tls":
            return smtplib.SMTP_SSL(timeout=mail.timeout_seconds, context=self._tls(), local_hostname=_our_name(mail))
        return smtplib.SMTP(timeout=mail.timeout_seconds, local_hostname=_our_name(mail))

    def _tls(self) -> ssl.SSLContext:
        return self.context or ssl.create_default_context()

    def _open(self, talk: _Talk) -> None:
        mail, smtp = self.settings, talk.smtp
        smtp._host = mail.host  # type: ignore[attr-defined]  # the name that the certificate must bear; only the constructor that also connects sets it
        talk.say(Verb.CONNECT, lambda: smtp.connect(mail.host, mail.port), 220)
        talk.say(Verb.HELLO, smtp.ehlo, 250)
        if mail.security == "starttls":
            talk.verb = Verb.TLS
            if not smtp.has_extn("starttls"):
                raise Impossible("服务器不支持 STARTTLS，邮件不会不加密发出（请核对端口，或改 security）")
            talk.say(Verb.TLS, lambda: smtp.starttls(context=self._tls()), 220)
            talk.say(Verb.HELLO, smtp.ehlo, 250)
        if mail.user:
            talk.say(Verb.AUTH, lambda: _log_in(smtp, mail.user, self.password), 235, 503)

    def _hand_over(self, talk: _Talk, parcel: Parcel, before_data: Callable[[], None]) -> None:
        smtp = talk.smtp
        talk.say(Verb.MAIL, lambda: smtp.mail(parcel.sender), 250)
        talk.say(Verb.RCPT, lambda: smtp.rcpt(parcel.recipient), 250, 251)
        before_data()
        talk.say(Verb.DATA, lambda: smtp.docmd("DATA"), 354)
        talk.say(Verb.BODY, lambda: _body(smtp, parcel.raw), 250)


def judge(verb: Verb, error: Exception) -> Delivery:
    """What a failure at a verb means for the mail, for its contact and for the server.

    Before MAIL it is the server's: a refused connection or log-in, a missing STARTTLS, any 5xx stop all mail (熔断). After the end of DATA
    silence means that nobody knows. Elsewhere 5xx refuses this mail, and everything else is tried again.
    """
    said = f"{verb.value}：{_words(error)}"
    code = _code(error)
    early = verb in BEFORE_MAIL
    if verb is Verb.BODY and code is None:
        return Delivery(Verdict.UNKNOWN, said, server_trouble=True)
    if early and _hopeless(verb, error, code):
        return Delivery(Verdict.OUT_OF_REACH, said, server_trouble=True)
    if not early and code is not None and 500 <= code < 600:
        wrong = verb is not Verb.MAIL and not NOT_THE_ADDRESS.search(said)
        return Delivery(Verdict.REFUSED, said, bad_address=wrong)
    return Delivery(Verdict.LATER, said, server_trouble=early or code in (None, 421))


def _hopeless(verb: Verb, error: Exception, code: int | None) -> bool:
    """Whether the server as a whole cannot be used: another mail, or the same a minute later, would fare no better."""
    if code is not None:
        return 500 <= code < 600
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return verb is Verb.AUTH  # it was there and broke off; some do so to refuse a log-in
    return verb is Verb.CONNECT or isinstance(error, (Impossible, ssl.SSLError, smtplib.SMTPException, UnicodeError))


def _code(error: Exception) -> int | None:
    """The server's answer; None when there was none."""
    if isinstance(error, Reply):
        return error.code if error.code > 0 else None
    answered = isinstance(error, smtplib.SMTPResponseException) and isinstance(error.smtp_error, bytes)  # smtplib's own remarks are str
    return error.smtp_code if answered and isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0 else None


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    return trouble(error)


def _body(smtp: smtplib.SMTP, raw: bytes) -> tuple[int, bytes]:
    """Sends the text, dots doubled at line starts, and its end; then waits for the answer that decides everything."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    doubled = re.sub(rb"(?m)^\.", b"..", lines)
    smtp.send(doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n")
    smtp.send(b".\r\n")
    return smtp.getreply()


def _log_in(smtp: smtplib.SMTP, user: str, password: str) -> tuple[int, bytes]:
    """Logs in by the best way that the server offers. A wrong password is not tried again in another way: that only locks accounts."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    usable = [way for way in WAYS if way in offered]
    if not usable:
        raise Impossible("服务器没有可用的登录方式")
    smtp.user, smtp.password = user, password
    for way in usable:
        try:
            return smtp.auth(way, getattr(smtp, WAYS[way]))
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code == WRONG_PASSWORD or way == usable[-1]:
                raise
    raise Impossible("登录没有结果")


def _our_name(mail: MailSettings) -> str:
    return mail.sender.rpartition("@")[2] or "localhost"


def _goodbye(smtp: smtplib.SMTP) -> None:
    """Ends the conversation; what the server still says to it decides nothing any more."""
    with suppress(OSError):
        if smtp.sock:
            smtp.sock.settimeout(2)
            smtp.quit()
    smtp.close()
