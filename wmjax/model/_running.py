"""A model made ready for a run: what does not change while it runs is computed once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

import jax.numpy as jnp
from jaxtyping import Array

from wmjax.model import _scalar
from wmjax.model._inputs import Inputs
from wmjax.model._operations import Clock, Value
from wmjax.model._sources import Sources
from wmjax.model._table import Tables
from wmjax.program import Assignment, Tape, free_tape, initial_tape, running_tape


if TYPE_CHECKING:
    from wmjax.model._compiled import CompiledModel

Named = dict[str, Array]


class Running:
    """Values and rates of change of a model, from its moving stocks and the time.

    **Arguments:**

    - `names`: the values wanted.
    - `stocks`: all stocks that these and their own rates read; those that stay as they are keep
        these values.
    - `clock`: of any time of the run.
    """

    def __init__(
        self,
        model: CompiledModel,
        names: Collection[str],
        stocks: Mapping[str, Array],
        clock: Clock,
        inputs: Inputs | None,
    ) -> None:
        self._model, self._inputs, self._dtype = model, inputs, clock.time.dtype
        self._tape = running_tape(
            model.program, frozenset(names), frozenset(stocks), effect_names(inputs)
        )
        self._tables = _tables(model, self._tape)
        entries = self._tape.entries
        still = [i for i, e in enumerate(entries) if not e.varies]
        known = _scalar.evaluate(self._tape, still, {}, self._sources(stocks, clock))
        used = {a for e in entries if e.varies for a in e.args}
        used |= {*self._tape.values.values(), *self._tape.rates.values()}
        self._fixed = {i: known[i] for i in still if i in used}
        self._moves = [i for i, e in enumerate(entries) if e.varies]
        self.fixed = {n: self._number(known[i]) for n, i in self._tape.values.items() if i in known}
        """The values that are the same at all times."""

    def __call__(self, moving: Mapping[str, Array], clock: Clock) -> tuple[Named, Named]:
        """The values wanted, those of `fixed` among them, and the rates of the moving stocks."""
        sources = self._sources(moving, clock)
        found = _scalar.evaluate(self._tape, self._moves, self._fixed, sources)
        return (
            {n: self._number(found[i]) for n, i in self._tape.values.items()},
            {n: self._number(found[i]) for n, i in self._tape.rates.items()},
        )

    def _sources(self, stocks: Mapping[str, Array], clock: Clock) -> Sources:
        return sources(self._model, stocks, self._tables, clock, self._inputs)

    def _number(self, value: Value) -> Array:
        return jnp.asarray(value, self._dtype)


def initial_values(
    model: CompiledModel, stocks: Collection[str], clock: Clock, inputs: Inputs | None
) -> Named:
    """Stocks at the start, with the shape of their dimensions."""
    tape = initial_tape(model.program, frozenset(stocks), effect_names(inputs))
    tables = _tables(model, tape)
    found = _scalar.evaluate(
        tape, range(len(tape.entries)), {}, sources(model, {}, tables, clock, inputs)
    )
    return {n: jnp.asarray(found[i], clock.time.dtype) for n, i in tape.values.items()}


def assigned_values(
    model: CompiledModel,
    assignments: Iterable[Assignment],
    values: Mapping[str, Array],
    clock: Clock,
) -> tuple[Array, ...]:
    """The values of assignments in order, from those of all names that they read."""
    tape = free_tape(assignments)
    tables = _tables(model, tape)
    found = _scalar.evaluate(
        tape, range(len(tape.entries)), {}, sources(model, values, tables, clock, None)
    )
    return tuple(jnp.asarray(found[i], clock.time.dtype) for i in tape.values.values())


def sources(
    model: CompiledModel,
    stocks: Mapping[str, Array],
    tables: Tables,
    clock: Clock,
    inputs: Inputs | None,
) -> Sources:
    modes = dict(model.program.series)

    def read(name: str) -> Array:
        if name in stocks:
            return stocks[name]
        if name in model.parameters:
            return model.parameters[name]
        return model.series[name](clock.time, clock.time_step, modes[name])

    return Sources(model.program, read, tables, clock, inputs)


def effect_names(inputs: Inputs | None) -> frozenset[str]:
    return frozenset(inputs.effects) if inputs is not None else frozenset()


def _tables(model: CompiledModel, tape: Tape) -> Tables:
    read = {str(e.data) for e in tape.entries if e.op == "lookup"}
    return Tables({n: t for n, t in model.lookups.items() if n in read})
