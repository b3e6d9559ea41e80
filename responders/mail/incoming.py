"""A message's bytes → what they say. Whoever wrote them may have meant harm: every length is bounded, a charset that lies is seen
through, and what cannot be understood raises and is set aside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from itertools import chain, islice

import lxml.etree
import lxml.html

from pipeline.domain.inbound import Incoming, Report
from responders.paper import one_line

CHARSETS = ("utf-8", "utf8", "utf-16", "us-ascii", "gb", "hz", "big5", "iso-", "windows-", "cp", "koi8", "euc", "shift", "ks_c")
"""How the names of charsets begin that mails are written in; Python knows codecs that take hours, or are none."""
LONGEST = 4
"""Bytes of one character, at most."""
PARTS, IDS, ATTACHMENTS = 200, 50, 50
TEXT, HTML = 100_000, 2_000_000
"""Characters of text that are kept, and characters of HTML that are read for it."""
ID = re.compile(r"<[^<>\s]{3,250}>")
# Every pattern here is read along one line at most: a sender who writes a million blanks must not hold up the clocks.
NAMED_ID = re.compile(r"(?im)^[> \t]*Message-ID:[ \t]*(<[^<>\s]{3,250}>)")
LONG_HEADER, HIDDEN = 20_000, "/s/［链接已隐去］"
LINK = re.compile(r"/s/[\w-]{20,60}\.[\w-]{20,80}")
"""The path of a school's link, which a reply quotes: whoever may read the reply may not act in the school's name."""
DAEMON = re.compile(r"^(mailer-?daemon|mail-?daemon|postmaster|mdaemon|mailer|bounces?|postman)([+@-]|$)", re.IGNORECASE)
RETURNED = frozenset({"message/rfc822", "text/rfc822-headers", "message/rfc822-headers"})
REPLIED = ("X-Autoreply", "X-Autorespond", "X-AutoReply-From", "X-Auto-Reply", "X-Autoresponder")


def understand(raw: bytes) -> Incoming:
    """What a message says. Raises ValueError for bytes that are no message."""
    mail: Message = message_from_bytes(raw)
    if not mail.keys():
        raise ValueError("没有信头，不是一封邮件")
    parts = list(islice(_parts(mail), PARTS))
    # Their parameters are taken apart in a time that grows with the square of the length.
    if any(len(str(value)) > LONG_HEADER for part in parts for key, value in part.raw_items() if key.lower().startswith("content-")):
        raise ValueError("信头过长")
    name, sender = _sender(mail)
    returned = [found for part in parts for found in _returned(part)]
    names = [one_line(name, 120) for name in map(_file_name, parts) if name]
    text = _text(parts)
    return Incoming(
        message_id=_first(_ids(mail, "Message-ID")), answers=_answers(mail),
        returned=tuple(dict.fromkeys([*returned, *_named(text)]))[:IDS], sender=sender, sender_name=name,
        subject=one_line(LINK.sub(HIDDEN, _header(mail, "Subject")), 300), sent_at=_sent_at(mail), text=text,
        attachments=tuple(names[:ATTACHMENTS]), automatic=_automatic(mail, parts), daemon=bool(DAEMON.match(sender)),
        reports=tuple(report for part in parts for report in _reports(part)),
    )


def _parts(mail: Message) -> Iterator[Message]:
    """Every part; a mail that is given back is one of them, and what is within it is not."""
    yield mail
    if mail.is_multipart() and mail.get_content_type() not in ("message/rfc822", "message/delivery-status"):
        for part in mail.get_payload():
            if isinstance(part, Message):
                yield from _parts(part)


def _header(mail: Message, name: str) -> str:
    """A header in words: encoded ones decoded, raw bytes read as UTF-8 or else GB18030, whatever they call themselves."""
    return _words(_raw(mail, name))


def _words(value: str) -> str:
    try:
        found = decode_header(value)
    except (HeaderParseError, ValueError):
        found = [(value, None)]
    return "".join(_decoded(_bytes(piece), charset) for piece, charset in found)


def _raw(mail: Message, name: str) -> str:
    """A header as it came, the first of its name; bytes beyond ASCII as surrogates."""
    return next((str(value) for key, value in mail.raw_items() if key.lower() == name.lower()), "")[:5000]


def _bytes(piece: bytes | str) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode("utf-8", "surrogateescape")


def _decoded(raw: bytes, charset: str | None) -> str:
    """Text in the charset that it names; where that is not so, or none is named, in UTF-8, else GB18030, of which GB2312 and GBK are
    parts. The text of a message that was cut may end within a character."""
    name = (charset or "").lower()
    named = {"gb2312": "gb18030", "gbk": "gb18030"}.get(name, name if name.startswith(CHARSETS) else "")
    attempts = tuple(filter(None, (named, "utf-8", "gb18030")))
    whole = (_strictly(raw, charset) for charset in attempts)
    begun = (_strictly(raw[: len(raw) - cut], charset) for charset in attempts for cut in range(1, LONGEST))
    found = next((text for text in chain(whole, begun) if text is not None), None)
    return raw.decode("gb18030", "replace") if found is None else found


def _strictly(raw: bytes, charset: str) -> str | None:
    try:
        return raw.decode(charset)
    except (LookupError, ValueError):
        return None


def _sender(mail: Message) -> tuple[str, str]:
    """The name and the address that it says it comes from; the name is decoded last, so that it brings no address of its own."""
    [(name, address), *_] = getaddresses([_raw(mail, "From")]) or [("", "")]
    return one_line(_words(name), 80), one_line(_words(address), 254)


def _ids(mail: Message, name: str) -> list[str]:
    return ID.findall(_header(mail, name))


def _first(found: list[str]) -> str:
    return found[0] if found else ""


def _answers(mail: Message) -> tuple[str, ...]:
    """In-Reply-To, then References from the newest to the oldest."""
    return tuple(dict.fromkeys([*_ids(mail, "In-Reply-To"), *reversed(_ids(mail, "References"))]))[:IDS]


def _sent_at(mail: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(_header(mail, "Date"))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def _automatic(mail: Message, parts: list[Message]) -> bool:
    """Whether its headers say that no person wrote it, or that it only tells of having been read (阅读回执)."""
    submitted = _header(mail, "Auto-Submitted").strip().lower()
    junk = _header(mail, "Precedence").strip().lower() in ("auto_reply", "auto-reply")
    read = any(part.get_content_type() == "message/disposition-notification" for part in parts)
    nobodys = _header(mail, "Return-Path").strip() == "<>"
    return submitted not in ("", "no") or junk or read or nobodys or any(name in mail for name in REPLIED)


def _text(parts: list[Message]) -> str:
    """The plain text; where there is none, the text of the HTML."""
    shown = [p for p in parts if p.get_content_maintype() == "text" and p.get_content_disposition() != "attachment"]
    plain = [_body(p) for p in shown if p.get_content_type() == "text/plain"]
    if not any(text.strip() for text in plain):
        plain = [_stripped(_body(p)[:HTML]) for p in shown if p.get_content_type() == "text/html"]
    text = "\n".join(plain)[: 4 * TEXT].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return LINK.sub(HIDDEN, re.sub(r"\n{3,}", "\n\n", lines)).strip()[:TEXT]


def _body(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return _decoded(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""


def _stripped(html: str) -> str:
    """The words of a page, its blocks as lines."""
    if not html.strip():
        return ""
    try:
        page = lxml.html.fromstring(html.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8"))
    except lxml.etree.ParserError:
        return ""
    lxml.etree.strip_elements(page, "script", "style", "head", lxml.etree.Comment, with_tail=False)
    for block in page.iter("br", "p", "div", "tr", "li", "blockquote"):
        block.tail = "\n" + (block.tail or "")
    return str(page.xpath("string()"))


def _file_name(part: Message) -> str:
    """What an attachment is called; empty for a part that is none."""
    if part.is_multipart() or (part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment"):
        return ""
    try:
        return _words(part.get_filename() or "")
    except (ValueError, LookupError):
        return "（附件名无法识别）"


def _returned(part: Message) -> list[str]:
    """The ids of the mail that a part gives back."""
    if part.get_content_type() not in RETURNED:
        return []
    inner = part.get_payload()
    if isinstance(inner, list):
        return [found for mail in inner if isinstance(mail, Message) for found in _ids(mail, "Message-ID")[:1]]
    return _named(_body(part))


def _named(text: str) -> list[str]:
    """The Message-IDs that stand in a text as a header's line: bounces in plain words quote the mail that way."""
    return NAMED_ID.findall(text[:TEXT])[:IDS]


def _reports(part: Message) -> Iterator[Report]:
    """What a delivery report says of each recipient."""
    if part.get_content_type() != "message/delivery-status" or not isinstance(part.get_payload(), list):
        return
    for block in islice(part.get_payload(), PARTS):
        if isinstance(block, Message) and "Action" in block:
            recipient = _header(block, "Original-Recipient") or _header(block, "Final-Recipient")
            action, status = _header(block, "Action").strip().lower(), _header(block, "Status").strip()[:20]
            yield Report(_after_kind(recipient), action, status, one_line(_after_kind(_header(block, "Diagnostic-Code")), 300))


def _after_kind(value: str) -> str:
    """`rfc822; a@b.example` or `smtp; 550 no such user` without its kind."""
    return value.partition(";")[2].strip() or value
