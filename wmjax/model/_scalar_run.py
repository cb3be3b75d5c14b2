"""Runs by the scalar back end: stocks are arrays by name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import jax.numpy as jnp
from jaxtyping import Array

from wmjax.model import _scalar
from wmjax.model._influence import moved_together
from wmjax.model._inputs import Inputs
from wmjax.model._operations import Clock, Value
from wmjax.model._sources import Sources
from wmjax.model._table import Tables
from wmjax.program import Program, Tape


if TYPE_CHECKING:
    from wmjax.model._compiled import CompiledModel

Named = dict[str, Array]


class ScalarRunning:
    """See `Running`."""

    def __init__(
        self,
        model: CompiledModel,
        tape: Tape,
        stocks: Mapping[str, Array],
        clock: Clock,
        inputs: Inputs | None,
    ) -> None:
        self._model, self._inputs, self._tape = model, inputs, tape
        self._dtype, self._moving = clock.time.dtype, moving(model.program, stocks)
        entries = tape.entries
        still, self._moves = (
            tuple(i for i, e in enumerate(entries) if e.varies == moves) for moves in (False, True)
        )
        sources = _sources(model, stocks, _tables(model, tape, still), clock, inputs)
        known = _scalar.evaluate(tape, still, {}, sources)
        self._tables = _tables(model, tape, self._moves)
        used = {a for e in entries if e.varies for a in e.args}
        used |= {*tape.values.values(), *tape.rates.values()}
        self._fixed = {i: known[i] for i in still if i in used}
        self.fixed = {n: self._number(known[i]) for n, i in tape.values.items() if i in known}
        self.changing = tuple(n for n in tape.values if n not in self.fixed)

    def pack(self, stocks: Mapping[str, Array]) -> Named:
        model, inputs = self._model, self._inputs
        held = {n: x for n, x in stocks.items() if n not in self._moving}
        effects = inputs.effects if inputs is not None else {}
        given = {**model.parameters, **model.lookups, **model.series, **held, **effects}
        return moved_together(self._tape, {n: stocks[n] for n in self._moving}, given)

    def unpack(self, packed: Named) -> Named:
        return packed

    def moved(self, stocks: Mapping[str, Array], packed: Named) -> Named:
        return {**stocks, **packed}

    def __call__(self, packed: Named, clock: Clock) -> tuple[Array, Named]:
        values, rates = self.named(packed, clock)
        flat = [values[n].reshape(-1) for n in self.changing]
        return jnp.concatenate(flat) if flat else jnp.zeros(0, self._dtype), rates

    def named(self, moving: Mapping[str, Array], clock: Clock) -> tuple[Named, Named]:
        """All wanted values, and the rates."""
        sources = _sources(self._model, moving, self._tables, clock, self._inputs)
        found = _scalar.evaluate(self._tape, self._moves, self._fixed, sources)
        return (
            {n: self._number(found[i]) for n, i in self._tape.values.items()},
            {n: self._number(found[i]) for n, i in self._tape.rates.items()},
        )

    def _number(self, value: Value) -> Array:
        return jnp.asarray(value, self._dtype)


def evaluated(
    model: CompiledModel,
    tape: Tape,
    stocks: Mapping[str, Array],
    clock: Clock,
    inputs: Inputs | None,
) -> Named:
    """All values of a tape at one time."""
    every = tuple(range(len(tape.entries)))
    sources = _sources(model, stocks, _tables(model, tape, every), clock, inputs)
    found = _scalar.evaluate(tape, every, {}, sources)
    return {n: jnp.asarray(found[i], clock.time.dtype) for n, i in tape.values.items()}


def _sources(
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


def _tables(model: CompiledModel, tape: Tape, wanted: tuple[int, ...]) -> Tables:
    """Those that entries read, in the order in which they are read together."""
    read = [i for some in _scalar.rounds(tape, wanted) for i in some.looked_up]
    names = dict.fromkeys(str(tape.entries[i].data) for i in read)
    outside = model.program.outside
    return Tables({n: (model.lookups[n], outside[n]) for n in names})


def moving(program: Program, stocks: Collection[str]) -> tuple[str, ...]:
    """The stocks that move, in order."""
    return tuple(a.name for a in program.rates if a.name in stocks)


def held(program: Program, stocks: Collection[str]) -> tuple[str, ...]:
    """The stocks that stay as they are, in order."""
    rates = {a.name for a in program.rates}
    return tuple(n for n in stocks if n not in rates)
