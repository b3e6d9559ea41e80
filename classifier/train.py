"""Trains the reader on the shipped corpus: deterministic, cross-validated by rows, in less than two minutes on two cores."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from classifier import corpus
from classifier.corpus import Example
from classifier.features import Sheet, Space, landmarks, raw, sheet
from classifier.gate import BRIEF, GLANCE, Floors, Gate, calibrated
from classifier.lexicon import Lexicon
from classifier.meaning import SIZE, head, sentence_meaning
from classifier.measures import accuracy, best_threshold, f1, sigmoid
from classifier.model import Head, Model, alike, labels_of
from classifier.schools import SchoolIndex
from classifier.words import fold
from config.schema.registry import Registry
from config.schema.topics import Topic
from pipeline.domain.terms import Tag

FOLDS, PART = 3, 500
STREAM = 0.4  # what share of a bureau's mixed sources touches education; in the corpus it is more
SOFTNESS = 1.0  # of the least squares; between 0.3 and 2 the held-out scores hardly move
MEANING = 4.0  # how much likeness in meaning counts beside likeness in words, which is about 3 for a text with itself
# Of held-out posts of education, the shares (short ones, longer ones) that the gate lets through; and of those that meaning makes
# education, the shares that words alone doubt enough to have it read. A longer text costs ten times as much to read with meaning, so a
# few of them in a thousand may be missed; those hardly touch education.
LET_THROUGH, DOUBTED = (0.995, 0.992), (0.995, 0.998)

Margins = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be learnt: one row a text, one column a label; which rows teach which label; each row's fold."""

    labels: tuple[str, ...]
    wanted: NDArray[np.bool_]
    teaches: NDArray[np.bool_]
    fold: NDArray[np.int64]

    @property
    def ours(self) -> NDArray[np.bool_]:
        """The rows of education."""
        return self.wanted[:, 0]


def train_model(lines: list[str], known_topics: Mapping[str, Topic]) -> Model:
    """A model from the corpus's rows and the topics' words, with the scores that held-out rows gave."""
    topics, lexicon = tuple(known_topics), Lexicon(known_topics)
    examples = corpus.examples(lines)
    pages = pages_of(examples, lexicon)
    space = Space.learn(pages, topics)
    rows = space.matrix(pages, lexicon)
    task = _task(examples, topics)
    vectors = _meanings(examples)
    likeness = (rows @ rows.T).toarray()
    likeness += 1  # one column more stands for the bias
    plain, held_out = _head(task, rows, likeness, 0.0)
    _add_meaning(likeness, vectors)
    meant, with_meaning = _head(task, rows, likeness, MEANING) if len(vectors) else (plain, held_out)
    found = task.ours & (calibrated(with_meaning[:, :1], meant.platt[:1])[:, 0] >= meant.thresholds[task.labels[0]])
    doubt = _floors(examples, found, calibrated(held_out[:, :1], plain.platt[:1])[:, 0], DOUBTED)
    gate = _gate(examples, task, topics, lexicon)
    print_of = corpus.fingerprint(lines)
    told = (meant.weights.round(3).tobytes(), meant.platt.round(3).tobytes(), repr((gate.floors, doubt)).encode())
    digest = sha256(b"".join((print_of.encode(), *told))).hexdigest()[:8]
    kind = "reader" if len(vectors) else "words"
    return Model(f"{kind}-{digest}", print_of, gate, space, task.labels, plain, meant, doubt, vectors.astype(np.float16))


def pages_of(examples: Sequence[Example], lexicon: Lexicon) -> list[Sheet]:
    """The examples made ready, their schools found without any registry."""
    index = SchoolIndex(Registry())
    pages = []
    for example in examples:
        folded = fold(example.text)
        found, _ = index.scan(folded)
        pages.append(sheet(folded, landmarks(folded, found), lexicon))
    return pages


def _meanings(examples: Sequence[Example]) -> NDArray[np.float32]:
    """One vector an example, rounded as the model file keeps it; none where meaning cannot be read."""
    meaning = sentence_meaning()
    if meaning is None:
        return np.zeros((0, SIZE), dtype=np.float32)
    found = meaning.vectors([head(e.title, e.body) for e in examples], workers=min(2, os.cpu_count() or 1))
    return found.astype(np.float16).astype(np.float32)


