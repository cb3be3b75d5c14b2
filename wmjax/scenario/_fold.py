"""A run reduced while it runs: what is said of its saved rows, without the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from wmjax.model import CompiledModel, Inputs
from wmjax.sim import Diffrax, FixedStep, simulate_inputs
from wmjax.sim._simulate import Axis, _axis
from wmjax.sim._solver import as_solver, fixed_step
from wmjax.spec import TimeAxis


OverTime = Literal["final", "mean", "min", "max", "at_min", "at_max", "integral"]
"""What can be said of one run: its last value, the mean, least and greatest of its saved rows, the
first times of these two, and the integral over time by the trapezoidal rule."""

Values = dict[str, Array]
Kept: TypeAlias = "tuple[Values, Array]"
"""By name what is kept of a run, and whether the run is finite: at every saved row each variable
that is saved, and all that is kept."""
Sums: TypeAlias = "dict[str, dict[str, Array]]"
_Carry: TypeAlias = "tuple[Values, Sums, Array]"

_NEUTRAL = {"mean": 0.0, "integral": 0.0, "min": np.inf, "max": -np.inf, "at_min": 0.0,
            "at_max": 0.0}  # fmt: skip
_BEFORE = {"at_min": "min", "at_max": "max"}


def row_times(model: CompiledModel, time: TimeAxis) -> np.ndarray:
    """The times of the saved rows, in the model's number type."""
    return np.asarray(_times(_axis(model, time), _row_steps(time)))


@jax.jit
def _times(axis: Axis, steps: Array) -> Array:
    return axis.times(steps)


def folded(
    model: CompiledModel,
    inputs: Inputs | None,
    time: TimeAxis,
    solver: Any,
    names: Sequence[str],
    wanted: Sequence[OverTime],
) -> Kept:
    """By name an array `(len(wanted), *dims)`; traceable, for one run."""
    method = as_solver(solver, time.method)
    kept = _kept(wanted)
    if isinstance(method, FixedStep):
        last, sums, off = _by_steps(model, inputs, time, method, tuple(names), kept)
    else:
        last, sums, off = _by_rows(model, inputs, time, method, tuple(names), kept)
    values = {
        n: jnp.stack([last[n] if w == "final" else sums[w][n] for w in wanted]) for n in names
    }
    return values, off + _off(values) == 0


def _kept(wanted: Sequence[OverTime]) -> tuple[str, ...]:
    """What the loop carries: the time of a maximum needs the maximum so far."""
    carried = {w for w in wanted if w != "final"}
    return tuple(sorted(carried | {_BEFORE[w] for w in carried if w in _BEFORE}))


def _by_steps(
    model: CompiledModel,
    inputs: Inputs | None,
    time: TimeAxis,
    method: FixedStep,
    names: tuple[str, ...],
    kept: tuple[str, ...],
) -> tuple[Values, Sums, Array]:
    axis = _axis(model, time)
    start = axis.clock(jnp.zeros((), jnp.int32))
    stocks = model.initial_values(start, inputs, needed=model.program.reach(names))
    moving = {a.name for a in model.program.rates} & set(stocks)
    held = {n: s for n, s in stocks.items() if n not in moving}
    needed = model.program.reach((*names, *stocks))

    def step(carry: _Carry, at: tuple[Array, ...]) -> tuple[_Carry, None]:
        before, sums, off = carry
        number, is_row, weight = at
        clock = axis.clock(number)

        def rates(fraction: Array, now: Values) -> tuple[Values, Values]:
            when = clock._replace(time=clock.time + fraction * axis.dt)
            values, found = model.evaluate({**held, **now}, when, inputs, needed=needed)
            return {n: values[n] for n in names}, {n: found[n] for n in now}

        after, row = fixed_step(method, rates, axis.dt, before)
        added = _added(sums, row, clock.time, weight, time), off + _off(row)
        sums, off = jax.tree.map(lambda new, old: jnp.where(is_row, new, old), added, (sums, off))
        return (after, sums, off), None

    first = {n: s for n, s in stocks.items() if n in moving}
    begun = first, _neutral(model, axis, names, kept), jnp.zeros((), axis.dt.dtype)
    (last, sums, off), _ = jax.lax.scan(step, begun, _every_step(time, axis))
    clock = axis.clock(jnp.asarray(time.steps, jnp.int32))
    reach = model.program.instant_reach(names)
    ends = model.values({**held, **last}, clock, inputs, needed=reach)
    row = {n: ends[n] for n in names}
    weight = jnp.asarray(_weights(time)[-1], axis.dt.dtype)
    return row, _added(sums, row, clock.time, weight, time), off + _off(row)


