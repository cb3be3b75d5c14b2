"""Runs by the grouped back end: stocks are one vector."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import jax.numpy as jnp
from jaxtyping import Array

from wmjax.model._inputs import Inputs
from wmjax.model._machine import Levels
from wmjax.model._operations import Clock
from wmjax.model._scalar_run import held, moving
from wmjax.model._slices import Slices, joined
from wmjax.model._tables import all_tables
from wmjax.program import Blocks, Phase, Program, initial_plan, running_plan


if TYPE_CHECKING:
    from wmjax.model._compiled import CompiledModel

Named = Mapping[str, Array]

_STILL = ("time_step", "initial_time", "final_time")
_MOVING = ("time", "switch")
_ROWS = ("start", "end", "ramp")
_ELEMENTS = ("multiply", "add", "set", "weight")


class GroupedRunning:
    """See `Running`."""

    def __init__(
        self,
        model: CompiledModel,
        names: frozenset[str],
        rates: frozenset[str],
        stocks: Mapping[str, Array],
        clock: Clock,
        inputs: Inputs | None,
    ) -> None:
        program = self._program = model.program
        self._parts = _Parts(model, inputs, clock.time.dtype)
        self._moving = moving(program, stocks)
        self._rated = moving(program, rates)
        still, parts = held(program, stocks), self._parts
        plan = running_plan(
            program, parts.effects, names, self._rated,
            (*parts.numbers, *_arrays(program, still), *_clock(_STILL), *parts.outside),
            (*_arrays(program, self._moving), *parts.series, *_clock(_MOVING)),
        )  # fmt: skip
        first = parts.levels(plan.fixed)(
            parts.source(plan.fixed, [
                parts.given, joined(stocks, still, parts.dtype), _times(clock, _STILL),
                parts.effect_numbers(),
            ]), parts.points,
        )  # fmt: skip
        shapes = {n: program.shape(n) for n in plan.still}
        count = first.shape[0] - sum(map(math.prod, shapes.values()))
        self._handed, self.fixed = first[:count], Slices(first[count:], shapes)
        self.changing = plan.changing
        self._shapes = {n: program.shape(n) for n in plan.changing}
        self._width = sum(map(math.prod, self._shapes.values()))
        self._phase, self._levels = plan.moving, parts.levels(plan.moving)

    def pack(self, stocks: Mapping[str, Array]) -> Array:
        return joined(stocks, self._moving, self._parts.dtype)

    def unpack(self, packed: Array) -> Slices:
        return Slices(packed, {n: self._program.shape(n) for n in self._moving})

    def moved(self, stocks: Mapping[str, Array], packed: Array) -> Slices:
        still = held(self._program, stocks)
        shapes = {n: self._program.shape(n) for n in (*self._moving, *still)}
        return Slices(jnp.concatenate([packed, joined(stocks, still, packed.dtype)]), shapes)

    def __call__(self, packed: Array, clock: Clock) -> tuple[Array, Array]:
        parts = self._parts
        now = [self._handed, packed, parts.read_series(clock), _times(clock, _MOVING)]
        found = self._levels(parts.source(self._phase, now), parts.points)
        return found[: self._width], found[self._width :]

    def named(self, moving: Mapping[str, Array], clock: Clock) -> tuple[Named, Named]:
        row, rates = self(self.pack(moving), clock)
        shapes = {n: self._program.shape(n) for n in self._rated}
        return {**self.fixed, **Slices(row, self._shapes)}, Slices(rates, shapes)


def grouped_start(
    model: CompiledModel, stocks: frozenset[str], clock: Clock, inputs: Inputs | None
) -> Slices:
    """Stocks at the start: those that move, then those that do not."""
    program = model.program
    parts = _Parts(model, inputs, clock.time.dtype)
    names = (*moving(program, stocks), *held(program, sorted(stocks)))
    times = (*_STILL, *_MOVING)
    blocks = (*parts.numbers, *parts.series, *_clock(times), *parts.outside)
    phase = initial_plan(program, parts.effects, names, blocks)
    now = [parts.given, parts.read_series(clock), _times(clock, times), parts.effect_numbers()]
    found = parts.levels(phase)(parts.source(phase, now), parts.points)
    return Slices(found, {n: program.shape(n) for n in names})


class _Parts:
    """What is read from outside, side by side, and where: what stands in a source."""

    def __init__(self, model: CompiledModel, inputs: Inputs | None, dtype: jnp.dtype) -> None:
        program = model.program
        self._model, self._inputs, self.dtype = model, inputs, dtype
        self.points, self._places = all_tables(model.lookups, program.outside, dtype)
        parameters = program.names("parameter")
        self.given = joined(model.parameters, parameters, dtype)
        self.numbers = _arrays(program, parameters)
        self.series: Blocks = tuple(("ref", n, 1) for n, _ in program.series)
        found = inputs.effects if inputs is not None else {}
        self.effects = tuple((n, int(e.start.shape[0])) for n, e in sorted(found.items()))
        self.outside: Blocks = tuple(
            ("effect", f"{field} {name}", rows * size)
            for name, rows in self.effects
            for field, size in _fields(math.prod(program.shape(name)))
        )

    def levels(self, phase: Phase) -> Levels:
        return Levels(phase.machine, self._places)

    def source(self, phase: Phase, parts: list[Array]) -> Array:
        """Parts one after another, the constants among them where the phase has them."""
        constants = jnp.asarray(phase.constants, self.dtype)
        at = 1 if phase.handed else 0
        return jnp.concatenate([*parts[:at], constants, *parts[at:]])

    def read_series(self, clock: Clock) -> Array:
        series = self._model.series
        found = [
            series[n](clock.time, clock.time_step, mode) for n, mode in self._model.program.series
        ]
        return jnp.stack(found) if found else jnp.zeros(0, self.dtype)

    def effect_numbers(self) -> Array:
        found = [
            jnp.ravel(getattr(self._inputs.effects[name], field))  # pyright: ignore
            for name, _ in self.effects for field, _ in _fields(1)
        ]  # fmt: skip
        return jnp.concatenate([jnp.zeros(0, self.dtype), *found])


def _fields(size: int) -> list[tuple[str, int]]:
    return [*((f, 1) for f in _ROWS), *((f, size) for f in _ELEMENTS)]


def _arrays(program: Program, names: Iterable[str]) -> Blocks:
    return tuple(("ref", n, math.prod(program.shape(n))) for n in names)


def _clock(names: tuple[str, ...]) -> Blocks:
    return tuple(("clock", n, 1) for n in names)


def _times(clock: Clock, names: tuple[str, ...]) -> Array:
    return jnp.stack([getattr(clock, n) for n in names])
