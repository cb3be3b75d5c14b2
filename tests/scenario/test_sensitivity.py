"""Indices against closed forms: the function of Ishigami, and a linear one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wmjax import UserError, compile_model
from wmjax.scenario import sensitivity


def _model(equation: str, **parameters: Any) -> Any:
    return compile_model({
        "name": "formula",
        "time": {"start": 0, "end": 2, "step": 1},
        "dimensions": {"place": ["A", "B"]},
        "variables": {
            **{n: {"kind": "parameter", "value": 0.5, **p} for n, p in parameters.items()},
            "y": {"kind": "auxiliary", "equation": equation, "unit": "m"},
            "still": {"kind": "auxiliary", "equation": "3"},
            "both": {"kind": "auxiliary", "dims": ["place"],
                     "equation": {"A": "x1 * time", "B": "x2"}},
        },
    })  # fmt: skip


@pytest.fixture(scope="module")
def ishigami() -> Any:
    whole = {"bounds": [-np.pi, np.pi]}
    return _model("sin(x1) + 7 * sin(x2)^2 + 0.1 * x3^4 * sin(x1)", x1=whole, x2=whole, x3=whole)


def test_the_indices_of_ishigami(ishigami: Any) -> None:
    """Ishigami and Homma (1990): V1 = (1 + b pi^4 / 5)^2 / 2, V2 = a^2 / 8, V13 = 8 b^2 pi^8 / 225,
    and nothing else."""
    a, b = 7.0, 0.1
    v1, v2, v13 = (1 + b * np.pi**4 / 5) ** 2 / 2, a**2 / 8, 8 * b**2 * np.pi**8 / 225
    whole = v1 + v2 + v13
    found = sensitivity(ishigami, "y", n=4096)
    assert found.attrs["runs"] == 4096 * 5 and found.attrs["excluded"] == 0
    np.testing.assert_allclose(found["S1"][0], [v1 / whole, v2 / whole, 0], atol=0.02)
    np.testing.assert_allclose(
        found["ST"][0], [(v1 + v13) / whole, v2 / whole, v13 / whole], atol=0.02
    )
    assert (found["ST_conf"] < 0.05).all()


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_the_indices_of_a_sum(method: Any, tmp_path: Path) -> None:
    """Of sum a_i x_i the shares are a_i^2 s_i^2, and every elementary effect is a_i times the
    range."""
    model = _model(
        "2 * x1 - 3 * x2 + x3", x1={"bounds": [0, 1]}, x2={"bounds": [0, 2]},
        x3={"prior": {"normal": [1, 0.5]}},
    )  # fmt: skip
    found = sensitivity(model, ["y", "still"], method=method, to=tmp_path / "runs.nc")
    assert list(found["parameter"].values) == ["x1", "x2", "x3"]
    assert list(found["unit"].values) == ["m", ""]
    if method == "sobol":
        parts = np.array([4 / 12, 9 * 4 / 12, 0.25])
        np.testing.assert_allclose(found["ST"][0], parts / parts.sum(), atol=0.02)
        np.testing.assert_allclose(found["S1"][0], parts / parts.sum(), atol=0.05)
        assert np.isnan(found["S1"][1]).all(), "nothing moves a constant"
    else:
        np.testing.assert_allclose(found["mu"][0, :2], [2, -6], rtol=1e-9)
        np.testing.assert_allclose(found["mu_star"][0, :2], [2, 6], rtol=1e-9)
        np.testing.assert_allclose(found["sigma"][0, :2], 0, atol=1e-9)


def test_outcomes_are_elements_and_summaries(ishigami: Any) -> None:
    options = {"parameters": {"x1": (0, 1), "x2": (0, 1)}, "method": "morris", "n": 4}
    found = sensitivity(ishigami, "both", **options)
    assert list(found["outcome"].values) == ["both[A]", "both[B]"]
    np.testing.assert_allclose(found["mu"], [[2, 0], [0, 1]], atol=1e-12)
    mean = sensitivity(ishigami, "both[A]", summary="mean", **options)
    np.testing.assert_allclose(mean["mu"], [[1, 0]], atol=1e-12)
    held = sensitivity(ishigami, "both", scenario={"x1": 0.7}, **options)
    np.testing.assert_allclose(held["mu"][1], [0, 1], atol=1e-12)


@pytest.mark.parametrize("method", ["sobol", "morris"])
def test_groups_with_a_bad_run_are_left_out(method: Any) -> None:
    model = _model("x2 + 0 * ln(x1)", x1={"bounds": [-0.05, 1]}, x2={"bounds": [0, 1]})
    found = sensitivity(model, "y", method=method, n=512)
    assert 0 < found.attrs["excluded"] < 300
    strongest = found["ST" if method == "sobol" else "mu_star"][0]
    np.testing.assert_allclose(strongest, [0, 1], atol=0.06)
    broken = _model("ln(-1 - x1^2)", x1={"bounds": [0, 1]}, x2={})
    with pytest.raises(UserError, match="not finite"):
        sensitivity(broken, "y", n=4)


@pytest.mark.parametrize("summary", ["final", "at_max"])
def test_bad_runs_are_left_out_whatever_is_asked_of_a_run(summary: Any) -> None:
    """The time of the greatest row is a number, though a later row is none."""
    equation = "x2 * (1 - time) if time < 2 else x2 + 0 * ln(x1) - 2"
    model = _model(equation, x1={"bounds": [-0.05, 1]}, x2={"bounds": [0, 1]})
    found = sensitivity(model, "y", n=128, summary=summary)
    assert found.attrs["excluded"] == 13


def test_mistakes_are_named(ishigami: Any) -> None:
    for options, said in (
        ({"n": 100}, "power of two"), ({"method": "morris", "n": 1}, "at least 2"),
        ({"parameters": ["y"]}, "no such parameter"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=said):
            sensitivity(ishigami, "y", **options)
    with pytest.raises(UserError, match="no variable"):
        sensitivity(ishigami, "nothing")