def _task(examples: Sequence[Example], topics: Sequence[str]) -> Task:
    labels = labels_of(topics)
    wanted = np.array([[_has(e, label) for label in labels] for e in examples])
    teaches = np.ones(wanted.shape, dtype=bool)
    teaches[:, [label.startswith(("topic:", "main:", "tag:", "owner:")) for label in labels]] = wanted[:, :1]
    # Neighbouring rows of a corpus file resemble one another; the fold goes by a hash, so that no order matters.
    folds = np.array([int(sha256(e.text.encode()).hexdigest(), 16) % FOLDS for e in examples])
    return Task(labels, wanted, teaches, folds)


def _has(example: Example, label: str) -> bool:
    kind, _, value = label.partition(":")
    if kind == "topic":
        return value in example.topics
    if kind == "main":
        return example.topics[:1] == (value,)
    if kind == "tag":
        return Tag(value) in example.tags
    return value == {"scope": example.scope, "nature": example.nature, "owner": example.owner}[kind]


def _add_meaning(likeness: Margins, vectors: NDArray[np.float32]) -> None:
    """Adds likeness in meaning to likeness in words, a part at a time: the whole is hundreds of megabytes."""
    for start in range(0, len(vectors), PART):
        likeness[start : start + PART] += MEANING * alike(vectors[start : start + PART] @ vectors.T)


def _head(task: Task, rows: csr_matrix, likeness: Margins, meaning: float) -> tuple[Head, Margins]:
    """Fits all labels on the likeness of every two texts, calibrated and measured on held-out folds; with the held-out margins.

    `meaning` is how much of the likeness is one in meaning, 0 where there is none in it.
    """
    margins = _held_out(task, likeness)
    calibration = _calibrate(task, margins)
    chances = calibrated(margins, calibration)
    thresholds = _thresholds(task, chances)
    parts = _solve(task, likeness, np.ones(len(likeness), dtype=bool))
    weights = np.asarray(rows.T @ parts).astype(np.float32)
    duals = (meaning * parts if meaning else np.zeros((0, len(task.labels)))).astype(np.float32)
    bias = parts.sum(axis=0).astype(np.float32)
    return Head(weights, bias, duals, calibration, thresholds, _scores(task, chances, thresholds)), margins


def _solve(task: Task, likeness: Margins, use: NDArray[np.bool_]) -> Margins:
    """What each row contributes to each label: ridge regression in its dual form, (K + λI) a = y, one factorisation for many labels."""
    parts = np.zeros(task.wanted.shape, dtype=np.float32)
    for teaches in np.unique(task.teaches, axis=1).T:
        columns = np.flatnonzero((task.teaches == teaches[:, None]).all(axis=0))
        chosen = np.flatnonzero(use & teaches)
        wanted = np.where(task.wanted[np.ix_(chosen, columns)], np.float32(1), np.float32(-1))
        alike_ones = likeness[np.ix_(chosen, chosen)]
        alike_ones[np.diag_indices_from(alike_ones)] += SOFTNESS
        factor = cho_factor(alike_ones.T, lower=True, overwrite_a=True, check_finite=False)  # of a symmetric matrix; transposed, in place
        parts[np.ix_(chosen, columns)] = cho_solve(factor, wanted, check_finite=False)
    return parts


def _held_out(task: Task, likeness: Margins) -> Margins:
    """Every row's margins, from a fit that has not seen its fold."""
    margins = np.zeros(task.wanted.shape, dtype=np.float32)
    for number in range(FOLDS):
        held = task.fold == number
        margins[held] = likeness[held] @ _solve(task, likeness, ~held)
    return margins


def _calibrate(task: Task, margins: Margins) -> NDArray[np.float32]:
    """Slope and shift of each label."""
    found = []
    for column, label in enumerate(task.labels):
        use = task.teaches[:, column]
        slope, shift = sigmoid(margins[use, column], task.wanted[use, column])
        found.append((slope, shift + (_rarer(task.ours) if label == "scope:k12" else 0.0)))
    return np.array(found, dtype=np.float32)


