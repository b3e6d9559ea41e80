"""The gate: a quick look at every post by its words alone, so that only what may be education is read with care."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.features import Space, raw
from classifier.lexicon import Lexicon

K12, HIGHER = 0, 1
BRIEF = 80
"""A text of fewer characters is a short post or a headline: there a single word decides, so doubt begins earlier."""
GLANCE = 600
"""How many characters of a text the gate looks at."""


@dataclass(frozen=True, slots=True)
class Floors:
    """From which probability of school education on a text is not put aside: a short one, a longer one."""

    brief: float
    longer: float

    def reached(self, chances: NDArray[np.float32], texts: Sequence[str]) -> NDArray[np.bool_]:
        """Which texts reach their floor."""
        reached: NDArray[np.bool_] = chances >= np.where([len(t) < BRIEF for t in texts], self.brief, self.longer)
        return reached


@dataclass(frozen=True, slots=True)
class Gate:
    """Two linear looks (school education, higher education) over words, pairs of characters, the topics' words and the cues of the
    folded text, its school names not yet looked for. Training sets the floors so that of held-out posts of education nearly none
    stays outside."""

    space: Space
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    platt: NDArray[np.float32]
    floors: Floors

    def probabilities(self, folded: Sequence[str], lexicon: Lexicon) -> NDArray[np.float32]:
        """One row a text (title, newline, body): how likely it is about school education, and about higher education."""
        rows = self.space.matrix([raw(text[:GLANCE], lexicon) for text in folded], lexicon)
        margins = np.asarray(rows @ self.weights) + self.bias
        return calibrated(margins, self.platt).astype(np.float32)


def calibrated(margins: NDArray[np.floating], platt: NDArray[np.float32]) -> NDArray[np.floating]:
    """The probabilities of margins, one column a label (Platt 1999); `platt` has a row of slope and shift for each column."""
    chances: NDArray[np.floating] = 1 / (1 + np.exp(-np.clip(margins * platt[:, 0] + platt[:, 1], -30, 30)))
    return chances
