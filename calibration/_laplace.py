"""What the data say of the parameters near the optimum: the normal approximation of Laplace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from calibration._bijection import Bijection
from calibration._layout import Layout, Rows
from calibration._residual_process import autocorrelation
from calibration._term import FitTerm


_AT_BOUND = 0.002  # of the span
_LARGEST_RHO = 0.95
_SMALLEST_EIGENVALUE = 1e-10
_PERFECT = 1e-12  # variance of standardised residuals below which only rounding is left


@final
@dataclass(frozen=True, eq=False)
class Information:
    """Information matrices in `z`, shape `(p, p)`: of the data, and of the priors; `gradient`,
    shape `(p,)`: of the loss that belongs to them, of interest where a bound stops it.

    The information of a series is divided by the variance of its standardised residuals (not below
    1 where a sigma was stated). As misfits last, a row counts for no more than `(1 - rho) / (1 +
    rho)` of one, with the correlation `rho` of residuals from row to row; a weight below 1 is taken
    to have said so already, so that the smaller of the two holds.
    """

    data: np.ndarray
    prior: np.ndarray
    gradient: np.ndarray


def information(
    layout: Layout, rows: Rows, residuals: np.ndarray, jacobian: np.ndarray, stopped: np.ndarray
) -> Information:
    """From residuals and Jacobian (rows, then priors) at the optimum.

    `stopped`, shape `(p,)`: which numbers a bound stops. The misfit that they would remove beyond
    it widens nothing.
    """
    n, p = len(rows.target), jacobian.shape[1]
    root = np.asarray(rows.root_weight, np.float64)
    counted = int((root > 0).sum())
    freedom = counted / (counted - p) if counted > p else 1.0
    free = _without(residuals[:n], jacobian[:n, stopped])
    data, gradient = np.zeros((p, p)), jacobian[n:].T @ residuals[n:]
    for i, part in enumerate(layout.slices):
        use = root[part] > 0
        if use.any():
            rows_root = root[part][use]
            block = jacobian[part][use] / rows_root[:, None]
            standard = residuals[part][use] / rows_root
            misfit = free[part][use] / rows_root
            variance = freedom * float(np.mean(misfit**2))
            if _is_stated(layout, i):
                variance = max(variance, 1.0)
            rho = min(max(autocorrelation(misfit), 0.0), _LARGEST_RHO)
            counts = _counts(layout.terms[i], rows_root**2, (1 - rho) / (1 + rho))
            counts = counts / max(variance, _PERFECT)
            data += np.einsum("n,ni,nj->ij", counts, block, block)
            gradient = gradient + (counts * standard) @ block
    return Information(data, jacobian[n:].T @ jacobian[n:], gradient)


def _without(residuals: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """What is left of residuals when these columns have explained what they can."""
    size = np.linalg.norm(columns, axis=0)
    columns = columns[:, size > 0] / size[size > 0]
    return residuals - columns @ np.linalg.lstsq(columns, residuals, rcond=None)[0]


def covariance(
    found: Information, bijection: Bijection, z: np.ndarray, has_prior: np.ndarray
) -> np.ndarray:
    """Covariance of `z`, shape `(p, p)`.

    Without a prior a number is still known to lie between its bounds, or to be of some size: that
    weak knowledge is added where there is no prior, and at a bound one unit of `z` is the most that
    it may move. Eigenvalues are clipped so that the matrix is positive definite.
    """
    still = np.where(at_bound(bijection, z) != 0, 1.0, 0.0)
    return inverse(found.data + found.prior + np.diag(weak(bijection, has_prior) + still))


def weak(bijection: Bijection, has_prior: np.ndarray) -> np.ndarray:
    """Information of each `z` that has no prior: of its bounds, or of its size."""
    return np.where(has_prior, 0.0, 1.0 / _vague(bijection) ** 2)


def inverse(matrix: np.ndarray) -> np.ndarray:
    """The inverse of an information matrix, positive definite."""
    if not matrix.size:
        return matrix
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    values = np.maximum(values, _SMALLEST_EIGENVALUE * max(values.max(initial=0.0), 1e-300))
    return (vectors / values) @ vectors.T


def at_bound(bijection: Bijection, z: np.ndarray) -> np.ndarray:
    """-1 at a lower bound, 1 at an upper, else 0, shape `(p,)`."""
    two = np.asarray(bijection.two_sided)
    one = np.asarray(bijection.one_sided)
    edge = np.log(1 / _AT_BOUND)
    side = np.where(z < -edge, -1, np.where(z > edge, 1, 0))
    single = np.where(z < -edge, np.where(np.asarray(bijection.span) > 0, -1, 1), 0)
    return np.where(two, side, np.where(one, single, 0))


def _vague(bijection: Bijection) -> np.ndarray:
    two, one = np.asarray(bijection.two_sided), np.asarray(bijection.one_sided)
    return np.where(two, bijection.reference, np.where(one, 3.0, 100.0))


def _counts(term: FitTerm, weights: np.ndarray, most: float) -> np.ndarray:
    """For how many independent observations every row counts."""
    if term.likelihood == "least_squares":  # its weight is a scale
        weights = weights / term.weight**2
    return weights * np.minimum(1.0, most / np.minimum(weights, 1.0))


def _is_stated(layout: Layout, term: int) -> bool:
    one = layout.terms[term]
    if one.likelihood == "least_squares":
        return False
    return one.sigma is not None or bool(np.isfinite(layout.series[term].sigma).any())
