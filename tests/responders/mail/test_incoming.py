"""What a message's bytes say, whoever wrote them and in whatever charset."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from responders.mail.incoming import TEXT, understand
from responders.mail.matching import own_words
from tests.responders.mail.letters_in import dsn, mail, plain


def test_a_reply_says_who_what_when_and_what_it_answers() -> None:
    found = understand(mail("已签收。", subject="回复：交办", In_Reply_To="<a@x>", References="<root@x> <a@x> <b@x>"))
    assert (found.sender, found.sender_name, found.subject, found.text) == ("qy001@edu.example", "曾广霞", "回复：交办", "已签收。")
    assert found.answers == ("<a@x>", "<b@x>", "<root@x>")
    assert found.sent_at == datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
    assert not found.automatic


@pytest.mark.parametrize("charset", ["gb18030", "gbk", "utf-8"])
def test_raw_chinese_in_titles_and_texts_is_read_whatever_it_calls_itself(charset: str) -> None:
    found = understand(plain("回复：［教舆-2026-00001］食堂", "学校已签收，正在核查。", "张三 <a@b.example>", charset))
    assert (found.subject, found.text, found.sender_name) == ("回复：［教舆-2026-00001］食堂", "学校已签收，正在核查。", "张三")


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("=?gb2312?B?1tC5+g==?=", "中国"), ("=?gb2312?B?1tC5+g==?=\r\n =?gb2312?B?yrnTww==?=", "中国使用"),
        ("=?x-odd?B?1tC5+g==?=", "中国"), ("=?punycode?B?1tC5+g==?=", "中国"),
        ("=?utf-8?B?!!!?=", ""), ("", ""),
    ],
)  # fmt: skip
def test_encoded_titles(written: str, subject: str) -> None:
    assert understand(f"From: a@b.example\r\nSubject: {written}\r\n\r\nx".encode()).subject == subject


def test_an_encoded_name_cannot_bring_an_address_of_its_own() -> None:
    found = understand(b"From: =?utf-8?q?qy001=40edu=2Eexample=3E_=3Cx?= <other@b.example>\r\n\r\nx")
    assert (found.sender, found.sender_name) == ("other@b.example", "qy001@edu.example> <x")


def test_html_alone_is_read_as_its_words() -> None:
    raw = b"From: a@b.example\r\nContent-Type: text/html; charset=gbk\r\n\r\n"
    found = understand(raw + "<style>p{}</style><p>已签收</p><div>王主任<br>电话见下</div><script>x()</script>".encode("gbk"))
    assert found.text.split() == ["已签收", "王主任", "电话见下"]


def test_attachments_are_named_and_their_bytes_are_no_text() -> None:
    made = EmailMessage()
    made["From"] = "a@b.example"
    made.set_content("见附件")
    made.add_attachment(b"\0\1", maintype="application", subtype="msword", filename="调查情况.docx")
    made.add_attachment("机密正文", filename="说明.txt")
    found = understand(made.as_bytes())
    assert (found.attachments, found.text) == (("调查情况.docx", "说明.txt"), "见附件")


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_delivery_report_names_recipient_status_and_the_mail_that_it_gives_back(returned: str) -> None:
    found = understand(dsn("<ours@jyj.example>", "5.1.1", returned=returned))
    [report] = found.reports
    assert (report.recipient, report.action, report.status) == ("qy001@edu.example", "failed", "5.1.1")
    assert report.said == "550 5.1.1 User doesn't exist"
    assert found.returned == ("<ours@jyj.example>",)
    assert found.daemon


def test_a_mail_quoted_in_plain_words_is_one_that_is_given_back() -> None:
    found = understand(plain("系统退信", "原邮件信息：\r\nMessage-ID: <ours@jyj.example>\r\n", "postmaster@x.example"))
    assert found.returned == ("<ours@jyj.example>",)


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ({}, False), ({"Auto_Submitted": "no"}, False), ({"Auto_Submitted": "auto-replied"}, True), ({"X_Autoreply": "yes"}, True),
        ({"Precedence": "bulk"}, False), ({"Precedence": "auto_reply"}, True), ({"Return_Path": "<>"}, True),
    ],
)  # fmt: skip
def test_headers_tell_of_machines(headers: dict[str, str], automatic: bool) -> None:
    assert understand(mail(**headers)).automatic is automatic


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\xff\xfe\x00" * 50, b"no header at all"])
def test_what_is_no_mail_raises(raw: bytes) -> None:
    with pytest.raises(ValueError, match="不是一封邮件"):
        understand(raw)


def nested(depth: int) -> bytes:
    head = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(depth))
    return ("From: a@b.example\r\n" + head + "\r\nx").encode()


@pytest.mark.parametrize(
    "raw",
    [
        mail("字" * 400_000), b"From: a@b.example\r\nReferences: " + b"<x@y> " * 5000 + b"\r\n\r\nx",
        mail(In_Reply_To="<" + "x" * 900 + "@y>"),
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 2000,
        b"From: a@b.example\r\nDate: 99 Foo 99999\r\nContent-Type: text/plain; charset=\"no-such\"\r\n\r\n\xd6\xd0", nested(20),
        b"From: " + b"<" * 3000 + b"\r\nSubject: x\r\n\r\nx", b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 3000,
        b"From: a@b.example\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
        dsn("<x@y>")[:700],
    ],
)  # fmt: skip
def test_hostile_bytes_are_bounded(raw: bytes) -> None:
    found = understand(raw)
    assert len(found.text) <= TEXT
    assert max(len(found.answers), len(found.returned)) <= 50


def test_control_characters_never_reach_a_title() -> None:
    found = understand(b"From: =?utf-8?b?5byg?= <a@b.example>\r\nSubject: =?utf-8?b?YQ0KQmNjOiB4QHkueg==?=\r\n\r\nx")
    assert "\n" not in found.subject
    assert "\r" not in found.subject


@pytest.mark.parametrize(
    "body",
    [" " * 1_000_000 + "x", ">\n" * 60_000, "\n> " * 60_000, "\u00a0\n" * 40_000, ("在" + "啊" * 79) * 2_000],
    ids=["blanks", "quotes", "quoted lines", "hard blanks", "nearly a quote"],
)
def test_no_text_takes_longer_than_its_length_deserves(body: str) -> None:
    """Patterns that try again at each blank need minutes for these, and hold up every clock meanwhile."""
    found = understand(mail(body))
    assert len(found.text) <= TEXT
    assert own_words(found.text)[:1] == found.text[:1]


def test_a_header_without_end_is_left_to_staff() -> None:
    with pytest.raises(ValueError, match="信头过长"):
        understand(b'From: a@b.example\r\nContent-Type: text/plain; x="' + b";" * 50_000 + b"\r\n\r\nx")


def test_a_school_link_that_a_reply_quotes_is_not_shown() -> None:
    link = f"http://127.0.0.1:8601/s/{'A' * 32}.{'b' * 43}"
    found = understand(mail(f"已签收。\n> 签收请打开\n> {link}\n", subject=f"回复：{link}"))
    assert "b" * 43 not in found.text + found.subject
    assert found.text.startswith("已签收。\n> 签收请打开\n> http://127.0.0.1:8601/s/")
