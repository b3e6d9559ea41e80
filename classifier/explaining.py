"""Why a post was read as it was: the gate, the thresholds, what weighed how much, the corpus's nearest rows, red lines passed over."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier import corpus, cues, redline
from classifier.corpus import Example
from classifier.features import FIGURES, Space, landmarks, raw
from classifier.gate import GLANCE, K12
from classifier.judging import Chances
from classifier.lexicon import WordHit
from classifier.model import alike
from classifier.reader import Examined, PostReader
from classifier.redline import Doubted
from classifier.seen import CueSaid, Seen, cues_said
from pipeline.domain.posts import Post
from pipeline.domain.readings import Reading, Span

MOST_WORDS, NEIGHBOURS = 8, 3
LEAST = 0.01
SCOPE = "scope:k12"


@dataclass(frozen=True, slots=True)
class Weighed:
    """A label's probability against the threshold from which it is said; `main`: how likely a topic is the chief one."""

    label: str
    p: float
    threshold: float
    main: float | None = None

    @property
    def margin(self) -> float:
        """How far above the threshold; below it where negative."""
        return round(self.p - self.threshold, 4)


@dataclass(frozen=True, slots=True)
class Moved:
    """A word or pair of characters that spoke for a label (against it where negative), in log odds, and where it first stands."""

    word: str
    span: Span | None
    weight: float


@dataclass(frozen=True, slots=True)
class Parts:
    """What each kind of evidence adds to the log odds of a label; together they make its probability."""

    words: float
    pairs: float
    lexicon: float
    cues: float
    figures: float
    meaning: float
    base: float


@dataclass(frozen=True, slots=True)
class Ground:
    """What speaks for one label: its parts, the words, how much each turn of phrase adds."""

    label: str
    parts: Parts
    words: tuple[Moved, ...]
    cues: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A row of the corpus that means nearly the same, by the cosine of the two."""

    row: int
    cosine: float
    example: Example


@dataclass(frozen=True, slots=True)
class Explanation:
    """All of it, of one post. `neighbours` is None where meaning cannot be read; `topics` has every topic, the likeliest first."""

    reading: Reading
    examined: Examined
    relevance: Weighed
    topics: tuple[Weighed, ...]
    grounds: tuple[Ground, ...]
    gate_words: tuple[Moved, ...]
    cues: tuple[CueSaid, ...]
    lexicon: tuple[WordHit, ...]
    neighbours: tuple[Neighbour, ...] | None
    doubted: tuple[Doubted, ...]

    @property
    def by_meaning(self) -> bool:
        """Whether the sense of the text was read beside its words."""
        return self.examined.chances is not self.examined.words_alone


def explain(reader: PostReader, post: Post) -> Explanation:
    """Reads one post and says why."""
    [reading], examined = reader.read([post]), reader.examined(post)
    page, chances = examined.page, examined.chances
    vectors = reader.meanings([post])
    seen = Seen.of(page.text, page.folded, landmarks(page.folded, reader.index.scan(page.folded)[0]))
    topics = sorted((_weighed(chances, label) for label in chances.column if label.startswith("topic:")), key=lambda w: (-w.p, w.label))
    labels = [SCOPE, *(f"topic:{t.code}" for t in reading.topics[:1])]
    doubted = redline.doubted(page.folded, reading.relevance, bool(page.foreign))
    return Explanation(
        reading, examined, _weighed(chances, SCOPE), tuple(topics),
        tuple(_ground(reader, examined, seen, label, vectors) for label in labels), _gate_words(reader, examined), tuple(cues_said(seen)),
        tuple(page.sheet.hits), _neighbours(reader, vectors), tuple(doubted),
    )  # fmt: skip


def _weighed(chances: Chances, label: str) -> Weighed:
    chief = label.replace("topic:", "main:")
    main = round(chances.of(chief), 4) if chief != label and chief in chances.column else None
    return Weighed(label, round(chances.of(label), 4), round(chances.head.thresholds[label], 4), main)


def _ground(reader: PostReader, examined: Examined, seen: Seen, label: str, vectors: NDArray[np.float32] | None) -> Ground:
    """Everything that speaks for a label, each column of the head by itself."""
    head, column = examined.chances.head, examined.chances.column[label]
    slope, shift = map(float, head.platt[column])
    weighed = _columns(examined.row, head.weights[:, column], slope)
    space, meant = reader.model.space, 0.0
    if vectors is not None and len(head.duals):
        meant = slope * float(alike(reader.model.known.astype(np.float32) @ vectors[0]) @ head.duals[:, column])
    ends = _ends(space)
    sums = [math.fsum(weight for i, weight in weighed.items() if low <= i < high) for low, high in zip([0, *ends], ends, strict=False)]
    base = slope * float(head.bias[column]) + shift
    words, pairs, lexicon, turns, figures = (round(s, 3) for s in sums)
    parts = Parts(words, pairs, lexicon, turns, figures, round(meant, 3), round(base, 3))
    return Ground(label, parts, _moved(space, weighed, seen), _cue_weights(space, weighed))


def _columns(row: csr_matrix, weights: NDArray[np.float32], slope: float) -> dict[int, float]:
    """What each column of a row adds, in log odds."""
    added = slope * weights[row.indices] * row.data
    return dict(zip(row.indices.tolist(), added.tolist(), strict=True))


def _ends(space: Space) -> list[int]:
    """Where the words, the pairs, the topics' words, the turns of phrase and the figures end among the columns."""
    known = space.columns
    lexicon = known.width + 2 * len(space.topics)
    return [len(known.words), known.width, lexicon, lexicon + 2 * len(cues.NAMES), lexicon + 2 * len(cues.NAMES) + FIGURES]


def _moved(space: Space, weighed: Mapping[int, float], seen: Seen) -> tuple[Moved, ...]:
    """The words and pairs that moved the label most, either way; of a pair inside a word already told, the word alone."""
    found: list[Moved] = []
    for column, weight in sorted(weighed.items(), key=lambda item: (-abs(item[1]), item[0])):
        if column >= space.columns.width or abs(weight) < LEAST or len(found) == MOST_WORDS:
            continue
        word = space.columns.name(column)
        if not any(word in told.word and (weight > 0) == (told.weight > 0) for told in found):
            found.append(Moved(word, seen.first(word), round(weight, 3)))
    return tuple(found)


def _cue_weights(space: Space, weighed: Mapping[int, float]) -> dict[str, float]:
    """What each turn of phrase adds, wherever it stands and again in the title."""
    start, many = _ends(space)[2], len(cues.NAMES)
    return {name: round(weighed.get(start + i, 0.0) + weighed.get(start + many + i, 0.0), 3) for i, name in enumerate(cues.NAMES)}


def _gate_words(reader: PostReader, examined: Examined) -> tuple[Moved, ...]:
    """The words by which the gate looked."""
    gate, page = reader.model.gate, examined.page
    row = gate.space.matrix([raw(page.folded[:GLANCE], reader.lexicon)], reader.lexicon)
    return _moved(gate.space, _columns(row, gate.weights[:, K12], float(gate.platt[K12, 0])), Seen.of(page.text, page.folded, ()))


def _neighbours(reader: PostReader, vectors: NDArray[np.float32] | None) -> tuple[Neighbour, ...] | None:
    if vectors is None:
        return None
    near, rows = reader.model.neighbours(vectors[0], NEIGHBOURS), corpus.lines()
    examples: Sequence[Example] = corpus.examples([rows[i] for i, _ in near])
    return tuple(Neighbour(i, cosine, example) for (i, cosine), example in zip(near, examples, strict=True))
