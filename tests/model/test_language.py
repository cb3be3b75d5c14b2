"""What equations compute, against NumPy, SciPy and hand-worked values."""

from __future__ import annotations

import math
import operator

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models import formula, parameter
from wmjax import compile_model, simulate, with_parameters
from wmjax._errors import UserError
from wmjax.model import Table
from wmjax.spec import Expression, Number, Operation, format_expression


def value(equation: str, **parameters: float) -> float:
    data = formula(equation, **{n: parameter(v) for n, v in parameters.items()})
    return float(simulate(compile_model(data))["y"][0])


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("-2^2", -4.0),
        ("2^-1", 0.5),
        ("2^3^2", 512.0),
        ("2**3", 8.0),
        ("7 - 2 - 1", 4.0),
        ("8 / 4 / 2", 1.0),
        ("1 + 2 * 3", 7.0),
        ("3 > 2", 1.0),
        ("3 = 2", 0.0),
        ("3 <> 2 and not 0", 1.0),
        ("0 or 2", 1.0),
        ("1 if 2 > 3 else 4 if 0 else 5", 5.0),
        ("if_then_else(1, 2, 1/0)", 2.0),
        ("min(3, 1, 2)", 1.0),
        ("max(3, 1, 2)", 3.0),
        ("exp(1)", math.e),
        ("ln(exp(2))", 2.0),
        ("log(8, 2)", 3.0),
        ("log10(1000)", 3.0),
        ("sqrt(2)", math.sqrt(2)),
        ("abs(-3)", 3.0),
        ("integer(-2.7)", -2.0),
        ("round(-2.5)", -3.0),
        ("modulo(-7, 3)", -1.0),
        ("zidz(1, 0)", 0.0),
        ("zidz(1, 1e-7)", 0.0),
        ("xidz(1, 0, 9)", 9.0),
        ("xidz(1, 4, 9)", 0.25),
        ("arctan(1)", math.pi / 4),
        ("tanh(0.5)", math.tanh(0.5)),
        ("1e-5 * 1E5", 1.0),
        ("7 / 2", 3.5),
        ("(-8)^3", -512.0),
    ],
)
def test_operators_and_functions(equation, expected):
    assert value(equation) == pytest.approx(expected, rel=1e-15, abs=1e-15)


_BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "<": operator.lt,
           ">=": operator.ge}  # fmt: skip


@st.composite
def _expressions(draw, depth=4):
    if depth == 0 or draw(st.booleans()):
        return Number(draw(st.floats(-100, 100, width=32).map(abs)))
    op = draw(st.sampled_from([*_BINARY, "neg"]))
    parts = tuple(draw(_expressions(depth=depth - 1)) for _ in range(1 if op == "neg" else 2))
    return Operation(op, parts)


def _python(e: Expression) -> float:
    if isinstance(e, Number):
        return e.value
    assert isinstance(e, Operation)
    parts = [_python(o) for o in e.operands]
    return -parts[0] if e.operator == "neg" else float(_BINARY[e.operator](*parts))


@settings(max_examples=30, deadline=None)
@given(_expressions())
def test_arithmetic_is_that_of_python_floats(expression):
    assert value(format_expression(expression)) == _python(expression)


def test_test_inputs_at_every_step():
    data = formula("step(5, 2)")
    data["variables"] |= {
        "p": {"kind": "auxiliary", "equation": "pulse(1, 2)"},
        "t": {"kind": "auxiliary", "equation": "pulse_train(0, 1, 2, 4)"},
        "r": {"kind": "auxiliary", "equation": "ramp(2, 1, 3)"},
        "u": {"kind": "auxiliary", "equation": "ramp(2, 1)"},
    }
    run = simulate(compile_model(data))
    assert run["y"].tolist() == [0, 0, 5, 5, 5]
    assert run["p"].tolist() == [0, 1, 1, 0, 0]
    assert run["t"].tolist() == [1, 0, 1, 0, 0]
    assert run["r"].tolist() == [0, 0, 2, 4, 4]
    assert run["u"].tolist() == [0, 0, 2, 4, 6]


def test_time_names():
    data = formula("time + 10 * time_step + 100 * initial_time + 1000 * final_time")
    assert simulate(compile_model(data))["y"].tolist() == [4010 + t for t in range(5)]


