"""Runs against closed forms, SciPy, and the orders of the methods."""

from __future__ import annotations

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate
import scipy.stats

from tests.models import decay, formula, logistic, parameter, predation
from wmjax import RK2, RK4, Euler, compile_model, simulate, with_parameters
from wmjax.sim import Diffrax


def test_euler_is_compound_interest_exactly():
    run = simulate(compile_model(decay()))
    steps = np.arange(41)
    np.testing.assert_allclose(run["x"], 100 * (1 - 0.3 * 0.25) ** steps, rtol=1e-13)
    np.testing.assert_array_equal(run.times, steps * 0.25)


@pytest.mark.parametrize(("solver", "order"), [(Euler(), 1), (RK2(), 2), (RK4(), 4)])
@pytest.mark.parametrize("make", [decay, logistic])
def test_observed_order_of_convergence(solver, order, make):
    steps = [0.5, 0.25, 0.125, 0.0625]
    errors = []
    for step in steps:
        run = simulate(compile_model(make(step=step, save_every=0.5)), solver=solver)
        errors.append(np.abs(np.asarray(run["x"]) - _exact(make, np.asarray(run.times))).max())
    slope = np.polyfit(np.log(steps), np.log(errors), 1)[0]
    assert slope == pytest.approx(order, abs=0.2)


def _exact(make, t):
    if make is decay:
        return 100 * np.exp(-0.3 * t)
    return 80 / (1 + (80 / 2 - 1) * np.exp(-0.5 * t))


def test_against_scipy_on_the_same_right_hand_side():
    def right(t, y):
        return [1.1 * y[0] - 0.4 * y[0] * y[1], 0.1 * y[0] * y[1] - 0.4 * y[1]]

    times = np.linspace(0, 10, 81)
    reference = scipy.integrate.solve_ivp(
        right, (0, 10), [10, 5], t_eval=times, rtol=1e-11, atol=1e-12
    )
    model = compile_model(predation())
    adaptive = simulate(model, solver=diffrax.Tsit5())
    fine = simulate(compile_model(predation(step=1 / 128, save_every=0.125)), solver="rk4")
    for i, name in enumerate(("prey", "hunters")):
        np.testing.assert_allclose(adaptive[name], reference.y[i], rtol=2e-6)
        np.testing.assert_allclose(fine[name], reference.y[i], rtol=1e-7)


def test_diffrax_euler_is_our_euler():
    model = compile_model(logistic())
    ours, theirs = simulate(model), simulate(model, solver=Diffrax(diffrax.Euler()))
    np.testing.assert_allclose(theirs["x"], ours["x"], rtol=1e-12)


@pytest.mark.parametrize("order", [1, 3, 6])
def test_a_delay_answers_a_step_with_a_gamma_distribution(order):
    """The step response of n equal first-order stages is the gamma CDF with shape n."""
    data = formula(f"delay_n(step(1, 0), 5, 0, {order})")
    data["time"] = {"start": 0, "end": 20, "step": 0.125, "save_every": 1, "method": "rk4"}
    data["variables"]["s"] = {
        "kind": "auxiliary",
        "equation": f"smooth_n(step(1, 0), 5, 0, {order})",
    }
    run = simulate(compile_model(data))
    expected = scipy.stats.gamma.cdf(np.asarray(run.times), order, scale=5 / order)
    np.testing.assert_allclose(run["y"], expected, atol=1e-5)
    np.testing.assert_allclose(run["s"], expected, atol=1e-5)


def test_named_orders_are_those_of_the_general_delay():
    equations = {
        "v0": "delay_n(time, 2, time, 1)",
        "v1": "delay3(time, 2)",
        "v2": "delay_n(time, 2, time, 3)",
        "v3": "smooth(time, 2, 1)",
        "v4": "smooth_n(time, 2, 1, 1)",
        "v5": "smooth3(time, 2)",
        "v6": "smooth_n(time, 2, time, 3)",
    }
    variables = {n: {"kind": "auxiliary", "equation": e} for n, e in equations.items()}
    data = formula("delay1(time, 2)", **variables)
    run = simulate(compile_model(data))
    np.testing.assert_array_equal(run["y"], run["v0"])
    for a, b in (("v1", "v2"), ("v3", "v4"), ("v5", "v6")):
        np.testing.assert_array_equal(run[a], run[b])


def test_a_material_delay_conserves_material_when_its_time_changes():
    data = formula(
        "delay3(inflow, 4 + step(6, 5), 0)",
        inflow={"kind": "auxiliary", "equation": "pulse(0, 1)"},
        out={"kind": "stock", "initial": 0, "inflows": ["y"]},
    )
    data["time"] = {"start": 0, "end": 200, "step": 0.125, "save_every": 1}
    assert float(simulate(compile_model(data))["out"][-1]) == pytest.approx(1.0, abs=1e-6)


def test_initial_is_held():
    data = formula("initial(x * 2)", x={"kind": "stock", "initial": 3, "inflows": ["f"]},
                   f={"kind": "flow", "equation": "1"})  # fmt: skip
    assert simulate(compile_model(data))["y"].tolist() == [6.0] * 5


@pytest.mark.parametrize("solver", ["euler", "rk4"])
def test_gradients_against_finite_differences(solver):
    model = compile_model(predation())
    names = ("a", "b", "c", "d")

    def outcome(theta):
        values = dict(zip(names, theta, strict=True))
        run = simulate(with_parameters(model, values), save=("prey",), throw=False, solver=solver)
        return jnp.log(run["prey"][-1]) + run["prey"].mean()

    theta = jnp.asarray([1.1, 0.4, 0.4, 0.1])
    reverse, forward = jax.grad(outcome)(theta), jax.jacfwd(outcome)(theta)
    np.testing.assert_allclose(reverse, forward, rtol=1e-10)
    for i in range(4):
        h = 1e-6
        central = (outcome(theta.at[i].add(h)) - outcome(theta.at[i].add(-h))) / (2 * h)
        assert float(reverse[i]) == pytest.approx(float(central), rel=1e-6)


def test_gradient_of_a_lookup_with_respect_to_its_values():
    table = {"kind": "lookup", "x": {"points": [0, 1, 2]}, "y": {"points": [1, 5, 2]}}
    data = formula("t(a)", a=parameter(0.25), t=table)
    model = compile_model(data)
    gradient = jax.grad(lambda y: simulate(with_parameters(model, {"t": y}), throw=False)["y"][0])(
        jnp.asarray([1.0, 5.0, 2.0])
    )
    np.testing.assert_allclose(gradient, [0.75, 0.25, 0.0], atol=1e-15)
