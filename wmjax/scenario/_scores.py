"""How good a forecast was: errors of a path, and of an ensemble.

Sign: an error is forecast minus observation. All scores are means over the times they are given,
so they can be compared only over the same times.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wmjax._errors import UserError


Vector = NDArray[np.float64]


def rmse(errors: ArrayLike) -> float:
    """Root of the mean squared error, in the unit of the series.

    **Arguments:**

    - `errors`: shape `(n,)`.

    **Raises:** `UserError` for no errors at all, or one that is not finite.
    """
    return float(np.sqrt(np.mean(np.square(_vector("rmse", "errors", errors)))))


def bias(errors: ArrayLike) -> float:
    """Mean error, in the unit of the series; positive where the forecast is too high.

    **Raises:** as `rmse`.
    """
    return float(np.mean(_vector("bias", "errors", errors)))


def mase(errors: ArrayLike, insample: ArrayLike, season: int = 1) -> float:
    """Mean absolute scaled error: the mean absolute error over that of the (seasonal) naive method
    one step ahead within the sample. Below 1 is better than that; it has no unit.

    **Arguments:**

    - `errors`: shape `(n,)`.
    - `insample`: values before the origin in order of time, shape `(m,)` with `m > season`, evenly
        spaced (the scale means nothing across gaps).
    - `season`: number of values in a season, 1 for yearly data.

    **Returns:** NaN where the sample never changed, so that there is no scale.

    **Raises:** as `rmse`, and for a sample too short to have a scale.

    Hyndman, R. J. and Koehler, A. B. (2006), Another look at measures of forecast accuracy,
    International Journal of Forecasting 22(4), 679-688.
    """
    error = _vector("mase", "errors", errors)
    sample = _vector("mase", "insample", insample)
    if not 1 <= season < len(sample):
        raise UserError(
            "mase", f"{len(sample)} values in the sample and season {season}",
            "a season of at least 1 and more values than that", "give a longer sample",
        )  # fmt: skip
    scale = float(np.mean(np.abs(sample[season:] - sample[:-season])))
    return float(np.mean(np.abs(error)) / scale) if scale > 0 else float("nan")


def crps(ensemble: ArrayLike, observed: ArrayLike) -> float:
    """Mean continuous ranked probability score of an ensemble, in the unit of the series.

    The score is that of the ensemble's empirical distribution, E|X - y| - E|X - X'| / 2, exactly.
    (It is not the "fair" score, which divides the spread by m(m - 1) and estimates the score of
    the distribution the members were drawn from; with m members the two differ by E|X - X'| / 2m.)
    For one member it is the mean absolute error.

    **Arguments:**

    - `ensemble`: shape `(draws, n)`.
    - `observed`: shape `(n,)`.

    **Raises:** `UserError` for shapes that do not fit, and for numbers that are not finite.

    Gneiting, T. and Raftery, A. E. (2007), Strictly proper scoring rules, prediction, and
    estimation, Journal of the American Statistical Association 102(477), 359-378.
    """
    members, truth = _ensemble("crps", ensemble, observed)
    error = np.sort(members - truth, axis=0)
    m = len(error)
    rank = np.arange(1, m + 1)[:, None]
    weight = m * (error > 0) - rank + 0.5
    return float(np.mean(2.0 / m**2 * np.sum(error * weight, axis=0)))


def interval(ensemble: ArrayLike, level: float) -> tuple[Vector, Vector]:
    """Lower and upper bound, each of shape `(n,)`, of the central interval of an ensemble.

    **Arguments:**

    - `ensemble`: shape `(draws, n)`.
    - `level`: probability that the interval should hold, between 0 and 1; its bounds are the
        quantiles `(1 - level) / 2` and `(1 + level) / 2`, linear between members.

    **Raises:** `UserError` for another level or shape, and for numbers that are not finite.
    """
    if not 0.0 < level < 1.0:
        raise UserError("interval", f"level {level!r}", "a level between 0 and 1", "0.9 for 90 %")
    members = _finite("interval", "ensemble", ensemble, 2)
    low, high = np.quantile(members, [(1.0 - level) / 2, (1.0 + level) / 2], axis=0)
    return low, high


def coverage(ensemble: ArrayLike, observed: ArrayLike, level: float) -> float:
    """Share of the observations inside the central interval of an ensemble, bounds included.

    For a calibrated ensemble it is near `level`; with few members the interval is too narrow, by
    about `1 / draws`.

    **Raises:** as `crps` and `interval`.
    """
    members, truth = _ensemble("coverage", ensemble, observed)
    low, high = interval(members, level)
    return float(np.mean((low <= truth) & (truth <= high)))


def _vector(place: str, name: str, values: ArrayLike) -> Vector:
    return _finite(place, name, values, 1)


def _ensemble(place: str, ensemble: ArrayLike, observed: ArrayLike) -> tuple[Vector, Vector]:
    members, truth = _finite(place, "ensemble", ensemble, 2), _vector(place, "observed", observed)
    if members.shape[1] != len(truth):
        raise UserError(
            place, f"an ensemble of shape {members.shape} and {len(truth)} observations",
            "an ensemble of shape (draws, n) and n observations", "transpose or select the times",
        )  # fmt: skip
    return members, truth


def _finite(place: str, name: str, values: ArrayLike, ndim: int) -> Vector:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != ndim or array.size == 0:
        raise UserError(
            f"{place}, {name}", f"an array of shape {array.shape}",
            f"{ndim} dimension{'s' if ndim > 1 else ''} and at least one value",
        )  # fmt: skip
    bad = int(np.sum(~np.isfinite(array)))
    if bad:
        raise UserError(
            f"{place}, {name}", f"{bad} values that are not finite", "finite numbers",
            "leave out missing times, and draws that did not stay finite",
        )  # fmt: skip
    return array
