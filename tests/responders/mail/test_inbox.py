"""Looking through the inbox: nothing lost, nothing read twice, one message's failure stops no other, whatever the server does."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.schema import Config
from config.schema.settings import InboxSettings
from pipeline.domain.inbound import InboundKind
from pipeline.faults import Unusable
from pipeline.outcome import DONE, FAILED
from pipeline.store import evidence, inbound, inbound_views, leases
from pipeline.store.db import Store
from responders.mail import inbox
from responders.mail.commands import receive, receive_if_due, try_out
from responders.mail.imap import Broken, mailbox
from tests.responders.mail.imap_server import Script, imap
from tests.responders.mail.letters_in import mail

Receive = Callable[..., Any]
PLAIN = [mail(f"第{n}封", Message_ID=f"<m{n}@edu.example>") for n in range(1, 6)]


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def at(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Config]:
    """The bureau's configuration with an inbox at a port."""
    monkeypatch.setenv("HUIYIN_IMAP_PASSWORD", "right")

    def settings(port: int, **given: Any) -> Config:
        found = InboxSettings(**{"host": "127.0.0.1", "port": port, "security": "none", "user": "huiyin", "timeout_seconds": 5} | given)
        return replace(config, settings=config.settings.model_copy(update={"inbox": found}))

    return settings


@pytest.fixture
def look(bureau: Store, at: Callable[..., Config], script: Script, clock: Any, tmp_path: Path) -> Receive:
    """One look through the scripted mailbox."""

    def once(store: Store = bureau, **given: Any) -> Any:
        with imap(script) as port:
            found = receive(store, at(port, **given), clock, tmp_path)
        script.stop = threading.Event()
        return found

    return once


def kept(store: Store) -> list[tuple[Any, ...]]:
    """UID, what it is, whether its bytes are there, whether it was moved."""
    rows = store.rows("SELECT uid, kind, evidence_id, moved_at FROM inbound ORDER BY uid, id")
    return [(r["uid"], r["kind"], bool(r["evidence_id"] and evidence.read(store, r["evidence_id"])), bool(r["moved_at"])) for r in rows]


ALL = [(n, "unmatched", True, True) for n in range(1, 6)]


def test_what_stands_in_the_inbox_is_kept_as_it_came_read_and_moved(bureau: Store, script: Script, look: Receive) -> None:
    script.add(*PLAIN)
    found = look()
    assert (found.code, found.data) == (DONE, {"fetched": 5, "read": 5, "moved": 5, "pen": 5, "trouble": None})
    assert kept(bureau) == ALL
    raws = [evidence.read(bureau, r["evidence_id"]) for r in bureau.rows("SELECT evidence_id FROM inbound ORDER BY uid")]
    assert raws == PLAIN
    assert (script.inbox, list(script.done.values())) == ({}, PLAIN)
    assert look().data["fetched"] == 0


@pytest.mark.parametrize("can", ["IMAP4rev1 UIDPLUS", "IMAP4rev1"])
def test_a_server_without_move_copies_and_marks(bureau: Store, script: Script, look: Receive, can: str) -> None:
    script.can = can
    script.add(*PLAIN)
    look()
    assert list(script.done.values()) == PLAIN
    assert script.deleted == {1, 2, 3, 4, 5}
    assert bool(script.inbox) is ("UIDPLUS" not in can)
    look()
    assert sum("COPY" in words for words in script.said) == 1, "what could not be removed is not copied again"
    assert kept(bureau) == ALL


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("how", ["drop", "NO not now", "BAD what"])
@pytest.mark.parametrize(
    "step", ["GREETING", "LOGIN", "CAPABILITY", "SELECT", "FETCH", "UID FETCH", "UID FETCH 3", "CREATE", "UID MOVE", "LOGOUT"]
)
def test_whatever_fails_at_whatever_step_the_next_look_mends(
    bureau: Store, script: Script, look: Receive, clock: Any, step: str, how: str
) -> None:
    script.add(*PLAIN)
    script.at = {step: how}
    first = look()
    harmless = step == "LOGOUT" or (how.startswith("NO") and step in ("UID FETCH", "UID FETCH 3", "CREATE"))
    assert first.code == (DONE if harmless else FAILED)
    if first.code == FAILED:
        assert "收信中断" in first.text
    script.at = {}
    assert look().code == DONE
    assert kept(bureau) == ALL
    assert sorted(script.done.values()) == sorted(PLAIN)
    assert bureau.value("SELECT count(*) FROM evidence") == 5
    standing = inbound_views.inbox(bureau)
    assert standing
    assert (standing.since, standing.reason) == (None, "")


