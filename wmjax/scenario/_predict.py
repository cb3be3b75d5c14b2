"""Forecasting: draws of the parameters through the model, and what the fit left unexplained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import jax
import numpy as np
from jaxtyping import Array

from wmjax._errors import UserError
from wmjax.scenario._batch import Scenarios
from wmjax.scenario._draws import DrawsOfFit, Key, ParameterDraws, ResidualProcess, as_key
from wmjax.scenario._elements import element, labelled
from wmjax.scenario._forecast import Forecast
from wmjax.scenario._sweep import Progress, sweep


if TYPE_CHECKING:
    import xarray as xr

_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def forecast(
    fit: ParameterDraws,
    scenarios: Scenarios = None,
    *,
    horizon: float,
    draws: int = 200,
    key: Key | None = None,
    save: Sequence[str] | None = None,
    quantiles: Sequence[float] = _QUANTILES,
    progress: Progress | None = None,
) -> Forecast:
    """An ensemble forecast from a fit or a posterior, under each scenario.

    Every path is a run from the model's start with one draw of the uncertain parameters; to the
    variables with an observed series a path of what the fit left unexplained is added, which starts
    at the last residual and forgets it (see `ResidualProcess`): the median passes near the last
    observation and then tends to the path of the fit. The residuals of different series are
    independent, and variables without a series carry parameter uncertainty alone, so identities
    between variables hold for the runs but not for the paths.

    **Arguments:**

    - `fit`: the model, draws of its parameters, and a residual process for each observed series.
        Where two series observe one variable, the one that was observed last is used.
    - `scenarios`: as in `sweep`.
    - `horizon`: the last time.
    - `draws`: number of paths under each scenario.
    - `key`: random key or seed; `jax.random.key(0)` if absent, so that a repeated call gives the
        same forecast.
    - `save`: variables to forecast; all stocks, flows and auxiliaries if absent.
    - `quantiles`: probabilities, each in [0, 1].

    **Raises:** `UserError` for quantiles or a horizon that make no sense, and as `sweep`.
    """
    _check(fit, horizon, draws, quantiles)
    parameters, noise = jax.random.split(as_key(0 if key is None else key))
    model = fit.model
    moves = fit.draws(parameters, 1)
    drawn = DrawsOfFit(fit, parameters, draws) if moves else _unmoved(fit, draws)
    ensemble = sweep(model, scenarios, drawn, save=save, end=horizon, progress=progress)
    _add_residuals(ensemble, fit.residual_process().values(), noise)
    return Forecast(_quantiles(ensemble, quantiles), ensemble)


def _unmoved(fit: ParameterDraws, n: int) -> dict[str, np.ndarray]:
    """Without uncertain parameters all draws are the fit itself."""
    tables = {name: table.y for name, table in fit.model.lookups.items()}
    held = list({**fit.model.parameters, **tables}.items())[:1]
    return {name: np.broadcast_to(value, (n, *value.shape)) for name, value in held}


def _check(fit: ParameterDraws, horizon: float, draws: int, quantiles: Sequence[float]) -> None:
    end = fit.model.spec.time.end
    if horizon > end and fit.model.series:
        raise UserError(
            "forecast, horizon", f"{horizon:g}",
            f"at most {end:g}, where the model's exogenous series end",
            f"set time.end of the model to {horizon:g}: its series then follow their rules to it",
        )  # fmt: skip
    if draws < 1:
        raise UserError("forecast, draws", str(draws), "at least 1")
    if not quantiles or not all(0 <= q <= 1 for q in quantiles):
        raise UserError("forecast, quantiles", str(list(quantiles)), "probabilities in [0, 1]")


def _add_residuals(ensemble: xr.Dataset, processes: Iterable[ResidualProcess], key: Array) -> None:
    """Moves the observed variables, in place; the same paths under every scenario."""
    latest = {p.variable: p for p in sorted(processes, key=lambda p: p.last_time)}
    times, draws = ensemble["time"].values, ensemble.sizes["draw"]
    for i, (name, process) in enumerate(sorted(latest.items())):
        if name.split("[")[0] not in ensemble:
            continue
        paths = process.paths(jax.random.fold_in(key, i), times, draws)
        values = element(ensemble, name)
        if values.ndim != 3:
            raise UserError(
                f"residual process of {name!r}", "a variable with dimensions",
                "one process for each element", f"for example {labelled(ensemble, name)[0]!r}",
            )  # fmt: skip
        values.values[...] = process.apply(values.values, paths)


def _quantiles(ensemble: xr.Dataset, quantiles: Sequence[float]) -> xr.Dataset:
    """Quantiles over the finite draws of each scenario."""
    finite = ensemble["finite"].values
    paths = ensemble.drop_vars(["finite", "draw"])
    data = {}
    for name, values in paths.data_vars.items():
        rows = [
            np.quantile(v[good], quantiles, axis=0) if good.any()
            else np.full((len(quantiles), *v.shape[1:]), np.nan)
            for v, good in zip(values.values, finite, strict=True)
        ]  # fmt: skip
        dims = ("scenario", "quantile", *values.dims[2:])
        data[name] = (dims, np.stack(rows), values.attrs)
    coords = {**paths.coords, "quantile": list(quantiles)}
    return type(ensemble)(data, coords=coords, attrs=ensemble.attrs)
