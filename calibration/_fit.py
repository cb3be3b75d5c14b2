"""Fitting a model to observations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Array

from calibration._fit_file import FitFile
from calibration._fit_result import FitResult
from calibration._free import Free
from calibration._job import run
from calibration._layout import Window
from calibration._minimise import Report
from calibration._residual_process import ResidualRule
from calibration._resolve import Settings, resolve
from calibration._setup import setup
from calibration._starts import as_key
from calibration._term import FitTerm
from wmjax.model import CompiledModel, known_until
from wmjax.series import Observations
from wmjax.sim import Devices, as_devices


def fit(
    model: CompiledModel,
    observations: Observations,
    *,
    settings: Settings = None,
    terms: Sequence[FitTerm] | None = None,
    free: Free = None,
    window: tuple[float, float] | None = None,
    half_life: float | None = None,
    starts: int | None = None,
    key: Array | int | None = None,
    method: str | None = None,
    tolerance: float | None = None,
    max_evaluations: int | None = None,
    residual: ResidualRule | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: int = 10,
    devices: Devices | Sequence[Any] | None = None,
    progress: Report | None = None,
) -> FitResult:
    """Finds the free parameters under which a model is nearest to what was observed.

    The loss is half the sum of squared residuals over all terms (see `FitTerm`) and priors.

    **Arguments:**

    - `settings`: a fit file, its path, or a mapping of its keys; the other arguments take
        precedence over it, and it over the spec.
    - `terms`: what is compared; each variable with an `observed` series that is here, if absent.
    - `free`: names of free parameters, elements `x[China]` or lookups, or a mapping from them to
        `FreeParameter`; the trainable ones of the spec if absent. Present numbers of the model are
        the initial values.
    - `window`: first and last time of the rows that take part; all if absent. After its end the
        exogenous series of the fitted model follow their stated rules, whatever data there are.
    - `half_life`: time in which the weight of a row halves, counted back from the window's end.
    - `starts`: number of starts, evaluated together. The first begins at the initial values, the
        others at the best of four times as many draws from priors and bounds.
    - `key`: random key or seed of those draws.
    - `method`: `least_squares` (Levenberg-Marquardt, exact Jacobians by forward mode), `lbfgs`
        (reverse mode), a name of optax (`adam`, ...), or `auto`: least squares up to 60 free
        numbers, L-BFGS above.
    - `max_evaluations`: of every start; 200 for least squares, 2000 for the others.
    - `residual`: how forecasts carry on what is left unexplained.
    - `checkpoint`: a file for the state, every `checkpoint_every` evaluations; if it exists the fit
        is taken up where it stands and ends as if it had never stopped.
    - `devices`: those that share the starts: `wmjax.sim.devices()` or a list of jax's; the one that
        jax takes by default if absent. A checkpoint may be taken up on others.
    - `progress`: called with evaluations done, evaluations allowed and a text.

    **Raises:** `UserErrors` with every name and number that does not fit model or observations;
    `SimulationError` if no start is finite; `UserError` for a checkpoint of another fit.
    """
    given = {
        "half_life": half_life, "starts": starts, "method": method, "tolerance": tolerance,
        "max_evaluations": max_evaluations, "residual": residual,
    }  # fmt: skip
    asked = resolve(model, observations, settings, terms, free, **given)
    made = setup(model, asked.observations, asked.terms, asked.free)
    seen = _window(asked.file, window)
    return run(
        made, asked.file, window=seen, model=_as_known(model, seen.end),
        key=as_key(asked.file.seed if key is None else key),
        checkpoint=None if checkpoint is None else Path(checkpoint), every=checkpoint_every,
        report=progress, devices=as_devices(devices),
    )  # fmt: skip


def _as_known(model: CompiledModel, end: float) -> CompiledModel:
    """The model with drivers that follow their stated rules after the last row of the fit."""
    return known_until(model, end) if np.isfinite(end) and model.series else model


def _window(file: FitFile, given: tuple[float, float] | None) -> Window:
    start, end = given or (file.window.start, file.window.end)
    return Window(
        -np.inf if start is None else float(start), np.inf if end is None else float(end),
        file.half_life,
    )  # fmt: skip
