"""A model made ready for a run: what does not change while it runs is computed once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from jaxtyping import Array

from wmjax.model._backend import Grouped
from wmjax.model._grouped_run import GroupedRunning, grouped_start
from wmjax.model._inputs import Inputs
from wmjax.model._operations import Clock
from wmjax.model._scalar_run import ScalarRunning, evaluated
from wmjax.program import Assignment, free_tape, initial_tape, running_tape


if TYPE_CHECKING:
    from wmjax.model._compiled import CompiledModel

Named = Mapping[str, Array]
Packed = Any
"""The moving stocks in the form that suits the back end: arrays by name, or one vector."""


@runtime_checkable
class Running(Protocol):
    """Values and rates of change of a model, from its moving stocks and the time."""

    changing: tuple[str, ...]
    """The wanted values that can change, in the order of a row."""

    @property
    def fixed(self) -> Named:
        """The other wanted values."""
        ...

    def pack(self, stocks: Mapping[str, Array]) -> Packed: ...

    def unpack(self, packed: Packed) -> Mapping[str, Array]:
        """The moving stocks by name."""
        ...

    def moved(self, stocks: Mapping[str, Array], packed: Packed) -> Mapping[str, Array]:
        """All stocks, those that move as they are in `packed`."""
        ...

    def __call__(self, packed: Packed, clock: Clock) -> tuple[Array, Packed]:
        """The changing values as one row, and the rates of the moving stocks."""
        ...

    def named(self, moving: Mapping[str, Array], clock: Clock) -> tuple[Named, Mapping[str, Array]]:
        """All wanted values, and the rates, by name."""
        ...


def running(
    model: CompiledModel,
    names: Collection[str],
    stocks: Mapping[str, Array],
    clock: Clock,
    inputs: Inputs | None,
    rates: Collection[str] | None,
) -> Running:
    """See `CompiledModel.running`."""
    wanted = frozenset(stocks if rates is None else rates)
    if isinstance(model.backend, Grouped):
        return GroupedRunning(model, frozenset(names), wanted, stocks, clock, inputs)
    tape = running_tape(model.program, frozenset(names), wanted, effect_names(inputs))
    return ScalarRunning(model, tape, stocks, clock, inputs)


def initial_values(
    model: CompiledModel, stocks: Collection[str], clock: Clock, inputs: Inputs | None
) -> Mapping[str, Array]:
    """Stocks at the start, with the shape of their dimensions."""
    if isinstance(model.backend, Grouped):
        return grouped_start(model, frozenset(stocks), clock, inputs)
    tape = initial_tape(model.program, frozenset(stocks), effect_names(inputs))
    return evaluated(model, tape, {}, clock, inputs)


def assigned_values(
    model: CompiledModel,
    assignments: Iterable[Assignment],
    values: Mapping[str, Array],
    clock: Clock,
) -> tuple[Array, ...]:
    """The values of assignments in order, from those of all names that they read."""
    return tuple(evaluated(model, free_tape(assignments), values, clock, None).values())


def effect_names(inputs: Inputs | None) -> frozenset[str]:
    return frozenset(inputs.effects) if inputs is not None else frozenset()
