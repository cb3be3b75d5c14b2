"""Testing a model on what it has not seen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import jax
import numpy as np
from jaxtyping import Array

from calibration._backtest_result import Backtest
from calibration._baselines import DEFAULT_BASELINES
from calibration._evaluator import evaluator
from calibration._fit_file import FitFile
from calibration._fit_result import FitResult
from calibration._forecast_rows import ForecastRows, forecast_rows
from calibration._free import Free
from calibration._job import run
from calibration._minimise import Report
from calibration._origin import Origin
from calibration._origin import origins as origins_of
from calibration._residual_process import ResidualRule
from calibration._resolve import Settings, resolve
from calibration._score import forecast_table, scores
from calibration._setup import Setup, setup
from calibration._starts import as_key
from calibration._term import FitTerm
from wmjax._errors import UserError
from wmjax.model import CompiledModel, known_until, parameter_values, with_parameters
from wmjax.series import Observations
from wmjax.sim import Devices, as_devices
from wmjax.spec import Lookup


_DRAWS = 200


def backtest(
    model: CompiledModel,
    observations: Observations,
    *,
    settings: Settings = None,
    terms: Sequence[FitTerm] | None = None,
    free: Free = None,
    fit_window: tuple[float | None, float] | None = None,
    score_window: tuple[float, float | None] | None = None,
    origins: Sequence[float] | None = None,
    horizon: float | None = None,
    kind: Literal["split", "rolling"] | None = None,
    baselines: Sequence[str] | None = None,
    draws: int | None = None,
    starts: int | None = None,
    key: Array | int | None = None,
    method: str | None = None,
    max_evaluations: int | None = None,
    residual: ResidualRule | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    devices: Devices | Sequence[Any] | None = None,
    progress: Report | None = None,
) -> Backtest:
    """Fits a model to the rows before an origin, forecasts those after it, and scores the forecasts
    beside those of methods that know no model.

    Nothing after an origin is used: the fit sees rows up to it, exogenous series follow their rule
    from it on (`known_until`), free parameters begin at the values of the spec, or at those of the
    fit at the origin before. The forecast is the path of the fit with what it left unexplained
    dying away (`ResidualRule`); its ensemble draws parameters and new residuals.

    **Arguments:**

    - `fit_window`, `score_window`: one split of time; or `origins` and `horizon`: several, each
        fitted to rows from the start of `fit_window`, if that is given, to the origin. Absent ones
        come from `settings`.
    - `kind`: which of the two, if both are stated.
    - `baselines`: `persistence`, `drift_N`, `drift_full`, `log_drift_N`, `log_drift_full`,
        `damped_trend`; all with N = 10 if absent.
    - `draws`: size of the ensemble.
    - `checkpoint`: a folder with a file for every origin; see `fit`.
    - `devices`: those that share the starts of each fit and the members of each ensemble.
    - the others: as in `fit`.

    **Raises:** `UserError` for windows that make no sense, and as `fit`.
    """
    stated = {"fit_window": fit_window, "score_window": score_window, "origins": origins,
              "horizon": horizon, "kind": kind, "baselines": baselines, "draws": draws}  # fmt: skip
    if kind is None and (origins is not None or score_window is not None):
        stated["kind"] = "rolling" if score_window is None else "split"
    asked = resolve(
        model, observations, settings, terms, free, starts=starts, method=method,
        max_evaluations=max_evaluations, residual=residual,
        backtest={k: v for k, v in stated.items() if v is not None},
    )  # fmt: skip
    test = asked.file.backtest
    made = setup(
        _at_spec_values(model, asked.free), asked.observations, asked.terms, asked.free
    )
    folder = None if checkpoint is None else Path(checkpoint)
    job = _Job(
        made, asked.file, test.baselines or DEFAULT_BASELINES, test.draws or _DRAWS,
        as_key(asked.file.seed if key is None else key), folder, progress, as_devices(devices),
    )  # fmt: skip
    return job.run(origins_of(test, asked.file.half_life))


class _Job:
    """Every origin, one after the other."""

    def __init__(
        self, made: Setup, file: FitFile, baselines: Sequence[str], draws: int, key: Array,
        folder: Path | None, report: Report | None, devices: Devices | None,
    ) -> None:  # fmt: skip
        self._devices = devices
        self._setup, self._file, self._baselines, self._draws = made, file, baselines, draws
        self._key, self._folder, self._report = key, folder, report

    def run(self, origins: tuple[Origin, ...]) -> Backtest:
        fits: list[FitResult] = []
        rows: list[ForecastRows] = []
        missing: dict[str, None] = {}
        for i, origin in enumerate(origins):
            fit = self._fit(origin, i, len(origins), fits[-1].z if fits else None)
            drawn = self._predictions(fit, i)
            found, left = forecast_rows(fit, origin, drawn, self._baselines,
                                        jax.random.fold_in(self._key, 3 * i + 2))  # fmt: skip
            fits.append(fit)
            rows += found
            missing |= dict.fromkeys(left)
        if not rows:
            raise UserError(
                "backtest", f"no series with two rows before {origins[0].time:g} and one to score",
                "at least one", "move the windows to where the observations are",
            )
        scored = {r.series for r in rows}
        unscored = tuple(n for n in missing if n not in scored)
        return Backtest(scores(rows), forecast_table(rows), tuple(fits), unscored)

    def _fit(self, origin: Origin, i: int, count: int, z: np.ndarray | None) -> FitResult:
        report = self._report
        name = f"origin {origin.time:g} ({i + 1} of {count})"
        stored = None if self._folder is None else self._folder / f"origin-{origin.time:g}.npz"
        return run(
            self._setup, self._file, window=origin.window,
            key=jax.random.fold_in(self._key, 3 * i), z=z, checkpoint=stored,
            devices=self._devices, model=known_until(self._setup.model, origin.time),
            report=report and (lambda done, total, text: report(done, total, f"{name}: {text}")),
        )  # fmt: skip

    def _predictions(self, fit: FitResult, i: int) -> np.ndarray:
        z = fit.draws_z(jax.random.fold_in(self._key, 3 * i + 1), self._draws)
        problem = self._setup.problem(fit.window, fit.model)
        return evaluator(self._setup.plan, problem, "normal", self._devices).predict(z)


def _at_spec_values(model: CompiledModel, free: Free) -> CompiledModel:
    """The free numbers of a model that was fitted before may know the future."""
    names = [n.partition("[")[0] for n in free] if free is not None else list(model.spec.variables)
    values: dict[str, object] = {}
    for name in names:
        if name in model.parameters:
            values[name] = parameter_values(model.spec, name)
        elif name in model.lookups:
            spec = model.spec.variables[name]
            assert isinstance(spec, Lookup)
            values[name] = np.asarray(spec.y.points)
    return with_parameters(model, values)
