"""Whole runs as loops in JAX."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Int

from wmjax.model import Clock, CompiledModel, Inputs
from wmjax.model._slices import joined
from wmjax.sim._axis import Axis, Grid
from wmjax.sim._sheet import Sheet
from wmjax.sim._solver import Diffrax, FixedStep, Stocks, fixed_step


_ROUNDING = 1e-6  # of a step
_LONG = 1000
"""Steps from which on a gradient keeps one state for each block of steps, and not one a step."""


class State(eqx.Module):
    """Where a run stands: every stock, and the number of steps since the model's start."""

    stocks: Stocks
    step: Int[Array, ""]


Carry = tuple[Any, Int[Array, ""]]
"""The moving stocks in the form of the back end, and the number of steps."""


class Table(NamedTuple):
    """What a run leaves: the changing values as one table, which compiles much faster than one
    array for each, and those that are the same in every row."""

    last: Callable[[], State]
    times: Array
    changing: tuple[str, ...]
    rows: Array
    fixed: Mapping[str, Array]

    def finite(self) -> Array:
        """Whether all values are finite."""
        still = joined(self.fixed, tuple(self.fixed), self.rows.dtype)
        return jnp.isfinite(self.rows).all() & jnp.isfinite(still).all()

    def values(self, model: CompiledModel, names: Sequence[str]) -> dict[str, Array]:
        """Arrays by name, the rows first."""
        shapes = [model.program.shape(n) for n in self.changing]
        sizes = [math.prod(s) for s in shapes]
        parts = jax.lax.split(self.rows, sizes, axis=1) if sizes else []
        found = {n: p.reshape(-1, *s)
                 for n, p, s in zip(self.changing, parts, shapes, strict=True)}  # fmt: skip
        for n, value in self.fixed.items():
            found[n] = jnp.broadcast_to(value, (len(self.times), *value.shape))
        return {n: found[n] for n in names}

    def sheet(self, model: CompiledModel) -> Sheet:
        """The same values in two arrays, whatever their number."""
        program = model.program
        still = tuple(self.fixed)
        return Sheet(
            self.times, self.rows, joined(self.fixed, still, self.rows.dtype), self.finite(),
            tuple((n, program.shape(n)) for n in self.changing),
            tuple((n, program.shape(n)) for n in still),
        )  # fmt: skip


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
) -> Table:
    """A scan over saved rows, and inside it one over the steps between two rows."""
    now = axis.clock(state.step)
    running = model.running(names, state.stocks, now, inputs)
    width = sum(math.prod(model.program.shape(n)) for n in running.changing)

    def one(carry: Carry, _: None) -> tuple[Carry, Array]:
        clock = axis.clock(carry[1])

        def rates(fraction: Array, packed: Any) -> tuple[Array, Any]:
            return running(packed, clock._replace(time=clock.time + fraction * axis.dt))

        packed, saved = fixed_step(solver, rates, axis.dt, carry[0])
        return (packed, carry[1] + 1), saved

    def row(carry: Carry, _: None, steps: int = grid.stride) -> tuple[Carry, Array]:
        """Some steps, and the row of the first: carried along and not cut from the rows of all,
        which a gradient would keep."""
        begin = carry[1]

        def step(now: tuple[Carry, Array], _: None) -> tuple[tuple[Carry, Array], None]:
            later, found = one(now[0], None)
            return (later, jnp.where(now[0][1] == begin, found, now[1])), None

        (carry, saved), _ = _loop(step, (carry, jnp.zeros(width, axis.dt.dtype)), steps)
        return carry, saved

    rows, rest = divmod(grid.steps, grid.stride)
    first = (running.pack(state.stocks), state.step)
    last, saved = _loop(one if grid.stride == 1 else row, first, rows)
    parts = [saved]
    if rest:
        last, found = row(last, None, rest)
        parts.append(found[None])
    end = model.running(running.changing, state.stocks, now, inputs, rates=())
    parts.append(end(last[0], axis.clock(last[1]))[0][None])
    return Table(
        last=lambda: State(running.moved(state.stocks, last[0]), last[1]),
        times=axis.times(state.step + grid.counts()),
        changing=running.changing,
        rows=jnp.concatenate(parts),
        fixed=running.fixed,
    )


def _loop(body: Callable[..., Any], state: Any, length: int) -> tuple[Any, Any]:
    """A scan of which a gradient keeps the states alone, and computes the rest again.

    A long one is a scan of blocks, of which it keeps the first states: memory then grows as the
    square root of the length.
    """
    body = _checkpoint(body)
    block = _block(length)
    if block == 1:
        return jax.lax.scan(body, state, None, length=length)

    def blocks(state: Any, _: None) -> tuple[Any, Any]:
        return jax.lax.scan(body, state, None, length=block)

    state, saved = jax.lax.scan(_checkpoint(blocks), state, None, length=length // block)
    saved = jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), saved)
    rest = length % block
    if not rest:
        return state, saved
    state, more = jax.lax.scan(body, state, None, length=rest)
    return state, jax.tree.map(lambda *x: jnp.concatenate(x), saved, more)


def _block(length: int) -> int:
    """Steps of a block: near the root of the length, one that divides it if there is one."""
    if length < _LONG:
        return 1
    root = math.isqrt(length)
    near = [b for b in range(root // 2, 2 * root) if length % b == 0]
    return min(near, key=lambda b: abs(b - root), default=root)


def _checkpoint(body: Callable[..., Any]) -> Callable[..., Any]:
    return jax.checkpoint(body, prevent_cse=False)  # pyright: ignore[reportPrivateImportUsage]


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
    count, start = grid.counts(), axis.clock(state.step)
    times = axis.times(count)
    moved = model.running((), state.stocks, start, inputs)
    saved = model.running(names, state.stocks, start, inputs, rates=())

    def rates(time: Array, packed: Any) -> Any:
        clock = Clock(time, axis.dt, axis.start, axis.end, time + _ROUNDING * axis.dt)
        return moved(packed, clock)[1]

    def row(at: tuple[Array, Any]) -> dict[str, Array]:
        return dict(saved.named(moved.unpack(at[1]), axis.clock(at[0]))[0])

    packed = moved.pack(state.stocks)
    if jax.tree.leaves(packed):
        packed = solver.trajectory(rates, packed, axis.dt, times)
    return times, jax.lax.map(row, (count, packed))
