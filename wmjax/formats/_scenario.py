"""A scenario written into the spec, for programs that know no scenarios."""

from __future__ import annotations

from typing import Any

from wmjax._errors import SpecError
from wmjax.spec import Lookup, ModelSpec, Scenario, Series, SeriesPath, check_scenario
from wmjax.spec._document import FrozenDict


def under_scenario(spec: ModelSpec, scenario: Scenario | None) -> ModelSpec:
    """The spec that runs without a scenario as this one does with it.

    Parameters take the values of the scenario (tables the y of their points), series follow its
    paths, and its events come after those of the spec.

    **Raises:** `SpecError` with everything in the scenario that does not fit the spec.
    """
    if scenario is None:
        return spec
    errors = [i for i in check_scenario(spec, scenario) if i.severity == "error"]
    if errors:
        raise SpecError(f"scenario {scenario.name!r}", errors)
    variables: dict[str, Any] = dict(spec.variables)
    for name, value in scenario.parameters.items():
        old = variables[name]
        if isinstance(old, Lookup):
            update = {"y": old.y.model_copy(update={"points": value})}
        else:
            update = {"value": value}
        variables[name] = old.model_copy(update=update)
    for name, path in scenario.series.items():
        variables[name] = _replaced(spec, name, path)
    events = (*spec.events, *scenario.events)
    return spec.model_copy(update={"variables": FrozenDict(variables), "events": events})


def _replaced(spec: ModelSpec, name: str, path: SeriesPath) -> Series:
    """The series that follows a path from its first time on, and holds after its last."""
    from wmjax.series._path import series_path

    old = spec.variables[name]
    assert isinstance(old, Series)
    known = series_path(spec, name)
    before = known.times < path.times[0]
    update = {
        "data": None,
        "times": (*known.times[before].tolist(), *path.times),
        "values": (*known.values[before].tolist(), *path.values),
        "beyond": {"rule": "hold"},
    }
    return Series.model_validate(dict(old) | update)
