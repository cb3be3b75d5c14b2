"""Scalar and grouped code are one model."""

from __future__ import annotations

import dataclasses
from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks._synthetic import actors, sparse
from wmjax import Grouped, Scalar, compile_model, simulate, sweep, with_parameters
from wmjax.program import running_plan
from wmjax.sim import advance, initial_state


RTOL = 1e-9

EVERYTHING = {
    "name": "everything", "time": {"start": 0, "end": 6, "step": 0.25, "save_every": 0.5},
    "dimensions": {"r": ["a", "b", "c"], "k": ["x", "y"]},
    "variables": {
        "p": {"kind": "parameter", "dims": ["r", "k"], "value": [[1.0, 2.0], [0.5, 0.3], [2, 4]]},
        "q": {"kind": "parameter", "value": 0.7},
        "t": {"kind": "lookup", "x": {"points": [0, 1, 1, 3]}, "y": {"points": [0, 1, 2, 0.5]}},
        "u": {"kind": "lookup", "outside": "extrapolate", "x": {"points": list(range(40))},
              "y": {"points": [0.01 * i * i for i in range(40)]}},
        "d": {"kind": "series", "times": [0, 2, 4], "values": [1, 3, 2]},
        "s": {"kind": "stock", "dims": ["r", "k"], "initial": "p + q", "inflows": ["f"],
              "outflows": ["g"]},
        "f": {"kind": "flow", "dims": ["r", "k"],
              "equation": "t(s / 2) * d + 0.1 * sum(s[r, k!]) + u(s) * step(0.2, 3)"},
        "g": {"kind": "flow", "dims": ["r", "k"],
              "equation": "smooth3(s, 2) * 0.2 + (sqrt(s - 1) if s > 1 else s[a, k] ^ 3)"},
        "m": {"kind": "auxiliary", "dims": ["k"],
              "equation": "max(s[r!, k]) - mean(s[r!, k]) + prod(p[r!, k]) + modulo(q, 0.3)"},
        "n": {"kind": "auxiliary", "equation":
              "delay1(q, 1) + ramp(0.1, 1, 4) + pulse(2, 1) + pulse_train(0, 0.5, 2, 5)"
              " + sum(m[k!]) + zidz(1, d - 3) + power(q, d) + (d >= 2 and not q > 1)"
              " + min(q, d) - time"},
        "unread": {"kind": "auxiliary", "equation": "exp(n)"},
    },
    "events": [{"name": "shock", "start": 2, "duration": 2, "ramp": 1,
                "effects": [{"target": "m", "multiply": 0.5}, {"target": "n", "set": 1}]}],
}  # fmt: skip
PARAMETERS = ("p", "q", "t")


@pytest.fixture(scope="module")
def both():
    scalar = compile_model(EVERYTHING, backend=Scalar())
    return scalar, dataclasses.replace(scalar, backend=Grouped())


def _same(one, other, *, rtol=RTOL):
    found = jax.tree.leaves_with_path(other)
    for (path, a), (_, b) in zip(jax.tree.leaves_with_path(one), found, strict=True):
        scale = max(1.0, np.abs(a).max(initial=0))
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * scale, err_msg=str(path))


def _outcome(model):
    def loss(values):
        run = simulate(with_parameters(model, values), save=("s", "n"), throw=False)
        return jnp.sum(jnp.tanh(run["s"])) + jnp.sum(jnp.tanh(0.1 * run["n"]))

    return loss


def _start(model):
    start = {n: model.parameters[n] for n in ("p", "q")}
    return {**start, "t": model.lookups["t"].y}


def test_all_variables_are_the_same(both):
    runs = [simulate(m) for m in both]
    assert set(runs[0].values) == set(runs[1].values)
    _same(*(r.values for r in runs))


def test_gradients_of_numbers_and_tables_are_the_same(both):
    _same(*(jax.jit(jax.value_and_grad(_outcome(m)))(_start(m)) for m in both))


def test_forward_mode_is_reverse_mode(both):
    grouped = both[1]
    found = [jax.jit(mode(_outcome(grouped)))(_start(grouped)) for mode in (jax.jacfwd, jax.jacrev)]
    _same(*found)


def test_batches_are_the_same(both):
    q = jnp.asarray([0.5, 0.7, 1.4])

    def one(model, q):
        return jax.value_and_grad(lambda x: _outcome(model)({"q": x}))(q)

    _same(*(jax.jit(jax.vmap(partial(one, m)))(q) for m in both))


def test_sweeps_and_segments_are_the_same(both):
    draws = {"q": np.array([0.5, 0.7, 1.4])}
    _same(*({n: s[n].values for n in ("s", "n")}
            for s in (sweep(m, draws=draws, save=("s", "n")) for m in both)))  # fmt: skip
    for model in both:
        whole = simulate(model)
        state, first = advance(model, initial_state(model), 8, save_every=0.5)
        _, rest = advance(model, state, 16, save_every=0.5)
        for n in ("s", "m", "n"):
            parts = np.concatenate([first[n][:-1], rest[n]])
            np.testing.assert_allclose(parts, whole[n], rtol=1e-12)


