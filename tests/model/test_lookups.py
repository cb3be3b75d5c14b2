"""Tables read together, alone and in batches, against `Table`, and their derivatives."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.models import parameter
from wmjax import Grouped, Native, Scalar, compile_model, simulate, with_parameters
from wmjax.model import Table
from wmjax.model._influence import influenced
from wmjax.model._table import LONG, Tables
from wmjax.program import running_tape


SIZES = (2, 7, 26, LONG, LONG + 1, 300)
OUTSIDE = ("hold", "extrapolate")


@pytest.fixture(scope="module")
def tables():
    rng = np.random.default_rng(0)
    found = {}
    for size in SIZES:
        for outside in OUTSIDE:
            x = np.sort(rng.uniform(-5, 5, size))
            x = np.linspace(-4, 4, size) if size % 2 and outside == "hold" else x
            table = Table(jnp.asarray(x), jnp.asarray(rng.normal(size=size)))
            found[f"{size} {outside}"] = (table, outside)
    return found


def points(tables, several=50):
    """Numbers for all tables: their own points, the ends, far away, and others."""
    rng = np.random.default_rng(1)
    rows = []
    for table, _ in tables.values():
        x = np.asarray(table.x)
        some = [x[0], x[-1], x[len(x) // 2], -1e300, 1e300, np.nan]
        rows.append(np.concatenate([some, rng.uniform(-7, 7, several)]))
    return jnp.asarray(np.array(rows).T)


def together(tables):
    names = list(tables)
    return lambda at: jnp.stack(list(Tables(tables).together(names, list(at))))


def test_tables_together_are_tables_one_by_one(tables):
    at = points(tables)
    wanted = np.array([[t(a, o) for (t, o), a in zip(tables.values(), row, strict=True)]
                       for row in at])  # fmt: skip
    run = together(tables)
    one_by_one = np.array([jax.jit(run)(row) for row in at])
    np.testing.assert_allclose(one_by_one, wanted, rtol=1e-12)
    np.testing.assert_allclose(jax.jit(jax.vmap(run))(at), wanted, rtol=1e-12)
    twice = jax.vmap(jax.vmap(run))(at.reshape(8, 7, -1))
    np.testing.assert_allclose(twice.reshape(wanted.shape), wanted, rtol=1e-12)


def test_what_holds_is_flat_at_infinity(tables):
    held = {n: t for n, t in tables.items() if t[1] == "hold"}
    for sign, end in ((1, -1), (-1, 0)):
        far = jnp.full(len(held), sign * jnp.inf)
        ends = [t.y[end] for t, _ in held.values()]
        np.testing.assert_array_equal(together(held)(far), ends)
        np.testing.assert_array_equal(jax.vmap(together(held))(far[None])[0], ends)


def test_slopes_are_those_of_the_segment(tables):
    at = points(tables)[6:]
    step = 1e-7
    run = together(tables)
    wanted = (jax.vmap(run)(at + step) - jax.vmap(run)(at - step)) / (2 * step)
    forward = jax.vmap(lambda row: jax.jvp(run, [row], [jnp.ones_like(row)])[1])(at)
    np.testing.assert_allclose(forward, wanted, rtol=1e-5, atol=1e-6)
    for reverse in (jax.vmap(jax.grad(lambda row: run(row).sum())),
                    jax.grad(lambda rows: jax.vmap(run)(rows).sum())):  # fmt: skip
        np.testing.assert_allclose(reverse(at), forward, rtol=1e-12)


def test_second_derivatives_are_zero_between_points(tables):
    at = points(tables)[-1]
    run = together(tables)
    square = jax.hessian(lambda row: (run(row) ** 2).sum())(at)
    slopes = jax.grad(lambda row: run(row).sum())(at)
    np.testing.assert_allclose(square, jnp.diag(2 * slopes**2), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("batched", [False, True])
def test_derivatives_in_the_points_are_shares_of_the_segment(batched):
    """At a third of a segment the value moves by two thirds of one end and a third of the other."""
    x, y = jnp.asarray([0.0, 3.0, 6.0]), jnp.asarray([1.0, 2.0, 0.0])

    def value(y, at):
        return together({"a": (Table(x, y, even=True), "hold"), "b": (Table(x, -y), "hold")})(
            jnp.stack([at, at])
        )[0]

    at = jnp.asarray([1.0, 4.0, 9.0])
    wanted = [[2 / 3, 1 / 3, 0], [0, 2 / 3, 1 / 3], [0, 0, 1]]
    for y_too in (False, True) if batched else (False,):
        ys = jnp.stack([y] * 3) if y_too else y
        slope = jax.jacrev(value)
        found = (
            jax.vmap(slope, (0 if y_too else None, 0))(ys, at)
            if batched else jnp.stack([slope(y, a) for a in at])
        )  # fmt: skip
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def chain():
    """Tables in a row, around a stock, and one that stands apart."""
    x, y = [0, 1, 2, 4, 8, 16], [1.0, 1.1, 1.5, 1.4, 2.0, 1.0]
    lookup = {"kind": "lookup", "x": {"points": x}, "y": {"points": y}}
    return {
        "name": "chain",
        "time": {"start": 0, "end": 6, "step": 0.5},
        "variables": {
            "k": parameter(0.3), "m": parameter(0.2),
            "f": lookup, "g": {**lookup, "outside": "extrapolate"},
            "a": {"kind": "auxiliary", "equation": "f(k * s)"},
            "b": {"kind": "auxiliary", "equation": "g(a + f(s)) * f(2)"},
            "s": {"kind": "stock", "initial": 2, "inflows": ["in"], "outflows": ["out"]},
            "in": {"kind": "flow", "equation": "b"}, "out": {"kind": "flow", "equation": "k * s"},
            "t": {"kind": "stock", "initial": 1, "inflows": ["more"]},
            "more": {"kind": "flow", "equation": "m * t + f(t)"},
        },
    }  # fmt: skip


def test_influence_follows_equations_and_no_further():
    program = compile_model(chain()).program
    stocks = frozenset(("s", "t"))
    tape = running_tape(program, frozenset(), stocks, frozenset())
    assert influenced(tape, {"k"}, stocks) == {"s"}
    assert influenced(tape, {"m"}, stocks) == {"t"}
    assert influenced(tape, {"f"}, stocks) == {"s", "t"}
    assert influenced(tape, {"g"}, stocks) == {"s"}
    assert influenced(tape, {"t"}, stocks) == {"t"}
    assert influenced(tape, (), stocks) == frozenset()


def test_gradients_of_tables_in_a_row_agree_between_back_ends_and_with_differences():
    found = []
    for backend in (Scalar(), Grouped(), Native()):
        model = compile_model(chain(), backend=backend)

        def last(theta, model=model):
            run = simulate(with_parameters(model, theta), save=("s", "t"), throw=False)
            return run["s"][-1] + 3 * run["t"][-1]

        theta = {"k": jnp.asarray(0.3), "m": jnp.asarray(0.2)}
        found.append(jax.grad(last)(theta))
        rows = {n: v * jnp.linspace(0.9, 1.1, 5) for n, v in theta.items()}
        several = jax.vmap(jax.grad(last))(rows)
        np.testing.assert_allclose(several["k"][2], found[-1]["k"], rtol=1e-10)
        for name in theta:
            step = 1e-6
            ends = [last({**theta, name: theta[name] + s}) for s in (step, -step)]
            np.testing.assert_allclose(found[-1][name], (ends[0] - ends[1]) / (2 * step), rtol=1e-6)
    for other in found[1:]:
        np.testing.assert_allclose(other["k"], found[0]["k"], rtol=1e-10)
        np.testing.assert_allclose(other["m"], found[0]["m"], rtol=1e-10)
