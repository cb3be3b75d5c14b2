"""What a fit leaves unexplained, as an autoregressive process for each series."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field, PositiveFloat

from calibration._layout import Layout, Window, used
from calibration._series_transform import differenced, transformed
from wmjax.scenario import ResidualProcess
from wmjax.spec import Document


_LARGEST_RHO = 0.995

Share = Annotated[float, Field(ge=0, lt=1)]


class ResidualRule(Document):
    """How residuals go on after the last observation: `rho^h` of the last one is left after `h`
    units of time, and new ones come in.

    `rho` is estimated for each series from its residuals inside the window, unless it is given.
    """

    rho: Share | None = None
    """The correlation over one unit of time, for all series."""
    toward: Share = 0.8
    """The estimate is drawn towards this number ..."""
    shrink: Annotated[float, Field(ge=0)] = 5.0
    """... by the weight of so many rows."""
    inflate: PositiveFloat = 1.0
    """A factor on the standard deviation of the process."""


def autocorrelation(residuals: np.ndarray) -> float:
    """Correlation of neighbouring residuals around zero; 0 for fewer than three."""
    if len(residuals) < 3:
        return 0.0
    total = float(np.sum(residuals**2))
    return float(np.sum(residuals[1:] * residuals[:-1])) / total if total > 0 else 0.0


def residual_processes(
    layout: Layout, window: Window, predicted: np.ndarray, rule: ResidualRule
) -> dict[str, ResidualProcess]:
    """By series, the process around the predictions, shape `(n,)`; series without a used row have
    none. Of two terms with one series the first counts."""
    found: dict[str, ResidualProcess] = {}
    for i, term in enumerate(layout.terms):
        use = used(layout, i, window)
        if term.observed not in found and use.any():
            found[term.observed] = _process(layout, i, use, predicted, rule)
    return found


def _process(
    layout: Layout, i: int, use: np.ndarray, predicted: np.ndarray, rule: ResidualRule
) -> ResidualProcess:
    term, series = layout.terms[i], layout.series[i]
    until = int(np.flatnonzero(use)[-1]) + 1
    times, use = series.times[:until], use[:until]
    bases = [transformed(term.transform, v[:until])
             for v in (series.values, predicted[layout.slices[i]])]  # fmt: skip
    observed, model = (differenced(term.transform, times, b) for b in bases)
    errors, when = (observed - model)[use], times[use]
    rho = _rho(errors, when, rule)
    sigma = rule.inflate * _sigma(errors, when, rho)
    summed = term.transform in ("growth", "difference")
    offset = float(bases[0][-1] - bases[1][-1]) if summed else 0.0
    return ResidualProcess(term.variable, term.transform, sigma, rho, float(when[-1]),
                           float(errors[-1]), offset)  # fmt: skip


def _rho(errors: np.ndarray, times: np.ndarray, rule: ResidualRule) -> float:
    if rule.rho is not None:
        return rule.rho
    gap = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    estimate = max(autocorrelation(errors), 0.0) ** (1.0 / gap)
    weight = len(errors) + rule.shrink
    drawn = (len(errors) * estimate + rule.shrink * rule.toward) / weight
    return min(drawn, _LARGEST_RHO)


def _sigma(errors: np.ndarray, times: np.ndarray, rho: float) -> float:
    """Standard deviation of the process: that of the residuals, or what their steps imply if that
    is more, for a fit makes its residuals small within its window."""
    direct = float(np.sqrt(np.mean(errors**2)))
    if len(errors) < 3:
        return direct
    kept = rho ** np.diff(times)
    steps = (errors[1:] - kept * errors[:-1]) / np.sqrt(np.maximum(1 - kept**2, 1e-12))
    return max(direct, float(np.sqrt(np.mean(steps**2))))
