"""Trains the reader on the shipped corpus: deterministic, cross-validated by rows, in well under two minutes on two cores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.kernel_ridge import KernelRidge

from classifier import corpus
from classifier.corpus import Example
from classifier.features import Sheet, Space, landmarks, sheet
from classifier.lexicon import Lexicon
from classifier.measures import best_threshold, f1, sigmoid
from classifier.model import Model, labels_of
from classifier.schools import SchoolIndex
from classifier.words import fold
from config.schema import Config
from config.schema.registry import Registry
from pipeline.domain.terms import Scope, Tag

VARIANTS, FOLDS = 2, 5
STREAM = 0.3  # what share of a county's mixed sources touches education; in the corpus it is two thirds
SOFTNESS = 1.0  # of the least squares; between 0.3 and 2 the held-out scores hardly move


@dataclass(frozen=True, slots=True)
class Task:
    """The training set: one row a text, one column a label, which rows teach which label, and each row's fold.

    `plain` rows are the corpus as written; `whole` ones are all but the single sentences, which teach the scope alone.
    """

    rows: csr_matrix
    wanted: NDArray[np.bool_]
    teaches: NDArray[np.bool_]
    fold: NDArray[np.int32]
    plain: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    labels: tuple[str, ...]


def train_model(lines: list[str], config: Config) -> Model:
    """A model from the corpus's rows, with the scores that held-out rows gave."""
    topics = tuple(config.topics)
    lexicon = Lexicon(config.topics)
    examples, pieces = corpus.examples(lines, VARIANTS), corpus.pieces(lines)
    whole = np.arange(len(examples) + len(pieces)) < len(examples)
    plain = whole & (np.arange(len(whole)) % VARIANTS == 0)
    examples += pieces
    pages = pages_of(examples, lexicon)
    space = Space.learn([p for p, first in zip(pages, plain, strict=True) if first], topics)
    task = _task(space.matrix(pages, lexicon), examples, topics, plain, whole)
    alike = _kernel(task.rows)
    margins = _held_out(task, alike)
    calibration = _calibrate(task, margins)
    thresholds = _thresholds(task, margins, calibration)
    parts = _solve(task, alike, np.ones(len(examples), dtype=bool))
    weights = np.asarray(task.rows.T @ parts).astype(np.float32)
    bias = parts.sum(axis=0).astype(np.float32)
    print_of = corpus.fingerprint(lines)
    version = sha256(print_of.encode() + weights.round(3).tobytes()).hexdigest()[:8]
    scores = _scores(task, margins, calibration, thresholds)
    return Model(f"linear-{version}", print_of, space, task.labels, weights, bias, calibration, thresholds, scores)


def pages_of(examples: Sequence[Example], lexicon: Lexicon) -> list[Sheet]:
    """The examples made ready, their schools found without any registry."""
    index = SchoolIndex(Registry())
    pages = []
    for example in examples:
        folded = fold(example.text)
        found, _ = index.scan(folded)
        pages.append(sheet(folded, landmarks(folded, found), lexicon))
    return pages


def _task(
    rows: csr_matrix, examples: Sequence[Example], topics: Sequence[str], plain: NDArray[np.bool_], whole: NDArray[np.bool_]
) -> Task:
    labels = labels_of(topics)
    wanted = np.array([[_has(e, label) for label in labels] for e in examples])
    ours = np.array([e.scope is Scope.K12 for e in examples])
    teaches = np.ones(wanted.shape, dtype=bool)
    for column, label in enumerate(labels):
        if label.startswith(("topic:", "tag:")):
            teaches[:, column] = ours & whole
        elif label.startswith("nature:"):
            teaches[:, column] = whole
    groups = np.array([e.group for e in examples])
    # Neighbouring rows of a corpus file resemble one another; the fold goes by a hash, so that no order matters.
    folds = np.array([int(sha256(str(g).encode()).hexdigest(), 16) % FOLDS for g in groups], dtype=np.int32)
    return Task(rows, wanted, teaches, folds, plain, whole, labels)


def _has(example: Example, label: str) -> bool:
    kind, _, value = label.partition(":")
    if kind == "scope":
        return example.scope == value
    if kind == "topic":
        return value in example.topics
    return example.nature == value if kind == "nature" else Tag(value) in example.tags


