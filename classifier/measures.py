"""Measures and calibration of the reader."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score


def f1(said: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> float:
    """F1 over all cells together; 0 where nothing was wanted and nothing said."""
    return round(float(f1_score(wanted.ravel(), said.ravel(), zero_division=0.0)), 4)


def accuracy(right: NDArray[np.bool_]) -> float:
    """Which share is right; 0 where there is nothing."""
    return round(float(right.mean()), 4) if len(right) else 0.0


def sigmoid(margins: NDArray[np.float64], wanted: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift that make a margin a probability (Platt 1999); a slope is never below 0.1, so that order is kept."""
    curve = LogisticRegression(C=10.0).fit(margins.reshape(-1, 1), wanted)
    return max(float(curve.coef_[0, 0]), 0.1), float(curve.intercept_[0])


def best_threshold(chances: NDArray[np.float64], wanted: NDArray[np.bool_], low: float, high: float) -> float:
    """The threshold between `low` and `high` with the best F1; of equals, the one nearest their middle."""
    grid = np.round(np.arange(low, high + 0.001, 0.025), 3)
    said = chances[:, None] >= grid
    right = (said & wanted[:, None]).sum(axis=0)
    f1s = 2 * right / np.maximum(1, said.sum(axis=0) + wanted.sum())
    return float(grid[np.lexsort((np.abs(grid - (low + high) / 2), -f1s.round(9)))[0]])
