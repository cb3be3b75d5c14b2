"""What a fit leaves unexplained, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from calibration import FitResult
from calibration._series_transform import differenced, transformed


@final
@dataclass(frozen=True, eq=False)
class ResidualTable:
    """Of one term, all of shape `(n,)`: observations and residuals (observed less model) as the
    term transforms them; `used`: which rows the fit saw."""

    times: np.ndarray
    observed: np.ndarray
    residuals: np.ndarray
    used: np.ndarray


def residual_tables(fit: FitResult) -> dict[str, ResidualTable]:
    """By term, as in `FitResult.residuals`, without rows that have no change to compare."""
    found = {}
    for (name, frame), term in zip(fit.residuals.items(), fit.terms, strict=True):
        times, seen = frame.index.to_numpy(float), frame["observed"].to_numpy(float)
        observed = np.asarray(differenced(term.transform, times, transformed(term.transform, seen)))
        residuals, used = frame["residual"].to_numpy(float), frame["used"].to_numpy(bool)
        keep = np.isfinite(observed)
        found[name] = ResidualTable(times[keep], observed[keep], residuals[keep], used[keep])
    return found
