"""What is known of parameters at a bound, against truncated normal and uniform distributions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest, truncnorm, uniform

from calibration import FitResult, FitTerm, FreeParameter, fit
from tests.calibration.problems import constant, table
from wmjax.model import CompiledModel, compile_model


_TERM = [FitTerm(variable="x", observed="x", sigma=1.0)]
_TIMES = np.arange(20.0)
_NOISE = 0.9 * (-1.0) ** np.arange(20)


@pytest.mark.parametrize(("mean", "bounds"), [
    (-0.2, (0.0, 5.0)), (5.2, (0.0, 5.0)), (-0.2, (0.0, None)), (-1.5, (0.0, 5.0)),
])  # fmt: skip
def test_data_that_press_on_a_bound_leave_a_truncated_normal(mean, bounds) -> None:
    free = {"a": FreeParameter(bounds=bounds)}
    found = fit(constant(), table(_TIMES, x=mean + _NOISE), terms=_TERM, free=free)
    row = found.table().iloc[0]
    low, high = (np.inf if b is None else b for b in bounds)
    sd = 1 / np.sqrt(20)  # the misfit that the bound makes does not widen it
    wanted = truncnorm((low - mean) / sd, (high - mean) / sd, mean, sd)
    side = "lower" if mean < 0 else "upper"
    assert row["at_bound"] == side
    assert row["sd"] == pytest.approx(wanted.std(), rel=0.02)
    far = wanted.ppf(0.95 if side == "lower" else 0.05)
    assert row["upper" if side == "lower" else "lower"] == pytest.approx(far, rel=0.02)
    near = low if side == "lower" else high
    assert row["lower" if side == "lower" else "upper"] == pytest.approx(near, abs=1e-4)
    drawn = np.asarray(found.draws(0, 2000)["a"])
    assert kstest(drawn, wanted.cdf).pvalue > 1e-3


def _unheard() -> CompiledModel:
    """x = a + b / 1000: the data hardly tell b, and ask for less of it than its bound allows."""
    return compile_model({
        "name": "unheard", "time": {"start": 0, "end": 20, "step": 1},
        "variables": {
            "a": {"kind": "parameter", "value": 2, "trainable": True},
            "b": {"kind": "parameter", "value": 3, "bounds": [0.5, 10], "trainable": True},
            "x": {"kind": "auxiliary", "equation": "a * time + b / 1000", "observed": "x"},
        },
    })  # fmt: skip


@pytest.fixture(scope="module")
def unheard() -> FitResult:
    return fit(_unheard(), table(_TIMES, x=3 * _TIMES - 0.003 + 0.02 * _NOISE), terms=[
        FitTerm(variable="x", observed="x", sigma=1.0)])  # fmt: skip


def test_a_parameter_at_a_bound_that_the_data_do_not_tell_may_be_anything(unheard) -> None:
    rows = unheard.table().set_index("parameter")
    even = uniform(0.5, 9.5)
    assert rows.loc["b", "at_bound"] == "lower"
    assert rows.loc["b", "lower"] == pytest.approx(0.5, abs=1e-3)
    assert rows.loc["b", "upper"] == pytest.approx(even.ppf(0.95), rel=0.01)
    assert rows.loc["b", "sd"] == pytest.approx(even.std(), rel=0.01)
    assert rows.loc["b", "learned"] == pytest.approx(1, rel=0.01)
    drawn = np.asarray(unheard.draws(0, 2000)["b"])
    assert kstest(drawn, even.cdf).pvalue > 1e-3
    words = "b stands at its lower bound 0.5, and the data hardly tell it"
    assert words in unheard.identifiability()


def test_the_others_keep_what_the_data_say(unheard) -> None:
    row = unheard.table().set_index("parameter").loc["a"]
    assert row["sd"] == pytest.approx(1 / np.sqrt(np.sum(_TIMES**2)), rel=0.02)
    assert np.asarray(unheard.draws(0, 2000)["a"]).std() == pytest.approx(row["sd"], rel=0.1)


def test_the_edges_are_saved(unheard, tmp_path) -> None:
    unheard.save(tmp_path / "fit.npz")
    assert FitResult.load(tmp_path / "fit.npz").table().equals(unheard.table())
