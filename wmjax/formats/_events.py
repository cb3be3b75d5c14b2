"""Events written out as equations, for programs that know no events."""

from __future__ import annotations

from typing import Any, Literal

from wmjax.formats._values import Key, keys, split_key, value_at
from wmjax.spec import (
    Auxiliary,
    Effect,
    Event,
    Flow,
    ModelSpec,
    Parameter,
    Reference,
    Series,
    format_name,
)
from wmjax.spec._document import FrozenDict
from wmjax.spec._names import read_name


Top = Literal["", "product", "sum"]
"""The outermost operator of an equation that effects have been added to; empty before the first."""


def expand_events(spec: ModelSpec) -> ModelSpec:
    """The spec in which each event is a variable, its strength from 0 to 1, and its effects are
    part of the equations of their targets. A target without an equation becomes an auxiliary."""
    events = [e for e in spec.events if e.effects]
    if not events:
        return spec
    expansion = _Expansion(spec)
    for event in events:
        expansion.add(event)
    variables = FrozenDict(expansion.variables)
    return spec.model_copy(update={"variables": variables, "events": ()})


class _Expansion:
    """The variables of a spec while events are added to them."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.variables: dict[str, Any] = dict(spec.variables)
        self._tops: dict[tuple[str, str], Top] = {}

    def add(self, event: Event) -> None:
        name = self._unused(f"event {event.name}")
        self.variables[name] = _strength(event)
        for effect in event.effects:
            target = read_name(effect.target)
            variable = self._equated(target)
            equation = self._equation(target, variable, effect, format_name(name))
            frozen = FrozenDict(equation) if isinstance(equation, dict) else equation
            changed = variable.model_copy(update={"equation": frozen})
            self.variables[target.name] = changed

    def _unused(self, wanted: str) -> str:
        name = "".join("_" if c in '"[]' or ord(c) < 32 else c for c in wanted)
        while name in self.variables:
            name += "_"
        return name

    def _equated(self, target: Reference) -> Auxiliary | Flow:
        """The target as a variable with an equation."""
        variable = self.variables[target.name]
        if isinstance(variable, Parameter):
            return _as_auxiliary(variable, self._constants(variable))
        if isinstance(variable, Series):
            below = self._unused(f"{target.name} without events")
            self.variables[below] = variable
            return _as_auxiliary(variable, format_name(below))
        assert isinstance(variable, Auxiliary | Flow)
        return variable

    def _constants(self, parameter: Parameter) -> str | dict[str, str]:
        dims, value = parameter.dims, parameter.value
        if not dims:
            return _number(value_at(self.spec, value, (), ()))
        return {
            ",".join(k): _number(value_at(self.spec, value, k, dims)) for k in keys(self.spec, dims)
        }

    def _equation(
        self, target: Reference, variable: Auxiliary | Flow, effect: Effect, strength: str
    ) -> str | dict[str, str]:
        formula = variable.equation
        if target.subscripts and isinstance(formula, str):
            formula = {",".join(key): formula for key in keys(self.spec, variable.dims)}
        if isinstance(formula, str):
            return self._affected(formula, (target.name, ""), effect, strength)
        return {
            key: self._affected(text, (target.name, key), effect, strength)
            if self._named(target, split_key(key)) else text
            for key, text in formula.items()
        }  # fmt: skip

    def _named(self, target: Reference, key: Key) -> bool:
        """Whether a target names an element, alone or with others of a subrange."""
        known = {*self.spec.dimensions, *self.spec.fields}
        return all(
            element in (self.spec.elements(s.name) if s.name in known else (s.name,))
            for element, s in zip(key, target.subscripts, strict=False)
        )

    def _affected(self, text: str, place: tuple[str, str], effect: Effect, strength: str) -> str:
        top = self._tops.get(place, "")
        if effect.multiply is not None:
            self._tops[place] = "product"
            left = text if top == "product" else f"({text})"
            return f"{left} * (1 + {strength} * {_number(effect.multiply - 1.0)})"
        self._tops[place] = "sum"
        if effect.add is not None:
            return f"{text if top else f'({text})'} + {strength} * {_number(effect.add)}"
        return f"(1 - {strength}) * ({text}) + {strength} * {_number(effect.set or 0.0)}"


def _strength(event: Event) -> Auxiliary:
    """1 while the event lasts, less while it grows; the middle of the step decides."""
    middle, start = "time + time_step / 2", _number(event.start)
    test = f"{middle} > {start}"
    if event.duration is not None:
        test += f" and {middle} < {_number(event.start + event.duration)}"
    level = f"min(max((time - {start}) / {_number(event.ramp)}, 0), 1)" if event.ramp else "1"
    return Auxiliary(kind="auxiliary", equation=f"{level} if {test} else 0", unit="1",
                     doc=event.doc, source=event.source)  # fmt: skip


def _as_auxiliary(variable: Parameter | Series, formula: str | dict[str, str]) -> Auxiliary:
    return Auxiliary(
        kind="auxiliary", equation=formula, dims=variable.dims, unit=variable.unit,
        doc=variable.doc, source=variable.source,
    )  # fmt: skip


def _number(value: float) -> str:
    return repr(float(value)) if value >= 0 else f"({float(value)!r})"
