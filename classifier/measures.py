"""Measures and calibration, in a few lines of numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def f1(said: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> float:
    """F1 over all cells together; 0 where nothing was wanted and nothing said."""
    right, all_ = float((said & wanted).sum()), float(said.sum() + wanted.sum())
    return round(2 * right / all_, 4) if all_ else 0.0


def platt(margins: NDArray[np.float64], wanted: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift that make a margin a probability (Platt's smoothed targets, Newton's method); a slope is never below 0.1."""
    hits, misses = float(wanted.sum()), float((~wanted).sum())
    target = np.where(wanted, (hits + 1) / (hits + 2), 1 / (misses + 2))
    x = np.stack([margins.astype(np.float64), np.ones(len(margins))], axis=1)
    w = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (p - target)
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        w = w - np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-6:
            break
    return max(float(w[0]), 0.1), float(w[1])


def best_threshold(chances: NDArray[np.float64], wanted: NDArray[np.bool_], low: float, high: float) -> float:
    """The threshold between `low` and `high` with the best F1; of equals, the one nearest their middle."""
    grid = np.round(np.arange(low, high + 0.001, 0.025), 3)
    middle = (low + high) / 2
    return float(max(grid, key=lambda t: (f1(chances >= t, wanted), -abs(t - middle))))