def _by_rows(
    model: CompiledModel,
    inputs: Inputs | None,
    time: TimeAxis,
    method: Diffrax,
    names: tuple[str, ...],
    kept: tuple[str, ...],
) -> tuple[Values, Sums, Array]:
    """For solvers that have no steps of ours: the rows first."""
    run = simulate_inputs(
        model, inputs, end=time.end, save_every=time.saving, solver=method, save=names, throw=False
    )
    axis = _axis(model, time)

    def row(sums: Sums, at: tuple[Array, Values, Array]) -> tuple[Sums, None]:
        return _added(sums, at[1], at[0], at[2], time), None

    weights = jnp.asarray(_weights(time), axis.dt.dtype)
    neutral = _neutral(model, axis, names, kept)
    sums, _ = jax.lax.scan(row, neutral, (run.times, dict(run.values), weights))
    return {n: v[-1] for n, v in run.values.items()}, sums, _off(run.values)


def _off(values: Mapping[str, Array]) -> Array:
    """0, or NaN if one of the values is not finite: cheaper in a loop than a truth value."""
    return jnp.asarray(sum((jnp.sum(v * 0.0) for v in values.values()), 0.0))


def _neutral(
    model: CompiledModel, axis: Axis, names: tuple[str, ...], kept: tuple[str, ...]
) -> Sums:
    shapes = {n: model.program.shape(n) for n in names}
    return {k: {n: jnp.full(s, _NEUTRAL[k], axis.dt.dtype) for n, s in shapes.items()}
            for k in kept}  # fmt: skip


def _added(
    sums: Sums, row: Mapping[str, Array], when: Float[Array, ""], weight: Array, time: TimeAxis
) -> Sums:
    """What is carried, with one more row."""
    share = 1.0 / len(_row_steps(time))

    def one(kept: str, name: str) -> Array:
        old, value = sums[kept][name], row[name]
        if kept == "mean":
            return old + share * value
        if kept == "integral":
            return old + weight * value
        if kept in ("min", "max"):
            return (jnp.minimum if kept == "min" else jnp.maximum)(old, value)
        so_far = sums[_BEFORE[kept]][name]
        better = value < so_far if kept == "at_min" else value > so_far
        return jnp.where(better, when, old)

    return {k: {n: one(k, n) for n in by_name} for k, by_name in sums.items()}


def _row_steps(time: TimeAxis) -> np.ndarray:
    """Number of steps before each saved row."""
    rows = -(-time.steps // time.stride)
    return np.minimum(np.arange(rows + 1, dtype=np.int32) * time.stride, time.steps)


def _weights(time: TimeAxis) -> np.ndarray:
    """Of the trapezoidal rule over the saved rows."""
    widths = np.diff(_row_steps(time)) * time.step
    return (np.append(widths, 0.0) + np.append(0.0, widths)) / 2


def _every_step(time: TimeAxis, axis: Axis) -> tuple[Array, Array, Array]:
    """For every step its number, whether a row is saved there, and the weight of that row."""
    numbers = np.arange(time.steps, dtype=np.int32)
    weights = np.zeros(time.steps)
    weights[:: time.stride] = _weights(time)[:-1]
    is_row = numbers % time.stride == 0
    return jnp.asarray(numbers), jnp.asarray(is_row), jnp.asarray(weights, axis.dt.dtype)
