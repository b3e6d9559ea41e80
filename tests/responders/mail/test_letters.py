"""What a mail says and carries, and that it is frozen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from config.schema import Config
from pipeline.domain.cases import Notice
from pipeline.domain.mail import Claim, Letter, Waiting
from pipeline.domain.parties import Contact
from pipeline.domain.terms import ContactRole, ContactState, PartyKind, Urgency
from responders.mail.letters import letter
from responders.mail.mime import message, parcel
from responders.paper import one_line

NOW = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)
CONTACT = Contact(7, "QY001", "清源县第一中学", ContactRole.DUTY, "曾广霞", "qy001@edu.example", "", ContactState.CONFIRMED, NOW)


def keyed(purpose: str, text: str) -> str:
    from hashlib import sha256

    return sha256(f"{purpose}{text}".encode()).hexdigest()


@pytest.fixture
def write(config: Config) -> Callable[..., Letter]:
    def make(*given: dict[str, Any], number: str = "教舆-2026-00123", contact: Contact = CONTACT) -> Letter:
        bundle = []
        for n, values in enumerate(given or ({},)):
            filled = {"subject": "交办：关于食堂的事项", "text": "请签收。\n\n按时反馈。", "assignment_id": 5, "case_id": 9} | values
            notice = Notice(f"k{n}", "QY001", ("duty",), Urgency.PROMPT, created_at=NOW, **filled)
            bundle.append(Waiting(n, notice, "清源县第一中学", PartyKind.SCHOOL, contact, number=values.get("number", number) or number))
        return letter(bundle, config, keyed, NOW)

    return make


def test_the_subject_bears_the_number_once(write: Callable[..., Letter]) -> None:
    assert write().subject == "[教舆-2026-00123] 交办：关于食堂的事项"
    assert write({"subject": "[教舆-2026-00123] 催办：签收"}).subject == "[教舆-2026-00123] 催办：签收"


def test_a_group_says_how_many_things_it_holds(write: Callable[..., Letter]) -> None:
    made = write({"subject": "催办：签收"}, {"subject": "催办：反馈", "assignment_id": 5})
    assert made.subject == "[教舆-2026-00123] 2项办理提醒"
    assert "1. [教舆-2026-00123] 催办：签收" in made.text
    assert "2. [教舆-2026-00123] 催办：反馈" in made.text


def test_a_large_group_tells_the_first_twenty_in_full_and_the_rest_by_title(write: Callable[..., Letter]) -> None:
    made = write(*({"subject": f"提醒{n}号", "text": f"正文{n}号"} for n in range(410)))
    for text in (made.text, made.html):
        assert text.count("正文") == 20
        assert text.count("提醒") - text.count("办理提醒") == 410


def test_a_school_finds_number_telephone_and_how_to_acknowledge(write: Callable[..., Letter]) -> None:
    made = write()
    for part in ("教舆-2026-00123", "0999-5550100", "可电话或回信签收", "清源县教育局", "清源县第一中学 曾广霞", "内部资料 注意保管"):
        assert part in made.text, part
        assert part in made.html, part
    assert made.text.count("可电话或回信签收") == made.html.count("可电话或回信签收") == 1


def test_hostile_words_stay_words(write: Callable[..., Letter]) -> None:
    made = write({"subject": "<script>alert(1)</script>", "text": '<img src="http://x.example/a.png" onerror=1> & <b>'})
    assert not re.search(r"<(script|img|b)\b", made.html)
    assert "&lt;script&gt;" in made.html
    assert "&lt;img" in made.html


def test_the_html_is_plain_tables_with_its_style_inside(write: Callable[..., Letter]) -> None:
    html = write().html
    assert "<style" not in html
    assert "<link" not in html
    assert "http" not in html
    assert re.search(r'<td class="head" style="[^"]*background', html)


def test_personal_data_is_masked_and_the_bureaus_own_number_is_not(write: Callable[..., Letter]) -> None:
    made = write({"subject": "家长13900001234来电", "text": "身份证340123201201011234，值班电话0999-5550100，家长0999-5550199"})
    for part in (made.subject, made.text, made.html):
        assert "13900001234" not in part
        assert "340123201201011234" not in part
        assert "5550199" not in part
    assert made.text.count("0999-5550100") == 2


def test_one_hand_over_is_one_thread_and_a_mixed_group_is_none(write: Callable[..., Letter]) -> None:
    first, again, other = write(), write({"subject": "催办", "text": "x"}), write({"assignment_id": 6})
    assert first.thread
    assert first.thread == again.thread != other.thread
    assert re.fullmatch(r"<[0-9a-f]{24}\.assignment-5@jyj\.example>", first.thread)
    assert write({"assignment_id": 5}, {"assignment_id": 6, "subject": "x"}).thread is None


def test_a_letter_carries_all_that_a_second_copy_must_share(write: Callable[..., Letter], config: Config) -> None:
    made = write()
    assert re.fullmatch(r"<[0-9a-f]{32}@jyj\.example>", made.message_id)
    assert (made.date, made.expires_at) == (NOW, datetime(2026, 11, 21, 2, 0, tzinfo=UTC))
    claims = [Claim(12, made, attempts, False, "x") for attempts in (1, 2)]
    assert parcel(claims[0], config.settings.mail) == parcel(claims[1], config.settings.mail)
    assert parcel(claims[0], config.settings.mail).name == "20261118T020000Z-000012"


def test_headers(write: Callable[..., Letter], config: Config) -> None:
    raw = parcel(Claim(1, write(), 1, False, "x"), config.settings.mail).raw
    mime = message_from_bytes(raw, policy=default)
    assert mime["Auto-Submitted"] == "auto-generated"
    assert mime["X-Auto-Response-Suppress"] == "OOF"
    assert mime["From"].addresses[0].addr_spec == "huiyin@jyj.example"
    assert mime["From"].addresses[0].display_name == "清源县教育舆情办理"
    assert [a.addr_spec for a in mime["To"].addresses] == ["qy001@edu.example"]
    assert mime["References"] == mime["In-Reply-To"] == write().thread
    assert mime["Subject"] == "[教舆-2026-00123] 交办：关于食堂的事项"
    assert mime["Date"].datetime == NOW
    assert mime["Date"].endswith("+0800")
    assert not {"Bcc", "Cc", "List-Unsubscribe"} & set(mime.keys())
    assert [part.get_content_type() for part in mime.iter_parts()] == ["text/plain", "text/html"]
    assert raw.isascii()
    assert b"\r\n" in raw
    assert not re.search(rb"(?<!\r)\n", raw)


@pytest.mark.parametrize(
    "evil", ["交办\r\nBcc: all@edu.example", "交办\nX: y", "交办\r\rX", "交办\u2028X: y", "交办\x00\x0bX", "交办\u202egnp"]
)
def test_no_line_break_ever_reaches_a_header(write: Callable[..., Letter], config: Config, evil: str) -> None:
    made = write({"subject": evil}, contact=replace(CONTACT, name=evil))
    assert made.subject.isprintable()
    assert made.recipient_name.isprintable()
    mime = message(replace(made, subject=evil, recipient_name=evil, thread=f"<{evil}@x>"), config.settings.mail)
    assert "Bcc" not in mime
    assert "X" not in mime
    assert all("\n" not in str(v) and "\r" not in str(v) for v in mime.values())


@pytest.mark.parametrize(
    "address",
    ["", "x", "a@", "@b", "a b@c.example", "a@b.example\r\nRCPT TO:<x@y>", "a@b.example,c@d.example", "张@b.example", "<a@b.example>"],
)
def test_an_address_that_no_mail_can_carry_is_refused(write: Callable[..., Letter], config: Config, address: str) -> None:
    claimed = Claim(1, replace(write(), recipient=address), 1, False, "x")
    with pytest.raises(ValueError, match="邮箱地址"):
        parcel(claimed, config.settings.mail)


@pytest.mark.parametrize(("words", "line"), [("a\r\n b", "a b"), ("  a\t b ", "a b"), ("", ""), ("长" * 300, "长" * 199 + "…")])
def test_one_line(words: str, line: str) -> None:
    assert one_line(words) == line
