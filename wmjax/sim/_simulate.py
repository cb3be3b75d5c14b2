"""Running a model: whole, or segment by segment with the same result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pydantic
from jaxtyping import Array, Float, Int

from wmjax._errors import UserError
from wmjax.model import Clock, CompiledModel, Inputs, Unnamed
from wmjax.program import Kind
from wmjax.sim._finite import refuse_nonfinite
from wmjax.sim._scenario import apply_scenario
from wmjax.sim._solver import Diffrax, FixedStep, Stocks, as_solver, fixed_step
from wmjax.sim._trajectory import Trajectory, trajectory
from wmjax.spec import Scenario, TimeAxis


_ROUNDING = 1e-6  # of a step


class State(eqx.Module):
    """Where a run stands: every stock, and the number of steps since the model's start."""

    stocks: Stocks
    step: Int[Array, ""]


class Grid(NamedTuple):
    """The static part of a run: how many steps, and after how many a row is saved."""

    steps: int
    stride: int


class Axis(NamedTuple):
    """The numbers of the time axis, as arrays, so that other dates need no new trace."""

    start: Float[Array, ""]
    dt: Float[Array, ""]
    end: Float[Array, ""]

    def clock(self, step: Int[Array, ""]) -> Clock:
        time = self.start + step.astype(self.dt.dtype) * self.dt
        return Clock(time, self.dt, self.start, self.end, time + self.dt / 2)


def simulate(
    model: CompiledModel,
    scenario: Scenario | Mapping[str, Any] | None = None,
    *,
    start: float | None = None,
    end: float | None = None,
    save_every: float | None = None,
    solver: Any = None,
    save: Sequence[str] | None = None,
    throw: bool = True,
) -> Trajectory:
    """Runs a model from its initial values.

    **Arguments:**

    - `scenario`: a `Scenario`, or a mapping from parameters to values; the baseline if absent.
    - `start`, `end`, `save_every`: other dates than those of the spec, in its unit of time.
    - `solver`: `Euler()`, `RK2()`, `RK4()`, their names, or a diffrax solver; default the spec's.
    - `save`: names of the variables to keep; all but lookups if absent.
    - `throw`: stop at a value that is not finite, naming the variable and the time.

    **Returns:** a `Trajectory` with rows at `start`, `start + save_every`, ..., `end`.

    **Raises:** `SimulationError` for a value that is not finite; `UserError` for unknown names or
    impossible dates. Inside `jit`, `vmap` or `grad` nothing is raised for values.
    """
    model, inputs = apply_scenario(model, scenario)
    return simulate_inputs(
        model, inputs, start=start, end=end, save_every=save_every, solver=solver, save=save,
        throw=throw,
    )  # fmt: skip


def simulate_inputs(
    model: CompiledModel,
    inputs: Inputs | None,
    *,
    start: float | None = None,
    end: float | None = None,
    save_every: float | None = None,
    solver: Any = None,
    save: Sequence[str] | None = None,
    throw: bool = True,
) -> Trajectory:
    """`simulate` for inputs that are arrays already: traceable with respect to all of them."""
    time = _time(model.spec.time, start, end, save_every)
    names = _names(model, save)
    chosen = as_solver(solver, time.method)
    axis, grid = _axis(model, time), Grid(time.steps, time.stride)
    bare = _bare(model)

    def rows(grid: Grid, names: tuple[str, ...]) -> tuple[Array, dict[str, Array]]:
        first = _initial(bare, inputs, axis, model.program.reach(names))
        return _whole(bare, inputs, axis, grid, chosen, names, first)

    run = trajectory(model, *rows(grid, names))
    if throw:
        every = model.program.names(*_SAVED, hidden=True)
        refuse_nonfinite(run, lambda: rows(Grid(time.steps, 1), every), chosen)
    return run


def initial_state(
    model: CompiledModel,
    scenario: Scenario | Mapping[str, Any] | None = None,
    *,
    start: float | None = None,
) -> State:
    """The state of a model at its start."""
    model, inputs = apply_scenario(model, scenario)
    axis = _axis(model, _time(model.spec.time, start, None, None))
    return _initial(_bare(model), inputs, axis, model.program.reach(_names(model)))


