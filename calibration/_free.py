"""What a fit may move: elements of parameters, and the values of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from pydantic import FiniteFloat

from calibration._element import labels, near, position, split
from wmjax._errors import UserError, UserErrors
from wmjax.model import CompiledModel
from wmjax.spec import Document, Lookup, Parameter, Prior


class FreeParameter(Document):
    """What is asked of a free parameter; what is absent comes from the spec.

    - `bounds`: lower and upper, either may be None.
    - `prior`: as in a spec. A uniform prior narrows the bounds.
    - `initial`: where the first start begins.
    """

    bounds: tuple[FiniteFloat | None, FiniteFloat | None] | None = None
    prior: Prior | None = None
    initial: FiniteFloat | None = None


@final
@dataclass(frozen=True)
class FreeElement:
    """One free number: element `index` of the parameter or table `name`."""

    label: str
    name: str
    index: int
    initial: float
    lower: float | None
    upper: float | None
    prior: Prior | None
    unit: str
    source: str


Free = Mapping[str, FreeParameter] | Sequence[str] | None


def free_elements(model: CompiledModel, free: Free) -> tuple[FreeElement, ...]:
    """Every free number, in the order in which they were asked for.

    **Arguments:**

    - `free`: names of parameters, of elements `x[China]`, or of lookups, with what is asked of
        them if it is a mapping; every trainable one of the spec if absent.

    **Raises:** `UserErrors` naming every unknown name, impossible bound and initial value.
    """
    wanted = _wanted(model, free)
    found: list[FreeElement] = []
    errors: list[UserError] = []
    for label, asked in wanted.items():
        try:
            found += _elements(model, label, asked)
        except UserErrors as several:
            errors += several.errors
        except UserError as error:
            errors.append(error)
    errors += _repeated(found)
    if not found and not errors:
        errors.append(UserError(
            f"model {model.spec.name!r}", "no free parameter", "at least one",
            "mark parameters as trainable, or name them under `parameters` in a fit file; "
            "wmjax sweep runs its scenarios as they stand",
        ))  # fmt: skip
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)
    return tuple(found)


def _wanted(model: CompiledModel, free: Free) -> dict[str, FreeParameter]:
    if isinstance(free, Mapping):
        return dict(free)
    if free is not None:
        return {name: FreeParameter() for name in free}
    variables = model.spec.variables.items()
    trainable = [
        n for n, v in variables
        if (isinstance(v, Parameter) and v.trainable) or (isinstance(v, Lookup) and v.y.trainable)
    ]  # fmt: skip
    return {name: FreeParameter() for name in trainable}


def _elements(model: CompiledModel, label: str, asked: FreeParameter) -> Iterable[FreeElement]:
    name, subscripts = split(label)
    place = f"parameters.{label}"
    known = (*model.parameters, *model.lookups)
    if name not in known:
        raise UserError(place, f"no parameter {name!r} in the model", "a parameter or a lookup",
                        near(name, known))  # fmt: skip
    spec = model.spec.variables[name]
    assert isinstance(spec, Parameter | Lookup)
    names = labels(model, name)
    chosen = [position(model.program, label, place)] if subscripts else range(len(names))
    values = _values(model, name)
    errors, found = [], []
    for i in chosen:
        try:
            found.append(_element(name, names[i], i, values, spec, asked))
        except UserError as error:
            errors.append(error)
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)
    return found


def _values(model: CompiledModel, name: str) -> np.ndarray:
    array = model.lookups[name].y if name in model.lookups else model.parameters[name]
    return np.asarray(array, np.float64).reshape(-1)


def _element(
    name: str, label: str, index: int, values: np.ndarray, spec: Parameter | Lookup,
    asked: FreeParameter,
) -> FreeElement:  # fmt: skip
    place = f"parameters.{label}"
    own = spec.prior if isinstance(spec, Parameter) else _table_prior(spec, index)
    prior = asked.prior or own
    lower, upper = asked.bounds or spec.bounds or (None, None)
    if prior is not None and prior.uniform is not None:
        lower = prior.uniform[0] if lower is None else max(lower, prior.uniform[0])
        upper = prior.uniform[1] if upper is None else min(upper, prior.uniform[1])
    if prior is not None and prior.lognormal is not None and lower is None:
        lower = 0.0
    if lower is not None and upper is not None and not lower < upper:
        raise UserError(place, f"bounds {lower:g} and {upper:g}", "a lower bound below the upper",
                        "bounds and a uniform prior must overlap")  # fmt: skip
    value = float(values[index]) if asked.initial is None else asked.initial
    if (lower is not None and value < lower) or (upper is not None and value > upper):
        raise UserError(place, f"initial value {value:g}", f"a value in {_range(lower, upper)}",
                        "state an `initial` inside, or widen the bounds")  # fmt: skip
    unit = spec.unit if isinstance(spec, Parameter) else spec.y.unit
    return FreeElement(label, name, index, value, lower, upper, prior, unit, spec.source)


def _table_prior(spec: Lookup, index: int) -> Prior:
    """Points that no run visits would be free to go anywhere: half the span of the table, or half
    the value, is taken for one standard deviation."""
    y = np.asarray(spec.y.points)
    spread = 0.5 * float(y.max() - y.min()) or 0.5 * abs(float(y[index])) or 1.0
    return Prior(normal=(float(y[index]), spread))


def _range(lower: float | None, upper: float | None) -> str:
    low = "-inf" if lower is None else f"{lower:g}"
    return f"[{low}, {'inf' if upper is None else f'{upper:g}'}]"


def _repeated(found: Sequence[FreeElement]) -> list[UserError]:
    seen: set[str] = set()
    twice = [e.label for e in found if e.label in seen or seen.add(e.label)]
    return [
        UserError(f"parameters.{t}", "named twice", "each number once", "leave one of them out")
        for t in dict.fromkeys(twice)
    ]
