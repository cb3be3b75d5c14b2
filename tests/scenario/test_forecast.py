"""Forecasts of a model whose predictive distribution is known in closed form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
import xarray as xr
from scipy import stats

from wmjax import Scenario, UserError, compile_model, forecast, simulate
from wmjax.scenario import Forecast, ParameterDraws, ResidualProcess, compare, coverage


_LINE: dict[str, Any] = {
    "name": "line",
    "time": {"start": 0, "end": 40, "step": 1},
    "dimensions": {"place": ["A", "B"]},
    "variables": {
        "slope": {"kind": "parameter", "value": 0.5, "unit": "m/year"},
        "x": {"kind": "stock", "initial": 3, "inflows": ["growth"], "unit": "m"},
        "y": {"kind": "stock", "dims": ["place"], "initial": 2, "inflows": ["both"]},
        "growth": {"kind": "flow", "equation": "slope", "unit": "m/year"},
        "both": {"kind": "flow", "dims": ["place"], "equation": "slope"},
        "root": {"kind": "auxiliary", "equation": "sqrt(slope)"},
    },
}
_SD, _LAST = 0.02, 20.0
_X = ResidualProcess("x", "level", sigma=0.4, rho=0.9, last_time=_LAST, last_residual=0.3)
_Y = ResidualProcess("y[B]", "log", sigma=0.1, rho=0.5, last_time=_LAST, last_residual=-0.05)


class _Fit:
    """Slopes from a normal distribution: the model is linear, so every path is normal."""

    def __init__(self, sd: float = _SD, processes: tuple[ResidualProcess, ...] = (_X, _Y)) -> None:
        self._model = compile_model(_LINE)
        self._sd, self._processes = sd, processes

    @property
    def model(self) -> Any:
        return self._model

    def draws(self, key: Any, n: int) -> dict[str, Any]:
        return {"slope": 0.5 + self._sd * jax.random.normal(key, (n,))} if self._sd else {}

    def residual_process(self) -> dict[str, ResidualProcess]:
        return {f"series {i}": p for i, p in enumerate(self._processes)}


@pytest.fixture(scope="module")
def ahead() -> Forecast:
    return forecast(_Fit(), {"baseline": None, "steep": {"slope": 0.8}}, horizon=40, draws=8000)


def _predictive(t: np.ndarray, slope: float = 0.5, sd: float = _SD) -> tuple[Any, Any]:
    kept = np.where(t < _LAST, 0.0, _X.rho ** np.abs(t - _LAST))
    noise = np.where(t < _LAST, 0.0, 0.4**2 * (1 - kept**2))
    return 3 + slope * t + kept * 0.3, np.sqrt((sd * t) ** 2 + noise)


def test_quantiles_are_those_of_the_predictive_distribution(ahead: Forecast) -> None:
    table = ahead.quantiles("x", "baseline")
    t = table.index.to_numpy()
    mean, sd = _predictive(t)
    for q in table.columns:
        exact = mean + sd * stats.norm.ppf(q)
        np.testing.assert_allclose(table[q], exact, atol=0.06 * sd.max())
    assert list(table.columns) == [0.05, 0.25, 0.5, 0.75, 0.95]


def test_the_band_covers_as_often_as_it_says(ahead: Forecast) -> None:
    rng = np.random.default_rng(0)
    t = np.arange(21.0, 41.0)
    mean, sd = _predictive(t)
    paths = ahead.samples("x").sel(time=t).values
    found = [coverage(paths, mean + sd * rng.standard_normal(20), 0.9) for _ in range(200)]
    assert np.mean(found) == pytest.approx(0.9, abs=0.02)


def test_spread_grows_and_does_not_collapse(ahead: Forecast) -> None:
    spread = ahead.samples("x").std("draw")
    assert float(spread.sel(time=20)) == pytest.approx(_SD * 20, rel=0.05)
    assert float(spread.sel(time=40)) > float(spread.sel(time=30)) > float(spread.sel(time=22))


def test_a_scenario_that_sets_the_parameter_keeps_the_residuals(ahead: Forecast) -> None:
    steep = ahead.samples("x", "steep")
    t = steep["time"].values
    mean, sd = _predictive(t, 0.8, 0.0)
    np.testing.assert_allclose(steep.mean("draw"), mean, atol=0.03)
    np.testing.assert_allclose(steep.std("draw"), sd, atol=0.02)


def test_elements_are_moved_one_by_one(ahead: Forecast) -> None:
    a, b = (ahead.samples(f"y[{e}]").sel(time=30) for e in "AB")
    np.testing.assert_allclose(
        np.log(b / a).std(), 0.1 * np.sqrt(1 - 0.5**20), rtol=0.05
    )  # fmt: skip
    assert ahead.samples("y").dims == ("draw", "time", "place")
    np.testing.assert_array_equal(ahead.samples("y").sel(place="B"), ahead.samples("y[B]"))


def test_the_median_is_near_the_fitted_path(ahead: Forecast) -> None:
    path = simulate(_Fit().model)["x"]
    median = ahead.quantiles("x")[0.5].to_numpy()
    np.testing.assert_allclose(median, path, atol=0.3 + 0.05)
    assert median[-1] == pytest.approx(float(path[-1]) + 0.3 * 0.9**20, abs=0.05)


def test_differences_between_scenarios_are_paired(ahead: Forecast) -> None:
    """Residuals cancel: what is left is 0.3 t less the spread of the drawn slope."""
    table = compare(ahead, "baseline", variables=["x"], times=[40])
    row = table.iloc[0]
    assert row["difference"] == pytest.approx(0.3 * 40, abs=0.05)
    half = 1.6449 * _SD * 40
    assert row["upper"] - row["lower"] == pytest.approx(2 * half, rel=0.05)


def test_a_key_is_a_forecast() -> None:
    fit = _Fit()
    first = forecast(fit, horizon=40, draws=20)
    same = forecast(fit, horizon=40, draws=20, key=jax.random.key(0))
    other = forecast(fit, horizon=40, draws=20, key=7)
    xr.testing.assert_identical(first.dataset, same.dataset)
    assert not np.allclose(first.dataset["x"], other.dataset["x"])


def test_without_uncertain_parameters_the_residuals_remain() -> None:
    ahead = forecast(_Fit(sd=0.0), horizon=40, draws=500)
    assert ahead.ensemble.sizes["draw"] == 500
    np.testing.assert_allclose(ahead.samples("x").sel(time=20), 3 + 10 + 0.3)
    assert float(ahead.samples("x").std("draw").sel(time=40)) > 0.3
    assert float(ahead.samples("growth").std("draw").max()) == 0


def test_the_series_observed_last_moves_a_variable() -> None:
    late = ResidualProcess("x", "level", 0.0, 0.0, last_time=30.0, last_residual=5.0)
    ahead = forecast(_Fit(0.0, (late, _X)), horizon=40, draws=3)
    np.testing.assert_allclose(ahead.samples("x").sel(time=30), 3 + 15 + 5)


def test_runs_that_are_not_finite_are_left_out() -> None:
    ahead = forecast(_Fit(sd=0.5), horizon=40, draws=300, save=("root", "x"))
    finite = ahead.ensemble["finite"].values
    assert 0 < finite.sum() < finite.size
    assert ahead.samples("root").sizes["draw"] == finite.sum()
    assert np.isfinite(ahead.dataset["root"]).all()
    none = forecast(_Fit(), {"bad": {"slope": -1.0}}, horizon=40, draws=5, save=("root",))
    assert np.isnan(none.dataset["root"]).all()


def test_what_is_saved_reads_back(ahead: Forecast, tmp_path: Path) -> None:
    folder = ahead.save(tmp_path / "deep" / "er")
    with xr.open_dataset(folder / "forecast.nc", engine="h5netcdf") as back:
        xr.testing.assert_identical(back.load(), ahead.dataset)
    with xr.open_dataset(folder / "ensemble.nc", engine="h5netcdf") as back:
        np.testing.assert_allclose(back["x"], ahead.ensemble["x"], rtol=1e-6)
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="can be written"):
        ahead.save(tmp_path / "file")


def test_mistakes_are_named(ahead: Forecast) -> None:
    fit = _Fit()
    assert isinstance(fit, ParameterDraws)
    for call, said in (
        (lambda: forecast(fit, horizon=40, quantiles=(5, 95)), "probabilities"),
        (lambda: forecast(fit, horizon=40, draws=0), "at least 1"),
        (lambda: forecast(fit, horizon=-1), "end"),
        (lambda: forecast(_Fit(processes=(ResidualProcess("y", "level", 1, 0, 0, 0),)), horizon=40),
         "each element"),
        (lambda: ahead.quantiles("y"), r"y\[A\]"),
        (lambda: ahead.quantiles("x", "nowhere"), "nowhere"),
        (lambda: ahead.samples("z"), "'z'"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=said):
            call()


def test_a_horizon_beyond_the_exogenous_series_is_refused() -> None:
    spec = {**_LINE, "variables": {**_LINE["variables"]}}
    spec["variables"]["rain"] = {"kind": "series", "times": [0, 20], "values": [1, 2]}
    fit = _Fit()
    fit._model = compile_model(spec)
    with pytest.raises(UserError, match="time.end"):
        forecast(fit, [Scenario(name="a")], horizon=60)
    longer = forecast(_Fit(), horizon=60, draws=2, save=("x",))
    assert float(longer.dataset["time"][-1]) == 60
