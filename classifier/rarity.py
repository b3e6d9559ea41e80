"""How telling a word is: rare in what people write about schools, it may tie two posts together; common, it says nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log

from classifier.words import cutter

SEEN_ENOUGH = 200
MOST_SEEN = 400_000
CODE = re.compile(r"^(?:[a-z]{1,2}\d{0,3}|[\d.,%]+|_?x\d+.*|http.*|com|cn|www|[\W_]+)$")
"""Codes, numbers, addresses and what is left of markup: no words of the post's own."""
HAN, PUNCTUATION = "\u3400", "\ufe00"


def terms(folded: str) -> list[str]:
    """The words of a folded text. Characters that no dictionary joins (names of estates, roads, schools) count as pairs."""
    found: list[str] = []
    last = ""
    for word in cutter().cut(folded):
        if word < HAN:
            last = ""
            if len(word) > 1 and not CODE.match(word):
                found.append(word)
        elif len(word) > 1:
            last = ""
            found.append(word)
        elif word < PUNCTUATION:
            if last:
                found.append(last + word)
            last = word
        else:
            last = ""
    return found


@dataclass(slots=True)
class Rarity:
    """In how many of `rows` corpus posts a word stands; beside it, in how many posts of the present stream, once those are many."""

    rows: int
    known: Mapping[str, int]
    seen: Counter[str] = field(default_factory=Counter)
    posts: int = 0
    _weights: dict[str, float] = field(default_factory=dict)

    def fresh(self) -> Rarity:
        """The same table at the beginning of another stream."""
        return Rarity(self.rows, self.known)

    def see(self, posts: Iterable[Sequence[str]]) -> None:
        """Counts the words of more posts of the stream."""
        for words in posts:
            self.posts += 1
            self.seen.update(set(words))
        self._weights = {}
        if len(self.seen) > MOST_SEEN:
            self.seen = Counter({w: n for w, n in self.seen.items() if n > 1})

    def weight(self, word: str) -> float:
        """The word's weight: the logarithm of how rare it is, in the corpus or in the stream, wherever it is more common."""
        weight = self._weights.get(word)
        if weight is None:
            weight = log((self.rows + 1) / (self.known.get(word, 0) + 1))
            if self.posts >= SEEN_ENOUGH:
                weight = min(weight, log((self.posts + 1) / self.seen.get(word, 1)) + 1)
            self._weights[word] = weight
        return weight

    def weights(self, words: Iterable[str]) -> Mapping[str, float]:
        """A table with the weights of at least these words."""
        for word in words:
            if word not in self._weights:
                self.weight(word)
        return self._weights


def counted(texts: Sequence[str], least: int = 2) -> Rarity:
    """The table of these folded texts; words that stand in fewer than `least` of them are left out."""
    found: Counter[str] = Counter()
    for text in texts:
        found.update(set(terms(text)))
    return Rarity(len(texts), {w: n for w, n in sorted(found.items()) if n >= least})
