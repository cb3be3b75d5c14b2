"""Runs by generated C, where they can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from wmjax.model import CompiledModel, Effects, Forcing, Inputs, Table
from wmjax.native import Form, Job, give_notice
from wmjax.native._batched import Runs
from wmjax.native._job import OverTime
from wmjax.native._kernel import Kernel, kernel, reason_against
from wmjax.program import Program
from wmjax.sim._axis import Axis, Grid
from wmjax.sim._solver import Diffrax, FixedStep
from wmjax.sim._steps import by_steps, start
from wmjax.sim._warm import Rows, remember
from wmjax.spec import TimeAxis


_EFFECT = ("start", "end", "ramp", "multiply", "add", "set", "weight")


def native_rows(
    model: CompiledModel,
    inputs: Inputs | None,
    time: TimeAxis,
    grid: Grid,
    solver: FixedStep | Diffrax,
    names: tuple[str, ...],
) -> Rows | None:
    """Times, saved values, and whether these are finite; None, after a notice, where generated C
    has to give way."""
    reason = reason_against_c(model, solver)
    if reason is None and isinstance(solver, FixedStep):
        leaves = leaves_of(model, inputs)
        rows = -(-grid.steps // grid.stride) + 1
        if all(_is_plain(x) for x in leaves):
            flat = [np.zeros(0), *(np.asarray(x).reshape(-1) for x in leaves)]
            vector = np.concatenate(flat)
            found = _by_vector(model, inputs, vector, time, grid, solver, names)
        else:
            found = _by_leaves(model, inputs, axis_numbers(time, grid), grid, solver, names, rows)
        if not isinstance(found, str):
            values, finite = found
            return _times(time.start, time.step, grid), values, finite
        reason = found
    give_notice(str(reason))
    return None


def _is_plain(leaf: object) -> bool:
    return isinstance(leaf, jax.Array) and not isinstance(leaf, Tracer)


def native_job(
    model: CompiledModel,
    inputs: Inputs | None,
    solver: FixedStep,
    names: tuple[str, ...],
    keep: tuple[OverTime, ...] | None = None,
    varied: frozenset[int] | None = None,
) -> Job:
    """What a kernel for runs of a model has to be made for.

    **Arguments:**

    - `varied`: numbers of the leaves, in the order of `leaves_of`, that differ between runs.
    """
    program = model.program
    tables = [model.lookups[n] for n, _ in program.lookups]
    known = not any(isinstance(t.x, Tracer) for t in tables)
    points = np.concatenate([np.zeros(0), *(np.asarray(t.x) for t in tables)]) if known else None
    effects = {} if inputs is None else inputs.effects
    return _job(
        program, tuple(t.even for t in tables), tuple(t.x.shape[0] for t in tables),
        None if points is None else points.tobytes(),
        tuple(model.series[n].t.shape[0] for n, _ in program.series),
        tuple((n, effects[n].start.shape[0]) for n in sorted(effects)),
        (solver.fractions, solver.weights), names, keep, varied,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _job(
    program: Program,
    even: tuple[bool, ...],
    sizes: tuple[int, ...],
    points: bytes | None,
    series: tuple[int, ...],
    effects: tuple[tuple[str, int], ...],
    method: tuple[tuple[float, ...], tuple[float, ...]],
    names: tuple[str, ...],
    keep: tuple[OverTime, ...] | None,
    varied: frozenset[int] | None,
) -> Job:
    first: dict[object, int] = {}
    forms, at = [], 0
    for i, (_, outside) in enumerate(program.lookups):
        own = points[8 * at : 8 * (at + sizes[i])] if points is not None else i
        at += sizes[i]
        grid = first.setdefault((own, outside), i)
        forms.append(Form(sizes[i], even[i], grid, outside == "hold"))
    return Job(program, names, tuple(forms), series, effects, *method, keep, varied)


def leaves_of(model: CompiledModel, inputs: Inputs | None) -> list[Any]:
    """The numbers of a model and of its inputs in the order of `Job.leaves`."""
    program = model.program
    tables = [model.lookups[n] for n, _ in program.lookups]
    found = [*(model.parameters[n] for n in program.names("parameter"))]
    found += [*(t.x for t in tables), *(t.y for t in tables)]
    for n, _ in program.series:
        found += [model.series[n].t, model.series[n].v, model.series[n].slope]
    effects = {} if inputs is None else inputs.effects
    return found + [getattr(effects[n], part) for n in sorted(effects) for part in _EFFECT]


def with_leaves(
    model: CompiledModel, inputs: Inputs | None, leaves: Sequence[Any]
) -> tuple[CompiledModel, Inputs | None]:
    """The model and inputs that have these numbers instead; the reverse of `leaves_of`."""
    program, rest = model.program, iter(leaves)
    parameters = {n: next(rest) for n in program.names("parameter")}
    x = [next(rest) for _ in program.lookups]
    lookups = {
        n: Table(px, next(rest), model.lookups[n].even)
        for px, (n, _) in zip(x, program.lookups, strict=True)
    }
    series = {n: Forcing(next(rest), next(rest), next(rest)) for n, _ in program.series}
    changed = CompiledModel(parameters, lookups, series, program, model.about, model.backend)
    if inputs is None:
        return changed, None
    effects = {n: Effects(*(next(rest) for _ in _EFFECT)) for n in sorted(inputs.effects)}
    return changed, Inputs(effects)


def axis_numbers(time: TimeAxis, grid: Grid) -> np.ndarray:
    """Start, step and end of the axis, steps of the run, and steps from row to row."""
    return np.array([time.start, time.step, time.end, grid.steps, grid.stride], float)


def reason_against_c(model: CompiledModel, solver: FixedStep | Diffrax) -> str | None:
    """Why no generated C can run a model by a method, whatever its equations are."""
    if not isinstance(solver, FixedStep):
        return f"{type(solver).__name__} is no method of fixed steps"
    device = jax.config.jax_default_device  # pyright: ignore[reportAttributeAccessIssue]
    platform = getattr(device, "platform", None) or device or jax.default_backend()
    return reason_against(str(platform), model.dtype)


def _by_vector(
    model: CompiledModel,
    inputs: Inputs | None,
    vector: np.ndarray,
    time: TimeAxis,
    grid: Grid,
    solver: FixedStep,
    names: tuple[str, ...],
) -> tuple[dict[str, Array], Array] | str:
    """One run from numbers at hand: nothing is traced but the call itself."""
    found = kernel(native_job(model, inputs, solver, names))
    if isinstance(found, str):
        return found
    axis, call = axis_numbers(time, grid), _compiled(found, -(-grid.steps // grid.stride) + 1)
    times = _times(time.start, time.step, grid)

    def again(axis: Any, vector: Any) -> Rows:
        values, finite = call(axis, vector)
        return times, _named(names, values), finite

    if inputs is None:
        remember(model, time, grid, solver, names, (axis, vector), again)
    values, finite = call(axis, vector)
    return _named(names, values), finite


@lru_cache(maxsize=64)
def _compiled(found: Kernel, rows: int) -> Any:
    @jax.jit
    def run(axis: Array, vector: Array) -> tuple[list[Array], Array]:
        values, wrong = found(axis, vector, (), rows)
        return [v[0] for v in values], wrong[0] == 0

    return run


def _by_leaves(
    model: CompiledModel,
    inputs: Inputs | None,
    axis: np.ndarray,
    grid: Grid,
    solver: FixedStep,
    names: tuple[str, ...],
    rows: int,
) -> tuple[dict[str, Array], Array] | str:
    """Inside a transformation of JAX."""
    job = native_job(model, inputs, solver, names)
    found = kernel(job)
    if isinstance(found, str):
        return found

    def reference(axis: Array, leaves: Sequence[Array]) -> tuple[list[Array], Array]:
        own, acting = with_leaves(by_jax(model), inputs, leaves)
        dates = Axis(axis[0], axis[1], axis[2])
        first = start(own, acting, dates, names)
        table = by_steps(own, acting, dates, grid, solver, names, first)
        values = table.values(own, names)
        return [values[n] for n in names], jnp.where(table.finite(), 0.0, jnp.nan)

    values, wrong = Runs(job, reference, rows)(jnp.asarray(axis), leaves_of(model, inputs))
    return _named(names, values), wrong == 0


def _named(names: tuple[str, ...], values: list[Array]) -> dict[str, Array]:
    """By name, in the order in which compiled programs of JAX give a mapping back."""
    return dict(zip(names, values, strict=True))


def by_jax(model: CompiledModel) -> CompiledModel:
    """The model with the back end of JAX that suits it."""
    from wmjax.model._backend import chosen

    return replace(model, backend=chosen(model.program))


@lru_cache(maxsize=256)
def _times(start: float, step: float, grid: Grid) -> Array:
    with jax.ensure_compile_time_eval():
        counts = np.minimum(np.arange(-(-grid.steps // grid.stride) + 1) * grid.stride, grid.steps)
        return jnp.asarray(start + counts * step)