@pytest.mark.parametrize("points", [3, 12, 30, 100])
def test_lookups_are_numpys_interpolation(points):
    rng = np.random.default_rng(points)
    x = np.sort(rng.uniform(-5, 5, points))
    y = rng.normal(size=points)
    at = np.concatenate([x, rng.uniform(-8, 8, 200)])
    table = Table(jnp.asarray(x), jnp.asarray(y))
    np.testing.assert_allclose(table(jnp.asarray(at), "hold"), np.interp(at, x, y), atol=1e-12)
    beyond = np.array([x[-1] + 2.0, x[0] - 2.0])
    slope = np.array([(y[-1] - y[-2]) / (x[-1] - x[-2]), (y[1] - y[0]) / (x[1] - x[0])])
    expected = np.array([y[-1] + 2 * slope[0], y[0] - 2 * slope[1]])
    np.testing.assert_allclose(table(jnp.asarray(beyond), "extrapolate"), expected, rtol=1e-9)


@pytest.mark.parametrize("padding", [0, 20, 100])
def test_a_lookup_jumps_where_x_repeats(padding):
    x = [0.0, 1.0, 1.0, 2.0] + [3.0 + i for i in range(padding)]
    y = [0.0, 1.0, 5.0, 6.0] + [6.0] * padding
    table = Table(jnp.asarray(x), jnp.asarray(y))
    at = jnp.asarray([0.5, 1.0 - 1e-9, 1.0, 1.5, 2.0])
    np.testing.assert_allclose(table(at, "hold"), [0.5, 1.0, 5.0, 5.5, 6.0], atol=1e-8)


def test_the_branch_not_taken_spoils_neither_value_nor_gradient():
    for equation in ("1 / x if x > 0 else 2 * z", "ln(x) if x > 0 else 2 * z",
                     "sqrt(x) if x > 0 else 2 * z", "x ^ 0.5 if x > 0 else 2 * z"):  # fmt: skip
        model = compile_model(formula(equation, x=parameter(0.0), z=parameter(3.0)))

        def outcome(x, z, model=model):
            run = simulate(with_parameters(model, {"x": x, "z": z}), throw=False, save=("y",))
            return run["y"][0]

        x, z = jnp.asarray(0.0), jnp.asarray(3.0)
        assert outcome(x, z) == 6.0
        assert [float(g) for g in jax.grad(outcome, (0, 1))(x, z)] == [0.0, 2.0]


def test_nested_choices_over_arrays_guard_every_branch():
    data = formula("1", x=parameter([0.0, 2.0, -4.0], dims=["d"]), z=parameter(0.0))
    data["dimensions"] = {"d": ["p", "q", "r"]}
    data["variables"]["y"] = {
        "kind": "auxiliary", "dims": ["d"],
        "equation": "(1 / x if z > -1 else 1 / z) if x > 0 else (sqrt(-x) if x < 0 else 7)",
    }  # fmt: skip
    model = compile_model(data)
    assert simulate(model)["y"][0].tolist() == [7.0, 0.5, 2.0]

    def total(x):
        return simulate(with_parameters(model, {"x": x}), throw=False)["y"][0].sum()

    gradient = jax.grad(total)(jnp.asarray([0.0, 2.0, -4.0]))
    np.testing.assert_allclose(gradient, [0.0, -0.25, -0.25])


def test_x64_is_asked_for_in_words():
    jax.config.update("jax_enable_x64", False)
    try:
        with pytest.raises(UserError, match="jax_enable_x64"):
            compile_model(formula("1"), dtype=jnp.float64)
        assert compile_model(formula("a", a=parameter(1.0))).dtype == jnp.float32
    finally:
        jax.config.update("jax_enable_x64", True)


def test_thirty_two_bits_run_under_strict_promotion():
    model = compile_model(
        formula("a * exp(-time / 3) + step(1, 2)", a=parameter(2.0)), dtype="float32"
    )
    run = simulate(model)
    assert run["y"].dtype == jnp.float32
    expected = 2 * np.exp(-np.arange(5) / 3) + (np.arange(5) >= 2)
    np.testing.assert_allclose(run["y"], expected, rtol=1e-6)
