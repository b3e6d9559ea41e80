"""What the model sees of a text: weighted words and pairs of characters, the topics' words, turns of phrase; one CSR matrix by hand."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier import boundaries, cues
from classifier.lexicon import Lexicon, WordHit
from classifier.school_links import Found
from classifier.words import tokens

VERSION = "4"
TITLE = 3.0
WORDS, PAIRS, LEXICON, CUES = 1.0, 0.7, 0.35, 0.25
# In a short text a school that is named is most of what is said.
DENSITY, CHARACTERS_A_SCHOOL = 0.5, 15
LEAST_ROWS_WORD, LEAST_ROWS_PAIR = 2, 4
# A school's name is one character of its kind, so that names are not learnt; private-use code points stand for nothing else.
MASKS = (
    ("幼", "\ue001"), ("园", "\ue001"), ("职", "\ue004"), ("中专", "\ue004"), ("小学", "\ue002"), ("小", "\ue002"),
    ("中心校", "\ue002"), ("教学点", "\ue002"), ("中", "\ue003"), ("高", "\ue003"), ("学校", "\ue005"),
)  # fmt: skip
SCHOOL, LANDMARK, PLACE = "\ue005", "\ue006", "\ue007"
CODED = re.compile(r"[a-z]\d{0,3}(?=[省市县区])|(?<=区)[a-z]\d{1,3}(?=区)")
PAIR = re.compile(r"[\u4e00-\u9fff\ue000-\ue0ff]{2,}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A text made ready for the model: folded title and body with school names masked, the lexicon's words, how many schools."""

    title: str
    body: str
    hits: tuple[WordHit, ...]
    subjects: int
    landmarks: int


@dataclass(frozen=True, slots=True)
class Masked:
    """A stretch that names a school."""

    start: int
    end: int
    landmark: bool


def sheet(folded: str, schools: Sequence[Masked], lexicon: Lexicon) -> Sheet:
    """Makes a folded text (title, newline, body) ready."""
    title, _, body = mask(folded, schools).partition("\n")
    landmarks = sum(s.landmark for s in schools)
    return Sheet(title, body, tuple(lexicon.hits(folded)), len(schools) - landmarks, landmarks)


def landmarks(folded: str, found: Sequence[Found]) -> list[Masked]:
    """The found names, each with whether it only says where something is; in an advertisement all of them do."""
    selling = boundaries.sells(folded)
    return [Masked(f.start, f.end, selling or boundaries.is_landmark(folded, f.start, f.end)) for f in found]


def mask(folded: str, schools: Sequence[Masked]) -> str:
    """The text with one character for each school name and each coded place."""
    pieces, at = [], 0
    for school in sorted(schools, key=lambda s: s.start):
        if school.start < at:
            continue
        pieces += [folded[at : school.start], LANDMARK if school.landmark else kind(folded[school.start : school.end])]
        at = school.end
    return CODED.sub(PLACE, "".join([*pieces, folded[at:]]))


def kind(name: str) -> str:
    """The character that stands for a school of this kind."""
    tail = name[-4:]
    return next((c for ending, c in MASKS if ending in tail), SCHOOL)


def word_counts(page: Sheet) -> Counter[str]:
    """How often each word stands, the title's counted several times."""
    found: Counter[str] = Counter(tokens(page.body))
    for word in tokens(page.title):
        found[word] += TITLE  # type: ignore[assignment]  # a weight, not a count
    return found


def pair_counts(page: Sheet) -> Counter[str]:
    """How often each pair of neighbouring characters stands, the title's counted several times."""
    found: Counter[str] = Counter(_pairs(page.body))
    for pair in _pairs(page.title):
        found[pair] += TITLE  # type: ignore[assignment]  # a weight, not a count
    return found


def _pairs(text: str) -> Iterable[str]:
    for run in PAIR.findall(text):
        for i in range(len(run) - 1):
            yield run[i : i + 2]


