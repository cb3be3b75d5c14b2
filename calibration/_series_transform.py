"""Where observations and model are compared."""

from __future__ import annotations

import numpy as np

from wmjax.scenario import Transform
from wmjax.series import ObservedSeries


def transformed(transform: Transform, values: np.ndarray) -> np.ndarray:
    """Values in the space of a transform, before any difference."""
    if transform in ("log", "growth"):
        return np.log(np.where(values > 0, values, np.nan))
    if transform == "logit":
        inside = (values > 0) & (values < 1)
        safe = np.where(inside, values, 0.5)
        return np.where(inside, np.log(safe / (1 - safe)), np.nan)
    return values


def differenced(transform: Transform, times: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Changes since the row before per unit of time, where the transform asks for them.

    The first row has none and is NaN.
    """
    if transform not in ("growth", "difference"):
        return base
    found = np.full(base.shape, np.nan)
    found[..., 1:] = np.diff(base) / np.diff(times)
    return found


def transformed_sigma(
    transform: Transform, series: ObservedSeries, use: np.ndarray
) -> np.ndarray:
    """The stated measurement error of the used rows in the space of a transform, by first order.

    The errors of neighbours are taken to be independent, which is pessimistic for differences.
    """
    sigma, y = series.sigma, series.values
    with np.errstate(all="ignore"):
        if transform in ("log", "growth"):
            sigma = sigma / np.abs(y)
        elif transform == "logit":
            sigma = sigma / np.abs(y * (1 - y))
    if transform not in ("growth", "difference"):
        return sigma[use]
    found = np.full(sigma.shape, np.nan)
    found[1:] = np.hypot(sigma[1:], sigma[:-1]) / np.diff(series.times)
    return found[use]
