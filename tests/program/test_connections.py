"""Connections with a form: neutral by default, and what each form computes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.models import formula, parameter
from wmjax import SpecError, check_spec, compile_model, simulate, with_parameters


FORMS = ("elasticity", "linear", "saturating", "threshold", "delay", "lookup")


def _model(form, role="factor", **more):
    data = formula("3 * b", b=parameter(2.0), x={"kind": "stock", "initial": 4, "inflows": ["f"]},
                   f={"kind": "flow", "equation": "2"})  # fmt: skip
    data["connections"] = [
        {"from": "x", "to": "y", "form": form, "role": role, "coefficient": "c", "delay": 2, **more}
    ]
    return compile_model(data)


@pytest.mark.parametrize("role", ["factor", "summand"])
@pytest.mark.parametrize("form", FORMS)
def test_a_coefficient_is_neutral_until_it_is_moved(form, role):
    np.testing.assert_array_equal(simulate(_model(form, role))["y"], np.full(5, 6.0))


RATIO = (4 + 2 * np.arange(5)) / 4  # of x to its initial value


@pytest.mark.parametrize(
    ("form", "factor"),
    [
        ("elasticity", RATIO**0.5),
        ("linear", 1 + 0.5 * (RATIO - 1)),
        ("saturating", 1 + 0.5 * (2 * RATIO / (1 + RATIO) - 1)),
        ("threshold", 1 + 0.5 * np.maximum(0, RATIO - 1.6)),
    ],
)
def test_what_each_form_computes(form, factor):
    model = with_parameters(_model(form, threshold=1.6), {"c": 0.5})
    np.testing.assert_allclose(simulate(model)["y"], 6 * factor, rtol=1e-14)
    model = with_parameters(_model(form, "summand", threshold=1.6), {"c": 0.5})
    np.testing.assert_allclose(simulate(model)["y"], 6 + 6 * (factor - 1), rtol=1e-14)


def test_a_delayed_cause_is_its_exponential_smooth():
    smoothed, level = [], 1.0
    for ratio in RATIO:
        smoothed.append(level)
        level += (ratio - level) / 2
    run = simulate(with_parameters(_model("delay"), {"c": 1.0}))
    np.testing.assert_allclose(run["y"], 6 * np.array(smoothed), rtol=1e-14)


def test_a_table_is_read_at_the_ratio():
    y = np.array([0, 0, 0, 0, 1, 2, 3, 5, 9.0])
    x = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0])
    run = simulate(with_parameters(_model("lookup"), {"c": y}))
    np.testing.assert_allclose(run["y"], 6 * np.interp(RATIO, x, y), rtol=1e-14)


def test_one_element_of_an_array_can_be_a_target():
    data = formula("b", b=parameter([2.0, 3.0], dims=["d"]),
                   x={"kind": "auxiliary", "equation": "1 + time"})  # fmt: skip
    data["dimensions"] = {"d": ["p", "q"]}
    data["variables"]["y"]["dims"] = ["d"]
    data["connections"] = [{"from": "x", "to": "y[q]", "form": "elasticity", "value": 1.0}]
    y = np.asarray(simulate(compile_model(data))["y"])
    np.testing.assert_array_equal(y[:, 0], 2.0)
    np.testing.assert_allclose(y[:, 1], 3.0 * (1 + np.arange(5)))


def test_diffusion_moves_elements_towards_their_mean():
    data = formula("0", x={"kind": "stock", "dims": ["d"], "initial": {"p": "1", "q": "5"},
                           "inflows": ["y"]})  # fmt: skip
    data["dimensions"] = {"d": ["p", "q"]}
    data["variables"]["y"] |= {"dims": ["d"], "kind": "flow"}
    data["connections"] = [{"from": "x", "to": "y", "form": "diffusion", "value": 0.5}]
    x = np.asarray(simulate(compile_model(data))["x"])
    np.testing.assert_allclose(x.mean(1), 3.0)
    np.testing.assert_allclose(x[:, 1] - x[:, 0], 4 * 0.5 ** np.arange(5))


def test_a_quantity_takes_after_its_neighbour():
    data = formula("0", x={"kind": "stock", "initial": 1, "inflows": ["y"]},
                   z={"kind": "parameter", "value": 9.0})  # fmt: skip
    data["variables"]["y"]["kind"] = "flow"
    data["connections"] = [{"from": "z", "to": "y", "form": "diffusion", "value": 0.25}]
    assert not [i for i in check_spec(data) if i.severity == "error"]
    x = np.asarray(simulate(compile_model(data))["x"])
    np.testing.assert_allclose(9 - x, 8 * 0.75 ** np.arange(5))


def test_what_fills_no_stock_takes_after_nobody():
    data = formula("1", x={"kind": "stock", "initial": 1})
    data["connections"] = [{"from": "x", "to": "y", "form": "diffusion"}]
    (issue,) = [i for i in check_spec(data) if i.severity == "error"]
    assert (issue.code, issue.path) == ("connection-target", "connections[0].to")
    with pytest.raises(SpecError, match="inflow of a single stock"):
        compile_model(data)


def test_a_connection_to_a_stock_is_refused():
    data = formula("1", x={"kind": "stock", "initial": 1})
    data["connections"] = [{"from": "y", "to": "x", "form": "linear"}]
    with pytest.raises(SpecError, match="flow or an auxiliary"):
        compile_model(data)
