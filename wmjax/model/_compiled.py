"""The compiled model: numbers are leaves, structure is static."""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from wmjax.model._evaluate import Evaluator
from wmjax.model._forcing import Forcing
from wmjax.model._inputs import Inputs
from wmjax.model._operations import Clock
from wmjax.model._table import Table
from wmjax.program import Program
from wmjax.spec import ModelSpec


Values = dict[str, Array]


class _About:
    """The spec beside the structure; it takes no part in comparing compiled models."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _About)

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
    about: _About = eqx.field(static=True)

    @property
    def spec(self) -> ModelSpec:
        """The spec that this model was compiled from; its parameter values may have moved on."""
        return self.about.spec

    @property
    def dtype(self) -> jnp.dtype:
        leaves = [*self.parameters.values(), *(t.y for t in self.lookups.values())]
        return leaves[0].dtype if leaves else jnp.zeros(()).dtype

    def initial_values(self, clock: Clock, inputs: Inputs | None = None) -> Values:
        """Every stock at the start, hidden ones included, with the shape of its dimensions."""
        evaluator = self._evaluator({}, clock, inputs)
        for assignment in self.program.initial:
            value = evaluator(assignment.node)
            if self.program.slot[assignment.name].kind != "stock":
                value = _affected(assignment.name, value, clock, inputs)
            evaluator.values[assignment.name] = value
        stocks = self.program.names("stock", hidden=True)
        return {n: evaluator.values[n].astype(self.dtype) for n in stocks}

    def evaluate(
        self, stocks: Mapping[str, Array], clock: Clock, inputs: Inputs | None = None
    ) -> tuple[Values, Values]:
        """All values at one time, and the rates of change of all stocks."""
        evaluator = self._evaluator(stocks, clock, inputs)
        for layer in self.program.layers:
            for assignment in layer.assignments:
                value = _affected(assignment.name, evaluator(assignment.node), clock, inputs)
                evaluator.values[assignment.name] = value
        rates = {a.name: evaluator(a.node) for a in self.program.rates}
        return evaluator.values, rates

    def evaluate_checks(self, values: Mapping[str, Array], clock: Clock) -> Values:
        """The assertions of the model at one time: 0 where one does not hold."""
        evaluator = Evaluator(self.program, values, clock, self._lookup)
        return {a.name: evaluator(a.node) for a in self.program.checks}

    def _evaluator(
        self, stocks: Mapping[str, Array], clock: Clock, inputs: Inputs | None
    ) -> Evaluator:
        values = dict(stocks)
        for name, value in self.parameters.items():
            values[name] = _affected(name, value, clock, inputs)
        for name, mode in self.program.series:
            values[name] = _affected(name, self.series[name](clock.time, mode), clock, inputs)
        return Evaluator(self.program, values, clock, self._lookup)

    def _lookup(self, name: str, x: Array) -> Array:
        return self.lookups[name](x, dict(self.program.lookups)[name])


def _affected(name: str, value: Array, clock: Clock, inputs: Inputs | None) -> Array:
    if inputs is None or name not in inputs.effects:
        return value
    return inputs.effects[name](value, clock.time, clock.time_step)


def with_parameters(model: CompiledModel, values: Mapping[str, object]) -> CompiledModel:
    """The model with other numbers for some parameters; table values by the lookup's name.

    Traceable: the values may be traced arrays.

    **Raises:** `KeyError` for a name that is neither a parameter nor a lookup.
    """
    parameters, lookups = dict(model.parameters), dict(model.lookups)
    for name, value in values.items():
        if name in parameters:
            new = jnp.asarray(value, model.dtype)
            parameters[name] = jnp.broadcast_to(new, parameters[name].shape)
        else:
            y = jnp.asarray(value, model.dtype)
            lookups[name] = Table(lookups[name].x, jnp.broadcast_to(y, lookups[name].y.shape))
    return CompiledModel(parameters, lookups, model.series, model.program, model.about)
