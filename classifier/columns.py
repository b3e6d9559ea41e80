"""The words and pairs of characters that a model knows, counted for a batch of texts at once: one CSR matrix by array operations."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier.words import UNREADABLE, WORD, cutter

TITLE = 3.0  # a word of the title counts as often
WORDS, PAIRS = 1.0, 0.7
MOST = 8.0  # whoever repeats a word more often says no more by it
LEAST_ROWS_WORD, LEAST_ROWS_PAIR = 2, 4
LONGEST = 4_000  # of a body; what comes later adds nothing to a vector of shares
DIGITS = str.maketrans("123456789", "000000000")  # 1500元 and 3200元 are one word, a year and a sum are not
CODE_POINTS = 0x10000
HAN = re.compile("[\u4e00-\u9fff\ue000-\ue0ff]{2,}")  # the private ones stand for names of schools


@dataclass(frozen=True, slots=True)
class Cells:
    """Entries of a matrix, in three columns of one length."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Columns:
    """Known words and pairs of characters, each a column, with their rarity (idf). Rows of each of the two have length 1 × scale."""

    words: tuple[str, ...]
    pairs: tuple[str, ...]
    idf: NDArray[np.float32]
    _column: Mapping[str, int] = field(init=False, repr=False, compare=False)
    _letter: NDArray[np.int32] = field(init=False, repr=False, compare=False)
    _keys: NDArray[np.int64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_column", {word: i for i, word in enumerate(self.words)})
        letter = np.zeros(CODE_POINTS, dtype=np.int32)
        used = sorted({c for pair in self.pairs for c in pair})
        letter[[ord(c) for c in used]] = np.arange(1, len(used) + 1)
        object.__setattr__(self, "_letter", letter)
        keys = np.array([int(letter[ord(p[0])]) * CODE_POINTS + int(letter[ord(p[1])]) for p in self.pairs], dtype=np.int64)
        object.__setattr__(self, "_keys", keys)

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.words) + len(self.pairs)

    def name(self, column: int) -> str:
        """The word or pair that a column stands for."""
        return self.words[column] if column < len(self.words) else self.pairs[column - len(self.words)]

    @classmethod
    def learn(cls, texts: Sequence[tuple[str, str]]) -> Columns:
        """The words and pairs that enough texts (title, body; folded) have."""
        seen_words: Counter[str] = Counter()
        seen_pairs: Counter[str] = Counter()
        for title, body in texts:
            seen_words.update({w for part in (title, body) for w in _cut(part) if WORD.search(w)})
            seen_pairs.update({pair for part in (title, body) for run in HAN.findall(part) for pair in map("".join, pairwise(run))})
        words = sorted(w for w, n in seen_words.items() if n >= LEAST_ROWS_WORD)
        letters = sorted({c for p, n in seen_pairs.items() if n >= LEAST_ROWS_PAIR for c in p})
        order = {c: i for i, c in enumerate(letters)}
        pairs = sorted((p for p, n in seen_pairs.items() if n >= LEAST_ROWS_PAIR), key=lambda p: (order[p[0]], order[p[1]]))
        counted = [seen_words[w] for w in words] + [seen_pairs[p] for p in pairs]
        idf = np.array([math.log((1 + len(texts)) / (1 + n)) + 1 for n in counted], dtype=np.float32)
        return cls(tuple(words), tuple(pairs), idf)

    def matrix(self, texts: Sequence[tuple[str, str]]) -> csr_matrix:
        """One row a text (title, body; folded): (1 + log count) × idf, the words' part of length 1, the pairs' of length 0.7."""
        words = self._block(self._word_cells(texts), WORDS, len(texts))
        pairs = self._block(self._pair_cells(texts), PAIRS, len(texts))
        rows, columns = np.concatenate((words.rows, pairs.rows)), np.concatenate((words.columns, pairs.columns))
        values = np.concatenate((words.values, pairs.values))
        order = np.argsort(rows, kind="stable")
        indptr = np.searchsorted(rows[order], np.arange(len(texts) + 1))
        return csr_matrix((values[order], columns[order], indptr), shape=(len(texts), self.width), dtype=np.float32)

    def _word_cells(self, texts: Sequence[tuple[str, str]]) -> Cells:
        """Row, column and weight of every known word as it stands."""
        known = self._column.get
        columns: list[int] = []
        lengths = []
        for text in texts:
            for part in text:
                found = [known(w, -1) for w in _cut(part)]
                columns += found
                lengths.append(len(found))
        return _cells(np.array(columns, dtype=np.int64), np.array(lengths, dtype=np.int64))

    def _pair_cells(self, texts: Sequence[tuple[str, str]]) -> Cells:
        """Row, column and weight of every known pair as it stands."""
        parts = [part[:LONGEST] + "\n" for text in texts for part in text]
        points = np.frombuffer("".join(parts).encode("utf-32-le", "replace"), dtype=np.uint32)
        letters = self._letter[np.minimum(points, CODE_POINTS - 1)].astype(np.int64)
        keys = np.append(letters[:-1] * CODE_POINTS + letters[1:], 0)
        at = np.searchsorted(self._keys, keys)
        known = (at < len(self._keys)) & (letters > 0)
        known[known] = self._keys[at[known]] == keys[known]
        return _cells(np.where(known, at + len(self.words), -1), np.array([len(p) for p in parts], dtype=np.int64))

    def _block(self, cells: Cells, scale: float, many: int) -> Cells:
        """Cells of one text and column added up, damped, weighted by rarity; each of the `many` rows brought to the length `scale`."""
        places, inverse = np.unique(cells.rows * self.width + cells.columns, return_inverse=True)
        rows, columns = np.divmod(places, self.width)
        values = (1 + np.log(np.minimum(MOST, np.bincount(inverse, cells.values, len(places))))) * self.idf[columns]
        length = np.sqrt(np.bincount(rows, values**2, many))
        return Cells(rows, columns, (scale * values / length[rows]).astype(np.float32))


def _cells(columns: NDArray[np.int64], lengths: NDArray[np.int64]) -> Cells:
    """Which text each entry belongs to and what it weighs; `lengths` alternate between titles and bodies. Unknown entries (-1) go."""
    part = np.repeat(np.arange(len(lengths)), lengths)[columns >= 0]
    return Cells(part // 2, columns[columns >= 0], np.where(part % 2 == 0, TITLE, 1.0).astype(np.float32))


def _cut(part: str) -> Sequence[str]:
    return cutter().cut(UNREADABLE.sub(" ", part[:LONGEST].translate(DIGITS))) if part else ()
