"""Subscripts, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models import parameter
from wmjax import SpecError, compile_model, simulate


X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
V = np.array([10.0, 20.0, 30.0])


def _run(equation, dims):
    data = {
        "name": "arrays",
        "time": {"start": 0, "end": 1, "step": 1},
        "dimensions": {
            "row": ["a", "b"],
            "col": ["p", "q", "r"],
            "other": {"alias": "col"},
            "some": ["q", "r"],
        },
        "variables": {
            "x": parameter(X.tolist(), dims=["row", "col"]),
            "v": parameter({"p": 10, "q": 20, "r": 30}, dims=["col"]),
            "s": parameter(2.0),
            "y": {"kind": "auxiliary", "dims": dims, "equation": equation},
        },
    }  # fmt: skip
    return np.asarray(simulate(compile_model(data))["y"][0])


@pytest.mark.parametrize(
    ("equation", "dims", "expected"),
    [
        ("x * v", ["row", "col"], X * V),
        ("x * v", ["col", "row"], (X * V).T),
        ("s", ["row", "col"], np.full((2, 3), 2.0)),
        ("v", ["row", "col"], np.broadcast_to(V, (2, 3))),
        ("sum(x)", [], X.sum()),
        ("sum(x[row, col!])", ["row"], X.sum(1)),
        ("sum(x[row!, col])", ["col"], X.sum(0)),
        ("sum(x[row, col!] * v[col!])", ["row"], X @ V),
        ("x / sum(x[row, col!])", ["row", "col"], X / X.sum(1, keepdims=True)),
        ("mean(x[row!, col])", ["col"], X.mean(0)),
        ("prod(v / 10)", [], 6.0),
        ("max(x[row, col!])", ["row"], X.max(1)),
        ("min(x[row!, col!])", [], 1.0),
        ("max(v, 15)", ["col"], np.maximum(V, 15)),
        ("x[a, col]", ["col"], X[0]),
        ("x[row, q]", ["row"], X[:, 1]),
        ("x[b, r]", [], 6.0),
        ("v - v[other]", ["col", "other"], V[:, None] - V[None, :]),
        ("sum(v[other!] * (col > other))", ["col"], None),
        ("v[some]", ["some"], V[1:]),
        ("col", ["col"], np.array([1.0, 2.0, 3.0])),
        ("1 if col = q else 0", ["col"], np.array([0.0, 1.0, 0.0])),
        ("size(col)", [], 3.0),
        ({"p": "1", "q": "v", "r": "v[p] + s"}, ["col"], np.array([1.0, 20.0, 12.0])),
        ({"p": "v / sum(v[col!])", "q": "v", "r": "0"}, ["col"], np.array([1 / 6, 20.0, 0.0])),
    ],
)
def test_arrays_are_numpys(equation, dims, expected):
    if expected is None:
        with pytest.raises(SpecError):
            _run(equation, dims)
        return
    np.testing.assert_allclose(_run(equation, dims), expected, rtol=1e-15)


def test_an_arrayed_stock_is_many_scalar_ones():
    data = {
        "name": "stocks",
        "time": {"start": 0, "end": 5, "step": 0.5, "method": "rk4"},
        "dimensions": {"d": ["u", "v"]},
        "variables": {
            "k": parameter([0.1, 0.4], dims=["d"]),
            "x": {"kind": "stock", "dims": ["d"], "initial": {"u": "3", "v": "k * 10"},
                  "inflows": ["f"], "outflows": ["g"]},
            "f": {"kind": "flow", "dims": ["d"], "equation": "smooth(x, 2) * k"},
            "g": {"kind": "flow", "equation": "0.01"},
        },
    }  # fmt: skip
    together = np.asarray(simulate(compile_model(data))["x"])
    for i, (k, start) in enumerate([(0.1, 3.0), (0.4, 4.0)]):
        alone = {
            "name": "one",
            "time": data["time"],
            "variables": {
                "k": parameter(k),
                "x": {"kind": "stock", "initial": start, "inflows": ["f"], "outflows": ["g"]},
                "f": {"kind": "flow", "equation": "smooth(x, 2) * k"},
                "g": {"kind": "flow", "equation": "0.01"},
            },
        }
        np.testing.assert_allclose(together[:, i], simulate(compile_model(alone))["x"], rtol=1e-14)


def test_a_dimension_that_the_variable_lacks_is_refused():
    with pytest.raises(SpecError, match="row"):
        _run("x", ["col"])
