"""Whole runs as loops in JAX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from wmjax.model import Clock, CompiledModel, Inputs
from wmjax.sim._axis import Axis, Grid
from wmjax.sim._solver import Diffrax, FixedStep, Stocks, fixed_step


_ROUNDING = 1e-6  # of a step
_LONG = 1000
"""Steps from which on a gradient keeps one state for each block of steps, and not one a step."""


class State(eqx.Module):
    """Where a run stands: every stock, and the number of steps since the model's start."""

    stocks: Stocks
    step: Int[Array, ""]


def start(model: CompiledModel, inputs: Inputs | None, axis: Axis, names: Sequence[str]) -> State:
    """The state at the start, with the stocks that a run of `names` reads."""
    step = jnp.zeros((), jnp.int32)
    needed = model.program.reach(names)
    return State(model.initial_values(axis.clock(step), inputs, needed=needed), step)


def by_steps(
    model: CompiledModel,
    inputs: Inputs | None,
    axis: Axis,
    grid: Grid,
    solver: FixedStep,
    names: tuple[str, ...],
    state: State,
) -> tuple[State, Array, dict[str, Array], Array]:
    """A scan over saved rows, and inside it one over the steps between two rows.

    **Returns:** the last state, the times, the saved values, and whether all of these are finite.
    """
    moving, held = _moving(model, state.stocks)
    running = model.running(names, state.stocks, axis.clock(state.step), inputs)
    changing = tuple(n for n in names if n not in running.fixed)

    def one(state: State, _: None) -> tuple[State, Array]:
        clock = axis.clock(state.step)

        def rates(fraction: Array, stocks: Stocks) -> tuple[Array, Stocks]:
            values, found = running(stocks, clock._replace(time=clock.time + fraction * axis.dt))
            return _packed(values, changing, axis), found

        stocks, saved = fixed_step(solver, rates, axis.dt, state.stocks)
        return State(stocks, state.step + 1), saved

    def row(state: State, _: None) -> tuple[State, Array]:
        state, inside = _loop(one, state, grid.stride)
        return state, inside[0]

    rows, rest = divmod(grid.steps, grid.stride)
    last, saved = _loop(one if grid.stride == 1 else row, State(moving, state.step), rows)
    parts = [saved]
    if rest:
        last, inside = _loop(one, last, rest)
        parts.append(inside[:1])
    now = axis.clock(last.step)
    final, _ = model.running(changing, held, now, inputs)(last.stocks, now)
    parts.append(_packed(final, changing, axis)[None])
    table = jnp.concatenate(parts)
    still = _packed(running.fixed, tuple(running.fixed), axis)
    finite = jnp.isfinite(table).all() & jnp.isfinite(still).all()
    found = _unpacked(table, model, changing)
    times = axis.times(state.step + grid.counts())
    for n in names:
        if n in running.fixed:
            found[n] = jnp.broadcast_to(running.fixed[n], (len(times), *running.fixed[n].shape))
    last = State({**held, **last.stocks}, last.step)
    return last, times, {n: found[n] for n in names}, finite


def _loop(body: Callable[..., Any], state: State, length: int) -> tuple[State, Array]:
    """A scan of which a gradient keeps the states alone, and computes the rest again.

    A long one is a scan of blocks, of which it keeps the first states: memory then grows as the
    square root of the length.
    """
    body = _checkpoint(body)
    block = _block(length)
    if block == 1:
        return jax.lax.scan(body, state, None, length=length)

    def blocks(state: State, _: None) -> tuple[State, Array]:
        return jax.lax.scan(body, state, None, length=block)

    state, saved = jax.lax.scan(_checkpoint(blocks), state, None, length=length // block)
    saved = saved.reshape(-1, *saved.shape[2:])
    rest = length % block
    if not rest:
        return state, saved
    state, more = jax.lax.scan(body, state, None, length=rest)
    return state, jnp.concatenate([saved, more])


def _block(length: int) -> int:
    """Steps of a block: near the root of the length, one that divides it if there is one."""
    if length < _LONG:
        return 1
    root = math.isqrt(length)
    near = [b for b in range(root // 2, 2 * root) if length % b == 0]
    return min(near, key=lambda b: abs(b - root), default=root)


def _moving(model: CompiledModel, stocks: Stocks) -> tuple[Stocks, Stocks]:
    """The stocks that move, and those that stay as they are."""
    rates = {a.name for a in model.program.rates}
    moving = {n: s for n, s in stocks.items() if n in rates}
    return moving, {n: s for n, s in stocks.items() if n not in rates}


def _packed(values: Mapping[str, Array], names: Sequence[str], axis: Axis) -> Array:
    """Many values as one row: a loop that fills one table compiles much faster."""
    flat = [values[n].reshape(-1) for n in names]
    return jnp.concatenate(flat) if flat else jnp.zeros(0, axis.dt.dtype)


def _unpacked(rows: Array, model: CompiledModel, names: Sequence[str]) -> dict[str, Array]:
    shapes = [model.program.shape(n) for n in names]
    parts = jax.lax.split(rows, [math.prod(s) for s in shapes], axis=1) if shapes else []
    return {n: p.reshape(-1, *s) for n, p, s in zip(names, parts, shapes, strict=True)}


def _checkpoint(body: Callable[..., Any]) -> Callable[..., Any]:
    return jax.checkpoint(body)  # pyright: ignore[reportPrivateImportUsage]


def by_diffrax(
    model: CompiledModel,
    inputs: Inputs | None,
    axis: Axis,
    grid: Grid,
    solver: Diffrax,
    names: tuple[str, ...],
    state: State,
) -> tuple[Array, dict[str, Array]]:
    """Rows at the saved times of a run whose steps diffrax chooses."""
    moving, held = _moving(model, state.stocks)
    count = grid.counts()
    times = axis.times(count)
    start = axis.clock(state.step)
    moved = model.running((), state.stocks, start, inputs)
    saved = model.running(names, held, start, inputs)

    def rates(time: Array, stocks: Stocks) -> Stocks:
        clock = Clock(time, axis.dt, axis.start, axis.end, time + _ROUNDING * axis.dt)
        return moved(stocks, clock)[1]

    def row(at: tuple[Array, Stocks]) -> dict[str, Array]:
        return saved(at[1], axis.clock(at[0]))[0]

    if moving:
        moving = solver.trajectory(rates, moving, axis.dt, times)
    return times, jax.lax.map(row, (count, moving))
