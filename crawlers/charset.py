"""Bytes to text: what a page says of its charset is believed only as far as its bytes bear it out."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from crawlers.common_characters import COMMON

PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
ARCHIVES = (b"PK\x03\x04", b"Rar!", b"\x1f\x8b", b"7z\xbc\xaf", b"%PDF", b"\xd0\xcf\x11\xe0", b"MZ", b"\x7fELF")
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
IN_XML = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE)
IN_HTML = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
IN_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
WIDER = dict.fromkeys(("gb2312", "gbk", "gb_2312-80", "x-gbk", "cp936"), "gb18030") | {"big5": "big5hkscs", "utf8": "utf-8"}
UNBELIEVED = {"iso-8859-1", "latin-1", "latin1", "ascii", "us-ascii", "windows-1252", "cp1252"}
"""What servers say when nobody told them anything."""

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
SAMPLE = 200_000
PLAUSIBLE = 0.35
"""The share of everyday characters among all Chinese ones: above .6 in real text, below .15 in mojibake."""


class Binary(Exception):
    """Bytes that are no text at all, whatever their Content-Type says."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, and the charset that it was really in."""

    text: str
    charset: str


def decode(body: bytes, content_type: str = "", configured: str = "") -> Decoded:
    """The text of a page: BOM, then what the source's table, the header and the page itself declare, then what is usual here.

    gb2312 and gbk are read as gb18030, which holds both. The first declared charset whose text is plausible wins; where none is,
    the most plausible of all does. Raises `Binary` for pictures, archives and documents.
    """
    if not body:
        return Decoded("", "utf-8")
    for bom, charset in BOMS:
        if body.startswith(bom):
            return Decoded(body.decode(charset, "replace"), charset.removesuffix("-sig"))
    if body.startswith(PICTURES + ARCHIVES) or body[:4096].count(0) > len(body[:4096]) // 100:
        raise Binary("不是网页文字（像是图片、压缩包或文档）")
    declared = _declared(body, content_type, configured)
    candidates = list(dict.fromkeys([*declared, "utf-8", "gb18030", "big5hkscs"]))
    marks = {charset: plausibility(body[:SAMPLE], charset) for charset in candidates}
    good = [charset for charset in candidates if marks[charset] >= PLAUSIBLE]
    best = good[0] if good and good[0] in declared else max(candidates, key=lambda c: marks[c])
    return Decoded(body.decode(best, "replace"), best)


def plausibility(body: bytes, charset: str) -> float:
    """How much the bytes read like Chinese (or plain) text in a charset: 1 at most, less for every character that cannot be read or
    that nobody writes. A character that the sample's end cuts off costs nothing worth speaking of."""
    text = body.decode(charset, "replace")
    foreign = [c for c in text if not c.isascii()]
    if not foreign:
        return 1.0
    broken = sum(c == "\ufffd" or "\ue000" <= c <= "\uf8ff" or "\x80" <= c <= "\x9f" for c in foreign)
    han = HAN.findall("".join(foreign))
    everyday = sum(c in COMMON for c in han) / len(han) if han else 0.5
    return everyday - 5 * max(0, broken - 1) / len(foreign)


def _declared(body: bytes, content_type: str, configured: str) -> list[str]:
    """The charsets that somebody declares, in order of trust, those that Python knows."""
    in_header = IN_HEADER.search(content_type)
    in_page = IN_XML.search(body[:4096]) or IN_HTML.search(body[:4096])
    inner = in_page[1].decode("ascii", "replace") if in_page else ""
    found = []
    for name in (configured, in_header[1] if in_header else "", inner):
        wide = WIDER.get(name.lower(), name.lower())
        if wide and wide not in UNBELIEVED and _known(wide):
            found.append(wide)
    return found


def _known(charset: str) -> bool:
    try:
        return codecs.lookup(charset)._is_text_encoding
    except LookupError:
        return False
