"""Priors, bounds, uncertainty, and what the data do not tell."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import FitResult, FitTerm, FreeParameter, ResidualRule, fit
from tests.calibration.problems import constant, product, table
from wmjax.model import compile_model
from wmjax.scenario import ParameterDraws, forecast
from wmjax.sim import simulate
from wmjax.spec import Prior


def test_conjugate_normal() -> None:
    sigma, mean, sd = 0.5, 2.0, 0.8
    y = 3.0 + 0.3 * (-1.0) ** np.arange(21)  # residuals under sigma that do not persist
    model = constant(prior={"normal": [mean, sd]})
    found = fit(model, table(np.arange(21.0), x=y), terms=[
        FitTerm(variable="x", observed="x", sigma=sigma)])  # fmt: skip
    precision = 1 / sd**2 + len(y) / sigma**2
    wanted = (mean / sd**2 + y.sum() / sigma**2) / precision
    row = found.table().iloc[0]
    assert row["value"] == pytest.approx(wanted, rel=1e-9)
    assert row["sd"] == pytest.approx(precision**-0.5, rel=1e-9)
    drawn = np.asarray(found.draws(1, 20_000)["a"])
    assert drawn.mean() == pytest.approx(wanted, abs=5 * precision**-0.5 / 20_000**0.5)
    assert drawn.std() == pytest.approx(precision**-0.5, rel=0.03)


def test_misfit_widens_what_is_known() -> None:
    times = np.arange(21.0)
    calm = table(times, x=3 + 0.1 * (-1.0) ** times)
    wild = table(times, x=3 + 2.0 * (-1.0) ** times)
    slow = table(times, x=3 + 0.1 * np.where(times < 10, -1, 1))
    term = [FitTerm(variable="x", observed="x", sigma=0.1)]
    sd = [fit(constant(), d, terms=term).table()["sd"][0] for d in (calm, wild, slow)]
    assert sd[1] == pytest.approx(20 * sd[0], rel=0.05)
    assert sd[2] > 2.5 * sd[0]


def test_lognormal_prior_is_a_penalty_on_the_logarithm() -> None:
    model = constant(prior={"lognormal": [2.0, 0.3]})
    data = table([5.0], x=[4.0])
    found = fit(model, data, terms=[FitTerm(variable="x", observed="x", sigma=1.0)])
    grid = np.linspace(2, 4, 200_001)
    loss = ((grid - 4) ** 2 + (np.log(grid / 2) / 0.3) ** 2) / 2
    assert found.parameters["a"] == pytest.approx(grid[loss.argmin()], abs=2e-5)
    assert found.loss == pytest.approx(loss.min(), rel=1e-8)


@pytest.mark.parametrize(("target", "side"), [(9.0, "upper"), (-9.0, "lower")])
def test_bounds_hold_and_are_named(target: float, side: str) -> None:
    data = table(np.arange(21.0), x=np.full(21, target) + 0.01 * (-1.0) ** np.arange(21))
    found = fit(constant(bounds=[0.0, 5.0]), data, terms=[
        FitTerm(variable="x", observed="x", sigma=0.1)])  # fmt: skip
    row = found.table().iloc[0]
    assert row["at_bound"] == side
    assert f"a stands at its {side} bound" in found.identifiability()
    drawn = np.asarray(found.draws(0, 500)["a"])
    assert drawn.min() >= 0 and drawn.max() <= 5
    assert abs(drawn - row["value"]).max() < 0.5


def test_start_on_a_bound_is_moved_inside() -> None:
    data = table(np.arange(21.0), x=np.full(21, 3.0))
    found = fit(constant(bounds=[1.0, 5.0]), data, terms=[
        FitTerm(variable="x", observed="x", sigma=0.1)])  # fmt: skip
    assert found.parameters["a"] == pytest.approx(3, rel=1e-6)


def test_product_is_named_in_words() -> None:
    times = np.arange(11.0)
    found = fit(product(), table(times, x=6 * times, y=4 * times))
    assert found.parameters["a"] * found.parameters["b"] == pytest.approx(6, rel=1e-5)
    words = found.identifiability()
    assert "2 of 3 directions" in words
    assert "a moved one way and b the other" in words
    assert "c" not in words.splitlines()[1].replace("direction", "")
    drawn = {k: np.asarray(v) for k, v in found.draws(5, 2000).items()}
    assert np.std(np.log(drawn["a"])) > 20 * np.std(np.log(drawn["a"] * drawn["b"]))


def test_a_determined_model_says_so() -> None:
    times = np.arange(11.0)
    free = {"b": FreeParameter(), "c": FreeParameter()}
    found = fit(product(), table(times, x=6 * times, y=4 * times), free=free)
    assert "determine all 2 parameters" in found.identifiability()


def test_residual_process_of_a_known_series() -> None:
    rng = np.random.default_rng(1)
    e = np.zeros(21)
    for i in range(1, 21):
        e[i] = 0.7 * e[i - 1] + 0.1 * rng.normal()
    free = {"a": FreeParameter(prior=Prior(normal=(3.0, 1e-6)))}
    found = fit(constant(), table(np.arange(21.0), x=3 + e), free=free,
                residual=ResidualRule(shrink=0))  # fmt: skip
    process = found.residual_process()["x"]
    rho = np.sum(e[1:] * e[:-1]) / np.sum(e**2)
    assert process.rho == pytest.approx(rho, abs=1e-4)
    assert process.last_residual == pytest.approx(e[-1], abs=1e-4)
    steps = (e[1:] - rho * e[:-1]) / np.sqrt(1 - rho**2)
    wanted = max(np.sqrt(np.mean(e**2)), np.sqrt(np.mean(steps**2)))
    assert process.sigma == pytest.approx(wanted, rel=1e-3)


def test_residual_process_of_growth_goes_on_from_the_last_observation() -> None:
    times = np.arange(11.0)
    found = fit(product(), table(times[1:], x=7 * times[1:] * 1.1**times[1:]), terms=[
        FitTerm(variable="x", observed="x", transform="growth", sigma=0.1)])  # fmt: skip
    process = found.residual_process()["x"]
    frame = found.residuals["x"]
    joined = process.apply(frame["fitted"].to_numpy()[-1:], process.offset)
    assert joined == pytest.approx(frame["observed"].to_numpy()[-1:])
    assert process.last_residual == pytest.approx(frame["residual"].iloc[-1])


def test_a_fit_can_be_forecast() -> None:
    data = table(np.arange(11.0), x=3 + 0.3 * (-1.0) ** np.arange(11))
    found = fit(constant(), data)
    assert isinstance(found, ParameterDraws)
    bands = forecast(found, None, horizon=20.0, draws=50).quantiles("x")
    assert (bands[0.05] < bands[0.95]).all()


def test_saved_and_loaded(tmp_path) -> None:
    times = np.arange(11.0)
    found = fit(product(), table(times, x=6 * times, y=4 * times), window=(0, 8))
    found.save(tmp_path / "fit.npz")
    again = FitResult.load(tmp_path / "fit.npz")
    assert again.parameters == found.parameters
    assert again.loss == found.loss and again.window == found.window and again.terms == found.terms
    assert (again.covariance == found.covariance).all()
    assert again.residual_process() == found.residual_process()
    assert again.model.spec.hash == found.model.spec.hash
    assert again.table().equals(found.table())
    for name, value in found.draws(3, 4).items():
        assert (np.asarray(again.draws(3, 4)[name]) == np.asarray(value)).all()


def test_a_saved_fit_of_a_model_with_series_forecasts_the_same(tmp_path) -> None:
    driver = {"kind": "series", "times": [0, 5, 10], "values": [1, 3, 4], "beyond": {
        "rule": "trend", "years": 10}}  # fmt: skip
    model = compile_model({
        "name": "driven", "time": {"start": 0, "end": 20, "step": 1},
        "variables": {
            "a": {"kind": "parameter", "value": 2, "trainable": True, "bounds": [0, 10]},
            "u": driver, "x": {"kind": "auxiliary", "equation": "a * u", "observed": "x"},
        },
    })  # fmt: skip
    times = np.arange(11.0)
    found = fit(model, table(times, x=3 * np.interp(times, [0, 5, 10], [1, 3, 4])))
    found.save(tmp_path / "fit.npz")
    again = FitResult.load(tmp_path / "fit.npz")
    ends = [simulate(one.model)["x"][-1] for one in (found, again)]
    assert ends[0] == ends[1] > 3 * 6  # the trend goes on


def test_fitted_spec_holds_the_fitted_values() -> None:
    times = np.arange(11.0)
    found = fit(product(), table(times, x=6 * times, y=4 * times))
    assert found.spec.variables["c"].value == pytest.approx(4, rel=1e-6)  # type: ignore[union-attr]
