"""Batches and derivatives of runs by generated C are those of JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.models import logistic
from wmjax import Native, Scalar, compile_model, simulate, with_parameters
from wmjax.native import compiler


pytestmark = pytest.mark.skipif(compiler() is None, reason="no C compiler")


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WMJAX_CACHE", str(tmp_path_factory.getbasetemp() / "native-cache"))


_SPEC = logistic()
_SPEC["variables"]["t"] = {"kind": "lookup", "x": {"points": [0, 40, 100]},
                           "y": {"points": [1, 0.8, 0.5]}}  # fmt: skip
_SPEC["variables"]["growth"]["equation"] = "r * x * (1 - x / capacity) * t(x)"
_THETA = jnp.array([0.5, 80.0])


def _ends(backend: Any) -> Callable[[jax.Array], jax.Array]:
    model = compile_model(_SPEC, backend=backend)

    def ends(theta: jax.Array) -> jax.Array:
        changed = with_parameters(model, {"r": theta[0], "capacity": theta[1]})
        return simulate(changed, save=("x", "growth"), throw=False)["x"][-3:]

    return ends


def _rows(*shape: int) -> jax.Array:
    return _THETA * jnp.linspace(0.8, 1.2, int(np.prod(shape))).reshape(*shape, 1)


_TRANSFORMS: dict[str, Callable[[Any], Any]] = {
    "jit": lambda f: jax.jit(f)(_THETA),
    "vmap": lambda f: jax.vmap(f)(_rows(11)),
    "vmap of vmap": lambda f: jax.jit(jax.vmap(jax.vmap(f)))(_rows(2, 3)),
    "two axes": lambda f: jax.vmap(
        lambda r: jax.vmap(lambda k: f(jnp.stack([r, k])))(jnp.array([70.0, 80.0, 90.0]))
    )(jnp.array([0.4, 0.5])),
    "scan": lambda f: jax.lax.map(f, _rows(3)),
    "grad": lambda f: jax.jit(jax.grad(lambda x: f(x).sum()))(_THETA),
    "jacfwd": lambda f: jax.jacfwd(f)(_THETA),
    "jvp": lambda f: jax.jvp(f, (_THETA,), (jnp.array([1.0, -2.0]),)),
    "hessian": lambda f: jax.jit(jax.hessian(lambda x: f(x).sum()))(_THETA),
    "vmap of grad": lambda f: jax.vmap(jax.grad(lambda x: f(x).sum()))(_rows(3)),
    "grad of vmap": lambda f: jax.grad(lambda x: jax.vmap(f)(x * _rows(3)).sum())(_THETA),
}


_SLOW = ("jacfwd", "hessian", "two axes", "vmap of grad", "scan")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in _SLOW)) for n in _TRANSFORMS]
)
def test_transformations(name: str) -> None:
    found = jax.tree.leaves(_TRANSFORMS[name](_ends(Native())))
    wanted = jax.tree.leaves(_TRANSFORMS[name](_ends(Scalar())))
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11)


def test_the_model_itself_may_be_traced() -> None:
    """Nothing is known of its numbers then, not even where the points of its tables stand."""
    one, other = (compile_model(_SPEC, backend=b) for b in (Native(), Scalar()))

    def run(model: Any) -> Any:
        return simulate(model, throw=False).values

    for name, values in jax.jit(run)(other).items():
        np.testing.assert_allclose(jax.jit(run)(one)[name], values, rtol=1e-12)

    def area(y: Any, model: Any) -> Any:
        return simulate(with_parameters(model, {"t": y}), throw=False)["x"].sum()

    ys = jnp.array([[1, 0.8, 0.5], [1, 0.5, 0.2]])
    np.testing.assert_allclose(
        jax.vmap(area, (0, None))(ys, one), jax.vmap(area, (0, None))(ys, other), rtol=1e-12
    )
    np.testing.assert_allclose(jax.grad(area)(ys[0], one), jax.grad(area)(ys[0], other), rtol=1e-11)
