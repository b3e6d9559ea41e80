"""A frozen letter as the bytes that go over the wire: the same letter always gives the same bytes."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from config.schema.settings import MailSettings
from pipeline.domain.mail import Claim, Letter
from pipeline.moments import local
from responders.mail.transport import Parcel
from responders.paper import one_line


def parcel(claimed: Claim, mail: MailSettings) -> Parcel:
    """The parcel of a claimed message. Raises ValueError for an address that no mail can carry."""
    sent = claimed.letter
    name = f"{sent.date.strftime('%Y%m%dT%H%M%SZ')}-{claimed.id:06d}"
    return Parcel(address(mail.sender), address(sent.recipient), message(sent, mail).as_bytes(policy=SMTP), name)


def message(sent: Letter, mail: MailSettings) -> EmailMessage:
    """The mail with its headers: one recipient, no Bcc, marked as made by a machine so that no auto-reply comes back."""
    mime = EmailMessage(policy=SMTP)
    mime["From"] = Address(one_line(mail.sender_name), addr_spec=address(mail.sender))
    mime["To"] = Address(one_line(sent.recipient_name), addr_spec=address(sent.recipient))
    mime["Subject"] = one_line(sent.subject)
    mime["Date"] = format_datetime(local(sent.date))
    mime["Message-ID"] = one_line(sent.message_id)
    if sent.thread:
        mime["In-Reply-To"] = mime["References"] = one_line(sent.thread)
    mime["Auto-Submitted"] = "auto-generated"
    mime["X-Auto-Response-Suppress"] = "OOF"
    mime.set_content(sent.text, cte="base64")
    mime.add_alternative(sent.html, subtype="html", cte="base64")
    mime.set_boundary(f"huiyin-{sha256(sent.message_id.encode()).hexdigest()[:32]}")
    return mime


def address(spec: str) -> str:
    """The address, if it can stand in an SMTP command: plain characters, one @, no blank."""
    local_part, at, host = spec.rpartition("@")
    if not (at and local_part and host) or not spec.isascii() or not spec.isprintable() or any(c in spec for c in ' <>",;:()[]\\'):
        raise ValueError(f"不是可用的邮箱地址：{one_line(spec, 80)}")
    return spec
