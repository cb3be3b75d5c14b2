"""Many saved variables: cut from one table when they are looked at."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import wmjax
from tests.models import decay
from wmjax.model import compile_model, with_parameters
from wmjax.sim import simulate


_MANY = 40


@pytest.fixture(scope="module")
def model():
    data = decay()
    for i in range(_MANY):
        data["variables"][f"y{i}"] = {"kind": "auxiliary", "equation": f"{i} * x + k"}
        data["variables"][f"z{i}"] = {"kind": "auxiliary", "equation": f"{i} + 2 * k"}
    return compile_model(data)


def test_many_are_what_few_are(model) -> None:
    many, few = simulate(model), simulate(model, save=["y7", "z7", "x"])
    assert len(many.values) == 2 * _MANY + 3
    assert list(few.values) == ["y7", "z7", "x"] and list(many.values)[:3] == ["k", "x", "loss"]
    for name in few.values:
        assert isinstance(many[name], jax.Array)
        np.testing.assert_array_equal(many[name], few[name])
    np.testing.assert_array_equal(many["z7"], np.full(len(many.times), 7.6))
    assert "nothing" not in many.values
    with pytest.raises(KeyError):
        many["nothing"]


def test_to_jax_they_are_a_dictionary(model) -> None:
    run = simulate(model)
    first = jax.tree.map(lambda a: a[:1], run)
    assert float(first["x"][0]) == 100 and float(first["y2"][0]) == pytest.approx(200.3)
    assert len(jax.tree.leaves(run)) == len(run.values) + 1


def test_they_are_traced_as_before(model) -> None:
    @jax.jit
    def end(k):
        return simulate(with_parameters(model, {"k": k}), throw=False)["y1"][-1]

    value, slope = jax.value_and_grad(end)(jnp.asarray(0.3))
    # 100 (1 - k / 4)^40 + k
    assert float(value) == pytest.approx(100 * 0.925**40 + 0.3)
    assert float(slope) == pytest.approx(-1000 * 0.925**39 + 1)


def test_a_run_says_in_a_line_what_it_is(model) -> None:
    assert repr(simulate(model)) == "<Trajectory of 83 variables, 41 rows, 0 to 10>"
    assert "traced" in repr(jax.eval_shape(lambda: simulate(model, throw=False)))


def test_a_name_that_was_not_saved_is_told_with_the_nearest(model) -> None:
    run = simulate(model, save=["y7", "x"])
    with pytest.raises(wmjax.UserError, match="did you mean 'y7'"):
        run["y77"]
