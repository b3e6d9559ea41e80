"""How things are worded on a page: times, what is left of them, collected text. Collected text is hostile: what could hide or turn
round characters is shown as a mark."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pipeline.domain.readings import Span
from pipeline.masking import masked
from pipeline.moments import local
from responders.wording import WEEKDAYS, length

LONGEST = 20_000
"""Characters of one post that a page shows; a megabyte of text helps nobody."""
OPEN, SHUT = "\ue000", "\ue001"
"""Private characters that stand for the borders of a highlighted word while the text around it is masked."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `hit` when it is one of the words that led to a decision."""

    text: str
    hit: bool


def visible(value: Any) -> Any:
    """A string whose invisible and direction-changing characters are marks, such as 〔U+202E〕; markup and other values as they are."""
    if not isinstance(value, str) or hasattr(value, "__html__") or value.isprintable():
        return value
    return "".join(map(_shown, " " + value, value, value[1:] + " "))


def _shown(before: str, char: str, after: str) -> str:
    if char in "\n\t":
        return char
    if char == "\r":
        return ""
    if char == "\u200d" and _pictorial(before) and _pictorial(after):
        return char  # joins the parts of one emoji
    if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"):
        return f"〔U+{ord(char):04X}〕"
    return char


def _pictorial(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk", "Mn")


def pieces(text: str, spans: Sequence[Span]) -> tuple[Piece, ...]:
    """The text, personal numbers masked (遮蔽), cut where highlighted words begin and end. Where a word's border would lie within
    what is masked, nothing is highlighted."""
    plain = text[:LONGEST].replace(OPEN, "〔U+E000〕").replace(SHUT, "〔U+E001〕")
    hidden = masked(plain)
    if plain != text[:LONGEST]:
        return (Piece(hidden, False),)
    bordered, at = "", 0
    for start, end in _merged(spans, len(plain)):
        bordered += plain[at:start] + OPEN + plain[start:end] + SHUT
        at = end
    bordered = masked(bordered + plain[at:])
    if bordered.replace(OPEN, "").replace(SHUT, "") != hidden:
        return (Piece(hidden, False),)
    found = []
    for part in bordered.split(OPEN):
        word, shut, rest = part.partition(SHUT)
        found += [Piece(word, True), Piece(rest, False)] if shut else [Piece(part, False)]
    return tuple(p for p in found if p.text)


def _merged(spans: Sequence[Span], length: int) -> list[tuple[int, int]]:
    """The spans that lie within a text of this length, in order, overlapping ones as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((s.start, s.end) for s in spans if 0 <= s.start < s.end <= length):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def age(moment: datetime, now: datetime) -> str:
    """How long ago: 2小时前; a moment in the future is 时间在将来."""
    return f"{length(now - moment)}前" if moment <= now else "时间在将来"


def brief(moment: datetime, now: datetime) -> str:
    """A moment as short as it can be: 今天 09:02, 11-17 16:40, 2025-12-30 08:00."""
    there, here = local(moment), local(now)
    if there.date() == here.date():
        return there.strftime("今天 %H:%M")
    return there.strftime("%m-%d %H:%M" if there.year == here.year else "%Y-%m-%d %H:%M")


def day(moment: datetime) -> str:
    """A day in full: 2026年11月18日 星期三."""
    there = local(moment)
    return f"{there.year}年{there.month}月{there.day}日 星期{WEEKDAYS[there.weekday()]}"


def host(url: str) -> str:
    """The host of a web address; empty for what is no web address, which is never made a link."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") and not parts.username else ""
    except ValueError:
        return ""
