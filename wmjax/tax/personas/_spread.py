"""A distribution of which a few percentiles are published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr, ndtri


@final
@dataclass(frozen=True)
class Spread:
    """Positive values by rank, log-normal between two published percentiles and beyond the last.

    - `values`: rising, in any unit.
    - `ranks`: the share of the distribution below each, between 0 and 1.
    """

    values: Float[np.ndarray, " points"]
    ranks: Float[np.ndarray, " points"]

    def cdf(self, value: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """The share below a value."""
        return np.asarray(ndtr(_line(np.log(value), np.log(self.values), ndtri(self.ranks))))

    def quantile(self, rank: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        """The value with a share below it."""
        return np.exp(_line(np.asarray(ndtri(rank)), ndtri(self.ranks), np.log(self.values)))


def of_percentiles(values: Mapping[float, float], zeros: float = 0.0) -> Spread:
    """From values by percentile (50 is the median) of a population of which a share has nothing;
    the result describes the others."""
    ranks = {q: (q / 100 - zeros) / (1 - zeros) for q in sorted(values)}
    known = [q for q in ranks if 0 < ranks[q] < 1 and values[q] > 0]
    return Spread(np.array([float(values[q]) for q in known]), np.array([ranks[q] for q in known]))


def _line(x: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
    """Straight from point to point, and on beyond both ends."""
    left = np.clip(np.searchsorted(xs, x) - 1, 0, len(xs) - 2)
    slope = np.diff(ys) / np.diff(xs)
    return ys[left] + slope[left] * (x - xs[left])
