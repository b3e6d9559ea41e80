"""Mails as they come in: replies, bounces and automatic answers the way real mail systems write them."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from typing import Any


def mail(text: str = "已签收，正在核查。", *, subject: str = "回复", sender: str = "曾广霞 <qy001@edu.example>", **headers: str) -> bytes:
    """A mail of a person; headers by name, `_` for `-`."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, "huiyin@jyj.example", subject
    made["Date"] = "Wed, 18 Nov 2026 11:00:00 +0800"
    for name, value in {"Message_ID": "<reply-1@edu.example>", **headers}.items():
        made[name.replace("_", "-")] = value
    made.set_content(text, cte="base64")
    return made.as_bytes()


def dsn(message_id: str, status: str = "5.1.1", action: str = "failed", **given: Any) -> bytes:
    """A delivery report as Postfix writes it, with the headers of the mail that it gives back."""
    recipient = given.get("recipient", "qy001@edu.example")
    said = given.get("said", "550 5.1.1 User doesn't exist")
    sender = given.get("sender", "MAILER-DAEMON@mx.example (Mail Delivery System)")
    lines = f"""Return-Path: <>
From: {sender}
Subject: {given.get("subject", "Undelivered Mail Returned to Sender")}
To: huiyin@jyj.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"
Message-Id: <dsn-{status}-{action}@mx.example>

--B
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example. I'm sorry to have to inform you ...

--B
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Wed, 18 Nov 2026 10:00:00 +0800 (CST)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--B
Content-Description: Undelivered Message Headers
Content-Type: {given.get("returned", "text/rfc822-headers")}

From: huiyin@jyj.example
Subject: =?utf-8?b?5Lqk5Yqe?=
Message-ID: {message_id}

--B--
"""
    return lines.replace("\n", "\r\n").encode()


def plain(subject: str, text: str, sender: str, charset: str = "gb18030", **headers: str) -> bytes:
    """A mail as older Chinese systems write it: raw bytes in the title, whatever they declare."""
    lines = [f"From: {sender}", f"Subject: {subject}", *(f"{n.replace('_', '-')}: {v}" for n, v in headers.items())]
    lines += ['Content-Type: text/plain; charset="gb2312"', "Content-Transfer-Encoding: 8bit", "", text]
    return "\r\n".join(lines).encode(charset)