def advance(
    model: CompiledModel,
    state: State,
    steps: int,
    scenario: Scenario | Mapping[str, Any] | None = None,
    *,
    start: float | None = None,
    save_every: float | None = None,
    solver: Any = None,
    save: Sequence[str] | None = None,
    throw: bool = True,
) -> tuple[State, Trajectory]:
    """Runs a model on from a state for a number of steps.

    The rows are those of the segment with both its ends, one every step or every `save_every`.
    Segments one after another give exactly the run in one piece. `start` is the model's start (as
    given to `initial_state`), not that of the segment. Only fixed-step solvers have segments.
    """
    model, inputs = apply_scenario(model, scenario)
    time = _time(model.spec.time, start, None, save_every or model.spec.time.step)
    chosen = as_solver(solver, time.method)
    if not isinstance(chosen, FixedStep) or steps < 1 or steps % time.stride:
        raise UserError(
            "advance", f"{steps} steps, saved every {time.stride}, by {chosen}",
            "a positive multiple of the saving interval, and Euler, RK2 or RK4",
        )  # fmt: skip
    axis, grid = _axis(model, time), Grid(steps, time.stride)
    names = _names(model, save)
    state, times, values = _segment(_bare(model), inputs, axis, grid, chosen, names, state)
    run = trajectory(model, times, values)
    if throw:
        refuse_nonfinite(run, lambda: (times, values), chosen)
    return state, run


def _time(
    time: TimeAxis, start: float | None, end: float | None, save_every: float | None
) -> TimeAxis:
    changed = {"start": start, "end": end, "save_every": save_every}
    changed = {k: float(v) for k, v in changed.items() if v is not None}
    if not changed:
        return time
    try:
        return TimeAxis.model_validate({**time.model_dump(), **changed})
    except pydantic.ValidationError as e:
        reason = e.errors()[0]["msg"].removeprefix("Value error, ")
        raise UserError("time axis", f"{changed}", "dates that whole steps reach", reason) from None


def _axis(model: CompiledModel, time: TimeAxis) -> Axis:
    return Axis(*(jnp.asarray(x, model.dtype) for x in (time.start, time.step, time.end)))


_SAVED: tuple[Kind, ...] = ("stock", "flow", "auxiliary", "parameter", "series")


def _bare(model: CompiledModel) -> CompiledModel:
    """The model without its spec, so that specs of one structure share a compiled program."""
    return CompiledModel(
        model.parameters, model.lookups, model.series, model.program, Unnamed()
    )


def _names(model: CompiledModel, save: Sequence[str] | None = None) -> tuple[str, ...]:
    known = model.program.names(*_SAVED)
    if save is None:
        return known
    unknown = [n for n in save if n not in known]
    if unknown:
        raise UserError(
            f"save={list(save)}", f"no variable {', '.join(map(repr, unknown))}",
            f"names among {len(known)} variables of {model.spec.name!r}",
        )  # fmt: skip
    return tuple(save)


@eqx.filter_jit
def _initial(
    model: CompiledModel, inputs: Inputs | None, axis: Axis, needed: frozenset[str]
) -> State:
    """Compiled on its own, so that a run in segments starts from the same bits as a whole one."""
    step = jnp.zeros((), jnp.int32)
    return State(model.initial_values(axis.clock(step), inputs, needed=needed), step)


@eqx.filter_jit
def _whole(
    model: CompiledModel,
    inputs: Inputs | None,
    axis: Axis,
    grid: Grid,
    solver: FixedStep | Diffrax,
    names: tuple[str, ...],
    state: State,
) -> tuple[Array, dict[str, Array]]:
    """Times and saved values; what these do not depend on is not computed."""
    if isinstance(solver, Diffrax):
        return _by_diffrax(model, inputs, axis, grid, solver, names, state)
    return _by_steps(model, inputs, axis, grid, solver, names, state)[1:]


@eqx.filter_jit
def _segment(
    model: CompiledModel,
    inputs: Inputs | None,
    axis: Axis,
    grid: Grid,
    solver: FixedStep,
    names: tuple[str, ...],
    state: State,
) -> tuple[State, Array, dict[str, Array]]:
    return _by_steps(model, inputs, axis, grid, solver, names, state)


