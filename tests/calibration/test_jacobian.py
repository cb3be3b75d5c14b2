"""Residuals and their derivatives."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import t as student

from calibration import FitTerm, FreeParameter
from calibration._evaluator import evaluator
from calibration._layout import Window
from calibration._residuals import _robust, residuals
from calibration._setup import setup
from calibration._starts import initial_z
from tests.calibration.problems import noisy
from tests.models import logistic
from wmjax.model import compile_model
from wmjax.spec import Prior


@pytest.mark.parametrize("transform", ["level", "log", "growth", "logit", "difference"])
@pytest.mark.parametrize("likelihood", ["gaussian", "robust", "least_squares"])
def test_jacobian_against_central_differences(transform, likelihood) -> None:
    spec = logistic()
    spec["variables"]["share"] = {"kind": "auxiliary", "equation": "x / 200"}
    model = compile_model(spec)
    data = noisy(model, {"r": 0.6, "capacity": 90.0}, np.arange(0, 20, 1.3), 0.1, x="share")
    free = {
        "r": FreeParameter(bounds=(0.1, 2), prior=Prior(normal=(0.5, 0.2))),
        "capacity": FreeParameter(prior=Prior(lognormal=(70, 0.5))),
    }
    term = FitTerm(variable="share", observed="x", transform=transform, likelihood=likelihood)
    made = setup(model, data, [term], free)
    problem = made.problem(Window())
    z = initial_z(made.elements, problem.bijection)
    found = evaluator(made.plan, problem, "normal", None).linearise(z, 1)
    step = 1e-5
    for i in range(len(z)):
        moved = [residuals(made.plan, problem, jnp.asarray(z + s * step * np.eye(len(z))[i]))[0]
                 for s in (1, -1)]  # fmt: skip
        wanted = (moved[0] - moved[1]) / (2 * step)
        column = np.asarray(found.jacobian[:, i])
        assert column == pytest.approx(np.asarray(wanted), rel=1e-5, abs=1e-6)
    (reverse,) = evaluator(made.plan, problem, "gradient", None)(z[None])
    assert reverse["loss"] == pytest.approx(float(found.loss), rel=1e-12)
    assert reverse["gradient"] == pytest.approx(np.asarray(found.gradient), rel=1e-9)


def test_robust_residual_is_the_density_of_student() -> None:
    r = np.array([-30.0, -2.0, -1e-6, 0.0, 1e-3, 0.5, 4.0])
    ours = np.asarray(_robust(jnp.asarray(r))) ** 2 / 2
    theirs = student.logpdf(0, 4) - student.logpdf(r, 4)
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-15)


def test_sigma_comes_from_the_series_with_a_floor() -> None:
    model = compile_model(logistic())
    data = noisy(model, {}, np.arange(0, 20.0), 0.1, x="x")
    stated = data["x"]
    from dataclasses import replace

    from calibration._layout import layout, rows
    from wmjax.series import Observations

    wide = Observations([replace(stated, sigma=np.full(len(stated), 5.0))])
    tiny = Observations([replace(stated, sigma=np.full(len(stated), 1e-9))])
    term = FitTerm(variable="x", observed="x")
    spread = stated.values.std()
    for given, wanted in ((wide, 5.0), (tiny, 0.01 * spread), (data, 0.1 * spread)):
        found = rows(layout(model, given, [term]), Window(), jnp.zeros(()).dtype)
        assert 1 / np.asarray(found.precision) == pytest.approx(np.full(20, wanted))
