"""A scenario as changed numbers: leaves of the model, and the effects of events."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
import pydantic

from wmjax._errors import UserError, UserErrors
from wmjax.model import (
    CompiledModel,
    Effects,
    Forcing,
    Inputs,
    padded,
    replaced,
    value_array,
    with_parameters,
)
from wmjax.program import Program
from wmjax.spec import Event, Reference, Scenario, parse_expression
from wmjax.spec._names import spelling_hint


_WANTED = {"parameter": "a parameter or a lookup", "series": "a series"}
Row = tuple[float, float, float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def apply_scenario(
    model: CompiledModel,
    scenario: Scenario | Mapping[str, Any] | None = None,
    *,
    like: Shapes | None = None,
) -> tuple[CompiledModel, Inputs | None]:
    """The model and inputs of a scenario; the events of the model itself always take part.

    **Arguments:**

    - `like`: gives several scenarios one shape; see `effect_rows`.

    **Raises:** `UserError` for what is no scenario, for unknown parameters, series and targets (all
    of them), and for values of another shape.
    """
    scenario = _as_scenario(scenario)
    _refuse_unknown(model, scenario)
    changed = with_parameters(model, _parameters(model, scenario))
    series = _series(model, scenario)
    for name, length in (like.series if like else {}).items():
        series[name] = padded(series[name], length)
    changed = dataclasses.replace(changed, series=series)
    return changed, event_inputs(model, (*model.spec.events, *scenario.events), like=like)


@dataclass(frozen=True)
class Shapes:
    """What gives several scenarios one shape.

    - `rows`: number of effects on each target.
    - `series`: number of points of each series that a scenario replaces.
    """

    rows: Mapping[str, int]
    series: Mapping[str, int]


def effect_rows(model: CompiledModel, scenarios: Iterable[Scenario | None]) -> Shapes:
    """The numbers of effects and of points that all scenarios fit."""
    rows: dict[str, int] = {}
    points: dict[str, int] = {}
    for scenario in map(_as_scenario, scenarios):
        _refuse_unknown(model, scenario)
        found = _rows(model.program, (*model.spec.events, *scenario.events))
        for target, effects in found.items():
            rows[target] = max(rows.get(target, 0), len(effects))
        series = _series(model, scenario)
        for name in scenario.series:
            own = max(points.get(name, 0), model.series[name].t.shape[0])
            points[name] = max(own, series[name].t.shape[0])
    return Shapes(rows, points)


def event_inputs(
    model: CompiledModel, events: Sequence[Event], *, like: Shapes | None = None
) -> Inputs | None:
    """The effects of events, padded with neutral rows to the numbers in `like`."""
    rows = _rows(model.program, events)
    wanted = {n: len(r) for n, r in rows.items()} if like is None else like.rows
    if not wanted:
        return None
    return Inputs(
        {n: _effects(model, n, rows.get(n, []), count) for n, count in sorted(wanted.items())}
    )


def _as_scenario(scenario: Scenario | Mapping[str, Any] | None) -> Scenario:
    if scenario is None:
        return Scenario(name="baseline")
    if isinstance(scenario, Scenario):
        return scenario
    if not isinstance(scenario, Mapping):
        raise UserError("scenario", type(scenario).__name__, "a Scenario, or {parameter: value}")
    given = dict(scenario)
    if not set(given) <= set(Scenario.model_fields):
        given = {"parameters": given}
    try:
        return Scenario.model_validate({"name": "scenario", **given})
    except pydantic.ValidationError as e:
        error = e.errors(include_url=False)[0]
        place = ".".join(str(p) for p in error["loc"][:2])
        raise UserError(
            f"scenario, {place}", repr(error["input"])[:80], error["msg"],
            "a scenario has parameters, events and series",
        ) from None  # fmt: skip


def _parameters(model: CompiledModel, scenario: Scenario) -> dict[str, Any]:
    """Parameters as arrays; the y values of lookups as they stand, for they have no dimensions."""
    return {
        n: value if n in model.lookups else value_array(model.spec, n, value)
        for n, value in scenario.parameters.items()
    }


def _series(model: CompiledModel, scenario: Scenario) -> dict[str, Forcing]:
    """All series; a replaced one has no fewer points than before, so as to keep its shape."""
    series = dict(model.series)
    for name, path in scenario.series.items():
        series[name] = padded(replaced(series[name], path), series[name].t.shape[0])
    return series


def _refuse_unknown(model: CompiledModel, scenario: Scenario) -> None:
    program = model.program
    targets = program.names("parameter", "series", "flow", "auxiliary")
    settable = (*program.names("parameter"), *model.lookups)
    wanted = [("parameter", n, settable) for n in scenario.parameters]
    wanted += [("series", n, program.names("series")) for n in scenario.series]
    for event in scenario.events:
        wanted += [
            (f"event {event.name!r}, target", _target(e.target).name, targets)
            for e in event.effects
        ]
    errors = [
        UserError(f"scenario {scenario.name!r}, {what} {n!r}", "no such name in the model",
                  _WANTED.get(what, "a parameter, series, flow or auxiliary"),
                  spelling_hint(n, known, ""))
        for what, n, known in wanted if n not in known
    ]  # fmt: skip
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)


def _target(text: str) -> Reference:
    """An unquoted name with spaces is a name, too."""
    try:
        parsed = parse_expression(text, f"target {text!r}")
    except UserError:
        return Reference(text)
    return parsed if isinstance(parsed, Reference) else Reference(text)


def _rows(program: Program, events: Sequence[Event]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for event in events:
        end = np.inf if event.duration is None else event.start + event.duration
        for effect in event.effects:
            target = _target(effect.target)
            where = _where(program, event.name, target)
            found.setdefault(target.name, []).append((
                event.start, float(end), event.ramp,
                np.where(where, 1.0 if effect.multiply is None else effect.multiply, 1.0),
                np.where(where, effect.add or 0.0, 0.0),
                np.where(where, effect.set or 0.0, 0.0),
                np.where(where, float(effect.set is not None), 0.0),
            ))  # fmt: skip
    return found


def _where(program: Program, event: str, target: Reference) -> np.ndarray:
    """True at the elements that a target names, everywhere without subscripts."""
    dims = program.slot[target.name].dims
    mask = np.ones(program.shape(target.name), bool)
    place = f"event {event!r}, target {target.name!r}"
    if target.subscripts and len(target.subscripts) != len(dims):
        raise UserError(place, f"{len(target.subscripts)} subscripts", f"{len(dims)}, or none")
    for axis, (dim, s) in enumerate(zip(dims, target.subscripts, strict=False)):
        own, ranges = program.elements(dim), dict(program.dimensions)
        named = ranges.get(s.name, (s.name,))
        if not set(named) <= set(own):
            raise UserError(
                place, f"the subscript {s.name!r}", f"an element of {dim!r}", spelling_hint(
                    s.name, own, f"its elements are {', '.join(own[:8])}"
                ),
            )  # fmt: skip
        shape = [1] * mask.ndim
        shape[axis] = len(own)
        mask &= np.isin(np.array(own), np.array(named)).reshape(shape)
    return mask


def _effects(model: CompiledModel, name: str, rows: list[Row], count: int) -> Effects:
    shape = model.program.shape(name)
    neutral: Row = (np.inf, np.inf, 0.0, np.ones(shape), np.zeros(shape), np.zeros(shape),
                    np.zeros(shape))  # fmt: skip
    columns = zip(*(rows + [neutral] * (count - len(rows))), strict=True)
    return Effects(*(jnp.asarray(np.stack(c), model.dtype) for c in columns))
