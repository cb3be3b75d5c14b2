"""Forecasts that know no model."""

from __future__ import annotations

import re
import warnings
from typing import Annotated

import numpy as np
from pydantic import AfterValidator


Vector = np.ndarray

DEFAULT_BASELINES = (
    "persistence", "drift_10", "drift_full", "log_drift_10", "log_drift_full", "damped_trend",
)  # fmt: skip
_DRIFT = re.compile(r"(log_)?drift_(full|\d+(?:\.\d+)?)")


def _known(name: str) -> str:
    if name not in ("persistence", "damped_trend") and not _DRIFT.fullmatch(name):
        raise ValueError(
            f"{name!r} is no baseline; wanted persistence, drift_N, drift_full, log_drift_N, "
            "log_drift_full (N units of time) or damped_trend"
        )
    return name


BaselineName = Annotated[str, AfterValidator(_known)]


def baseline(name: str, times: Vector, values: Vector, ahead: Vector) -> Vector:
    """A forecast at the times `ahead` from the rows before them.

    - `persistence`: the last value.
    - `drift_N`: the last value and the mean slope over the last N units of time; `drift_full` over
      all rows. `log_drift_...`: the same in logarithms.
    - `damped_trend`: exponential smoothing with a damped additive trend (Gardner and McKenzie
      1985), by statsmodels, which takes the rows to be evenly spaced.

    Where a method cannot be used it falls back: the logarithm of what is not positive to plain
    drift, and too few rows (2 for a drift, 6 for the damped trend) to persistence.

    **Returns:** shape of `ahead`.

    **Raises:** `ValueError` without any row.
    """
    if len(values) == 0:
        raise ValueError("no row to forecast from")
    if name == "persistence":
        return np.full(len(ahead), values[-1])
    if name == "damped_trend":
        return _damped(times, values, ahead)
    match = _DRIFT.fullmatch(name)
    assert match is not None, name
    if match[1] and (values > 0).all():
        return np.exp(_drift(times, np.log(values), ahead, match[2]))
    return _drift(times, values, ahead, match[2])


def _drift(times: Vector, values: Vector, ahead: Vector, span: str) -> Vector:
    first = 0
    if span != "full":
        first = int(np.searchsorted(times, times[-1] - float(span) - 1e-9))
    if first == len(times) - 1:
        return np.full(len(ahead), values[-1])
    slope = (values[-1] - values[first]) / (times[-1] - times[first])
    return values[-1] + slope * (ahead - times[-1])


def _damped(times: Vector, values: Vector, ahead: Vector) -> Vector:
    if len(values) < 6 or np.ptp(values) == 0:
        return np.full(len(ahead), values[-1])
    from statsmodels.tsa.holtwinters import Holt

    gap = float(np.median(np.diff(times)))
    scale = float(np.mean(np.abs(values))) or 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its search warns where it stops early; the fit stands
        fitted = Holt(values / scale, damped_trend=True, initialization_method="estimated").fit()
        steps = max(int(np.ceil((ahead[-1] - times[-1]) / gap - 1e-9)), 1)
        path = np.asarray(fitted.forecast(steps)) * scale
    grid = times[-1] + gap * np.arange(steps + 1)
    return np.interp(ahead, grid, np.concatenate([values[-1:], path]))
