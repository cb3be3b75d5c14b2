"""What a minimiser asks of a model, at many points at once, on one device or on many."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PyTree

from calibration._residuals import Linearised, Plan, Problem, linearised, predictions, valued
from wmjax.model import side_by_side
from wmjax.sim import Devices


At: TypeAlias = "Callable[[Plan, Problem, Array], PyTree]"
"""Something of a problem at one point of `z`."""

_TOLD = {"normal": ("loss", "gradient", "normal"), "gradient": ("loss", "gradient")}
_LANES = {"cpu": 512}
_MANY_LANES = 2**16


@final
@dataclass(frozen=True, eq=False)
class Evaluator:
    """One problem, on one device or on many; see `evaluator`. `compact`: the same with the numbers
    of a large model in one vector."""

    plan: Plan
    problem: Problem
    compact: Problem
    wants: Literal["normal", "gradient"]
    devices: Devices | None

    def __call__(self, z: np.ndarray) -> list[dict[str, np.ndarray]]:
        """What the minimiser wants to know at every row of `z`, shape `(points, p)`."""
        found = self._run(linearised if self.wants == "normal" else valued, z)
        told = self._gathered({k: getattr(found, k) for k in _TOLD[self.wants]}, len(z))
        return [{k: np.asarray(v[i]) for k, v in told.items()} for i in range(len(z))]

    def linearise(self, z: np.ndarray, points: int) -> Linearised:
        """Residuals and Jacobian at one point, shape `(p,)`, as numpy arrays; by the program that
        evaluates so many `points` at once, where that has been compiled for the minimiser."""
        many = points if self.wants == "normal" else 1
        found = self._gathered(self._run(linearised, np.tile(z, (many, 1))), many)
        return jax.tree.map(lambda rows: rows[0], found)

    def predict(self, z: np.ndarray) -> np.ndarray:
        """The model's values for the observed rows at every row of `z`, shape `(points, n)`."""
        return self._gathered(self._run(predictions, z), len(z))

    def _run(self, what: At, z: np.ndarray) -> PyTree:
        points = np.asarray(z, self.problem.model.dtype)
        at = jnp.asarray(points) if self.devices is None else self.devices.shard(points)
        chunk = _chunk(at, 1 if what is valued else z.shape[1])
        return _computed(what, self.plan, self.devices, chunk, self.compact, at)

    def _gathered(self, tree: PyTree, rows: int) -> PyTree:
        if self.devices is not None:
            tree = self.devices.gather(tree, rows)
        return jax.tree.map(lambda rows: np.asarray(rows, np.float64), tree)


def evaluator(
    plan: Plan, problem: Problem, wants: Literal["normal", "gradient"], devices: Devices | None
) -> Evaluator:
    """**Arguments:**

    - `wants`: what a minimiser is told.
    - `devices`: those that share the points of a batch; the one that jax takes if absent. Points do
        not meet, so that the numbers are the same up to rounding whatever shares them.
    """
    compact = dataclasses.replace(problem, model=side_by_side(problem.model))
    if devices is not None:
        problem, compact = devices.copy((problem, compact))
    return Evaluator(plan, problem, compact, wants, devices)


def _chunk(at: Array, columns: int) -> int:
    """How many points a device computes side by side: on a processor as many as its cache holds
    runs for, a run for each column of a Jacobian; elsewhere as many as fill it."""
    platform = next(iter(at.devices())).platform
    return max(_LANES.get(platform, _MANY_LANES) // max(columns, 1), 1)


@eqx.filter_jit
def _computed(
    what: At, plan: Plan, devices: Devices | None, chunk: int, problem: Problem,
    z: Float[Array, "points p"],
) -> PyTree:  # fmt: skip
    def points(problem: Problem, mine: Float[Array, "mine p"]) -> PyTree:
        return _in_chunks(lambda at: what(plan, problem, at), mine, chunk)

    return points(problem, z) if devices is None else devices.each(points)(problem, z)


def _in_chunks(one: Callable[[Array], PyTree], z: Array, chunk: int) -> PyTree:
    """`vmap` of `chunk` rows at a time; the last row fills the last chunk."""
    count = len(z)
    if count <= chunk:
        return jax.vmap(one)(z)
    chunks = -(-count // chunk)
    rows = z[np.minimum(np.arange(chunks * chunk), count - 1)].reshape(chunks, chunk, -1)
    found = jax.lax.map(jax.vmap(one), rows)
    return jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:])[:count], found)
