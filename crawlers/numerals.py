"""Numbers as Chinese pages write them: 十二, 二〇二六, １２."""

from __future__ import annotations

import re

DIGITS = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "○": 0}
FOLD = {ord("０") + n: ord("0") + n for n in range(10)} | str.maketrans("：／－．—–\u3000\xa0○", ":/-.--  〇")

COUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([万亿wWkK千]?)")


MOST = 1e15
"""More than this nobody has counted, and no database holds it: hostile pages write anything."""


def folded(text: str) -> str:
    """The same text with full-width digits and signs of dates and times made plain."""
    return text.translate(FOLD)


def number(text: str) -> int:
    """The number that digits or Chinese numerals up to 百 say: 12, 十二, 二十, 一百零五, 二〇二六. Raises ValueError."""
    if text.isascii():
        return int(text)
    if not any(c in "十百" for c in text):
        return int("".join(str(DIGITS[c]) for c in text))
    total = unit = 0
    for char in text:
        if char in "十百":
            total += (unit or 1) * (10 if char == "十" else 100)
            unit = 0
        else:
            unit = DIGITS[char]
    return total + unit


def count(text: str) -> int | None:
    """A count beside a post: 1,234 · 1.2万 · 3k+; None where none stands, or none that can be."""
    match = COUNT.search(folded(text))
    if not match:
        return None
    scale = {"万": 10_000, "w": 10_000, "亿": 100_000_000, "k": 1000, "千": 1000}.get(match[2].lower(), 1)
    found = float(match[1].replace(",", "")) * scale
    return int(found) if found < MOST else None