@dataclass(frozen=True, slots=True)
class Space:
    """The columns of the matrix: words, pairs, then the topics' words and the cues. `words` and `pairs` map to their columns."""

    words: Mapping[str, int]
    pairs: Mapping[str, int]
    idf: NDArray[np.float32]
    topics: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.idf) + 2 * len(self.topics) + 2 * len(cues.NAMES) + 5

    @classmethod
    def learn(cls, pages: Sequence[Sheet], topics: Sequence[str]) -> Space:
        """The words and pairs that enough texts have, with their rarity."""
        seen_words: Counter[str] = Counter()
        seen_pairs: Counter[str] = Counter()
        for page in pages:
            seen_words.update(word_counts(page).keys())
            seen_pairs.update(pair_counts(page).keys())
        words = sorted(w for w, n in seen_words.items() if n >= LEAST_ROWS_WORD)
        pairs = sorted(p for p, n in seen_pairs.items() if n >= LEAST_ROWS_PAIR)
        counted = [seen_words[w] for w in words] + [seen_pairs[p] for p in pairs]
        idf = np.array([math.log((1 + len(pages)) / (1 + n)) + 1 for n in counted], dtype=np.float32)
        return cls({w: i for i, w in enumerate(words)}, {p: len(words) + i for i, p in enumerate(pairs)}, idf, tuple(topics))

    def matrix(self, pages: Sequence[Sheet], lexicon: Lexicon) -> csr_matrix:
        """One row a text."""
        indptr, columns, values = [0], [], []
        for page in pages:
            for block, column_of, scale in ((word_counts(page), self.words, WORDS), (pair_counts(page), self.pairs, PAIRS)):
                index, weight = self._weighted(block, column_of, scale)
                columns.append(index)
                values.append(weight)
            dense = self._dense(page, lexicon)
            columns.append(np.arange(len(self.idf), self.width, dtype=np.int32)[dense != 0])
            values.append(dense[dense != 0])
            indptr.append(indptr[-1] + sum(len(c) for c in columns[-3:]))
        data = np.concatenate(values) if values else np.zeros(0, np.float32)
        indices = np.concatenate(columns) if columns else np.zeros(0, np.int32)
        return csr_matrix((data, indices, np.array(indptr)), shape=(len(pages), self.width), dtype=np.float32)

    def _weighted(self, block: Counter[str], column_of: Mapping[str, int], scale: float) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        known = [(column_of[w], n) for w, n in block.items() if w in column_of]
        if not known:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        index = np.array([c for c, _ in known], dtype=np.int32)
        weight = (1 + np.log(np.array([n for _, n in known], dtype=np.float32))) * self.idf[index]
        return index, (scale * weight / np.sqrt((weight**2).sum())).astype(np.float32)

    def _dense(self, page: Sheet, lexicon: Lexicon) -> NDArray[np.float32]:
        title_end = len(page.title)
        in_title, in_all = dict.fromkeys(self.topics, 0.0), dict.fromkeys(self.topics, 0.0)
        for (topic, word), start in {(h.topic, h.word): h.start for h in reversed(page.hits)}.items():
            if topic in in_all:
                in_all[topic] += lexicon.weight(word)
                in_title[topic] += lexicon.weight(word) if start < title_end else 0.0
        words = np.log1p(np.array([*in_all.values(), *in_title.values()], dtype=np.float32)) * LEXICON
        said = cues.counts(f"{page.title}\n{page.body}") + cues.counts(f"{page.title}\n")
        turns = np.log1p(np.array(said, dtype=np.float32)) * CUES
        length = math.log1p(len(page.body)) / 10
        rest = np.array([min(page.subjects, 3) / 3, min(page.landmarks, 3) / 3, length, float(not page.title)], dtype=np.float32) * CUES
        named = min(1.0, page.subjects * CHARACTERS_A_SCHOOL / (len(page.title) + len(page.body) + 1)) * DENSITY
        return np.concatenate([words, turns, rest, [named]]).astype(np.float32)
