"""The compiled model: numbers are leaves, structure is static."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from wmjax._errors import UserError
from wmjax.model._backend import Backend, Grouped, Scalar
from wmjax.model._forcing import Forcing
from wmjax.model._inputs import Inputs
from wmjax.model._operations import Clock
from wmjax.model._running import Running, assigned_values, initial_values, running
from wmjax.model._slices import Slices
from wmjax.model._table import Table
from wmjax.program import Program, references
from wmjax.spec import ModelSpec
from wmjax.spec._names import spelling_hint


Values = dict[str, Array]


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

    parameters: Mapping[str, Array]
    lookups: Mapping[str, Table]
    series: Mapping[str, Forcing]
    program: Program = eqx.field(static=True)
    about: About | Unnamed = eqx.field(static=True)
    backend: Backend = eqx.field(static=True, default=Scalar())

    @property
    def spec(self) -> ModelSpec:
        """The spec that this model was compiled from; its parameter values may have moved on."""
        about = self.about
        assert isinstance(about, About)
        return about.spec

    @property
    def dtype(self) -> jnp.dtype:
        """Of every number."""
        if isinstance(self.parameters, dict) and self.parameters:
            return next(iter(self.parameters.values())).dtype
        leaves = jax.tree.leaves((self.parameters, self.lookups, self.series))
        if not leaves and isinstance(self.about, About):
            return self.about.dtype
        return leaves[0].dtype if leaves else jnp.zeros(()).dtype

    def initial_values(
        self, clock: Clock, inputs: Inputs | None = None, *, needed: Collection[str] | None = None
    ) -> Mapping[str, Array]:
        """Stocks at the start, hidden ones included, with the shape of their dimensions.

        **Arguments:**

        - `needed`: names of the stocks wanted; all if absent.
        """
        stocks = self.program.names("stock", hidden=True)
        wanted = [n for n in stocks if needed is None or n in needed]
        return initial_values(self, wanted, clock, inputs)

    def running(
        self,
        names: Collection[str],
        stocks: Mapping[str, Array],
        clock: Clock,
        inputs: Inputs | None = None,
        *,
        rates: Collection[str] | None = None,
    ) -> Running:
        """The model made ready for many steps of one run.

        **Arguments:**

        - `names`: the values wanted.
        - `stocks`: all that these and the rates read; those that do not move keep these values.
        - `clock`: of any time of the run.
        - `rates`: the stocks whose rates are wanted; all of `stocks` if absent.
        """
        return running(self, names, stocks, clock, inputs, rates)

    def evaluate(
        self,
        stocks: Mapping[str, Array],
        clock: Clock,
        inputs: Inputs | None = None,
        *,
        needed: Collection[str] | None = None,
    ) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        """Values at one time, and the rates of change of the given stocks that move.

        **Arguments:**

        - `needed`: the names to compute, closed under `Program.reach`; all if absent.
        """
        return self.running(self._computed(needed), stocks, clock, inputs).named(stocks, clock)

    def values(
        self,
        stocks: Mapping[str, Array],
        clock: Clock,
        inputs: Inputs | None = None,
        *,
        needed: Collection[str] | None = None,
    ) -> Mapping[str, Array]:
        """The values of `evaluate` alone; `needed` is closed under `Program.instant_reach`."""
        names = self._computed(needed)
        return self.running(names, stocks, clock, inputs, rates=()).named(stocks, clock)[0]

    def _computed(self, needed: Collection[str] | None) -> frozenset[str]:
        names = self.program.names("stock", "flow", "auxiliary", "parameter", "series", hidden=True)
        return frozenset(n for n in names if needed is None or n in needed)

    def evaluate_checks(self, values: Mapping[str, Array], clock: Clock) -> tuple[Array, ...]:
        """The assertions of the model at one time, in order: 0 where one does not hold."""
        return assigned_values(self, self.program.checks, values, clock)

    def held_values(self, values: Mapping[str, Array], clock: Clock) -> Values:
        """What `initial(...)` holds in the checks, from all values at the start."""
        read = {n for a in self.program.checks for n in references(a.node)}
        found = dict(values)
        for a in self.program.initial:
            if a.name in read and a.name not in found:
                (found[a.name],) = assigned_values(self, [a], found, clock)
        return {n: found[n] for n in read if n not in values}


def side_by_side(model: CompiledModel) -> CompiledModel:
    """The same model for the grouped back end with its parameters in one vector: a compiled program
    takes long over thousands of arguments. The numbers must not be traced."""
    if not isinstance(model.backend, Grouped) or isinstance(model.parameters, Slices):
        return model
    found = [model.parameters[n] for n in model.program.names("parameter")]
    flat = [np.zeros(0, model.dtype), *(x.reshape(-1) for x in jax.device_get(found))]
    shapes = {n: x.shape for n, x in zip(model.program.names("parameter"), found, strict=True)}
    vector = jnp.asarray(np.concatenate(flat))
    return dataclasses.replace(model, parameters=Slices(vector, shapes))


def with_parameters(model: CompiledModel, values: Mapping[str, object]) -> CompiledModel:
    """The model with other numbers for some parameters; table values by the lookup's name.

    Traceable: the values may be traced arrays.

    **Raises:** `UserError` for a name that is neither a parameter nor a lookup, and for a value
    that does not have its shape.
    """
    parameters: dict[str, Array] = {}
    lookups = dict(model.lookups)
    for name, value in values.items():
        if name in model.parameters:
            parameters[name] = _shaped(name, value, model.parameters[name])
        elif name in lookups:
            table = lookups[name]
            lookups[name] = Table(table.x, _shaped(name, value, table.y), table.even)
        else:
            raise UserError(
                f"parameter {name!r}", "no such name in the model", "a parameter or a lookup",
                spelling_hint(name, [*model.parameters, *lookups], ""),
            )  # fmt: skip
    moved = {**model.parameters, **parameters} if parameters else model.parameters
    return dataclasses.replace(model, parameters=moved, lookups=lookups)


def _shaped(name: str, value: object, like: Array) -> Array:
    try:
        return jnp.broadcast_to(jnp.asarray(value, like.dtype), like.shape)
    except (TypeError, ValueError):
        shown = repr(value)
        raise UserError(
            f"parameter {name!r}", shown if len(shown) < 80 else f"{shown[:77]}...",
            f"numbers of shape {like.shape}" if like.shape else "a number",
        ) from None  # fmt: skip
