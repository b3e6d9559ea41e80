"""Which kind of mail came in: tables of what mail systems and people write."""

from __future__ import annotations

import pytest

from pipeline.domain.inbound import InboundKind, Ours
from responders.mail.incoming import understand
from responders.mail.returns import Fate, judged
from tests.responders.mail.letters_in import dsn, mail, plain

OURS = Ours(1, "<ours@jyj.example>", "QY001", "qy001@edu.example", "曾广霞")
BOUNCE, DELAYED, AUTOMATIC, REPLY, OWN = (
    InboundKind.BOUNCE, InboundKind.DELAYED, InboundKind.AUTOMATIC, InboundKind.REPLY, InboundKind.OWN,
)  # fmt: skip
BAD, LOST, LATER = Fate.BAD_ADDRESS, Fate.LOST, Fate.LATER
DAEMON, QQ = "MAILER-DAEMON@mx.example", "10000@qq.example"


def kind(raw: bytes) -> tuple[InboundKind, Fate | None]:
    found = judged(understand(raw), "huiyin@jyj.example", [OURS])
    return found.kind, found.fate


@pytest.mark.parametrize(
    ("status", "action", "wanted"),
    [
        ("5.1.1", "failed", (BOUNCE, BAD)), ("5.0.0", "failed", (BOUNCE, BAD)), ("5.2.1", "failed", (BOUNCE, BAD)),
        ("5.7.1", "failed", (BOUNCE, BAD)), ("5.2.2", "failed", (BOUNCE, LOST)), ("4.4.1", "failed", (BOUNCE, LOST)),
        ("4.2.2", "delayed", (DELAYED, LATER)), ("4.4.7", "delayed", (DELAYED, LATER)), ("5.1.1", "delayed", (DELAYED, LATER)),
        ("2.0.0", "delivered", (DELAYED, LATER)), ("2.0.0", "relayed", (DELAYED, LATER)), ("", "failed", (BOUNCE, LOST)),
    ],
)  # fmt: skip
def test_a_report_tells_by_action_and_status(status: str, action: str, wanted: tuple[InboundKind, Fate]) -> None:
    assert kind(dsn("<ours@jyj.example>", status, action)) == wanted


def test_a_full_box_under_another_number_is_a_full_box() -> None:
    assert kind(dsn("<ours@jyj.example>", "5.0.0", said="552 Mailbox full")) == (BOUNCE, LOST)


def test_of_several_recipients_ours_counts() -> None:
    raw = dsn("<ours@jyj.example>", "4.4.7", "delayed")
    other = b"Final-Recipient: rfc822; other@edu.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--B\r\nContent-Description: Undelivered"
    assert kind(raw.replace(b"--B\r\nContent-Description: Undelivered", other)) == (DELAYED, LATER)


@pytest.mark.parametrize(
    ("subject", "text", "sender", "wanted"),
    [
        ("系统退信", "收件人 a@b.example 不存在。SMTP error: 550 5.1.1 no such user", "postmaster@mx.example", (BOUNCE, BAD)),
        ("系统退信", "您的邮件未能送达：收件人空间不足。", QQ, (BOUNCE, LOST)),
        ("系统退信/Systems bounce", "收件人邮箱已满 (552 5.2.2)", "Postmaster@163.example", (BOUNCE, LOST)),
        ("退信通知：回信", "收件人地址不存在", QQ, (BOUNCE, BAD)),
        ("邮件投递失败", "用户 qy001 已停用", "postmaster@mx.example", (BOUNCE, BAD)),
        ("Undelivered Mail", "host said: 550 User unknown", DAEMON, (BOUNCE, BAD)),
        ("failure notice", "<a@b.example>: mailbox quota exceeded 452 4.2.2", DAEMON, (DELAYED, LATER)),
        ("Delivery delayed", "will be retried until tomorrow", DAEMON, (DELAYED, LATER)),
        ("邮件延迟通知", "服务器仍在重试，将继续投递", DAEMON, (DELAYED, LATER)),
        ("?", "", DAEMON, (BOUNCE, LOST)),
    ],
)  # fmt: skip
def test_bounces_in_words(subject: str, text: str, sender: str, wanted: tuple[InboundKind, Fate]) -> None:
    assert kind(plain(subject, text, sender)) == wanted


@pytest.mark.parametrize(
    ("subject", "text", "headers", "wanted"),
    [
        ("自动回复：[教舆-2026-00001] 交办", "您好，邮件已收到。", {}, AUTOMATIC),
        ("自动答复", "", {}, AUTOMATIC),
        ("Re: 交办", "这是来自QQ邮箱的假期自动回复邮件。您好，我最近正在休假中，无法亲自回复您的邮件。", {}, AUTOMATIC),
        ("Re: 交办", "【自动回复】您的来信已收到。", {}, AUTOMATIC),
        ("Automatic reply: x", "", {}, AUTOMATIC),
        ("Out of Office", "", {}, AUTOMATIC),
        ("已读: 交办", "", {}, AUTOMATIC),
        ("回复", "收到", {"Auto_Submitted": "auto-replied"}, AUTOMATIC),
        ("回复", "我在外地", {"Return_Path": "<>"}, AUTOMATIC),
        ("回复：关于退信的说明", "已更正邮箱，请重发。", {}, REPLY),
        ("Re: 交办", "已签收。学校查明，食堂没有自动回复家长的电话。", {}, REPLY),
        ("系统更新", "校园网系统更新了", {}, REPLY),
        ("交办", "x", {"Message_ID": "<ours@jyj.example>"}, OWN),
        ("日报", "x", {"Auto_Submitted": "auto-generated", "From": "huiyin@jyj.example"}, OWN),
    ],
)  # fmt: skip
def test_people_and_machines(subject: str, text: str, headers: dict[str, str], wanted: InboundKind) -> None:
    sender = headers.pop("From", "曾广霞 <qy001@edu.example>")
    assert kind(mail(text, subject=subject, sender=sender, **headers))[0] is wanted


def test_what_the_other_side_said_is_kept_for_staff() -> None:
    assert judged(understand(dsn("<x@y>")), "a@b.example", []).said == "550 5.1.1 User doesn't exist"
    assert judged(understand(dsn("<x@y>", said="550 no such user")), "a@b.example", []).said == "5.1.1 550 no such user"
