"""The trained reader: a gate, and two heads over the same labels, one with sentence meaning and one that does without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from classifier.features import Space
from classifier.gate import Floors, Gate, calibrated
from pipeline.domain.terms import Nature, OwnerKind, Scope, Tag

OWNERS = (OwnerKind.SCHOOL, OwnerKind.BUREAU, OwnerKind.EXTERNAL)
STEEP = 2.0
"""How quickly likeness in meaning fades with the angle between two texts."""
BLOCK = 16


@dataclass(frozen=True, slots=True)
class Head:
    """One way to read: weights over the columns of the space and, where meaning is read too, what each known text contributes.

    `platt` has a and b for each label, with which a margin m becomes the probability 1 / (1 + exp(-(a m + b))). `duals` has a row
    for each known text, none for the head that does without meaning. `scores` are those of held-out rows of the corpus.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    duals: NDArray[np.float32]
    platt: NDArray[np.float32]
    thresholds: Mapping[str, float]
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Model:
    """Everything that reading needs of the corpus.

    `labels` are `scope:k12`, `topic:A1` (told of), `main:A1` (chiefly), `nature:咨询`, `tag:学生`, `owner:school` …; `doubt` is the
    plain head's probability of school education from which on meaning is read too; `known` are the meanings of the corpus's rows,
    in its order, for `Head.duals` and for neighbours.
    """

    version: str
    corpus: str
    gate: Gate
    space: Space
    labels: tuple[str, ...]
    plain: Head
    meant: Head
    doubt: Floors
    known: NDArray[np.float16] = field(repr=False)

    @property
    def scores(self) -> Mapping[str, float]:
        """The held-out scores of the better head."""
        return self.meant.scores if len(self.known) else self.plain.scores

    def probabilities(self, rows: csr_matrix, vectors: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """One row a text, one column a label: calibrated, nature and owner as shares of one. Without vectors the plain head reads."""
        head = self.head(vectors is not None)
        margins = np.asarray(rows @ head.weights) + head.bias
        if vectors is not None:
            margins += self._by_meaning(vectors, head)
        found = calibrated(margins, head.platt)
        for kind in ("nature:", "owner:"):
            found[:, self.columns(kind)] /= found[:, self.columns(kind)].sum(axis=1, keepdims=True)
        chances: NDArray[np.float32] = found.astype(np.float32)
        return chances

    def head(self, meaning: bool) -> Head:
        """The head that reads with meaning, or the one that does without."""
        return self.meant if meaning and len(self.known) else self.plain

    def neighbours(self, vector: NDArray[np.float32], most: int) -> list[tuple[int, float]]:
        """The corpus's rows that mean most nearly the same, with their cosine."""
        near = self._known @ vector
        return [(int(i), round(float(near[i]), 3)) for i in np.argsort(-near, kind="stable")[:most]]

    def _by_meaning(self, vectors: NDArray[np.float32], head: Head) -> NDArray[np.float32]:
        """What likeness to the known texts adds to each margin. In blocks of one shape, so that a text is read the same whatever else is
        in its batch."""
        added = np.zeros((len(vectors), len(self.labels)), dtype=np.float32)
        for start in range(0, len(vectors), BLOCK):
            part = vectors[start : start + BLOCK]
            block = np.zeros((BLOCK, vectors.shape[1]), dtype=np.float32)
            block[: len(part)] = part
            added[start : start + BLOCK] = (alike(block @ self._known.T) @ head.duals)[: len(part)]
        return added

    @cached_property
    def _known(self) -> NDArray[np.float32]:
        return self.known.astype(np.float32)

    def columns(self, prefix: str) -> slice:
        """Where the labels of one kind stand."""
        places = [i for i, label in enumerate(self.labels) if label.startswith(prefix)]
        return slice(places[0], places[-1] + 1)

    def clues(self, row: csr_matrix, label: str, most: int, head: Head) -> list[tuple[str, float]]:
        """The words and pairs of one text that spoke most for a label, as a head weighs them."""
        column = head.weights[row.indices, self.labels.index(label)] * row.data
        known = self.space.columns
        best = [(int(row.indices[i]), float(column[i])) for i in np.argsort(-column, kind="stable")[: 4 * most]]
        return [(known.name(i), weight) for i, weight in best if i < known.width and weight > 0.02][:most]


def alike(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    """Likeness in meaning from the cosine of two vectors: 1 for the same, fading with the square of their distance (a Gaussian kernel)."""
    found: NDArray[np.float32] = np.exp(STEEP * (cosine - 1))
    return found


def labels_of(topics: Sequence[str]) -> tuple[str, ...]:
    """Every label, in the order of the columns."""
    return (
        f"scope:{Scope.K12}", f"scope:{Scope.HIGHER_ED}", *(f"topic:{t}" for t in topics), *(f"main:{t}" for t in topics),
        *(f"nature:{n}" for n in Nature), *(f"tag:{t}" for t in Tag), *(f"owner:{o}" for o in OWNERS),
    )  # fmt: skip