@pytest.mark.parametrize(
    ("solver", "rtol"), [("rk4", RTOL), (diffrax.Tsit5(), 1e-6)], ids=["rk4", "tsit5"]
)
def test_other_solvers_are_the_same(both, solver, rtol):
    """At jumps the steps of an adaptive solver differ by rounding: it agrees to its tolerance."""
    _same(*(simulate(m, solver=solver, save=("s", "n")).values for m in both), rtol=rtol)


@pytest.mark.parametrize("name", ["world", pytest.param("world3", marks=pytest.mark.slow)])
def test_bundled_models_are_the_same(name):
    scalar = compile_model(name)
    assert scalar.backend == Scalar()
    runs = [simulate(m) for m in (scalar, dataclasses.replace(scalar, backend=Grouped()))]
    _same(*(r.values for r in runs))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["world", "world3"])
def test_gradients_of_bundled_models_are_the_same(name):
    scalar = compile_model(name)
    names = scalar.program.names("parameter")[:12]
    start = {n: scalar.parameters[n] for n in names}
    saved = scalar.program.names("stock")

    def loss(model):
        def value(values):
            run = simulate(with_parameters(model, values), save=saved, throw=False)
            return sum(jnp.mean(run[n]) / (1 + jnp.abs(run[n]).max()) for n in saved)

        return value

    models = scalar, dataclasses.replace(scalar, backend=Grouped())
    _same(*(jax.jit(jax.grad(loss(m)))(start) for m in models))


@pytest.mark.parametrize("spec", [sparse(12, 2), actors(4, 20, 3)], ids=["sparse", "actors"])
def test_random_models_are_the_same(spec):
    """Those that compile times are measured with: all variables, and slopes of the stocks."""
    scalar = compile_model(spec, backend=Scalar())
    models = scalar, dataclasses.replace(scalar, backend=Grouped())
    _same(*(simulate(m).values for m in models))
    stocks, names = scalar.program.names("stock"), scalar.program.names("parameter")[:5]

    def loss(model, values):
        run = simulate(with_parameters(model, values), save=stocks, throw=False)
        return sum(jnp.mean(run[n]) for n in stocks)

    start = {n: scalar.parameters[n] for n in names}
    _same(*(jax.jit(jax.grad(partial(loss, m)))(start) for m in models))


def test_a_gradient_of_a_random_model_is_a_difference():
    model = compile_model(sparse(20, 1), backend=Grouped())
    names = model.program.names("parameter")[:3]
    saved = model.program.names("stock")

    @jax.jit
    def loss(values):
        run = simulate(with_parameters(model, values), save=saved, throw=False)
        return sum(jnp.mean(run[n]) for n in saved)

    start = {n: model.parameters[n] for n in names}
    found = jax.grad(loss)(start)
    for n in names:
        up, down = (loss({**start, n: start[n] + h}) for h in (1e-6, -1e-6))
        np.testing.assert_allclose(found[n], (up - down) / 2e-6, rtol=1e-4, atol=1e-7)


def _code(stocks):
    model = compile_model(sparse(stocks), backend=Grouped())
    saved = model.program.names("stock")[:5]
    start = {n: model.parameters[n] for n in model.program.names("parameter")[:3]}

    def loss(values):
        run = simulate(with_parameters(model, values), save=saved, throw=False)
        return sum(jnp.sum(run[n]) for n in saved)

    text = jax.jit(jax.grad(loss)).lower(start).as_text()
    return len([line for line in text.splitlines() if " = " in line])


def test_grouped_code_does_not_grow_with_the_model():
    assert _code(200) < 1.2 * _code(40)


def test_large_models_are_grouped():
    assert compile_model(sparse(400)).backend == Grouped()


def test_what_is_not_saved_is_not_computed(both):
    program = both[1].program
    moving = tuple(a.name for a in program.rates)
    blocks = tuple(("ref", n, int(np.prod(program.shape(n)))) for n in (*moving, "d"))
    clock = lambda *names: tuple(("clock", n, 1) for n in names)  # noqa: E731
    fixed = (("ref", "p", 6), ("ref", "q", 1), *clock("time_step", "initial_time", "final_time"))

    def instructions(*names):
        plan = running_plan(program, (), frozenset(names), (), fixed,
                            (*blocks, *clock("time", "switch")))  # fmt: skip
        return sum(width * plan.moving.machine.levels for _, width in plan.moving.machine.widths)

    assert instructions("m") < instructions("n") < instructions("n", "unread")