def test_what_was_kept_before_the_connection_broke_is_read_at_once(bureau: Store, script: Script, look: Receive) -> None:
    script.add(*PLAIN)
    script.at = {"UID FETCH 3": "drop"}
    found = look()
    assert (found.code, found.data["fetched"], found.data["read"], found.data["moved"]) == (FAILED, 2, 2, 0)
    assert [m.text for m in inbound_views.pen(bureau, 9)] == ["第1封", "第2封"]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["silence", "drip"])
@pytest.mark.parametrize("step", ["GREETING", "LOGIN", "SELECT", "FETCH", "UID FETCH 3", "UID MOVE"])
def test_a_server_that_falls_silent_or_drips_is_left(
    bureau: Store, script: Script, look: Receive, step: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responders.mail.imap.TALKS", 2)
    script.add(*PLAIN)
    script.at = {step: how}
    assert look(timeout_seconds=1).code == FAILED
    script.at = {}
    look()
    assert kept(bureau) == ALL


def test_a_message_that_ends_every_connection_stops_no_other_and_is_left_to_staff(bureau: Store, script: Script, look: Receive) -> None:
    script.add(*PLAIN)
    script.at = {"UID FETCH 2": "drop"}
    assert [look().code for _ in range(5)] == [FAILED, FAILED, FAILED, DONE, DONE]
    assert kept(bureau) == [(1, "unmatched", True, True), (2, "unreadable", False, False), *ALL[2:]]
    assert list(script.inbox) == [2], "it is left where it stands"
    [poison] = [m for m in inbound_views.pen(bureau, 9) if m.kind is InboundKind.UNREADABLE]
    assert "直接在邮箱中查看" in poison.remark


def test_a_message_that_cannot_be_understood_is_kept_and_stops_no_other(bureau: Store, script: Script, look: Receive) -> None:
    script.add(PLAIN[0], b"\xff\xfe\x00 no mail at all", PLAIN[2])
    assert look().data["read"] == 3
    assert kept(bureau) == [ALL[0], (2, "unreadable", True, True), ALL[2]]
    assert bureau.value("SELECT count(*) FROM setback WHERE stage = 'inbox'") == 1


def test_an_unforeseen_error_in_one_message_stops_no_other(
    bureau: Store, script: Script, look: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.add(*PLAIN)
    write = inbound.write

    def failing(store: Store, inbound_id: int, *rest: Any) -> None:
        if inbound_id == 2:
            raise KeyError("unforeseen")
        write(store, inbound_id, *rest)

    monkeypatch.setattr(inbound, "write", failing)
    look()
    assert [row[1] for row in kept(bureau)] == ["unmatched", "unreadable", *["unmatched"] * 3]


@pytest.mark.parametrize(
    ("module", "name"), [("inbound", "trying"), ("inbound", "keep"), ("inbound", "write"), ("inbound", "moved"), ("imap", "move")]
)
def test_killed_at_any_point_and_started_again_it_ends_as_if_nothing_had_happened(
    bureau: Store, script: Script, look: Receive, clock: Any, killed: Any, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    from responders.mail.imap import Mailbox

    place = inbound if module == "inbound" else Mailbox
    whole, calls = getattr(place, name), iter(range(99))
    last = 2 if name in ("trying", "keep", "write") else 0

    def deadly(*args: Any, **given: Any) -> Any:
        found = whole(*args, **given)
        if next(calls) == last:
            raise killed
        return found

    script.add(*PLAIN)
    with monkeypatch.context() as patch:
        patch.setattr(place, name, deadly)
        patch.setattr(leases, "release", lambda *_: None)  # the dead tidy nothing up
        with pytest.raises(killed):
            look()
        script.stop = threading.Event()
    assert look().data == {"busy": True}, "for as long as the dead one's lease lasts"
    clock.pass_(minutes=15)
    look()
    assert [row[:3] for row in kept(bureau)] == [row[:3] for row in ALL]
    assert script.inbox == {}
    assert sorted(script.done.values()) == sorted(PLAIN)
    assert bureau.value("SELECT count(*) FROM evidence") == 5


# ── UIDs, sizes, counts ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_that_was_numbered_anew_brings_nothing_twice(bureau: Store, script: Script, look: Receive) -> None:
    script.add(*PLAIN)
    script.at = {"UID MOVE": "NO read-only"}
    look()
    script.at, script.validity = {}, 8
    script.inbox = {uid + 10: raw for uid, raw in script.inbox.items()}
    script.add(mail("新的一封", Message_ID="<new@edu.example>"))
    look()
    assert script.inbox == {}
    assert len(inbound_views.pen(bureau, 99)) == 6
    assert bureau.value("SELECT count(*) FROM inbound WHERE kind IS NOT NULL") == 6


def test_the_same_uid_under_another_validity_is_another_message(bureau: Store, script: Script, look: Receive) -> None:
    script.add(PLAIN[0])
    look()
    script.validity, script.inbox, script.done = 8, {1: PLAIN[1]}, {}
    look()
    assert [m.text for m in inbound_views.pen(bureau, 9)] == ["第1封", "第2封"]


def test_of_a_huge_message_only_the_beginning_is_taken(bureau: Store, script: Script, look: Receive) -> None:
    script.add(mail("头一句。\n" + "字" * 2_000_000), PLAIN[1])
    look(message_bytes=20_000)
    big, small = inbound_views.pen(bureau, 9)
    assert (big.cut, small.cut) == (True, False)
    assert big.text.startswith("头一句。")
    assert "只取了开头" in big.remark
    assert big.evidence_id
    assert len(evidence.read(bureau, big.evidence_id) or b"") == 20_000


def test_a_server_that_sends_more_than_was_asked_for_is_left(
    bureau: Store, script: Script, look: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.add(*PLAIN)
    monkeypatch.setattr("responders.mail.imap.BESIDE", 100)
    monkeypatch.setattr("tests.responders.mail.imap_server.re.search", lambda *_: {1: "99999999"})
    script.inbox[1] = mail("x" * 50_000)
    assert "超出所要的长度" in look(message_bytes=10_000).text


@pytest.mark.parametrize(
    ("given", "fetched"), [({"most_messages": 2}, [2, 2, 1, 0]), ({"most_bytes": 10_000, "message_bytes": 10_000}, [2, 2, 1, 0])]
)
def test_one_look_takes_so_many_and_so_much(script: Script, look: Receive, given: dict[str, int], fetched: list[int]) -> None:
    script.add(*(mail("x" * 6000, Message_ID=f"<b{n}@edu.example>") for n in range(5)))
    assert [look(**given).data["fetched"] for _ in fetched] == fetched


def test_many_messages_are_listed_window_by_window(
    bureau: Store, script: Script, look: Receive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responders.mail.imap.WINDOW", 2)
    monkeypatch.setattr(inbox, "MOVED_AT_ONCE", 2)
    script.add(*PLAIN)
    look()
    assert kept(bureau) == ALL
    assert sum("UID MOVE" in words for words in script.said) == 3


def test_a_stop_is_obeyed_between_two_messages(bureau: Store, script: Script, at: Any, clock: Any, tmp_path: Path) -> None:
    script.add(*PLAIN)
    with imap(script) as port:
        asked = iter([False, False, True])
        found = receive_if_due(bureau, at(port), clock, tmp_path, lambda: next(asked, True))
    assert found
    assert found.data["fetched"] == 2


# ── when, and with what ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_worker_looks_every_few_minutes_and_less_often_while_it_fails(
    bureau: Store, script: Script, at: Any, clock: Any, tmp_path: Path
) -> None:
    def minutes(config: Config, most: int) -> int:
        for n in range(most):
            if receive_if_due(bureau, config, clock, tmp_path, lambda: False):
                return n
            clock.pass_(minutes=1)
        return most

    with imap(script) as port:
        config = at(port)
        assert [minutes(config, 9) for _ in range(3)] == [0, 3, 3]
        clock.pass_(days=-2)
        assert minutes(config, 9) == 0, "a clock set back stops nothing"
        script.at = {"LOGIN": "NO [AUTHENTICATIONFAILED] wrong"}
        assert [minutes(config, 99) for _ in range(6)] == [3, 1, 5, 15, 30, 60]
    standing = inbound_views.inbox(bureau)
    assert standing
    assert standing.reason == "登录：[AUTHENTICATIONFAILED] wrong"
    assert standing.tries == 6


def test_without_a_server_the_worker_does_nothing_and_a_person_is_told(
    bureau: Store, config: Config, clock: Any, tmp_path: Path
) -> None:
    assert receive_if_due(bureau, config, clock, tmp_path, lambda: False) is None
    with pytest.raises(Unusable, match="没有填写收信服务器"):
        receive(bureau, config, clock, tmp_path)


def test_two_looks_at_once_are_one(bureau: Store, second: Store, script: Script, at: Any, clock: Any, tmp_path: Path) -> None:
    script.add(*PLAIN)
    found: list[Any] = []
    with imap(script) as port:
        config = at(port)

        def go(store: Store) -> None:
            found.append(receive(store, config, clock, tmp_path).data)

        threads = [threading.Thread(target=go, args=(store,)) for store in (bureau, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(data.get("fetched", 0) for data in found) == 5
    assert kept(bureau) == ALL


def test_without_a_password_it_says_so_and_nobody_is_asked(
    bureau: Store, look: Receive, script: Script, monkeypatch: pytest.MonkeyPatch, at: Any
) -> None:
    monkeypatch.delenv("HUIYIN_IMAP_PASSWORD")
    found = look()
    assert found.code == FAILED
    assert "HUIYIN_IMAP_PASSWORD" in found.text
    assert script.said == []


def test_trying_it_out_changes_nothing_and_says_what_is_wrong(script: Script, at: Any, tmp_path: Path, config: Config) -> None:
    script.add(*PLAIN)
    with imap(script) as port:
        assert try_out(at(port).settings, tmp_path) == []
        script.at = {"SELECT": "NO no such folder"}
        [fault] = try_out(at(port).settings, tmp_path)
    assert "打开文件夹：no such folder" in str(fault)
    assert len(script.inbox) == 5
    assert try_out(config.settings, tmp_path) == []


# ── TLS ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_over_tls_with_a_certificate_that_is_checked(
    script: Script, at: Any, security: str, certificate: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    script.tls = certificate[0]
    script.can += " STARTTLS"
    with imap(script, tls=security == "tls") as port:
        settings = at(port, security=security).settings.inbox
        with mailbox(settings, "right", certificate[1]) as box:
            assert box.exists == 0
        with pytest.raises(Broken, match="certificate"), mailbox(settings, "right"):
            pass


def test_without_starttls_the_password_is_not_said(script: Script, at: Any) -> None:
    with imap(script) as port, pytest.raises(Broken, match="STARTTLS"), mailbox(at(port, security="starttls").settings.inbox, "right"):
        pass
    assert not any("LOGIN" in words for words in script.said)


@pytest.mark.parametrize("password", ["wrong-one", "密碼9527", 'quo"te\\'])
def test_a_refused_log_in_says_so_and_not_the_password(script: Script, at: Any, password: str) -> None:
    with imap(script) as port, pytest.raises(Broken) as broken, mailbox(at(port).settings.inbox, password):
        pass
    assert "登录" in str(broken.value)
    assert password not in str(broken.value)
