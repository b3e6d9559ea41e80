"""来信 on the console: what waits, what belongs to a case, what may be done with it and by whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.schema import Config
from config.schema.settings import InboxSettings
from pipeline.domain.inbound import Folder, Listed, Received
from pipeline.domain.terms import Nature
from pipeline.stage import run
from pipeline.store import audit, inbound, inbound_views
from pipeline.store.db import Store
from pipeline.store.status import standing
from responders.mail.receiving import receive_stage
from tests.responders.mail.letters_in import mail

Browser = Any
Come = Callable[..., Received]
STATES = "SELECT state, version FROM case_ UNION ALL SELECT state, version FROM assignment"


@pytest.fixture
def come(store: Store, config: Config, known: None, now: datetime) -> Come:
    """A mail comes in and is read."""

    def take(text: str = "已签收，家长电话13800001111。\n> 请办理", sender: str = "王主任 <private@qq.example>", **given: str) -> Received:
        raw, uid = mail(text, sender=sender, **given), store.value("SELECT count(*) FROM inbound") + 1
        with store.transaction():
            [(row, _)] = inbound.note(store, Folder("imap://test/INBOX", 1), [Listed(uid, len(raw))], now)
            inbound.keep(store, row, raw, cut=False, address=f"imap://test/INBOX;UID={uid}", now=now)
        run(receive_stage(store, config, now), store, lambda: now)
        found = inbound_views.get(store, row)
        assert found
        return found

    return take


@pytest.fixture
def letter(come: Come, canteen: int, store: Store) -> Received:
    """A letter that the machine attached to the canteen's case, from an address that nobody registered."""
    number = store.value("SELECT number FROM case_ WHERE id = ?", canteen)
    return come(subject=f"回复：[{number}] 交办")


def test_what_waits_stands_on_the_first_page_and_in_the_holding_pen(approver: Browser, come: Come) -> None:
    come(subject="关于食堂", text="<script>alert(1)</script> 我是家长，电话13800001111")
    assert "来信待认领" in approver.open("/").text
    page = approver.open("/inbox").text
    assert "关于食堂" in page
    assert "不是对本系统邮件的回复，也没有写事件编号" in page
    assert "13800001111" not in page
    assert "<script>alert" not in page
    assert "1 封待认领" in approver.open("/mail").text


def test_a_mail_is_claimed_for_a_case_and_stands_there(approver: Browser, come: Come, canteen: int, store: Store) -> None:
    found = come(subject="情况说明")
    number, before = store.value("SELECT number FROM case_"), store.rows(STATES)
    approver.open("/inbox")
    reply = approver.send(f"/inbox/{found.id}/claim", number=f" {number} ", version=found.version)
    assert (reply.status_code, reply.headers["location"]) == (303, "/inbox?done=claimed")
    page = approver.open(f"/cases/{canteen}").text
    assert "情况说明" in page
    assert "已签收，家长电话［手机号］" in page
    assert "所引用的原邮件" in page
    assert "把［姓名］的来信归入本事件" in page or "把王主任的来信归入本事件" in page
    assert (inbound_views.count_pen(store), store.rows(STATES)) == (0, before)