def _rarer(ours: NDArray[np.bool_]) -> float:
    """How much less likely education is in what a bureau collects than in the corpus, in log odds."""
    share = float(ours.mean())
    return math.log(STREAM / (1 - STREAM)) - math.log(share / (1 - share))


def _thresholds(task: Task, chances: Margins) -> dict[str, float]:
    """For each label the probability from which held-out rows were said best, kept within sense where rows are few."""
    found = {}
    for column, label in enumerate(task.labels):
        use = task.teaches[:, column]
        low, high = (0.5, 0.5) if label.startswith("scope:") else (0.2, 0.6)
        found[label] = best_threshold(chances[use, column], task.wanted[use, column], low, high)
    return found


def _scores(task: Task, chances: Margins, thresholds: dict[str, float]) -> dict[str, float]:
    """What the held-out rows gave; topics, tags and owners on the rows of education."""
    said = chances >= np.array([thresholds[label] for label in task.labels])
    kinds = ("topic:", "main:", "nature:", "tag:", "owner:")
    columns = {k: [i for i, label in enumerate(task.labels) if label.startswith(k)] for k in kinds}
    best = {k: np.array(found)[chances[:, found].argmax(axis=1)] for k, found in columns.items()}
    every, ours = np.arange(len(chances)), task.ours
    return {
        "relevance_f1": f1(said[:, 0], ours),
        "topic_f1": f1(said[ours][:, columns["topic:"]], task.wanted[ours][:, columns["topic:"]]),
        "main_topic_accuracy": accuracy(task.wanted[every, best["main:"]][ours]),
        "tag_f1": f1(said[ours][:, columns["tag:"]], task.wanted[ours][:, columns["tag:"]]),
        "nature_accuracy": accuracy(task.wanted[every, best["nature:"]]),
        "owner_by_words_accuracy": accuracy(task.wanted[every, best["owner:"]][ours]),
        "rows": float(len(chances)),
    }


def _gate(examples: Sequence[Example], task: Task, topics: Sequence[str], lexicon: Lexicon) -> Gate:
    """The quick look: logistic regression on words and cues alone; its floors from the folds."""
    pages = [raw(fold(e.text)[:GLANCE], lexicon) for e in examples]
    space = Space.learn(pages, topics)
    rows, wanted = space.matrix(pages, lexicon), task.wanted[:, :2]
    margins = np.zeros(wanted.shape)
    for number in range(FOLDS):
        held = task.fold == number
        for column in (0, 1):
            margins[held, column] = _look(rows[~held], wanted[~held, column]).decision_function(rows[held])
    platt = np.array([sigmoid(margins[:, column], wanted[:, column]) for column in (0, 1)], dtype=np.float32)
    platt[0, 1] += _rarer(task.ours)
    looks = [_look(rows, wanted[:, column]) for column in (0, 1)]
    weights = np.array([look.coef_[0] for look in looks], dtype=np.float32).T.copy()
    bias = np.array([look.intercept_[0] for look in looks], dtype=np.float32)
    return Gate(space, weights, bias, platt, _floors(examples, task.ours, calibrated(margins, platt)[:, 0], LET_THROUGH))


def _look(rows: csr_matrix, wanted: NDArray[np.bool_]) -> LogisticRegression:
    return LogisticRegression(C=10.0, solver="liblinear", random_state=1).fit(rows, wanted)


def _floors(examples: Sequence[Example], wanted: NDArray[np.bool_], chances: Margins, shares: tuple[float, float]) -> Floors:
    """The probabilities that these shares of the wanted rows reach, of short ones and of longer ones."""
    brief = np.array([len(e.text) < BRIEF for e in examples])
    found = ((chances[wanted & which], share) for which, share in zip((brief, ~brief), shares, strict=True))
    return Floors(*(round(float(np.quantile(some, 1 - share)), 5) if len(some) else 0.0 for some, share in found))
