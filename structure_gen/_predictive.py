"""How probable a forecast made what then happened.

A series' residuals (transformed observation less model) go on as a first-order autoregressive
process. Its innovations have a Student t density, widened by what the parameters might be wrong by:
to first order, with the covariance of Laplace's approximation. By the chain rule the density of a
block of rows is the product of those of its innovations, each given the row before. As the
parameters were fitted to earlier rows only, the logarithm of the product over blocks is the
prequential score of Dawid (1984), whose difference between two models tends to that of BIC: a
useless coefficient costs about half the logarithm of the number of rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import final

import numpy as np

from calibration import ResidualTable


FREEDOM = 5.0
"""Of the t density: one outlier cannot decide between two models."""

_LEAST_ROWS = 6
_TOWARD, _ROWS = 0.5, 4.0  # where the correlation is drawn to, and by the weight of how many rows
_FLOOR = 1e-3  # of the standard deviation of the observations: below, only rounding is left


@final
@dataclass(frozen=True)
class Noise:
    """`rho` over one usual gap between rows, and the innovations' standard deviation `sigma`."""

    rho: float
    sigma: float
    gap: float


@final
@dataclass(frozen=True)
class BlockScore:
    """`density`: logarithm, in nats; `error`: sum of absolute forecast errors, over that of a
    usual change from row to row; of `rows` rows."""

    density: float
    error: float
    rows: int


def learn_noise(times: np.ndarray, residuals: np.ndarray, spread: float) -> Noise | None:
    """From residuals of rows that were fitted; None for fewer than six.

    **Arguments:** `spread`: standard deviation of the transformed observations.
    """
    n = len(residuals)
    if n < _LEAST_ROWS or not np.isfinite(residuals).all():
        return None
    gaps = np.diff(times)
    gap = float(np.median(gaps))
    total = float(residuals @ residuals)
    raw = float(residuals[1:] @ residuals[:-1]) / total if total > 0 else 0.0
    rho = (n * max(raw, 0.0) + _ROWS * _TOWARD) / (n + _ROWS)
    found = innovations(times, residuals, Noise(rho, 1.0, gap))
    sigma = float(np.sqrt(np.mean(found**2)))
    return Noise(rho, max(sigma, _FLOOR * spread, 1e-12), gap)


def innovations(times: np.ndarray, residuals: np.ndarray, noise: Noise) -> np.ndarray:
    """What each residual adds to what the one before foretold, as if every gap were a usual one."""
    kept = noise.rho ** (np.diff(times) / noise.gap)
    stationary = 1 - noise.rho**2
    steps = (residuals[1:] - kept * residuals[:-1]) * np.sqrt(stationary / (1 - kept**2))
    return np.concatenate([residuals[:1] * math.sqrt(stationary), steps])


def score_block(table: ResidualTable, origin: float, end: float) -> BlockScore | None:
    """The rows after `origin` up to `end`, given those before; None if there is nothing to score.

    **Arguments:** `table`: of one fit to the rows up to `origin`.
    """
    times, residuals, observed = table.times, table.residuals, table.observed
    known, block = times <= origin + 1e-9, (times > origin + 1e-9) & (times <= end + 1e-9)
    if not block.any() or known.sum() < _LEAST_ROWS:
        return None
    noise = learn_noise(times[known], residuals[known], float(np.std(observed[known])))
    if noise is None or not np.isfinite(residuals[block]).all():
        return BlockScore(-math.inf, math.inf, int(block.sum()))
    first = int(np.flatnonzero(block)[0])
    span = slice(first - 1, first + int(block.sum()))
    steps = innovations(times[span], residuals[span], noise)[1:]
    moved = [innovations(times[span], column, noise)[1:] for column in table.spread[span].T]
    root = _root(noise.sigma, moved, len(steps))
    gaps = np.diff(times[span]) / noise.gap
    stretch = np.sqrt((1 - noise.rho ** (2 * gaps)) / (1 - noise.rho**2))
    ahead = (times[block] - times[first - 1]) / noise.gap
    errors = residuals[block] - noise.rho**ahead * residuals[first - 1]
    usual = float(np.mean(np.abs(np.diff(observed[known])))) or 1.0
    scaled = np.linalg.solve(root, steps)
    density = float(np.sum(_student(scaled) - np.log(np.diag(root)) - np.log(stretch)))
    return BlockScore(density, float(np.sum(np.abs(errors))) / usual, int(block.sum()))


def _root(sigma: float, moved: list[np.ndarray], rows: int) -> np.ndarray:
    """Lower triangular root of the covariance of a block's innovations: their own, and what the
    uncertainty of the parameters adds, which all rows of the block share."""
    covariance = sigma**2 * np.eye(rows)
    for column in moved:
        if np.isfinite(column).all():
            covariance = covariance + np.outer(column, column)
    return np.linalg.cholesky(covariance)


def _student(x: np.ndarray) -> np.ndarray:
    """Logarithm of the t density with unit standard deviation."""
    v = FREEDOM
    constant = math.lgamma((v + 1) / 2) - math.lgamma(v / 2) - 0.5 * math.log((v - 2) * math.pi)
    return constant - (v + 1) / 2 * np.log1p(x**2 / (v - 2))