def _kernel(rows: csr_matrix) -> NDArray[np.float64]:
    """How alike every two rows are; one column more stands for the bias."""
    alike: NDArray[np.float64] = (rows @ rows.T).toarray().astype(np.float64) + 1.0
    return alike


def _solve(task: Task, alike: NDArray[np.float64], rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What each row contributes to each label (ridge regression in its dual form: one factorisation for many labels)."""
    parts = np.zeros(task.wanted.shape)
    for teaches in np.unique(task.teaches, axis=1).T:
        columns = np.flatnonzero((task.teaches == teaches[:, None]).all(axis=0))
        use = np.flatnonzero(rows & teaches)
        wanted = np.where(task.wanted[np.ix_(use, columns)], 1.0, -1.0)
        ridge = KernelRidge(alpha=SOFTNESS, kernel="precomputed").fit(alike[np.ix_(use, use)], wanted)
        parts[np.ix_(use, columns)] = ridge.dual_coef_
    return parts


def _held_out(task: Task, alike: NDArray[np.float64]) -> NDArray[np.float64]:
    """Every row's margins, from a model that has not seen its row."""
    margins = np.zeros(task.wanted.shape)
    for number in range(FOLDS):
        held = task.fold == number
        margins[held] = alike[held] @ _solve(task, alike, ~held)
    return margins


def _calibrate(task: Task, margins: NDArray[np.float64]) -> NDArray[np.float32]:
    found = []
    for column, label in enumerate(task.labels):
        use = task.teaches[:, column] & task.whole
        slope, shift = sigmoid(margins[use, column], task.wanted[use, column])
        found.append((slope, shift + (_rarer(task.wanted[use, column]) if label == "scope:k12" else 0.0)))
    return np.array(found, dtype=np.float32)


def _rarer(wanted: NDArray[np.bool_]) -> float:
    """How much less likely education is in what a bureau collects than in the corpus, in log odds."""
    share = float(wanted.mean())
    return math.log(STREAM / (1 - STREAM)) - math.log(share / (1 - share))


def _probabilities(margins: NDArray[np.float64], calibration: NDArray[np.float32]) -> NDArray[np.float64]:
    chances: NDArray[np.float64] = 1 / (1 + np.exp(-(margins * calibration[:, 0] + calibration[:, 1])))
    return chances


def _thresholds(task: Task, margins: NDArray[np.float64], calibration: NDArray[np.float32]) -> dict[str, float]:
    """For each label the probability from which held-out rows were said best, kept within sense where rows are few."""
    chances = _probabilities(margins, calibration)
    found = {}
    for column, label in enumerate(task.labels):
        use = task.teaches[:, column] & task.whole
        low, high = (0.5, 0.5) if label.startswith("scope:") else (0.2, 0.6)
        found[label] = best_threshold(chances[use, column], task.wanted[use, column], low, high)
    return found


def _scores(
    task: Task, margins: NDArray[np.float64], calibration: NDArray[np.float32], thresholds: dict[str, float]
) -> dict[str, float]:
    """What held-out rows of the corpus (as written, without asides) gave."""
    chances = _probabilities(margins, calibration)
    said = chances >= np.array([thresholds[label] for label in task.labels])
    column = {label: i for i, label in enumerate(task.labels)}
    kinds = {k: [i for label, i in column.items() if label.startswith(k)] for k in ("topic:", "nature:", "tag:")}
    ours = task.plain & task.wanted[:, 0]
    main = kinds["topic:"]
    best = np.array(main)[margins[:, main].argmax(axis=1)]
    nature = np.array(kinds["nature:"])[chances[:, kinds["nature:"]].argmax(axis=1)]
    every = np.arange(len(best))
    return {
        "relevance_f1": f1(said[task.plain, 0], task.wanted[task.plain, 0]),
        "relevance_f1_short": f1(said[~task.whole, 0], task.wanted[~task.whole, 0]),
        "topic_f1": f1(said[ours][:, main], task.wanted[ours][:, main]),
        "main_topic_among_topics": round(float(task.wanted[every, best][ours].mean()), 4),
        "tag_f1": f1(said[ours][:, kinds["tag:"]], task.wanted[ours][:, kinds["tag:"]]),
        "nature_accuracy": round(float(task.wanted[every, nature][task.plain].mean()), 4),
        "rows": float(task.plain.sum()),
    }
