"""Words: a normal form that keeps every code point in its place, and the tokens that readings are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Protocol

from opencc import OpenCC

WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
UNREADABLE = re.compile("[\x00\ud800-\udfff]")
WORD = re.compile(r"[\w\ue000-\uf8ff]")
NUMBER = re.compile(r"^[\d.,%]+$")
TRADITIONAL = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


class Cutter(Protocol):
    """Cuts a text into words, and into words with their part of speech."""

    def cut(self, text: str) -> Sequence[str]: ...

    def tag(self, text: str) -> Sequence[tuple[str, str]]: ...


class FastCutter:
    """rjieba without its guesses at new words (HMM), which differ between builds."""

    def __init__(self) -> None:
        import rjieba

        self._jieba = rjieba.Jieba()

    def cut(self, text: str) -> Sequence[str]:
        """The words of a text."""
        return self._jieba.cut(text, False)

    def tag(self, text: str) -> Sequence[tuple[str, str]]:
        """The words of a text with their part of speech."""
        return self._jieba.tag(text, False)


class PlainCutter:
    """jieba: the same words, slower; for machines on which rjieba cannot be installed."""

    def __init__(self) -> None:
        import jieba
        import jieba.posseg

        jieba.setLogLevel(40)
        self._jieba = jieba
        self._tags = jieba.posseg

    def cut(self, text: str) -> Sequence[str]:
        """The words of a text."""
        return self._jieba.lcut(text, HMM=False)

    def tag(self, text: str) -> Sequence[tuple[str, str]]:
        """The words of a text with their part of speech."""
        return [(pair.word, pair.flag) for pair in self._tags.lcut(text, HMM=False)]


@cache
def cutter() -> Cutter:
    """This process's cutter: neither can be handed to another process, so each builds its own."""
    try:
        return FastCutter()
    except ImportError:
        return PlainCutter()


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def fold(text: str) -> str:
    """The normal form: half-width, lower case, simplified; as many code points as before, each in its old place."""
    plain = UNREADABLE.sub("\ufffd", text).translate(WIDE)
    return _simplified(_lowered(plain))


def _lowered(text: str) -> str:
    low = text.lower()
    return low if len(low) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)


def _simplified(text: str) -> str:
    converted: str = _simplifier().convert(text)
    if len(converted) == len(text):
        return converted
    return "".join(_one(c) for c in text)


@cache
def _one(character: str) -> str:
    converted: str = _simplifier().convert(character) if TRADITIONAL.match(character) else character
    return converted if len(converted) == 1 else character


def tokens(folded: str) -> list[str]:
    """The words of a folded text that can carry meaning; numbers are one word, punctuation is none."""
    return ["#" if NUMBER.match(w) else w for w in cutter().cut(folded) if WORD.search(w)]


def tagged(folded: str) -> Sequence[tuple[str, str]]:
    """The words of a short stretch with their part of speech (jieba's letters)."""
    return cutter().tag(folded)
