"""Parameters at a bound: there the unbounded `z` says nothing, and what is known is one-sided.

Such a parameter is measured by its distance `d` from the bound, in spans between the bounds (of
logarithms where they are far apart), or in sizes where there is one bound. Its density is the
quadratic of loss and prior there, cut off at the bounds:

    exp(-gradient (d - d0) - curvature (d - d0)^2 / 2)

with the curvature that is left when all others follow. Data that ask for more than the bound
allows have a gradient, and the density falls away from the bound; data that say nothing leave all
values between the bounds equally likely. The others follow linearly, with the covariance that they
have when it stands still.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from scipy.special import expit, ndtr

from calibration._bijection import Bijection
from calibration._laplace import Information, at_bound, inverse, weak


_FAR = 20.0  # sizes from a single bound: one standard deviation where nothing else is known
_NEAREST = 1e-9
_POINTS = 4000


@final
@dataclass(frozen=True, eq=False)
class Edges:
    """The parameters at a bound, and how the others follow.

    - `index`: those at a bound, shape `(e,)`; `side`: -1 at a lower bound, 1 at an upper one.
    - `at`: their distances at the optimum; `grid`, `share`: distances, and how much of the
        probability lies up to each, shape `(e, m)`.
    - `rest`: the others; `follow`: by how much they move with a distance, shape `(r, e)`;
        `covariance`: theirs when it stands still, shape `(r, r)`.
    """

    index: np.ndarray
    side: np.ndarray
    at: np.ndarray
    grid: np.ndarray
    share: np.ndarray
    rest: np.ndarray
    follow: np.ndarray
    covariance: np.ndarray

    def drawn(self, z: np.ndarray, noise: np.ndarray, two_sided: np.ndarray) -> np.ndarray:
        """Draws of `z` from standard normal numbers, both of shape `(n, p)`."""
        found = np.empty_like(noise)
        d = self.quantiles(ndtr(noise[:, self.index]))
        root = np.linalg.cholesky(self.covariance) if len(self.rest) else self.covariance
        found[:, self.rest] = (
            z[self.rest] + (d - self.at) @ self.follow.T + noise[:, self.rest] @ root.T
        )
        found[:, self.index] = self.z(d, two_sided)
        return found

    def z(self, d: np.ndarray, two_sided: np.ndarray) -> np.ndarray:
        """`z` of distances, shape `(..., e)`."""
        two = two_sided[self.index]
        inner = np.clip(d, _NEAREST, np.where(two, 1 - _NEAREST, np.inf))
        odds = np.log(inner) - np.where(two, np.log1p(-np.where(two, inner, 0.5)), 0.0)
        return np.where(two, -self.side, 1.0) * odds

    def quantiles(self, share: np.ndarray) -> np.ndarray:
        """The distances below which these shares of the probability lie, shape `(n, e)`."""
        columns = [np.interp(share[:, k], self.share[k], self.grid[k])
                   for k in range(len(self.index))]  # fmt: skip
        return np.stack(columns, axis=1)

    def rest_sd(self) -> np.ndarray:
        """Standard deviations of the other `z`, about the optimum; shape `(r,)`."""
        middle = (self.grid[:, 1:] + self.grid[:, :-1]) / 2
        squares = (np.diff(self.share) * (middle - self.at[:, None]) ** 2).sum(axis=1)
        return np.sqrt(np.diag(self.covariance) + self.follow**2 @ squares)


def edges(
    found: Information, bijection: Bijection, z: np.ndarray, has_prior: np.ndarray
) -> Edges | None:
    """What is known of the parameters at a bound; None if there are none."""
    side = at_bound(bijection, z)
    index, rest = np.flatnonzero(side), np.flatnonzero(side == 0)
    if not len(index):
        return None
    two = np.asarray(bijection.two_sided)[index]
    share = expit(np.where(two, -side[index] * z[index], 0.0))
    at = np.where(two, share, np.exp(np.where(two, 0.0, z[index])))
    slope = np.ones(len(z))
    slope[index] = np.where(two, -side[index] / (at * (1 - at)), 1.0 / at)
    known = found.data + found.prior + np.diag(np.where(side == 0, weak(bijection, has_prior), 0.0))
    matrix = known * np.outer(slope, slope)
    far = np.where(two | has_prior[index], 0.0, 1.0 / _FAR**2)
    inner = inverse(matrix[np.ix_(rest, rest)])
    across = matrix[np.ix_(rest, index)]
    left = matrix[np.ix_(index, index)] - across.T @ inner @ across + np.diag(far)
    gradient = (found.gradient * slope)[index]
    curvature = 1.0 / np.diag(inverse(left))
    top = np.where(two, 1.0, 10 * _FAR)
    grids = np.stack([_grid(t) for t in top])
    shares = np.stack([
        _shares(g, a, k, c) for g, a, k, c in zip(grids, at, gradient, curvature, strict=True)
    ])  # fmt: skip
    return Edges(index, side[index], at, grids, shares, rest, -inner @ across, inner)


def _grid(top: float) -> np.ndarray:
    return np.concatenate([[0.0], np.geomspace(_NEAREST, top, _POINTS)])


def _shares(grid: np.ndarray, at: float, gradient: float, curvature: float) -> np.ndarray:
    exponent = -(gradient + curvature * (grid - at) / 2) * (grid - at)
    density = np.exp(exponent - exponent.max())
    mass = np.diff(grid) * (density[1:] + density[:-1]) / 2
    return np.concatenate([[0.0], np.cumsum(mass) / mass.sum()])
