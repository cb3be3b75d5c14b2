"""Edges of what equations compute: guards, tables, series, elements, number types."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.models import formula, parameter
from wmjax import SimulationError, SpecError, UserError, compile_model, simulate, with_parameters


@pytest.mark.parametrize(
    "equation",
    [
        "arcsin(x) if x < 1 else 2 * z",
        "log(2, x - 4) if x < 3 else 2 * z",
        "exp(x ^ 9) if x < 3 else 2 * z",
        "cosh(x ^ 5) if x < 3 else 2 * z",
    ],
)
def test_more_branches_that_must_not_spoil_a_gradient(equation):
    model = compile_model(formula(equation, x=parameter(5.0), z=parameter(3.0)))
    run = lambda x: simulate(with_parameters(model, {"x": x}), throw=False)["y"][0]  # noqa: E731
    value, gradient = jax.value_and_grad(run)(jnp.asarray(5.0))
    assert (float(value), float(gradient)) == (6.0, 0.0)


@pytest.mark.parametrize("padding", [0, 20])
def test_a_table_gives_back_its_points_exactly(padding):
    x = [float(i) for i in range(4 + padding)]
    y = [1e12, 0.1, 3e-7, 0.25] + [0.7] * padding
    table = {"kind": "lookup", "x": {"points": x}, "y": {"points": y}}
    data = formula("t(time)", t=table)
    data["time"]["end"] = 3
    assert simulate(compile_model(data))["y"].tolist() == y[:4]


@pytest.mark.parametrize("padding", [0, 20])
def test_a_table_that_begins_with_a_jump(padding):
    x, y = [0.0, 0.0, 1.0], [1.0, 5.0, 6.0]
    x, y = x + [2.0 + i for i in range(padding)], y + [6.0] * padding
    data = formula("t(a)", t={"kind": "lookup", "x": {"points": x}, "y": {"points": y}},
                   a=parameter(-1.0))  # fmt: skip
    model = compile_model(data)
    assert [float(simulate(model, {"a": a})["y"][0]) for a in (-1.0, 0.0, 0.5)] == [1.0, 5.0, 5.5]


def _series(**more):
    return {"kind": "series", "times": [0, 0.3, 0.6, 0.7], "values": [1, 2, 3, 4], **more}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("previous", [1, 1, 1, 2, 2, 2, 3, 4, 4]),
        ("next", [1, 2, 2, 2, 3, 3, 3, 4, 4]),
        ("nearest", [1, 1, 2, 2, 2, 3, 3, 4, 4]),
    ],
)
def test_rounding_moves_no_step_of_a_series(mode, expected):
    """0.1 * 3 is above 0.3, 0.1 * 6 above 0.6: neither may count as later."""
    data = formula("s", s=_series(interpolation=mode))
    data["time"] = {"start": 0, "end": 0.8, "step": 0.1}
    assert simulate(compile_model(data))["y"].tolist() == expected


@pytest.mark.parametrize(
    ("rule", "at_end"), [("hold", 4.0), ({"rule": "mean", "years": 0.2}, 3.5),
                         ({"rule": "trend", "years": 0.2}, 4 + 10 * 9.3)]
)  # fmt: skip
def test_a_series_goes_on_beyond_the_end_of_the_spec(rule, at_end):
    data = formula("s", s=_series(beyond=rule))
    run = simulate(compile_model(data), end=10)
    assert float(run["y"][-1]) == pytest.approx(at_end, rel=1e-12)


def test_a_series_reads_the_catalogue_and_no_file():
    with pytest.raises(UserError, match="etc"):
        compile_model(formula("s", s={"kind": "series", "data": "../../etc/hosts"}))


def test_an_element_compared_with_a_subrange_stands_where_it_stands_there():
    data = formula("1 if some = r else 0")
    data["dimensions"] = {"col": ["p", "q", "r"], "some": ["q", "r"]}
    data["variables"]["y"]["dims"] = ["some"]
    assert simulate(compile_model(data))["y"][0].tolist() == [0.0, 1.0]


def test_a_sum_over_all_means_all_in_an_equation_for_one_element_too():
    data = formula("1", v=parameter([1.0, 4.0], dims=["d"]))
    data["dimensions"] = {"d": ["p", "q"]}
    data["variables"]["y"] = {
        "kind": "auxiliary", "dims": ["d"], "equation": {"p": "v / sum(v)", "q": "max(v) - v"}
    }  # fmt: skip
    assert simulate(compile_model(data))["y"][0].tolist() == [0.2, 0.0]


def test_hidden_stocks_keep_out_of_the_way_of_names():
    data = formula('smooth(time, 2) + "y#smooth.1"', **{"y#smooth.1": parameter(7.0)})
    assert simulate(compile_model(data))["y"].tolist()[:2] == [7.0, 7.0]


def test_long_sums_inside_calls_need_no_deep_stack():
    text = "1"
    for _ in range(4):
        text = f"abs({text}{'+1' * 380})"
    assert float(simulate(compile_model(formula(text)))["y"][0]) == 1 + 4 * 380


def test_a_stock_of_the_compiler_is_named_as_a_person_would():
    with pytest.raises(SimulationError, match="smooth in y"):
        simulate(compile_model(formula("smooth(time, time)")))


@pytest.mark.parametrize("variables", [
    {"s": {"kind": "series", "times": [0, 1], "values": [1, 2]}},
    {"s": {"kind": "stock", "initial": 1}},
    {"s": {"kind": "auxiliary", "equation": "time * 2"}},
])  # fmt: skip
def test_models_without_parameters_have_the_number_type_asked_for(variables):
    data = {"name": "n", "time": {"start": 0, "end": 2, "step": 1}, "variables": variables}
    run = simulate(compile_model(data, dtype="float32"))
    assert run["s"].dtype == run.times.dtype == jnp.float32
    assert np.isfinite(run["s"]).all()


def test_with_parameters_refuses_what_does_not_fit():
    model = compile_model(formula("a", a=parameter(1.0)))
    with pytest.raises(UserError, match="did you mean 'abc'"):
        with_parameters(compile_model(formula("abc", abc=parameter(1.0))), {"abd": 1.0})
    with pytest.raises(UserError, match="a number"):
        with_parameters(model, {"a": [1.0, 2.0]})


def test_a_parameter_of_the_wrong_shape_is_refused():
    data = formula("1", a=parameter([1.0, 2.0], dims=["d", "e"]))
    data["dimensions"] = {"d": ["p", "q"], "e": ["u", "v"]}
    with pytest.raises((UserError, SpecError)):
        compile_model(data)
