"""What becomes of a mail that came in: whom it flags, where it is attached, whom it is told, and that it changes no state by itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.inbound import Folder, InboundKind, Listed, Received
from pipeline.domain.terms import Urgency
from pipeline.stage import run
from pipeline.store import audit, inbound, inbound_views, parties
from pipeline.store.db import Store
from responders.mail.compose import compose
from responders.mail.outbox import Sending, empty
from responders.mail.receiving import receive_stage
from tests.responders.mail.letters_in import dsn, mail, plain

STATES = """SELECT 'case', id, state, version FROM case_ UNION ALL SELECT 'assignment', id, state, version FROM assignment
            UNION ALL SELECT 'obligation', id, coalesce(met_at, ''), 0 FROM obligation"""


@pytest.fixture
def sent(
    bureau: Store, config: Config, put: Any, case: Any, assignment: Any, obligation: Any, scripted: Any, clock: Any
) -> Callable[..., dict[str, Any]]:
    """Hands a case to the first school, sends the mail about it, and returns the message's row."""

    def go(**given: Any) -> dict[str, Any]:
        case_id = case()
        held = assignment(case_id)
        obligation(case_id)
        put(**{"urgency": Urgency.PROMPT, "case_id": case_id, "assignment_id": held} | given)
        compose(bureau, config, clock())
        empty(Sending(bureau, config.settings.mail, scripted(), clock))
        return bureau.rows("SELECT * FROM message ORDER BY id DESC LIMIT 1")[0]

    return go


@pytest.fixture
def come(bureau: Store, config: Config, clock: Any) -> Callable[..., Received]:
    """A mail comes in and is read."""

    def take(raw: bytes) -> Received:
        folder, uid = Folder("imap://test/INBOX", 1), bureau.value("SELECT count(*) FROM inbound") + 1
        with bureau.transaction():
            [(row, _)] = inbound.note(bureau, folder, [Listed(uid, len(raw))], clock())
            inbound.keep(bureau, row, raw, cut=False, address=f"imap://test/INBOX;UID={uid}", now=clock())
        run(receive_stage(bureau, config, clock()), bureau, clock)
        found = inbound_views.get(bureau, row)
        assert found
        return found

    return take


def told(store: Store) -> list[str]:
    """What the desk is told."""
    return [r["subject"] for r in store.rows("SELECT subject FROM notice WHERE party = 'desk' ORDER BY id")]


def contact(store: Store) -> str:
    return str(store.value("SELECT state FROM contact WHERE email = 'qy001@edu.example' AND until IS NULL"))


def calls(store: Store) -> list[str]:
    return [r["why"] for r in store.rows("SELECT why FROM phone_task ORDER BY id")]


# ── bounces ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "action", "state", "flagged", "called"),
    [
        ("5.1.1", "failed", "failed", True, True), ("5.7.1", "failed", "failed", True, True), ("5.2.2", "failed", "failed", False, True),
        ("4.4.1", "failed", "failed", False, True), ("4.2.2", "delayed", "sent", False, False), ("4.4.7", "delayed", "sent", False, False),
    ],
)  # fmt: skip
def test_what_a_delivery_report_does(
    bureau: Store, sent: Any, come: Any, status: str, action: str, state: str, flagged: bool, called: bool
) -> None:
    ours = sent()
    before = bureau.rows(STATES)
    found = come(dsn(ours["message_id"], status, action))
    assert found.kind is (InboundKind.BOUNCE if called else InboundKind.DELAYED)
    assert (found.case_id, found.waiting) == (1, False)
    message = bureau.rows("SELECT state, last_error FROM message WHERE id = ?", ours["id"])[0]
    assert message["state"] == state
    assert contact(bureau) == ("bounced" if flagged else "unconfirmed")
    assert calls(bureau) == ["邮件被退回"] * called
    assert told(bureau) == ["[教舆-2026-00001] 邮件被退回：清源县第一中学"] * called
    assert [e.action for e in audit.history(bureau, 1)] == ["退信"] * called
    assert bureau.rows(STATES) == before, "no case, assignment or clock is changed by a mail"
    assert not called or status in message["last_error"]


