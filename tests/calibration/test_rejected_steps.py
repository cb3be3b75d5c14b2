"""Regions in which the model is not finite."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import FitTerm, FreeParameter, fit
from calibration._lbfgs import LBFGS
from calibration._least_squares import LeastSquares
from calibration._minimiser import CONVERGED, FAILED, State, is_running
from tests.calibration.problems import noisy, table
from wmjax._errors import SimulationError, UserError
from wmjax.model import compile_model, with_parameters


def _cliff(value: float):
    """x = sqrt(1 - a) t + t: not finite from a = 1 on."""
    return compile_model({
        "name": "cliff", "time": {"start": 0, "end": 10, "step": 1},
        "variables": {
            "a": {"kind": "parameter", "value": value, "trainable": True},
            "x": {"kind": "auxiliary", "equation": "sqrt(1 - a) * time + time", "observed": "x"},
        },
    })  # fmt: skip


@pytest.mark.parametrize("method", ["least_squares", "lbfgs", "adam"])
def test_a_step_over_the_cliff_is_taken_back(method: str) -> None:
    data = noisy(_cliff(0.0), {"a": 0.999}, np.arange(1, 11.0), 0.0, x="x")
    found = fit(_cliff(-30.0), data, method=method, tolerance=1e-12, max_evaluations=4000)
    assert found.parameters["a"] == pytest.approx(0.999, abs=2e-3)
    assert np.isfinite(found.loss)


def test_a_start_that_is_not_finite_names_variable_and_time() -> None:
    data = table(np.arange(1, 11.0), x=np.arange(1, 11.0))
    with pytest.raises(SimulationError) as caught:
        fit(_cliff(2.0), data)
    assert caught.value.variable == "x"
    assert "finite" in str(caught.value)


def test_other_starts_save_a_start_that_is_not_finite() -> None:
    data = noisy(_cliff(0.0), {"a": 0.5}, np.arange(1, 11.0), 0.0, x="x")
    free = {"a": FreeParameter(bounds=(-5.0, 3.0))}
    found = fit(_cliff(2.0), data, free=free, starts=6, key=1)
    assert found.parameters["a"] == pytest.approx(0.5, abs=1e-4)
    assert found.starts[0].ended == "not finite at its start"


def test_a_logarithm_of_a_negative_value_is_named() -> None:
    data = table(np.arange(1, 11.0), x=np.arange(1, 11.0))
    model = with_parameters(_cliff(0.0), {"a": -8.0})
    negative = compile_model({
        "name": "negative", "time": {"start": 0, "end": 10, "step": 1},
        "variables": {
            "a": {"kind": "parameter", "value": -1.0, "trainable": True},
            "x": {"kind": "auxiliary", "equation": "a * (time + 1)", "observed": "x"},
        },
    })  # fmt: skip
    term = FitTerm(variable="x", observed="x", transform="log")
    assert np.isfinite(fit(model, data, terms=[term]).loss)
    with pytest.raises(UserError) as caught:
        fit(negative, data, terms=[term])
    assert "'x' at time 1" in caught.value.place and "no log" in caught.value.found


def test_what_lies_outside_the_window_may_blow_up() -> None:
    model = compile_model({
        "name": "late", "time": {"start": 0, "end": 10, "step": 1},
        "variables": {
            "a": {"kind": "parameter", "value": 1.0, "trainable": True},
            "x": {"kind": "auxiliary", "observed": "x",
                  "equation": "a * (time + 1) + ln(5.5 - time)"},
        },
    })  # fmt: skip
    times = np.arange(0, 11.0)
    values = 2 * (times + 1) + np.log(np.maximum(5.5 - times, 0.5))
    found = fit(model, table(times, x=values), window=(0, 5))
    assert found.parameters["a"] == pytest.approx(2, rel=1e-6)


def _minimised(minimiser: LeastSquares | LBFGS, z: np.ndarray) -> State:
    """Rosenbrock's valley as a sum of squares, walled off at x < -1.5."""
    state = minimiser.start(z)
    for _ in range(300):
        x, y = minimiser.ask(state)
        r = np.array([10 * (y - x**2), 1 - x]) * (np.nan if x < -1.5 else 1)
        jacobian = np.array([[-20 * x, 10.0], [-1.0, 0.0]])
        found = {"loss": np.asarray(r @ r / 2), "gradient": jacobian.T @ r}
        if minimiser.wants == "normal":
            found["normal"] = jacobian.T @ jacobian
        state = minimiser.tell(state, found)
        if not is_running(state):
            break
    return state


@pytest.mark.parametrize("minimiser", [LeastSquares(1e-12), LBFGS(1e-14)])
def test_minimisers_on_the_valley_of_rosenbrock(minimiser) -> None:
    state = _minimised(minimiser, np.array([-1.2, 1.0]))
    assert int(state["status"]) == CONVERGED
    assert state["z"] == pytest.approx([1, 1], abs=1e-6)
    assert int(_minimised(minimiser, np.array([-2.0, 1.0]))["status"]) == FAILED