@pytest.mark.parametrize(
    ("action", "fields", "status", "words"),
    [
        ("claim", {"number": "教舆-2026-99999"}, 422, "没有编号为"), ("claim", {"number": "食堂"}, 422, "没有编号为"),
        ("claim", {"number": ""}, 422, "请填写事件编号"), ("claim", {"number": "教舆-2026-00001", "version": 0}, 409, "刷新"),
        ("put_aside", {"reason": ""}, 422, "请填写理由"), ("put_aside", {"reason": "广告", "version": 0}, 409, "刷新"),
        ("release", {"reason": "不是"}, 422, "不在任何案件中"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(
    approver: Browser, come: Come, canteen: int, store: Store, clock: Any, action: str, fields: dict[str, Any], status: int, words: str
) -> None:
    found = come(subject="情况说明")
    before = audit.head(store).count
    approver.open("/inbox")
    reply = approver.send(f"/inbox/{found.id}/{action}", **{"version": found.version} | fields)
    assert reply.status_code == status
    assert words in reply.text
    assert (standing(store, clock()).letters, audit.head(store).count) == (1, before)


def test_what_asks_for_nothing_is_put_aside_once(approver: Browser, come: Come, store: Store) -> None:
    found = come(subject="广告")
    approver.open("/inbox")
    replies = [approver.send(f"/inbox/{found.id}/put_aside", reason="广告", version=found.version) for _ in range(2)]
    assert [r.status_code for r in replies] == [303, 422]
    assert "没有待认领的来信" in approver.open("/inbox").text
    assert store.value("SELECT action FROM audit_entry ORDER BY n DESC LIMIT 1") == "来信不必处理"


def test_the_history_says_in_a_sentence_that_a_reply_came(approver: Browser, letter: Received, canteen: int) -> None:
    page = approver.open(f"/cases/{canteen}").text
    assert "收到未登记的发件人" in page
    assert "发件人未登记" in page


def test_a_letter_in_the_wrong_case_is_taken_out(approver: Browser, letter: Received, canteen: int, store: Store) -> None:
    approver.open(f"/cases/{canteen}")
    reply = approver.send(f"/inbox/{letter.id}/release", reason="说的是另一件事", version=letter.version)
    assert reply.status_code == 303
    assert 'id="letters"' not in approver.open(f"/cases/{canteen}").text
    assert "说的是另一件事" in approver.open("/inbox").text
    assert audit.history(store, canteen)[-1].action == "移出来信"


def test_the_original_is_a_file_and_whoever_takes_it_is_recorded(approver: Browser, letter: Received, canteen: int, store: Store) -> None:
    approver.open(f"/cases/{canteen}")
    reply = approver.send(f"/inbox/{letter.id}/original")
    assert reply.headers["content-disposition"] == f'attachment; filename="mail-{letter.id}.eml"'
    assert reply.content.startswith(b"From: ")
    assert audit.history(store, canteen)[-1].action == "下载来信原件"


def test_who_only_looks_sees_a_cases_letters_and_neither_the_pen_nor_the_originals(
    browser: Browser, letter: Received, canteen: int
) -> None:
    browser.log_in("viewer")
    page = browser.open(f"/cases/{canteen}").text
    assert "来信" in page
    assert "下载原件" not in page
    assert "private@qq.example" not in page
    assert "来信待认领" not in browser.open("/").text
    assert browser.open("/inbox").status_code == 403
    assert browser.send(f"/inbox/{letter.id}/original").status_code == 403


def test_letters_of_an_accusation_are_closed_to_those_who_do_no_casework(
    browser: Browser, gathered: Any, routed: Any, come: Come, now: datetime, store: Store
) -> None:
    accusing = {"schools": {"清源一中": "QY001"}, "accused": {"校长": ("head", "QY001")}, "nature": Nature.ACCUSATION}
    case_id = gathered("清源一中校长收回扣", "B1", read=accusing)
    routed(now)
    come(subject=f"[{store.value('SELECT number FROM case_')}] 补充材料", text="回扣的账本")
    browser.log_in("auditor")
    assert browser.open(f"/cases/{case_id}").status_code == 422
    assert "补充材料" not in browser.open("/audit").text


def test_an_inbox_that_cannot_be_reached_is_said_on_every_page_that_is_about_it(
    browsers: Callable[..., Browser], store: Store, config: Config, now: datetime
) -> None:
    inbox = InboxSettings(host="mail.example", user="huiyin")
    browser = browsers(replace(config, settings=config.settings.model_copy(update={"inbox": inbox})))
    with store.transaction():
        inbound_views.failed(store, "登录：密码错", now, [timedelta(minutes=1)])
    browser.log_in("triager")
    for path in ("/", "/inbox"):
        assert "收信中断" in browser.open(path).text
        assert "登录：密码错" in browser.pages[-1]
