"""What a gradient keeps: the root of the number of steps, whatever is saved of them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.models import logistic, predation
from wmjax import Grouped, Scalar, compile_model, simulate, with_parameters


BACKENDS = [Scalar(), Grouped()]


def slope(model, save_every):
    """Value and gradient in a parameter of the mean of what is saved."""

    def mean(a):
        run = simulate(with_parameters(model, {"a": a}), save=("prey",), save_every=save_every,
                       throw=False)  # fmt: skip
        return jnp.mean(run["prey"])

    return jax.jit(jax.value_and_grad(mean))


def kept(backend, steps):
    """Bytes of a compiled gradient, of a run whose two ends alone are saved."""
    model = compile_model(predation(step=10 / steps, save_every=10), backend=backend)
    compiled = slope(model, None).lower(model.parameters["a"]).compile()
    return compiled.memory_analysis().temp_size_in_bytes


@pytest.mark.parametrize("backend", BACKENDS)
def test_memory_grows_as_the_root_of_the_steps_between_two_rows(backend):
    few, many = kept(backend, 4096), kept(backend, 65536)
    assert many < 1.25 * 4 * few


@pytest.mark.parametrize("backend", BACKENDS)
def test_rows_apart_are_rows_of_all_and_so_are_their_gradients(backend):
    step = 1 / 256  # 2,560 steps: blocks of several, and a rest
    model = compile_model(predation(step=step, save_every=step), backend=backend)
    a = model.parameters["a"]

    def every(a, stride):
        run = simulate(with_parameters(model, {"a": a}), save=("prey",), throw=False)
        return jnp.mean(run["prey"][::stride])

    for stride in (1, 4, 20, 1280, 2560):
        value, gradient = slope(model, step * stride)(a)
        wanted = jax.value_and_grad(every)(a, stride)
        np.testing.assert_allclose(value, wanted[0], rtol=1e-13)
        np.testing.assert_allclose(gradient, wanted[1], rtol=1e-9)


def test_a_last_row_off_the_grid_is_kept_as_well():
    model = compile_model(logistic())
    fine = simulate(model)
    step = model.spec.time.step
    run = simulate(model, save_every=7 * step)
    name = next(iter(run.values))
    for at, value in zip(run.times, run[name], strict=True):
        np.testing.assert_allclose(value, fine.at(name, np.asarray([at]))[0], rtol=1e-12)
