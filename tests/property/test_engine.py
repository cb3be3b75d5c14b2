"""The engine against an interpreter that shares nothing with it but the parser."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.property.functions import Doubt
from tests.property.interpreter import interpret
from tests.property.specs import specs
from wmjax import advance, compile_model, initial_state, simulate, with_parameters
from wmjax.sim import column_names
from wmjax.spec import load_spec, save_spec


_QUICK = settings(
    max_examples=10, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
_LONG = settings(_QUICK, max_examples=60)
METHODS = st.sampled_from(["euler", "rk2", "rk4"])


def _expected(data, method):
    try:
        return interpret(data, method)
    except Doubt:
        assume(False)
        raise


def _agrees(data, method):
    times, expected = _expected(data, method)
    model = compile_model(data)
    run = simulate(model, solver=method, throw=False)
    np.testing.assert_allclose(run.times, times, rtol=1e-12)
    table = run.to_dataframe()
    for (name, at), values in expected.items():
        label = f"{name}[{','.join(at)}]" if at else name
        scale = max(1.0, *map(abs, values))
        np.testing.assert_allclose(
            table[label], values, rtol=1e-9, atol=1e-9 * scale, err_msg=label
        )
    return model, run


@_QUICK
@given(specs(), METHODS)
def test_the_engine_is_the_interpreter(data, method):
    _agrees(data, method)


@pytest.mark.slow
@_LONG
@given(specs(), METHODS)
def test_the_engine_is_the_interpreter_in_a_long_search(data, method):
    _agrees(data, method)


def _same_in_other_words(data, method, tmp_path, order):
    model, run = _agrees(data, method)
    state, first = advance(model, initial_state(model), 2, solver=method, throw=False)
    _, second = advance(model, state, 4, solver=method, throw=False)
    for name, whole in run.values.items():
        parts = np.concatenate([first[name][:-1], second[name]])
        if method == "euler":
            np.testing.assert_array_equal(parts, whole, err_msg=name)
        np.testing.assert_allclose(parts, whole, rtol=1e-12, atol=1e-12)
    again = compile_model(save_spec(load_spec(data), tmp_path / "m.yaml"))
    assert again.program == model.program
    shuffled = list(data["variables"].items())
    order.shuffle(shuffled)
    other = simulate(compile_model({**data, "variables": dict(shuffled)}), solver=method)
    for name, whole in run.values.items():
        np.testing.assert_array_equal(simulate(again, solver=method, throw=False)[name], whole)
        np.testing.assert_allclose(other[name], whole, rtol=1e-10, atol=1e-10)


@settings(_QUICK, max_examples=3)
@given(specs(), METHODS, st.randoms(use_true_random=False))
def test_segments_files_and_order_change_nothing(tmp_path_factory, data, method, order):
    _same_in_other_words(data, method, tmp_path_factory.mktemp("spec"), order)


@pytest.mark.slow
@settings(_LONG, max_examples=12)
@given(specs(), METHODS, st.randoms(use_true_random=False))
def test_segments_files_and_order_in_a_long_search(tmp_path_factory, data, method, order):
    _same_in_other_words(data, method, tmp_path_factory.mktemp("spec"), order)


def _derivatives_agree(data, seed):
    _expected(data, "euler")
    model = compile_model(data)
    names = sorted(n for n, p in model.parameters.items())
    start = {n: model.parameters[n] for n in names}
    generator = np.random.default_rng(seed)
    direction = {n: jnp.asarray(generator.normal(size=p.shape)) for n, p in start.items()}

    @jax.jit
    def outcome(values):
        run = simulate(with_parameters(model, values), throw=False)
        return sum(jnp.sum(jnp.tanh(v)) for n, v in run.values.items() if n not in start)

    along = lambda h: outcome({n: p + h * direction[n] for n, p in start.items()})  # noqa: E731
    _, forward = jax.jvp(outcome, (start,), (direction,))
    reverse = jax.grad(outcome)(start)
    total = sum(jnp.vdot(reverse[n], direction[n]) for n in names)
    assert np.isfinite(forward)
    np.testing.assert_allclose(forward, total, rtol=1e-8, atol=1e-8)
    coarse, fine = ((along(h) - along(-h)) / (2 * h) for h in (2e-6, 1e-6))
    if abs(coarse - fine) < 1e-5 * (1 + abs(fine)):  # elsewhere a switch or a kink is near
        np.testing.assert_allclose(forward, fine, rtol=1e-4, atol=1e-4)


@settings(_QUICK, max_examples=3)
@given(specs(), st.integers(0, 99))
def test_both_modes_and_differences_give_one_derivative(data, seed):
    _derivatives_agree(data, seed)


@pytest.mark.slow
@settings(_LONG, max_examples=20)
@given(specs(), st.integers(0, 99))
def test_derivatives_in_a_long_search(data, seed):
    _derivatives_agree(data, seed)


def test_other_units_are_other_numbers_and_the_same_path():
    def growth(factor):
        return {
            "name": "growth",
            "time": {"start": 0, "end": 10, "step": 0.5, "method": "rk4"},
            "variables": {
                "rate": {"kind": "parameter", "value": 0.4},
                "room": {"kind": "parameter", "value": 50 * factor},
                "x": {"kind": "stock", "initial": 2 * factor, "inflows": ["f"]},
                "f": {"kind": "flow", "equation": "rate * smooth(x, 2) * (1 - x / room)"},
            },
        }

    kilos, grams = simulate(compile_model(growth(1))), simulate(compile_model(growth(1000)))
    np.testing.assert_allclose(1000 * kilos["x"], grams["x"], rtol=1e-12)


def test_columns_are_named_by_elements():
    data = {
        "name": "n", "dimensions": {"d": ["p", "q"]}, "time": {"start": 0, "end": 1, "step": 1},
        "variables": {"a": {"kind": "parameter", "dims": ["d"], "value": 1}},
    }  # fmt: skip
    assert column_names(compile_model(data).program, "a") == ["a[p]", "a[q]"]


def test_the_interpreter_itself_on_a_case_worked_by_hand():
    """x' = -x / 2 from 8: Euler with step 1 halves it."""
    data = {
        "name": "n", "time": {"start": 0, "end": 2, "step": 1},
        "variables": {
            "x": {"kind": "stock", "initial": 8, "outflows": ["f"]},
            "f": {"kind": "flow", "equation": "x / 2"},
        },
    }  # fmt: skip
    assert interpret(data, "euler")[1]["x", ()] == [8.0, 4.0, 2.0]