def test_a_bounce_counts_once(bureau: Store, sent: Any, come: Any) -> None:
    ours = sent()
    for text in ("one", "two"):
        come(dsn(ours["message_id"], said=text))
    assert (len(told(bureau)), len(calls(bureau)), len(audit.history(bureau, 1))) == (1, 1, 1)


def test_a_bounce_that_names_no_mail_of_ours_flags_nobody(bureau: Store, sent: Any, come: Any) -> None:
    sent()
    found = come(dsn("<guessed@jyj.example>"))
    assert (found.waiting, contact(bureau), told(bureau)) == (True, "unconfirmed", [])
    assert "认不出是哪封邮件的退信" in found.remark


def test_a_bounce_that_names_only_the_thread_flags_nobody(bureau: Store, sent: Any, come: Any) -> None:
    ours = sent()
    found = come(plain("系统退信", "收件人地址不存在", "postmaster@mx.example", References=ours["thread"]))
    assert (found.waiting, contact(bureau), calls(bureau)) == (True, "unconfirmed", [])


def test_a_bounce_in_chinese_words_counts_when_it_quotes_our_mail(bureau: Store, sent: Any, come: Any) -> None:
    ours = sent()
    come(plain("系统退信", f"收件人地址不存在。\r\n\r\nMessage-ID: {ours['message_id']}\r\n", "postmaster@mx.example"))
    assert contact(bureau) == "bounced"


def test_a_full_box_in_chinese_words_flags_nobody(bureau: Store, sent: Any, come: Any) -> None:
    ours = sent()
    come(plain("系统退信", "收件人空间不足", "10000@qq.example", References=ours["message_id"]))
    assert (contact(bureau), calls(bureau)) == ("unconfirmed", ["邮件被退回"])


def test_a_bounce_of_an_address_that_was_changed_meanwhile_flags_nobody(bureau: Store, sent: Any, come: Any) -> None:
    ours = sent()
    with bureau.transaction():
        bureau.execute("UPDATE contact SET email = 'new@edu.example' WHERE email = 'qy001@edu.example'")
    come(dsn(ours["message_id"]))
    assert bureau.value("SELECT count(*) FROM contact WHERE state = 'bounced'") == 0
    assert calls(bureau) == ["邮件被退回"]


def test_whoever_shares_a_bad_address_is_flagged_too(bureau: Store, sent: Any, come: Any) -> None:
    with bureau.transaction():
        bureau.execute("UPDATE contact SET email = 'qy001@edu.example' WHERE email = 'head001@edu.example'")
    come(dsn(sent()["message_id"]))
    assert {c.state.value for c in parties.contacts(bureau, "QY001")} == {"bounced"}
    assert parties.contact_for(bureau, "QY001") is None


def test_mail_to_the_desk_that_comes_back_is_not_told_by_mail(bureau: Store, sent: Any, come: Any) -> None:
    ours = sent(party="desk", assignment_id=None)
    before = len(told(bureau))
    come(dsn(ours["message_id"], recipient="desk@jyj.example"))
    assert len(told(bureau)) == before
    assert bureau.value("SELECT state FROM contact WHERE email = 'desk@jyj.example' AND until IS NULL") == "bounced"


def test_after_a_bounce_the_next_mail_goes_to_whoever_else_the_school_has(bureau: Store, sent: Any, come: Any) -> None:
    come(dsn(sent()["message_id"]))
    reached = parties.contact_for(bureau, "QY001", ("duty", "principal"))
    assert reached
    assert reached.email == "head001@edu.example"


