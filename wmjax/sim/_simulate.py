"""Running a model: whole, or segment by segment with the same result."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from wmjax._errors import UserError
from wmjax._garbage import garbage_later
from wmjax.model import CompiledModel, Inputs, Native, Unnamed
from wmjax.model._numbers import Layout, packed_apart
from wmjax.program import Kind
from wmjax.sim import _axis as axes
from wmjax.sim._axis import Axis as Axis
from wmjax.sim._axis import Grid
from wmjax.sim._finite import refuse_nonfinite
from wmjax.sim._native import by_jax, native_rows
from wmjax.sim._scenario import apply_scenario
from wmjax.sim._sheet import SavedValues, Sheet
from wmjax.sim._solver import Diffrax, FixedStep, as_solver
from wmjax.sim._steps import State as State
from wmjax.sim._steps import Table, by_diffrax, by_steps
from wmjax.sim._steps import start as _start
from wmjax.sim._trajectory import Trajectory, trajectory
from wmjax.sim._warm import Rows, recalled, remember
from wmjax.spec import Scenario, TimeAxis


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
    if not isinstance(model, CompiledModel):
        raise UserError(
            "simulate(model)", repr(model)[:80], "a compiled model",
            "simulate(compile_model(...)) takes a name, a path or a spec",
        )  # fmt: skip
    if scenario is None and not model.spec.events:
        inputs = None
    else:
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
    names = saved_names(model, save)
    chosen = as_solver(solver, time.method)
    times, values, finite = _rows(model, inputs, time, Grid(time.steps, time.stride), chosen, names)
    run = trajectory(model, times, _ordered(values, names))
    if throw and not _is_true(finite):
        every = model.program.names(*_SAVED, hidden=True)
        fine = Grid(time.steps, 1)
        refuse_nonfinite(run, lambda: _rows(model, inputs, time, fine, chosen, every)[:2], chosen)
    return run


def _ordered(values: Mapping[str, Array], names: Sequence[str]) -> Mapping[str, Array]:
    """In the order of the names: what a compiled function returns is sorted."""
    return values if isinstance(values, SavedValues) else {n: values[n] for n in names}


def _is_true(flag: Array | None) -> bool:
    return flag is not None and not isinstance(flag, Tracer) and bool(flag)


def initial_state(
    model: CompiledModel,
    scenario: Scenario | Mapping[str, Any] | None = None,
    *,
    start: float | None = None,
) -> State:
    """The state of a model at its start."""
    model, inputs = apply_scenario(model, scenario)
    axis = _axis(model, _time(model.spec.time, start, None, None))
    return _initial(_bare(model), inputs, axis, saved_names(model))


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
    names = saved_names(model, save)
    state, times, values = _segment(_bare(model), inputs, axis, grid, chosen, names, state)
    run = trajectory(model, times, _ordered(values, names))
    if throw:
        refuse_nonfinite(run, lambda: (times, values), chosen)
    return state, run


_time = axes.time_axis
_axis = axes.numbers


_SAVED: tuple[Kind, ...] = ("stock", "flow", "auxiliary", "parameter", "series")


def _bare(model: CompiledModel) -> CompiledModel:
    """The model without its spec, so that specs of one structure share a compiled program."""
    return dataclasses.replace(model, about=Unnamed())


def saved_names(model: CompiledModel, save: Sequence[str] | None = None) -> tuple[str, ...]:
    """The names to save: those given, or all.

    **Raises:** `UserError` for a name that is no variable.
    """
    program = model.program
    if save is None:
        return program.names(*_SAVED)
    slots = program.slot
    unknown = [n for n in save if n not in slots or slots[n].hidden or slots[n].kind == "lookup"]
    if unknown:
        raise UserError(
            f"save={list(save)}", f"no variable {', '.join(map(repr, unknown))}",
            f"names among {len(program.names(*_SAVED))} variables of {model.spec.name!r}",
        )  # fmt: skip
    return tuple(save)


_names = saved_names


@dataclass(frozen=True)
class _Task:
    """The static part of a run."""

    layout: Layout
    grid: Grid
    solver: FixedStep
    names: tuple[str, ...]


def _rows(
    model: CompiledModel,
    inputs: Inputs | None,
    time: TimeAxis,
    grid: Grid,
    solver: FixedStep | Diffrax,
    names: tuple[str, ...],
) -> Rows:
    if inputs is None and (again := recalled(model, time, grid, solver, names)) is not None:
        return again
    if isinstance(model.backend, Native):
        found = native_rows(model, inputs, time, grid, solver, names)
        if found is not None:
            return found
        model = by_jax(model)
    traced = any(isinstance(x, Tracer) for x in jax.tree.leaves(inputs))
    if isinstance(solver, FixedStep) and not traced and (found := packed_apart(model)) is not None:
        vector, layout, own = found
        dates = np.array([time.start, time.step, time.end], vector.dtype)
        task = _Task(layout, grid, solver, names)

        def call(dates: Any, vector: Any) -> Rows:
            if not own and len(names) > _FEW:
                sheet = _sheet(vector, {}, inputs, dates, task)
                if not isinstance(sheet.rows, Tracer):
                    return sheet.times, SavedValues(sheet, names), sheet.finite
            return _of_vector(vector, own, inputs, dates, task)

        if inputs is None and not own:
            remember(model, time, grid, solver, names, (dates, vector), call)
        return call(dates, vector)
    axis, bare = _axis(model, time), _bare(model)
    first = _initial(bare, inputs, axis, names)
    return *_whole(bare, inputs, axis, grid, solver, names, first), None


_FEW = 32  # variables: so many arrays of their own are compiled soon


@partial(jax.jit, static_argnums=4)
def _sheet(
    vector: Array, own: dict[str, Array], inputs: Inputs | None, dates: Array, task: _Task
) -> Sheet:
    model, table = _table(vector, own, inputs, dates, task)
    return table.sheet(model)


@partial(jax.jit, static_argnums=4)
def _of_vector(
    vector: Array, own: dict[str, Array], inputs: Inputs | None, dates: Array, task: _Task
) -> tuple[Array, dict[str, Array], Array]:
    model, table = _table(vector, own, inputs, dates, task)
    return table.times, table.values(model, task.names), table.finite()


@garbage_later()
def _table(
    vector: Array, own: dict[str, Array], inputs: Inputs | None, dates: Array, task: _Task
) -> tuple[CompiledModel, Table]:
    axis = Axis(dates[0], dates[1], dates[2])
    model = task.layout.model(vector, own)
    # kept apart, so that a run in segments starts from the same bits
    first = jax.lax.optimization_barrier(_start(model, inputs, axis, task.names))
    return model, by_steps(model, inputs, axis, task.grid, task.solver, task.names, first)


@eqx.filter_jit
@garbage_later()
def _initial(
    model: CompiledModel, inputs: Inputs | None, axis: Axis, names: tuple[str, ...]
) -> State:
    """Compiled on its own, so that a run in segments starts from the same bits as a whole one."""
    return _start(model, inputs, axis, names)


@eqx.filter_jit
@garbage_later()
def _whole(
    model: CompiledModel,
    inputs: Inputs | None,
    axis: Axis,
    grid: Grid,
    solver: FixedStep | Diffrax,
    names: tuple[str, ...],
    state: State,
) -> tuple[Array, Mapping[str, Array]]:
    """Times and saved values; what these do not depend on is not computed."""
    if isinstance(solver, Diffrax):
        return by_diffrax(model, inputs, axis, grid, solver, names, state)
    table = by_steps(model, inputs, axis, grid, solver, names, state)
    return table.times, table.values(model, names)


@eqx.filter_jit
@garbage_later()
def _segment(
    model: CompiledModel,
    inputs: Inputs | None,
    axis: Axis,
    grid: Grid,
    solver: FixedStep,
    names: tuple[str, ...],
    state: State,
) -> tuple[State, Array, dict[str, Array]]:
    table = by_steps(model, inputs, axis, grid, solver, names, state)
    return table.last(), table.times, table.values(model, names)
