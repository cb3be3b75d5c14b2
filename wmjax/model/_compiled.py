"""The compiled model: numbers are leaves, structure is static."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from wmjax._errors import UserError
from wmjax.model._evaluate import Evaluator
from wmjax.model._forcing import Forcing
from wmjax.model._inputs import Inputs
from wmjax.model._operations import Clock
from wmjax.model._table import Table
from wmjax.program import Program, references
from wmjax.spec import ModelSpec
from wmjax.spec._names import spelling_hint


Values = dict[str, Array]

_FUSED = 4
"""Layers between barriers. XLA repeats a cheap value in the code of everything that reads it, so a
chain of n variables would take time of order n^2 to compile (250 in a row: 17 s, now 2 s)."""


class About:
    """The spec beside the structure.

    Of two compiled models with the same program it compares what a traced run reads from the spec:
    the time axis, the events and the checks. Everything else stands in the leaves.
    """

    def __init__(self, spec: ModelSpec, dtype: jnp.dtype) -> None:
        self.spec, self.dtype = spec, dtype
        self._key = (spec.time, spec.events, spec.checks, str(dtype))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, About) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


class Unnamed:
    """Stands for the spec in compiled programs, which all specs of one structure share."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unnamed)

    def __hash__(self) -> int:
        return 0


class CompiledModel(eqx.Module):
    """A model that can be run and differentiated.

    Models of equal structure share one compiled program: a changed parameter is a changed leaf, and
    never a new trace.
    """

    parameters: dict[str, Array]
    lookups: dict[str, Table]
    series: dict[str, Forcing]
    program: Program = eqx.field(static=True)
    about: About | Unnamed = eqx.field(static=True)

    @property
    def spec(self) -> ModelSpec:
        """The spec that this model was compiled from; its parameter values may have moved on."""
        assert isinstance(self.about, About)
        return self.about.spec

    @property
    def dtype(self) -> jnp.dtype:
        """Of every number."""
        leaves = jax.tree.leaves((self.parameters, self.lookups, self.series))
        if not leaves and isinstance(self.about, About):
            return self.about.dtype
        return leaves[0].dtype if leaves else jnp.zeros(()).dtype

    def initial_values(
        self, clock: Clock, inputs: Inputs | None = None, *, needed: Collection[str] | None = None
    ) -> Values:
        """Stocks at the start, hidden ones included, with the shape of their dimensions.

        **Arguments:**

        - `needed`: names of the stocks wanted; all if absent.
        """
        wanted = self.program.names("stock", hidden=True)
        wanted = tuple(n for n in wanted if needed is None or n in needed)
        reach = self.program.initial_reach(wanted)
        evaluator = self._evaluator({}, clock, inputs, reach)
        for assignment in self.program.initial:
            if assignment.name not in reach:
                continue
            value = evaluator(assignment.node)
            if self.program.slot[assignment.name].kind != "stock":
                value = _affected(assignment.name, value, clock, inputs)
            evaluator.values[assignment.name] = value
        return {n: evaluator.values[n].astype(clock.time.dtype) for n in wanted}

    def evaluate(
        self,
        stocks: Mapping[str, Array],
        clock: Clock,
        inputs: Inputs | None = None,
        *,
        needed: Collection[str] | None = None,
    ) -> tuple[Values, Values]:
        """Values at one time, and the rates of change of the given stocks that move.

        **Arguments:**

        - `needed`: the names to compute, closed under `Program.reach`; all if absent.
        """
        evaluator = self._running(stocks, clock, inputs, needed)
        rates = {a.name: evaluator(a.node) for a in self.program.rates if a.name in stocks}
        return evaluator.values, rates

    def values(
        self,
        stocks: Mapping[str, Array],
        clock: Clock,
        inputs: Inputs | None = None,
        *,
        needed: Collection[str] | None = None,
    ) -> Values:
        """The values of `evaluate` alone; `needed` is closed under `Program.instant_reach`."""
        return self._running(stocks, clock, inputs, needed).values

    def _running(
        self,
        stocks: Mapping[str, Array],
        clock: Clock,
        inputs: Inputs | None,
        needed: Collection[str] | None,
    ) -> Evaluator:
        evaluator = self._evaluator(stocks, clock, inputs, needed)
        fresh: Values = {}
        for depth, layer in enumerate(self.program.layers):
            for assignment in layer.assignments:
                if needed is None or assignment.name in needed:
                    value = _affected(assignment.name, evaluator(assignment.node), clock, inputs)
                    evaluator.values[assignment.name] = fresh[assignment.name] = value
            if depth % _FUSED == _FUSED - 1:
                evaluator.values.update(jax.lax.optimization_barrier(fresh))
                fresh = {}
        return evaluator

    def evaluate_checks(self, values: Mapping[str, Array], clock: Clock) -> tuple[Array, ...]:
        """The assertions of the model at one time, in order: 0 where one does not hold."""
        evaluator = Evaluator(self.program, values, clock, self._lookup)
        return tuple(evaluator(a.node) for a in self.program.checks)

    def held_values(self, values: Mapping[str, Array], clock: Clock) -> Values:
        """What `initial(...)` holds in the checks, from all values at the start."""
        evaluator = Evaluator(self.program, values, clock, self._lookup)
        read = {n for a in self.program.checks for n in references(a.node)}
        for a in self.program.initial:
            if a.name in read and a.name not in values:
                evaluator.values[a.name] = evaluator(a.node)
        return {n: evaluator.values[n] for n in read if n not in values}

    def _evaluator(
        self,
        stocks: Mapping[str, Array],
        clock: Clock,
        inputs: Inputs | None,
        needed: Collection[str] | None = None,
    ) -> Evaluator:
        values = dict(stocks)
        for name, value in self.parameters.items():
            values[name] = _affected(name, value, clock, inputs)
        for name, mode in self.program.series:
            if needed is None or name in needed:
                value = self.series[name](clock.time, clock.time_step, mode)
                values[name] = _affected(name, value, clock, inputs)
        return Evaluator(self.program, values, clock, self._lookup)

    def _lookup(self, name: str, x: Array) -> Array:
        return self.lookups[name](x, dict(self.program.lookups)[name])