# ── replies ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", ["message", "thread", "title", "gb18030 title"])
def test_a_reply_is_attached_told_of_and_changes_no_state(bureau: Store, sent: Any, come: Any, way: str) -> None:
    ours = sent()
    before = bureau.rows(STATES)
    raw = {
        "message": lambda: mail("已签收。", In_Reply_To=ours["message_id"]),
        "thread": lambda: mail("已签收。", References=f"{ours['thread']} <other@edu.example>"),
        "title": lambda: mail("已签收。", subject="回复：[教舆-2026-00001] 交办"),
        "gb18030 title": lambda: plain("回复：［教舆－2026－00001］交办", "已签收。", "曾广霞 <QY001@edu.example>"),
    }[way]()
    found = come(raw)
    assert (found.kind, found.case_id, found.party, found.known) == (InboundKind.REPLY, 1, "清源县第一中学", True)
    assert bureau.value("SELECT assignment_id FROM inbound") == 1
    assert inbound_views.of_case(bureau, 1) == (found,)
    [entry] = audit.history(bureau, 1)
    assert (entry.action, entry.detail["来信人"]) == ("收到回信", "清源县第一中学")
    assert told(bureau) == ["[教舆-2026-00001] 收到回信"]
    assert "已签收" not in json.dumps(bureau.rows("SELECT text FROM notice WHERE party = 'desk'"), ensure_ascii=False)
    assert bureau.rows(STATES) == before


def test_a_reply_from_an_unknown_address_says_so(sent: Any, come: Any) -> None:
    found = come(mail(sender="王主任 <private@qq.example>", In_Reply_To=sent()["message_id"]))
    assert (found.case_id, found.known, found.party) == (1, False, "")
    assert "不是登记的联系人" in found.remark


@pytest.mark.parametrize("title", ["[教舆-2026-00009] 回复", "[教舆-2026-00002] 回复", "回复"])
def test_a_wrong_number_or_none_waits_for_staff(bureau: Store, sent: Any, come: Any, case: Any, title: str) -> None:
    sent()
    case()  # a second one, which the school does not hold
    found = come(mail(subject=title))
    assert (found.kind, found.waiting, found.case_id) == (InboundKind.UNMATCHED, True, None)
    assert (told(bureau), audit.history(bureau, 1), audit.history(bureau, 2)) == ([], [], [])


def test_a_reply_on_a_merged_case_is_shown_with_the_one_that_stands(bureau: Store, sent: Any, come: Any, case: Any) -> None:
    ours = sent()
    other = case()
    with bureau.transaction():
        bureau.execute("UPDATE case_ SET state = 'merged', merged_into = ? WHERE id = 1", other)
    found = come(mail(In_Reply_To=ours["message_id"]))
    assert inbound_views.of_case(bureau, other) == (found,)
    assert [e.action for e in audit.history(bureau, other)] == ["收到回信"]


# ── machines ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_automatic_reply_is_kept_and_disturbs_nobody(bureau: Store, sent: Any, come: Any) -> None:
    ours = sent()
    found = come(mail("您好，我在外出差。", subject="自动回复：交办", In_Reply_To=ours["message_id"]))
    stray = come(mail("x", subject="自动回复：您好", Message_ID="<stray@edu.example>"))
    assert (found.kind, found.case_id, found.waiting) == (InboundKind.AUTOMATIC, 1, False)
    assert (stray.kind, stray.case_id, stray.waiting) == (InboundKind.AUTOMATIC, None, False)
    assert (told(bureau), audit.history(bureau, 1)) == ([], [])


def test_our_own_mail_that_loops_back_is_known(bureau: Store, sent: Any, come: Any, scripted: Any, config: Config, clock: Any) -> None:
    way = scripted()
    bureau_mail = Sending(bureau, config.settings.mail, way, clock)
    sent()
    with bureau.transaction():
        bureau.execute("UPDATE message SET state = 'queued'")
    empty(bureau_mail)
    [ours] = way.taken
    found = come(b"Received: from mx.example\r\n" + ours.raw)
    assert (found.kind, found.waiting, found.case_id) == (InboundKind.OWN, False, None)
    assert audit.history(bureau, 1) == []
