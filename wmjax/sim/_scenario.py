"""A scenario as changed numbers: leaves of the model, and the effects of events."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from wmjax._errors import UserError, UserErrors
from wmjax.model import CompiledModel, Effects, Forcing, Inputs, with_parameters
from wmjax.program import Program
from wmjax.spec import Event, ModelSpec, Reference, Scenario, SeriesPath, parse_expression


Row = tuple[float, float, float, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def apply_scenario(
    model: CompiledModel,
    scenario: Scenario | Mapping[str, Any] | None = None,
    *,
    like: Mapping[str, int] | None = None,
) -> tuple[CompiledModel, Inputs | None]:
    """The model and inputs of a scenario; the events of the model itself always take part.

    **Arguments:**

    - `like`: number of effect rows for each target, to give several scenarios one shape; see
      `effect_rows`.

    **Raises:** `UserErrors` naming every unknown parameter, series or target.
    """
    scenario = _as_scenario(scenario)
    _refuse_unknown(model, scenario)
    changed = with_parameters(model, _parameters(model.spec, scenario))
    series = dict(changed.series)
    for name, path in scenario.series.items():
        series[name] = _overridden(series[name], path)
    changed = CompiledModel(changed.parameters, changed.lookups, series, model.program, model.about)
    return changed, event_inputs(model, (*model.spec.events, *scenario.events), like=like)


def effect_rows(model: CompiledModel, scenarios: Iterable[Scenario | None]) -> dict[str, int]:
    """The number of effect rows that each target needs to fit all scenarios."""
    most: dict[str, int] = {}
    for scenario in scenarios:
        events = (*model.spec.events, *(scenario.events if scenario else ()))
        for target, rows in _rows(model.program, events).items():
            most[target] = max(most.get(target, 0), len(rows))
    return most


def event_inputs(
    model: CompiledModel, events: Sequence[Event], *, like: Mapping[str, int] | None = None
) -> Inputs | None:
    """The effects of events, padded with neutral rows to the numbers in `like`."""
    rows = _rows(model.program, events)
    wanted = {n: len(r) for n, r in rows.items()} if like is None else dict(like)
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
    given = dict(scenario)
    if not set(given) <= set(Scenario.model_fields):
        given = {"parameters": given}
    return Scenario.model_validate({"name": "scenario", **given})


def _parameters(spec: ModelSpec, scenario: Scenario) -> dict[str, np.ndarray]:
    from wmjax.model._compile import _array

    return {
        n: _array(spec, value, spec.variables[n].dims) for n, value in scenario.parameters.items()
    }


def _refuse_unknown(model: CompiledModel, scenario: Scenario) -> None:
    program = model.program
    targets = program.names("parameter", "series", "flow", "auxiliary")
    wanted = [("parameter", n, program.names("parameter")) for n in scenario.parameters]
    wanted += [("series", n, program.names("series")) for n in scenario.series]
    for event in scenario.events:
        wanted += [
            (f"event {event.name!r}, target", _target(e.target).name, targets)
            for e in event.effects
        ]
    errors = [
        UserError(f"scenario {scenario.name!r}, {what} {n!r}", "no such name in the model",
                  "a parameter, series, flow or auxiliary" if "event" in what else f"a {what}",
                  _near(n, known))
        for what, n, known in wanted if n not in known
    ]  # fmt: skip
    if errors:
        raise errors[0] if len(errors) == 1 else UserErrors(errors)


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else ""


def _overridden(forcing: Forcing, path: SeriesPath) -> Forcing:
    t = np.asarray(forcing.t)
    new = np.interp(t, path.times, path.values)
    v = np.where(t >= path.times[0], new, np.asarray(forcing.v))
    return Forcing(forcing.t, jnp.asarray(v, forcing.v.dtype))


def _target(text: str) -> Reference:
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
            where = _where(program, target)
            found.setdefault(target.name, []).append((
                event.start, float(end), event.ramp,
                np.where(where, 1.0 if effect.multiply is None else effect.multiply, 1.0),
                np.where(where, effect.add or 0.0, 0.0),
                np.where(where, effect.set or 0.0, 0.0),
                np.where(where, float(effect.set is not None), 0.0),
            ))  # fmt: skip
    return found


def _where(program: Program, target: Reference) -> np.ndarray:
    """True at the elements that a target names, everywhere without subscripts."""
    slot = program.slot[target.name]
    mask = np.ones(program.shape(target.name), bool)
    for axis, (dim, s) in enumerate(zip(slot.dims, target.subscripts, strict=False)):
        elements = program.elements(dim)
        if s.name in elements:
            shape = [1] * mask.ndim
            shape[axis] = len(elements)
            mask &= (np.arange(len(elements)) == elements.index(s.name)).reshape(shape)
    return mask


def _effects(model: CompiledModel, name: str, rows: list[Row], count: int) -> Effects:
    shape = model.program.shape(name)
    neutral: Row = (np.inf, np.inf, 0.0, np.ones(shape), np.zeros(shape), np.zeros(shape),
                    np.zeros(shape))  # fmt: skip
    columns = zip(*(rows + [neutral] * (count - len(rows))), strict=True)
    return Effects(*(jnp.asarray(np.stack(c), model.dtype) for c in columns))