def _affected(name: str, value: Array, clock: Clock, inputs: Inputs | None) -> Array:
    if inputs is None or name not in inputs.effects:
        return value
    return inputs.effects[name](value, clock)


def with_parameters(model: CompiledModel, values: Mapping[str, object]) -> CompiledModel:
    """The model with other numbers for some parameters; table values by the lookup's name.

    Traceable: the values may be traced arrays.

    **Raises:** `UserError` for a name that is neither a parameter nor a lookup, and for a value
    that does not have its shape.
    """
    parameters, lookups = dict(model.parameters), dict(model.lookups)
    for name, value in values.items():
        if name in parameters:
            parameters[name] = _shaped(name, value, parameters[name])
        elif name in lookups:
            lookups[name] = Table(lookups[name].x, _shaped(name, value, lookups[name].y))
        else:
            raise UserError(
                f"parameter {name!r}", "no such name in the model", "a parameter or a lookup",
                spelling_hint(name, [*parameters, *lookups], ""),
            )  # fmt: skip
    return CompiledModel(parameters, lookups, model.series, model.program, model.about)


def _shaped(name: str, value: object, like: Array) -> Array:
    try:
        return jnp.broadcast_to(jnp.asarray(value, like.dtype), like.shape)
    except (TypeError, ValueError):
        shown = repr(value)
        raise UserError(
            f"parameter {name!r}", shown if len(shown) < 80 else f"{shown[:77]}...",
            f"numbers of shape {like.shape}" if like.shape else "a number",
        ) from None  # fmt: skip
