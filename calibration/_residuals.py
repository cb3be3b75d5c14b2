"""The payoff as a vector of residuals: pure JAX, differentiable, `loss = sum(residuals^2) / 2`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from calibration._bijection import Bijection
from calibration._free import FreeElement
from calibration._layout import Layout, Rows
from wmjax.model import CompiledModel, Inputs, Slices, with_parameters
from wmjax.sim import simulate_inputs
from wmjax.spec import TimeAxis


FREEDOM = 4.0
"""Degrees of freedom of the robust likelihood's Student t."""


@final
@dataclass(frozen=True)
class Plan:
    """The static part: what runs, what is saved, and where the free numbers go.

    `free` holds a name and the flat indices of its elements, in the order of `z`.
    """

    axis: TimeAxis
    names: tuple[str, ...]
    free: tuple[tuple[str, tuple[int, ...]], ...]


@final
class Priors(eqx.Module):
    """Normal penalties on values or on their logarithms; precision 0 is no prior."""

    logarithm: Bool[Array, " p"]
    mean: Float[Array, " p"]
    precision: Float[Array, " p"]

    def __call__(self, x: Float[Array, " p"]) -> Float[Array, " p"]:
        seen = jnp.where(self.logarithm, jnp.log(jnp.where(self.logarithm, x, 1.0)), x)
        return (seen - self.mean) * self.precision


@final
class Problem(eqx.Module):
    """The numbers: model, events, rows, bounds and priors."""

    model: CompiledModel
    inputs: Inputs | None
    rows: Rows
    bijection: Bijection
    priors: Priors


def plan(layout: Layout, elements: Sequence[FreeElement]) -> Plan:
    groups: list[tuple[str, list[int]]] = []
    for e in elements:
        if groups and groups[-1][0] == e.name:
            groups[-1][1].append(e.index)
        else:
            groups.append((e.name, [e.index]))
    return Plan(layout.axis, layout.names, tuple((n, tuple(i)) for n, i in groups))


def priors(elements: Sequence[FreeElement], dtype: jnp.dtype) -> Priors:
    numbers = np.zeros((len(elements), 3))
    for i, e in enumerate(elements):
        if e.prior is not None and e.prior.normal is not None:
            numbers[i] = 0.0, e.prior.normal[0], 1.0 / e.prior.normal[1]
        elif e.prior is not None and e.prior.lognormal is not None:
            numbers[i] = 1.0, np.log(e.prior.lognormal[0]), 1.0 / e.prior.lognormal[1]
    mean, precision = (jnp.asarray(numbers[:, k], dtype) for k in (1, 2))
    return Priors(jnp.asarray(numbers[:, 0] > 0), mean, precision)


def with_free(
    model: CompiledModel, plan: Plan, x: Float[Array, " p"]
) -> CompiledModel:
    """The model with the free numbers in their places."""
    parameters = model.parameters
    if isinstance(parameters, Slices):
        model = dataclasses.replace(model, parameters=_in_place(parameters, plan, x))
    moved: dict[str, Array] = {}
    first = 0
    for name, indices in plan.free:
        part = x[first : first + len(indices)]
        first += len(indices)
        if isinstance(parameters, Slices) and name in parameters:
            continue
        base = moved.get(name)
        if base is None:
            base = model.lookups[name].y if name in model.lookups else model.parameters[name]
        flat = base.reshape(-1).at[jnp.asarray(indices)].set(part.astype(base.dtype))
        moved[name] = flat.reshape(base.shape)
    return with_parameters(model, moved)


def _in_place(parameters: Slices, plan: Plan, x: Float[Array, " p"]) -> Slices:
    flat = [(name, i) for name, indices in plan.free for i in indices]
    mine = [k for k, (name, _) in enumerate(flat) if name in parameters]
    names, indices = [flat[k][0] for k in mine], [flat[k][1] for k in mine]
    return parameters.moved(names, indices, x[np.array(mine, int)])


def free_values(model: CompiledModel, plan: Plan, x: np.ndarray) -> dict[str, np.ndarray]:
    """Whole parameters, and y values of lookups, with the free numbers `x` of shape `(..., p)` in
    their places; by name, of shape `(..., *dims)`. Not traceable, and quick for that."""
    found: dict[str, np.ndarray] = {}
    first = 0
    for name, indices in plan.free:
        base = model.lookups[name].y if name in model.lookups else model.parameters[name]
        if name not in found:
            found[name] = np.array(np.broadcast_to(base, (*x.shape[:-1], *base.shape)))
        flat = found[name].reshape(*x.shape[:-1], -1)
        flat[..., list(indices)] = x[..., first : first + len(indices)]
        found[name] = flat.reshape(found[name].shape)
        first += len(indices)
    return found


