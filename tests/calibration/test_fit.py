"""Fits against closed forms and against SciPy on the same residuals."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import least_squares

from calibration import FitTerm, FreeParameter, fit
from calibration._layout import Window
from calibration._residuals import residuals
from calibration._setup import setup
from calibration._starts import initial_z
from tests.calibration.problems import noisy, table
from tests.models import decay, logistic
from wmjax.model import compile_model
from wmjax.series import Observations, ObservedSeries


_TERM = FitTerm(variable="x", observed="x", transform="log", sigma=0.05)
_FREE = {"r": FreeParameter(bounds=(0.1, 2)), "capacity": FreeParameter(bounds=(10, None))}


@pytest.fixture(scope="module")
def growth():
    model = compile_model(logistic())
    return model, noisy(model, {"r": 0.6, "capacity": 90.0}, np.arange(0, 20.5, 0.5), 0.05, x="x")


def test_decay_without_noise_is_recovered() -> None:
    times = np.arange(0, 10.25, 0.25)
    exact = 100 * (1 - 0.45 * 0.25) ** np.arange(len(times))  # Euler's own solution
    found = fit(compile_model(decay()), table(times, x=exact), terms=[
        FitTerm(variable="x", observed="x", sigma=1.0)], free=["k"])  # fmt: skip
    assert found.parameters["k"] == pytest.approx(0.45, rel=1e-9)
    assert found.loss < 1e-12
    assert found.converged


@pytest.mark.parametrize("method", ["least_squares", "lbfgs", "adam"])
def test_every_method_finds_the_optimum_of_scipy(growth, method: str) -> None:
    model, data = growth
    made = setup(model, data, [_TERM], _FREE)
    problem = made.problem(Window())

    def same(z: np.ndarray) -> np.ndarray:
        return np.asarray(residuals(made.plan, problem, jnp.asarray(z))[0])

    theirs = least_squares(same, initial_z(made.elements, problem.bijection), method="trf",
                           ftol=1e-12, xtol=1e-12, gtol=1e-12)  # fmt: skip
    ours = fit(model, data, terms=[_TERM], free=_FREE, method=method)
    assert ours.loss == pytest.approx(theirs.cost, rel=1e-9)
    assert ours.z == pytest.approx(theirs.x, abs=2e-5)


def test_intervals_hold_the_truth_as_often_as_they_say(growth) -> None:
    model, data = growth
    exact = noisy(model, {"r": 0.6, "capacity": 90.0}, data["x"].times, 0.0, x="x")["x"]
    rng = np.random.default_rng(2)
    hits = []
    for _ in range(60):
        drawn = table(exact.times, x=exact.values * np.exp(0.05 * rng.normal(size=len(exact))))
        found = fit(model, drawn, terms=[_TERM], free=_FREE).table()
        hits += list((found["lower"] < [0.6, 90.0]) & (found["upper"] > [0.6, 90.0]))
    assert 0.8 <= np.mean(hits) <= 0.98


def test_least_squares_takes_few_evaluations(growth) -> None:
    model, data = growth
    assert fit(model, data, terms=[_TERM], free=_FREE).evaluations <= 10


def test_starts_agree_and_the_best_is_chosen(growth) -> None:
    model, data = growth
    found = fit(model, data, terms=[_TERM], free=_FREE, starts=4, key=3)
    assert len(found.starts) == 4
    assert found.loss == min(s.loss for s in found.starts)
    assert found.starts[0].loss == pytest.approx(found.loss, rel=1e-6)


def test_missing_rows_are_absent(growth) -> None:
    model, data = growth
    whole = data["x"]
    keep = np.random.default_rng(0).random(len(whole)) < 0.5
    holes = whole.values.copy()
    holes[~keep] = np.nan
    given = [table(whole.times, x=holes), Observations([whole.take(keep)])]
    losses = [fit(model, d, terms=[_TERM], free=_FREE).loss for d in given]
    assert losses[0] == losses[1]


def test_rows_outside_the_window_do_not_count(growth) -> None:
    model, data = growth
    inside = fit(model, data, terms=[_TERM], free=_FREE, window=(0, 12))
    alone = fit(model, data.window(0, 12), terms=[_TERM], free=_FREE)
    assert inside.loss == pytest.approx(alone.loss, rel=1e-10)
    assert inside.parameters == pytest.approx(alone.parameters, rel=1e-6)
    frame = inside.residuals["x"]
    assert frame["used"].sum() == (data["x"].times <= 12).sum()


def test_units_of_the_series_are_converted() -> None:
    spec = decay()
    spec["variables"]["x"]["unit"] = "kg"
    model = compile_model(spec)
    times = np.arange(0, 10.25, 0.25)
    kilograms = 100 * (1 - 0.45 * 0.25) ** np.arange(len(times))
    grams = ObservedSeries("x", times, 1000 * kilograms, "g", np.full(len(times), np.nan), "step")
    term = FitTerm(variable="x", observed="x")
    found = fit(model, Observations([grams]), terms=[term], free=["k"])
    assert found.parameters["k"] == pytest.approx(0.45, rel=1e-8)


def test_observations_between_saved_rows_are_interpolated() -> None:
    times = np.array([0.1, 1.37, 2.5, 4.9])
    found = fit(compile_model(decay()), table(times, x=[90.0, 60, 40, 20]), terms=[
        FitTerm(variable="x", observed="x", sigma=1.0)], free=["k"])  # fmt: skip
    grid = np.arange(0, 10.25, 0.25)
    path = 100 * (1 - found.parameters["k"] * 0.25) ** np.arange(len(grid))
    assert found.residuals["x"]["fitted"].to_numpy() == pytest.approx(np.interp(times, grid, path))


def test_vensim_payoff_is_the_weighted_sum_of_squares(growth) -> None:
    model, data = growth
    term = FitTerm(variable="x", observed="x", weight=0.5, likelihood="least_squares")
    found = fit(model, data, terms=[term], free=_FREE)
    frame = found.residuals["x"]
    payoff = -np.sum((0.5 * (frame["fitted"] - frame["observed"])) ** 2)
    assert found.loss == pytest.approx(-payoff / 2, rel=1e-12)
    # the weight is a scale: it changes neither the optimum nor what is known of it
    other = fit(model, data, terms=[term.model_copy(update={"weight": 1.0})], free=_FREE)
    assert other.covariance == pytest.approx(found.covariance, rel=1e-3)


def test_robust_fit_shrugs_off_outliers(growth) -> None:
    model, data = growth
    series = data["x"]
    spoilt = series.values.copy()
    spoilt[[25, 30, 35]] *= 3
    bad = table(series.times, x=spoilt)
    errors = {}
    for kind in ("gaussian", "robust"):
        term = _TERM.model_copy(update={"likelihood": kind})
        errors[kind] = abs(fit(model, bad, terms=[term], free=_FREE).parameters["capacity"] - 90)
    assert errors["robust"] < errors["gaussian"] / 3


def test_half_life_forgets_the_past() -> None:
    times = np.arange(0, 21.0)
    data = table(times, x=np.where(times < 10, 1.0, 3.0))
    from tests.calibration.problems import constant

    term = [FitTerm(variable="x", observed="x", sigma=1.0)]
    even = fit(constant(), data, terms=term).parameters["a"]
    late = fit(constant(), data, terms=term, half_life=2.0).parameters["a"]
    weights = 0.5 ** ((20 - times) / 2)
    assert even == pytest.approx(data["x"].values.mean())
    assert late == pytest.approx(np.average(data["x"].values, weights=weights))


def test_elements_and_tables_can_be_free() -> None:
    model = compile_model({
        "name": "arrays", "time": {"start": 0, "end": 4, "step": 1},
        "dimensions": {"region": ["north", "south"]},
        "variables": {
            "rate": {"kind": "parameter", "dims": ["region"], "value": [1.0, 1.0]},
            "x": {"kind": "auxiliary", "dims": ["region"], "equation": "rate * time + 1"},
            "curve": {"kind": "lookup", "x": {"points": [0, 2, 4]}, "y": {"points": [0, 1, 2]}},
            "y": {"kind": "auxiliary", "equation": "curve(time)"},
        },
    })  # fmt: skip
    times = np.arange(5.0)
    data = table(times, s=3 * times + 1, y=[0, 2, 4, 3, 2])
    terms = [FitTerm(variable="x[south]", observed="s", sigma=0.01),
             FitTerm(variable="y", observed="y", sigma=0.01)]  # fmt: skip
    found = fit(model, data, terms=terms, free=["rate[south]", "curve"])
    assert found.parameters["rate[south]"] == pytest.approx(3, rel=1e-6)
    curve = [found.parameters[f"curve({x})"] for x in (0, 2, 4)]
    assert curve == pytest.approx([0, 4, 2], abs=0.01)
    assert np.asarray(found.model.parameters["rate"])[0] == 1.0
