"""What model and baselines said of the rows after an origin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import final

import jax
import numpy as np
from jaxtyping import Array

from calibration._baselines import baseline
from calibration._fit_result import FitResult
from calibration._layout import Layout
from calibration._origin import Origin


@final
@dataclass(frozen=True, eq=False)
class ForecastRows:
    """Forecasts of one series from one origin, in the unit of the variable.

    - `insample`: the known values, shape `(k,)`.
    - `times`, `observed`: shape `(n,)`.
    - `paths`: by method, `model` first, shape `(n,)`; `ensemble`: of the model, `(draws, n)`.
    """

    origin: float
    series: str
    variable: str
    unit: str
    insample: np.ndarray
    times: np.ndarray
    observed: np.ndarray
    paths: dict[str, np.ndarray]
    ensemble: np.ndarray


def forecast_rows(
    fit: FitResult, origin: Origin, drawn: np.ndarray, baselines: Sequence[str], key: Array
) -> tuple[list[ForecastRows], list[str]]:
    """Forecasts of every series with at least two rows before the origin and one to score, and the
    names of the series without.

    **Arguments:** `drawn`: predictions of all rows by draws of the parameters, `(draws, rows)`.
    """
    found, left, done = [], [], set()
    for i, term in enumerate(fit.layout.terms):
        if term.observed in done:
            continue
        done.add(term.observed)
        times = fit.layout.series[i].times
        if origin.known(times).sum() >= 2 and origin.ahead(times).any():
            found.append(_rows(fit, i, origin, drawn, baselines, jax.random.fold_in(key, i)))
        else:
            left.append(term.observed)
    return found, left


def _rows(
    fit: FitResult, i: int, origin: Origin, drawn: np.ndarray, baselines: Sequence[str], key: Array
) -> ForecastRows:
    layout: Layout = fit.layout
    term, series = layout.terms[i], layout.series[i]
    known, ahead = origin.known(series.times), origin.ahead(series.times)
    when = series.times[ahead]
    part = layout.slices[i]
    path, members = fit.predicted[part][ahead], drawn[:, part][:, ahead]
    process = fit.residual_process().get(term.observed)
    if process is not None:
        middle = replace(process, sigma=0.0).paths(key, when, 1)[0]
        path = process.apply(path, middle)
        members = process.apply(members, process.paths(key, when, len(members)))
    paths = {"model": path}
    for name in baselines:
        paths[name] = baseline(name, series.times[known], series.values[known], when)
    unit = fit.model.spec.variables[term.variable.partition("[")[0]].unit or series.unit
    return ForecastRows(origin.time, term.observed, term.variable, unit, series.values[known], when,
                        series.values[ahead], paths, members)  # fmt: skip