def predictions(plan: Plan, problem: Problem, z: Float[Array, " p"]) -> Float[Array, " n"]:
    """The model's value for every observed row, in the unit of the variable."""
    model = with_free(problem.model, plan, problem.bijection(z))
    axis = plan.axis
    run = simulate_inputs(
        model, problem.inputs, start=axis.start, end=axis.end, save_every=axis.saving,
        save=plan.names, throw=False,
    )  # fmt: skip
    count = run.times.shape[0]
    table = jnp.concatenate([run[n].reshape(count, -1) for n in plan.names], axis=1)
    rows = problem.rows
    low = table[rows.saved, rows.column]
    high = table[jnp.minimum(rows.saved + 1, count - 1), rows.column]
    return jnp.where(rows.share > 0, low + rows.share * (high - low), low)


def residuals(
    plan: Plan, problem: Problem, z: Float[Array, " p"]
) -> tuple[Float[Array, " m"], Float[Array, " n"]]:
    """Residuals of the rows, then of the priors; and the predictions that they come from."""
    predicted = predictions(plan, problem, z)
    data = row_residuals(problem.rows, predicted)
    return jnp.concatenate([data, problem.priors(problem.bijection(z))]), predicted


def row_residuals(rows: Rows, predicted: Float[Array, " n"]) -> Float[Array, " n"]:
    """Zero for rows that are not used, whatever the model says there."""
    base = jnp.where(rows.needed, predicted, 0.5)
    logarithm = jnp.where(rows.logarithm, jnp.log(jnp.where(rows.logarithm, base, 1.0)), base)
    share = jnp.where(rows.logit, base, 0.5)
    base = jnp.where(rows.logit, jnp.log(share) - jnp.log1p(-share), logarithm)
    base = jnp.where(rows.difference, (base - base[rows.before]) * rows.per_time, base)
    used = rows.root_weight > 0
    error = jnp.where(used, (base - rows.target) * rows.precision, 0.0)
    return rows.root_weight * jnp.where(rows.robust, _robust(error), error)


def _robust(r: Float[Array, " n"]) -> Float[Array, " n"]:
    """Signed root of twice the negative logarithm of Student's t density, up to its constant."""
    u = r**2 / FREEDOM
    small = u < 1e-8
    safe = jnp.where(small, 1.0, u)
    ratio = jnp.where(small, 1.0 - u / 2, jnp.log1p(safe) / safe)
    return r * jnp.sqrt((FREEDOM + 1) / FREEDOM * ratio)


def loss(plan: Plan, problem: Problem, z: Float[Array, " p"]) -> Float[Array, ""]:
    return jnp.sum(residuals(plan, problem, z)[0] ** 2) / 2


@final
class Valued(eqx.Module):
    """The loss at a point and its gradient, by reverse mode."""

    loss: Float[Array, "*points"]
    gradient: Float[Array, "*points p"]


def valued(plan: Plan, problem: Problem, z: Float[Array, " p"]) -> Valued:
    return Valued(*jax.value_and_grad(lambda x: loss(plan, problem, x))(z))


@final
class Linearised(eqx.Module):
    """Residuals around a point; for several points all arrays have a first axis `points`."""

    residuals: Float[Array, "*points m"]
    jacobian: Float[Array, "*points m p"]
    predicted: Float[Array, "*points n"]
    loss: Float[Array, "*points"]
    gradient: Float[Array, "*points p"]
    normal: Float[Array, "*points p p"]
    """The Gauss-Newton matrix, `jacobian^T jacobian`."""


def linearised(plan: Plan, problem: Problem, z: Float[Array, " p"]) -> Linearised:
    """Residuals and their exact Jacobian, by forward mode."""

    def along(direction: Array):  # noqa: ANN202 - values and tangents, as jax.jvp
        return jax.jvp(lambda x: residuals(plan, problem, x), (z,), (direction,))

    directions = jnp.eye(z.shape[0], dtype=z.dtype)
    (r, predicted), (columns, _) = jax.vmap(along, out_axes=(None, -1))(directions)
    # in full: by default a GPU multiplies 32-bit matrices with 10 bits of each number
    gradient, normal = (jnp.matmul(a, columns, precision="highest") for a in (r, columns.T))
    return Linearised(r, columns, predicted, jnp.sum(r**2) / 2, gradient, normal)
