"""One run, one gradient, one fit of a small model, against SciPy on the same equations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.integrate
import scipy.optimize

import wmjax
from benchmarks._result import Result, Row
from benchmarks._rounds import Effort
from benchmarks._timing import ratio


PREDATION: dict[str, Any] = {
    "name": "predation",
    "time": {"start": 0, "end": 40, "step": 0.1, "method": "rk4"},
    "variables": {
        "a": {"kind": "parameter", "value": 1.1},
        "b": {"kind": "parameter", "value": 0.4},
        "c": {"kind": "parameter", "value": 0.4},
        "d": {"kind": "parameter", "value": 0.1},
        "prey": {"kind": "stock", "initial": 10, "inflows": ["born"], "outflows": ["eaten"]},
        "hunters": {"kind": "stock", "initial": 5, "inflows": ["raised"], "outflows": ["dead"]},
        "born": {"kind": "flow", "equation": "a * prey"},
        "eaten": {"kind": "flow", "equation": "b * prey * hunters"},
        "raised": {"kind": "flow", "equation": "d * prey * hunters"},
        "dead": {"kind": "flow", "equation": "c * hunters"},
    },
}
_NAMES = ("a", "b", "c", "d")
_TRUTH = np.array([1.1, 0.4, 0.4, 0.1])


def measure(effort: Effort) -> Iterator[Result]:
    jax.config.update("jax_enable_x64", True)
    model = wmjax.compile_model(PREDATION)

    @eqx.filter_jit
    def path(theta):
        changed = wmjax.with_parameters(model, dict(zip(_NAMES, theta, strict=True)))
        return wmjax.simulate(changed, save=("prey",), throw=False)["prey"]

    theta = jnp.asarray(_TRUTH)
    loss = eqx.filter_jit(lambda t: jnp.mean(path(t) ** 2))
    gradient = eqx.filter_jit(jax.value_and_grad(lambda t: jnp.mean(path(t) ** 2)))
    many = eqx.filter_jit(jax.vmap(path))
    batch = theta * (1 + 0.01 * jax.random.normal(jax.random.key(0), (256, 4)))
    yield ratio(
        "one warm run, 400 steps of RK4", lambda: path(theta).block_until_ready(),
        "scipy solve_ivp RK45, rtol 1e-6", lambda: _scipy_path(_TRUTH), times=(50, 1),
        rounds=effort.rounds,
    )  # fmt: skip
    yield ratio(
        "value and gradient of 4 parameters", lambda: gradient(theta)[0].block_until_ready(),
        "one warm run", lambda: loss(theta).block_until_ready(), times=(50, 50),
        rounds=effort.rounds,
    )  # fmt: skip
    yield ratio(
        "256 runs by vmap", lambda: many(batch).block_until_ready(),
        "256 warm runs in a loop", lambda: [path(t).block_until_ready() for t in batch],
        times=(5, 1), rounds=effort.rounds,
    )  # fmt: skip
    yield _fits(path, min(effort.rounds, 3))


def _scipy_path(theta: np.ndarray) -> np.ndarray:
    a, b, c, d = theta

    def right(t: float, y: np.ndarray) -> list[float]:
        return [a * y[0] - b * y[0] * y[1], d * y[0] * y[1] - c * y[1]]

    times = np.linspace(0, 40, 401)
    return scipy.integrate.solve_ivp(right, (0, 40), [10, 5], t_eval=times, rtol=1e-6).y[0]


def _fits(path: Any, rounds: int) -> Row:
    """The same trust-region fit with exact Jacobians of ours and differences of SciPy's runs."""
    data = np.asarray(path(jnp.asarray(_TRUTH)))
    data = data * (1 + 0.02 * np.random.default_rng(0).normal(size=data.shape))
    jacobian = eqx.filter_jit(jax.jacfwd(path))
    start = _TRUTH * 1.05

    def ours() -> object:
        return scipy.optimize.least_squares(
            lambda t: np.asarray(path(jnp.asarray(t))) - data, start,
            jac=lambda t: np.asarray(jacobian(jnp.asarray(t))),
        )  # fmt: skip

    def theirs() -> object:
        return scipy.optimize.least_squares(lambda t: _scipy_path(t) - data, start)

    return ratio("fit of 4 parameters, exact Jacobians", ours,
                 "the same fit by differences of solve_ivp", theirs, rounds=rounds)  # fmt: skip