def _by_steps(
    model: CompiledModel,
    inputs: Inputs | None,
    axis: Axis,
    grid: Grid,
    solver: FixedStep,
    names: tuple[str, ...],
    state: State,
) -> tuple[State, Array, dict[str, Array]]:
    """A scan over saved rows, and inside it one over the steps between two rows."""
    moving, held = _moving(model, state.stocks)
    needed = model.program.reach((*names, *state.stocks))
    changing = tuple(n for n in names if not _is_fixed(model, inputs, n))

    def one(state: State, _: None) -> tuple[State, Array]:
        clock = axis.clock(state.step)

        def rates(fraction: Array, stocks: Stocks) -> tuple[Array, Stocks]:
            at = clock._replace(time=clock.time + fraction * axis.dt)
            values, found = model.evaluate({**held, **stocks}, at, inputs, needed=needed)
            return _packed(values, changing, axis), {n: found[n] for n in stocks}

        stocks, saved = fixed_step(solver, rates, axis.dt, state.stocks)
        return State(stocks, state.step + 1), saved

    def steps(state: State, count: int) -> tuple[State, Array]:
        return jax.lax.scan(_checkpoint(one), state, None, length=count)

    def row(state: State, _: None) -> tuple[State, Array]:
        state, inside = steps(state, grid.stride)
        return state, inside[0]

    first = State(moving, state.step)
    rows, rest = divmod(grid.steps, grid.stride)
    if grid.stride == 1:
        last, saved = steps(first, rows)
    else:
        last, saved = jax.lax.scan(_checkpoint(row), first, None, length=rows)
    parts = [saved]
    if rest:
        last, inside = steps(last, rest)
        parts.append(inside[:1])
    last = State({**held, **last.stocks}, last.step)
    values = model.values(
        last.stocks, axis.clock(last.step), inputs, needed=model.program.instant_reach(names)
    )
    parts.append(_packed(values, changing, axis)[None])
    found = _unpacked(jnp.concatenate(parts), model, changing)
    times = jax.vmap(lambda s: axis.clock(s).time)(state.step + _counts(grid))
    fixed = {n: jnp.broadcast_to(p, (len(times), *p.shape)) for n, p in model.parameters.items()}
    return last, times, {n: found[n] if n in found else fixed[n] for n in names}


def _counts(grid: Grid) -> Int[Array, " rows"]:
    """Number of steps before each saved row."""
    rows = -(-grid.steps // grid.stride)
    return jnp.minimum(jnp.arange(rows + 1, dtype=jnp.int32) * grid.stride, grid.steps)


def _moving(model: CompiledModel, stocks: Stocks) -> tuple[Stocks, Stocks]:
    """The stocks that move, and those that stay as they are."""
    rates = {a.name for a in model.program.rates}
    moving = {n: s for n, s in stocks.items() if n in rates}
    return moving, {n: s for n, s in stocks.items() if n not in rates}


def _is_fixed(model: CompiledModel, inputs: Inputs | None, name: str) -> bool:
    return name in model.parameters and (inputs is None or name not in inputs.effects)


def _packed(values: Mapping[str, Array], names: Sequence[str], axis: Axis) -> Array:
    """Many values as one row: a loop that fills one table compiles much faster."""
    flat = [values[n].reshape(-1) for n in names]
    return jnp.concatenate(flat) if flat else jnp.zeros(0, axis.dt.dtype)


def _unpacked(rows: Array, model: CompiledModel, names: Sequence[str]) -> dict[str, Array]:
    shapes = [model.program.shape(n) for n in names]
    ends = np.cumsum([math.prod(shape) for shape in shapes])
    return {
        n: rows[:, end - math.prod(shape) : end].reshape(-1, *shape)
        for n, shape, end in zip(names, shapes, ends.tolist(), strict=True)
    }


def _checkpoint(body: Callable[..., Any]) -> Callable[..., Any]:
    """Keeps the state before each step alone; a gradient computes the rest again."""
    return jax.checkpoint(body)  # pyright: ignore[reportPrivateImportUsage]


def _by_diffrax(
    model: CompiledModel,
    inputs: Inputs | None,
    axis: Axis,
    grid: Grid,
    solver: Diffrax,
    names: tuple[str, ...],
    state: State,
) -> tuple[Array, dict[str, Array]]:
    moving, held = _moving(model, state.stocks)
    needed = model.program.reach((*names, *state.stocks))
    now = model.program.instant_reach(names)
    count = _counts(grid)
    times = jax.vmap(lambda s: axis.clock(s).time)(count)

    def rates(time: Array, stocks: Stocks) -> Stocks:
        clock = Clock(time, axis.dt, axis.start, axis.end, time + _ROUNDING * axis.dt)
        return model.evaluate({**held, **stocks}, clock, inputs, needed=needed)[1]

    def row(at: tuple[Array, Stocks]) -> dict[str, Array]:
        clock = axis.clock(at[0])
        values = model.values({**held, **at[1]}, clock, inputs, needed=now)
        return {n: values[n] for n in names}

    if moving:
        moving = solver.trajectory(rates, moving, axis.dt, times)
    return times, jax.lax.map(row, (count, moving))
