"""Out and in again through Debian's Postfix and Dovecot: a mail arrives, one is refused at RCPT, one comes back as a bounce, one is
answered."""

from __future__ import annotations

import imaplib
import os
import smtplib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from config.schema import Config
from config.schema.settings import InboxSettings
from pipeline.domain.inbound import InboundKind
from pipeline.domain.parties import ContactEntry, PartyEntry
from pipeline.domain.terms import ContactRole, PartyKind, Urgency
from pipeline.outcome import DONE
from pipeline.store import audit, inbound_views, parties
from pipeline.store.db import Store
from responders.mail.commands import receive, send, try_out
from tests.responders.mail.real_servers import PASSWORD, Servers, missing, real_servers

pytestmark = pytest.mark.slow
SCHOOLS = {"QY001": "qy001@edu.example", "QY002": "nobody@edu.example", "QY003": "left@gone.example"}
"""One that is read, one that is refused at RCPT, one that is taken and comes back."""
PATIENCE = 30


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """Postfix and Dovecot; without them the test is skipped by name, but CI has to have them."""
    if why := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(f"{why}: mail was not tried on real servers")
    with real_servers() as running:
        yield running


@pytest.fixture
def settled(config: Config, bureau: Store, servers: Servers, now: Any, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A bureau that mails through Postfix and reads from Dovecot, with its desk and three schools."""
    monkeypatch.setenv("HUIYIN_IMAP_PASSWORD", PASSWORD)
    known = [
        PartyEntry(PartyKind.SCHOOL, code, f"清源{code}学校", (ContactEntry(ContactRole.DUTY, code, email, "13900001001"),))
        for code, email in SCHOOLS.items()
    ]
    with bureau.transaction():
        parties.sync(bureau, [PartyEntry(PartyKind.SECTION, "desk", "舆情值班室"), *known], now)
    mail = config.settings.mail.model_copy(
        update={"transport": "smtp", "host": "127.0.0.1", "port": servers.smtp, "security": "none", "timeout_seconds": 10}
    )
    inbox = InboxSettings(host="127.0.0.1", port=servers.imap, security="none", user="huiyin@jyj.example", timeout_seconds=10)
    return replace(config, settings=config.settings.model_copy(update={"mail": mail, "inbox": inbox}))


def of_school(servers: Servers) -> EmailMessage:
    """The newest mail in the school's own mailbox."""
    with imaplib.IMAP4("127.0.0.1", servers.imap, timeout=10) as imap:
        imap.login(SCHOOLS["QY001"], PASSWORD)
        deadline = time.monotonic() + PATIENCE
        while (count := int(imap.select()[1][0] or 0)) == 0:
            assert time.monotonic() < deadline, servers.log()
            time.sleep(0.2)
        [(_, raw), *_] = imap.fetch(str(count), "(BODY[])")[1]
    found = message_from_bytes(raw, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def answer(servers: Servers, mail: EmailMessage) -> None:
    """The school replies, with what its mail program takes over from the mail."""
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Subject"] = SCHOOLS["QY001"], mail["From"], f"回复：{mail['Subject']}"
    reply["In-Reply-To"], reply["References"] = mail["Message-ID"], f"{mail['References']} {mail['Message-ID']}"
    reply.set_content("已签收，联系电话13800001111。\n\n> 请办理", charset="gb18030")
    with smtplib.SMTP("127.0.0.1", servers.smtp, timeout=10) as smtp:
        smtp.send_message(reply)


def test_a_mail_arrives_is_refused_comes_back_and_is_answered(
    store: Store, settled: Config, servers: Servers, put: Callable[..., int], case: Any, assignment: Any, clock: Any, tmp_path: Path
) -> None:
    assert try_out(settled.settings, tmp_path) == []
    for code in SCHOOLS:
        case_id = case()
        held = assignment(case_id, party=code, party_name=f"清源{code}学校")
        put(party=code, urgency=Urgency.PROMPT, case_id=case_id, assignment_id=held, subject="交办：关于食堂的事项")
    sent = send(store, settled, clock, tmp_path, print)
    assert sent.data["ended"] == {"sent": 2, "failed": 1}, servers.log()
    assert contact(store, "QY002") == "bounced", "refused at RCPT"

    got = of_school(servers)
    assert got["Auto-Submitted"] == "auto-generated"
    answer(servers, got)
    kinds = look_until(store, settled, clock, tmp_path, 2, servers)
    assert kinds == {InboundKind.BOUNCE: 3, InboundKind.REPLY: 1}

    assert contact(store, "QY003") == "bounced", "taken in, and returned with a DSN"
    assert contact(store, "QY001") == "unconfirmed"
    states = {r["party"]: (r["state"], r["last_error"]) for r in store.rows("SELECT * FROM message WHERE party LIKE 'QY%'")}
    assert states["QY001"] == ("sent", None)
    assert [states[code][0] for code in ("QY002", "QY003")] == ["failed", "failed"]
    assert "5.1.1" in states["QY003"][1]
    [reply] = inbound_views.of_case(store, 1)
    assert (reply.known, reply.party) == (True, "清源QY001学校")
    assert reply.text.startswith("已签收，联系电话13800001111。")
    assert [e.action for e in audit.history(store, 1)] == ["收到回信"]
    assert [e.action for e in audit.history(store, 3)] == ["退信"]
    assert folders(servers) == (0, 2), "read mail has left the inbox"


def look_until(store: Store, settled: Config, clock: Any, root: Path, count: int, servers: Servers) -> dict[InboundKind, int]:
    """Looks through the inbox until so many mails have come; which case each kind belongs to."""
    deadline = time.monotonic() + PATIENCE
    while True:
        found = receive(store, settled, clock, root)
        assert found.code == DONE, found.text
        came = inbound_views.newest(store, 9)
        if len(came) == count:
            return {mail.kind: mail.case_id or 0 for mail in came}
        assert time.monotonic() < deadline, servers.log()
        time.sleep(0.3)


def contact(store: Store, party: str) -> str:
    sql = "SELECT state FROM contact c JOIN party p ON p.id = c.party_id WHERE p.code = ? AND c.until IS NULL ORDER BY c.id DESC"
    return str(store.value(sql, party))


def folders(servers: Servers) -> tuple[int, int]:
    """How many mails stand in the bureau's inbox and in the folder of those that are done with."""
    with imaplib.IMAP4("127.0.0.1", servers.imap, timeout=10) as imap:
        imap.login("huiyin@jyj.example", PASSWORD)
        counts = tuple(int(imap.select(name)[1][0] or 0) for name in ("INBOX", "Huiyin"))
    return counts[0], counts[1]
