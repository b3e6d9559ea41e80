"""What the model sees of a text: weighted words and pairs of characters, the topics' words, turns of phrase; one CSR matrix."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, hstack

from classifier import boundaries, cues
from classifier.columns import Columns
from classifier.lexicon import Lexicon, WordHit
from classifier.school_links import Found

VERSION = "5"
LEXICON, CUES = 0.35, 0.25
FIGURES = 5
# In a short text a school that is named is most of what is said.
DENSITY, CHARACTERS_A_SCHOOL = 0.5, 15
# A school's name is one character of its kind, so that names are not learnt; private-use code points stand for nothing else.
MASKS = (
    ("幼", "\ue001"), ("园", "\ue001"), ("职", "\ue004"), ("中专", "\ue004"), ("小学", "\ue002"), ("小", "\ue002"),
    ("中心校", "\ue002"), ("教学点", "\ue002"), ("中", "\ue003"), ("高", "\ue003"), ("学校", "\ue005"),
)  # fmt: skip
SCHOOL, LANDMARK, PLACE = "\ue005", "\ue006", "\ue007"
CODED = re.compile(r"[a-z]\d{0,3}(?=[省市县区])|(?<=区)[a-z]\d{1,3}(?=区)")


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


def raw(folded: str, lexicon: Lexicon) -> Sheet:
    """A folded text as the gate sees it: nothing masked, its schools not looked for."""
    title, _, body = folded.partition("\n")
    return Sheet(title, body, tuple(lexicon.hits(folded)), 0, 0)


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


@dataclass(frozen=True, slots=True)
class Space:
    """What the second reader looks at: words and pairs of characters, then the topics' words, the cues and a few figures."""

    columns: Columns
    topics: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return self.columns.width + 2 * len(self.topics) + 2 * len(cues.NAMES) + FIGURES

    @classmethod
    def learn(cls, pages: Sequence[Sheet], topics: Sequence[str]) -> Space:
        """The words and pairs that enough pages have."""
        return cls(Columns.learn([(p.title, p.body) for p in pages]), tuple(topics))

    def matrix(self, pages: Sequence[Sheet], lexicon: Lexicon) -> csr_matrix:
        """One row a page."""
        told = np.zeros((len(pages), self.width - self.columns.width), dtype=np.float32)
        for row, page in enumerate(pages):
            told[row] = self._figures(page, lexicon)
        topics, counts = 2 * len(self.topics), 2 * len(cues.NAMES)
        told[:, :topics] = LEXICON * np.log1p(told[:, :topics])
        told[:, topics : topics + counts] = CUES * np.log1p(told[:, topics : topics + counts])
        return hstack([self.columns.matrix([(p.title, p.body) for p in pages]), csr_matrix(told)], format="csr")

    def _figures(self, page: Sheet, lexicon: Lexicon) -> list[float]:
        """The topics' words in the text and in its title, the cues likewise, how schools are named, how long it is."""
        everywhere, in_title = cues.counts(f"{page.title}\n{page.body}")
        named = min(1.0, page.subjects * CHARACTERS_A_SCHOOL / (len(page.title) + len(page.body) + 1)) * DENSITY
        rest = (min(page.subjects, 3) / 3, min(page.landmarks, 3) / 3, math.log1p(len(page.body)) / 10, float(not page.title))
        return [*self._of_topics(page, lexicon), *everywhere, *in_title, *(CUES * figure for figure in rest), named]

    def _of_topics(self, page: Sheet, lexicon: Lexicon) -> list[float]:
        """Each topic's words, one for each that stands in the text; then again for those that begin in the title."""
        in_all, in_title = dict.fromkeys(self.topics, 0.0), dict.fromkeys(self.topics, 0.0)
        for (topic, word), start in {(h.topic, h.word): h.start for h in reversed(page.hits)}.items():
            if topic in in_all:
                in_all[topic] += lexicon.weight(word)
                in_title[topic] += lexicon.weight(word) if start < len(page.title) else 0.0
        return [*in_all.values(), *in_title.values()]
